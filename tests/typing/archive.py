"""What a type checker must know of an archive. Checked by `make types`, never run."""

from datetime import date
from decimal import Decimal
from typing import assert_type

from binance_wallet import FuturesSnapshot, MarginSnapshot, SnapshotType, SpotSnapshot, WalletClient, WalletError
from binance_wallet.snapshots import Snapshots
from binance_wallet_extras.archive import Archive, ArchiveError, Correction, Gap, Price, Status
from binance_wallet_extras.export import RecordedBalance, read_prices, rows, to_pandas


def archive(wallet: WalletClient, type_: SnapshotType, day: date) -> None:
    with Archive("history.sqlite") as archive:
        assert_type(archive, Archive)
        assert_type(archive.update(wallet, "SPOT"), list[date])
        assert_type(archive.record_balances(wallet), list[RecordedBalance])
        assert_type(archive.snapshots("SPOT"), list[SpotSnapshot])
        assert_type(archive.snapshots("MARGIN", account="fund", start=day), list[MarginSnapshot])
        assert_type(archive.snapshots("FUTURES", end=day), list[FuturesSnapshot])
        assert_type(archive.snapshots(type_), Snapshots)
        assert_type(archive.balances(quote_asset="BTC"), list[RecordedBalance])
        assert_type(archive.balances(details=True), list[RecordedBalance])
        assert_type(archive.prices("USDT", start=day), dict[date, Decimal])
        assert_type(archive.price_records(), list[Price])
        archive.import_prices(read_prices("prices.csv"), "USDT")
        assert_type(archive.corrections("SPOT"), list[Correction])
        assert_type(archive.status(), list[Status])
        assert_type(archive.status()[0].gaps, list[Gap])
        archive.snapshots("OPTIONS")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
        rows(archive.balances())
        to_pandas(archive.snapshots(type_))


def errors(error: ArchiveError) -> WalletError:
    return error
