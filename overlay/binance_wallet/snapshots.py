"""The daily snapshots of a user's accounts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, NamedTuple, cast

from binance_wallet_client.api.account import daily_account_snapshot
from binance_wallet_client.contract import ErrorCode
from binance_wallet_client.model import Records, brief, plain
from binance_wallet_client.models import FuturesSnapshot, MarginSnapshot, SnapshotType, SpotSnapshot
from binance_wallet_client.types import Call

from .clock import Clock
from .errors import ApiError, InvalidRequestError, InvalidResponseError, WalletError
from .messages import Response
from .period import Period, period_arguments

Snapshots = list[SpotSnapshot] | list[MarginSnapshot] | list[FuturesSnapshot]


class History(NamedTuple):
    """The daily snapshots of spot, margin and futures, each oldest first."""

    spot: list[SpotSnapshot]
    margin: list[MarginSnapshot]
    futures: list[FuturesSnapshot]

    def _repr_html_(self) -> str:
        from binance_wallet_client.notebook import of_list  # rarely needed

        return "".join(of_list(days, f"{account}: {brief(days, 'days')}") for account, days in self._asdict().items())

    def to_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Return the snapshots of each account as their own `to_dict` does."""
        return {account: plain(days) for account, days in self._asdict().items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: Any) -> Any:
        from binance_wallet_client.pydantic_schema import of_named_tuple  # rarely needed

        return handler.generate_schema(of_named_tuple(cls))  # type: ignore[arg-type]  # it is hashable


def snapshots_call(clock: Clock, type: SnapshotType, period: Period) -> Call:
    """The call for snapshots, at the time that the clock tells now. Raises InvalidRequestError."""
    # Snapshots have their type in lower case.
    account = cast("SnapshotType", type.upper()) if isinstance(type, str) else type
    arguments = period_arguments(clock.utc(), clock.uncertainty(), **period)
    return daily_account_snapshot.build_call(type_=account, **arguments)


@contextmanager
def period_explained(build_call: Callable[[], Call]) -> Iterator[None]:
    """Note what is wrong with a period, if the exchange refused it before its time was known here."""
    try:
        yield
    except ApiError as error:
        if error.code == ErrorCode.INVALID_PARAMETER:
            try:
                build_call()
            except InvalidRequestError as explanation:
                error.add_note(str(explanation))
        raise


def parse_snapshots(type: SnapshotType, response: Response) -> Snapshots:
    """The snapshots, oldest first, all of the type that was asked for."""
    snapshots = daily_account_snapshot.parse_response(response).snapshot_vos
    for index, snapshot in enumerate(snapshots):
        if snapshot.type != type.lower():
            message = f"Expected `{type.lower()}`, got `{snapshot.type}`"
            path = f"$.snapshotVos[{index}].type"
            raise InvalidResponseError(message, path=path, body=response.content, status_code=response.status_code)
    return cast("Snapshots", Records(sorted(snapshots, key=attrgetter("update_time_ms"))))


@contextmanager
def in_history(type: SnapshotType, *before: SnapshotType) -> Iterator[None]:
    """Note which of the three calls of a history failed, and what becomes of the others."""
    try:
        yield
    except WalletError as error:
        if not isinstance(error, InvalidRequestError):
            lost = f"; those of {' and '.join(before)} were received, but are not returned" if before else ""
            error.add_note(f"in the call for {type} snapshots{lost}")
        raise
