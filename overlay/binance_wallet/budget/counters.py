"""The counter of a call: what the exchange counts its weight by. For a store, it is a name."""

from hashlib import sha256

from binance_wallet_client.contract import DEFAULT_RATE_LIMIT, RATE_LIMITS
from binance_wallet_client.types import Call


def counter_of(call: Call, api_key: str, weight_limit: int | None) -> tuple[str, int | None]:
    """The counter of a call, and the most weight that it may reach in a minute.

    The counter is the endpoint, unless the call has another rate limit than most: then its name has that limit, and
    a digest of the API key if the limit is by account.
    """
    rate_limit = call.rate_limit
    if rate_limit.name == DEFAULT_RATE_LIMIT.name:
        return call.endpoint, weight_limit
    account = f", account {sha256(api_key.encode()).hexdigest()[:8]}" if rate_limit.by_account else ""
    counter = f"{call.endpoint if rate_limit.by_endpoint else 'all endpoints'} ({rate_limit.name}{account})"
    return counter, limit_of(counter, weight_limit)


def limit_of(counter: str, weight_limit: int | None) -> int | None:
    """The most weight that a counter may reach in a minute; None for no limit.

    `weight_limit` is the client's option, for the counters of most endpoints. The others have the contract's limits.
    """
    # "sapi-uid" of "/sapi/v1/… (sapi-uid, account 1a2b3c4d)"
    name = counter.rpartition(" (")[2].rstrip(")").partition(",")[0]
    return RATE_LIMITS[name].weight if name in RATE_LIMITS and weight_limit is not None else weight_limit
