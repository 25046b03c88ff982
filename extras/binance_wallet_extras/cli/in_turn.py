"""One account after the other: `--account all`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from attrs import field, frozen
from binance_wallet.errors import InvalidRequestError, NetworkError, WalletError

from .options import of_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .options import Connection

__all__ = ["NONE_YET", "ONE", "Outcome", "in_turn", "of_accounts", "of_one", "one_or_all"]

T = TypeVar("T")

ONE: Final = ""
"""Stands for the name, where there is only one account."""

NONE_YET: Final = "there are no accounts yet: add one with binance-wallet keys add NAME"


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

    An account that fails does not stop the others. Raises WalletError if all fail, AccountError if there are none.
    """
    if not connection.is_of_all:
        return Outcome({ONE: of_one(connection, work)})
    from binance_wallet_extras.accounts import AccountError, named_accounts

    names = [*named_accounts()]
    if not names:
        raise AccountError(NONE_YET)
    outcome = Outcome[T]()
    for name, result in in_turn(connection, names, work):
        if isinstance(result, WalletError):
            outcome.failed.setdefault(of_call(result, connection.of(name)), []).append(name)
        else:
            outcome.found[name] = result
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
    connection: Connection, names: Iterable[str], work: Callable[[Connection], T]
) -> Iterator[tuple[str, T | WalletError]]:
    """Do some work with the key of each account. Yield each name with the result, or with the error.

    A key store that has failed is not asked again: it might ask the user to unlock it for each account. An exchange
    that cannot be reached is not called again: each account would take as long. An account with the API key of an
    earlier one fails: it would be counted twice.
    """
    from binance_wallet_extras.accounts import AccountError, InKeyStore, KeyStoreError, named_accounts
    from binance_wallet_extras.accounts.accounts import same_key

    accounts = named_accounts()
    failure: KeyStoreError | None = None
    unreachable: NetworkError | None = None
    earlier: list[str] = []
    for name in names:
        if known_failure := unreachable or (failure if isinstance(accounts[name], InKeyStore) else None):
            yield name, known_failure
            continue
        try:
            if known := same_key(name, earlier):
                yield name, AccountError(f"has the API key of {known}: it would be counted twice")
                continue
            earlier.append(name)
            yield name, work(connection.of(name))
        except KeyStoreError as error:
            failure = error
            yield name, error
        except AccountError as error:
            yield name, error
        except InvalidRequestError:
            raise  # wrong usage
        except NetworkError as error:
            unreachable = None if error.sent else error
            yield name, error
        except WalletError as error:
            yield name, error
