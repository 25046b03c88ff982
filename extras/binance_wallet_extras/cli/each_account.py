"""Work for one account or for all: `--account all`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from attrs import field, frozen
from binance_wallet.errors import InvalidRequestError, NetworkError, WalletError

from .options import call_error_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from binance_wallet_extras.accounts import Entry

    from .options import Connection

__all__ = [
    "NONE_YET",
    "ONE",
    "NotCalledError",
    "Outcome",
    "PartialFailureError",
    "for_each_account",
    "one_or_all",
    "run_for_accounts",
    "run_for_one",
]

T = TypeVar("T")

ONE: Final = ""
"""The key of the result if there is only one account."""

NONE_YET: Final = "there are no accounts yet: add one with binance-wallet keys add NAME"


class NotCalledError(WalletError):
    """The exchange was not called: it could not be reached for an earlier account."""


class PartialFailureError(WalletError):
    """Some work failed, but the account has records, so its API key counts as used."""


@frozen
class Outcome(Generic[T]):
    """The results of some work, by account."""

    found: dict[str, T] = field(factory=dict)
    failed: dict[str, list[str]] = field(factory=dict)
    """By message, the accounts for which the work failed."""

    @property
    def failed_accounts(self) -> list[str]:
        """The accounts for which the work failed."""
        return [name for names in self.failed.values() for name in names]

    def complain(self) -> None:
        """Raise WalletError if any account failed. Its message names them all."""
        if self.failed:
            raise WalletError("; ".join(f"{', '.join(names)}: {message}" for message, names in self.failed.items()))


def run_for_accounts(connection: Connection, work: Callable[[Connection], T]) -> Outcome[T]:
    """Do some work for one account, or for all named ones. The result of one account is under the key `ONE`.

    An account that fails does not stop the others. A second name of the same API key fails. Raises WalletError if all
    fail, AccountError if there are none.
    """
    if not connection.is_for_all_accounts:
        return Outcome({ONE: run_for_one(connection, work)})
    from binance_wallet_extras.accounts import AccountError, named_accounts

    accounts = named_accounts()
    if not accounts:
        raise AccountError(NONE_YET)
    outcome = Outcome[T]()
    for each, result in for_each_account(connection, accounts, _once_per_key(work)):
        if isinstance(result, WalletError):
            outcome.failed.setdefault(call_error_message(result, each), []).append(each.name)
        else:
            outcome.found[each.name] = result
    if not outcome.found:
        outcome.complain()
    return outcome


def run_for_one(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Do some work for one account. An error says what to do, and the name of the account if it has one."""
    try:
        return work(connection)
    except InvalidRequestError:
        raise  # wrong usage
    except WalletError as error:
        of = f"{connection.account}: " if connection.account else ""
        raise WalletError(f"{of}{call_error_message(error, connection)}") from None


def one_or_all(found: Mapping[str, T]) -> T | Mapping[str, T]:
    """The result of the only account, or the results of several by name."""
    return found.get(ONE, found)


def for_each_account(
    connection: Connection, accounts: Mapping[str, Entry], work: Callable[[Connection], T]
) -> Iterator[tuple[Connection, T | WalletError]]:
    """Do some work for each account. Yield the account's connection with the result, or with the error.

    A key store that has failed is not asked again: it might ask the user to unlock it for each account. An exchange
    that cannot be reached is not called again: each account would take as long.
    """
    from binance_wallet_extras.accounts import AccountError, InKeyStore, KeyStoreError
    from binance_wallet_extras.accounts.accounts import read_credentials

    failure: KeyStoreError | None = None
    is_reached = True
    for name, entry in accounts.items():
        each = connection.for_account(name)
        if not is_reached:
            yield each, NotCalledError("not called: the exchange could not be reached")
            continue
        if failure and isinstance(entry, InKeyStore):
            yield each, failure
            continue
        try:
            each = connection.for_account(name, read_credentials(name, entry))
            yield each, work(each)
        except KeyStoreError as error:
            failure = error
            yield each, error
        except AccountError as error:
            yield each, error
        except InvalidRequestError:
            raise  # wrong usage
        except NetworkError as error:
            is_reached = error.sent
            yield each, error
        except WalletError as error:
            yield each, error


def _once_per_key(work: Callable[[Connection], T]) -> Callable[[Connection], T]:
    """The work, which fails for an API key that it was already done with for another account."""
    from binance_wallet_extras.accounts.accounts import check_api_key_is_unused

    owners: dict[str, str] = {}

    def once(connection: Connection) -> T:
        api_key = connection.key()["api_key"]
        check_api_key_is_unused(api_key, owners)
        try:
            result = work(connection)
        except PartialFailureError:
            owners[api_key] = connection.name
            raise
        owners[api_key] = connection.name
        return result

    return once
