"""One account after the other: `--account all`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from attrs import field, frozen
from binance_wallet.errors import InvalidRequestError, NetworkError, WalletError

from .options import of_call

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
    "in_turn",
    "of_accounts",
    "of_one",
    "one_or_all",
]

T = TypeVar("T")

ONE: Final = ""
"""Stands for the name, where there is only one account."""

NONE_YET: Final = "there are no accounts yet: add one with binance-wallet keys add NAME"


class NotCalledError(WalletError):
    """The exchange was not called for an account, because it could not be reached for an earlier one."""


class PartialFailureError(WalletError):
    """Work failed for an account that already has records."""


@frozen
class Outcome(Generic[T]):
    """The results of some work, by account."""

    found: dict[str, T] = field(factory=dict)
    failed: dict[str, list[str]] = field(factory=dict)
    """The accounts for which it failed, by message."""

    @property
    def without(self) -> list[str]:
        """The accounts for which it failed."""
        return [name for names in self.failed.values() for name in names]

    def complain(self) -> None:
        """Raise WalletError if any account failed. Its message names them all."""
        if self.failed:
            raise WalletError("; ".join(f"{', '.join(names)}: {message}" for message, names in self.failed.items()))


def of_accounts(connection: Connection, work: Callable[[Connection], T]) -> Outcome[T]:
    """Do some work with the key of each account: of all named ones, or of one, under the name `ONE`.

    An account that fails does not stop the others. A second name of an API key fails. Raises WalletError if all
    fail, AccountError if there are none.
    """
    if not connection.is_of_all:
        return Outcome({ONE: of_one(connection, work)})
    from binance_wallet_extras.accounts import AccountError, named_accounts

    accounts = named_accounts()
    if not accounts:
        raise AccountError(NONE_YET)
    outcome = Outcome[T]()
    for each, result in in_turn(connection, accounts, _counted_once(work)):
        if isinstance(result, WalletError):
            outcome.failed.setdefault(of_call(result, each), []).append(each.name)
        else:
            outcome.found[each.name] = result
    if not outcome.found:
        outcome.complain()
    return outcome


def of_one(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Do some work with one key. An error says what to do, and whose key it is if the account has a name."""
    try:
        return work(connection)
    except InvalidRequestError:
        raise  # wrong usage
    except WalletError as error:
        of = f"{connection.account}: " if connection.account else ""
        raise WalletError(f"{of}{of_call(error, connection)}") from None


def one_or_all(found: Mapping[str, T]) -> T | Mapping[str, T]:
    """The result of the only account, or the results of several by name."""
    return found.get(ONE, found)


def in_turn(
    connection: Connection, accounts: Mapping[str, Entry], work: Callable[[Connection], T]
) -> Iterator[tuple[Connection, T | WalletError]]:
    """Do some work with the key of each account. Yield the account's connection with the result, or with the error.

    A key store that has failed is not asked again: it might ask the user to unlock it for each account. An exchange
    that cannot be reached is not called again: each account would take as long.
    """
    from binance_wallet_extras.accounts import AccountError, InKeyStore, KeyStoreError
    from binance_wallet_extras.accounts.accounts import read_credentials

    failure: KeyStoreError | None = None
    is_reached = True
    for name, entry in accounts.items():
        each = connection.of(name)
        if not is_reached:
            yield each, NotCalledError("not called: the exchange could not be reached")
            continue
        if failure and isinstance(entry, InKeyStore):
            yield each, failure
            continue
        try:
            each = connection.of(name, read_credentials(name, entry))
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


def _counted_once(work: Callable[[Connection], T]) -> Callable[[Connection], T]:
    """Some work that fails with an API key with which it was done already, for another account."""
    from binance_wallet_extras.accounts.accounts import check_is_of_no_other

    owners: dict[str, str] = {}

    def once(connection: Connection) -> T:
        api_key = connection.key()["api_key"]
        check_is_of_no_other(api_key, owners)
        try:
            result = work(connection)
        except PartialFailureError:
            owners[api_key] = connection.name
            raise
        owners[api_key] = connection.name
        return result

    return once
