"""One account after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from binance_wallet.errors import InvalidRequestError, WalletError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .options import Connection

__all__ = ["in_turn"]

T = TypeVar("T")


def in_turn(
    connection: Connection, names: Iterable[str], work: Callable[[Connection], T]
) -> Iterator[tuple[str, T | WalletError]]:
    """Do some work with the key of each account. Yields the names with what that gives, or with the error.

    A key store that has failed is not asked again: it might ask the user to unlock it for each account.
    """
    from binance_wallet_extras.accounts import AccountError, InKeyStore, KeyStoreError, named_accounts

    accounts = named_accounts()
    failure: KeyStoreError | None = None
    for name in names:
        if failure and isinstance(accounts[name], InKeyStore):
            yield name, failure
            continue
        try:
            yield name, work(connection.of(name))
        except KeyStoreError as error:
            failure = error
            yield name, error
        except AccountError as error:
            yield name, error
        except InvalidRequestError:
            raise  # wrong usage
        except WalletError as error:
            yield name, error
