"""Accounts of one archive: listed, renamed, removed, and never mixed."""

import pytest
from archive_steps import DAY, NOON, TYPES, FakeWallet
from binance_wallet import InvalidRequestError, NetworkError
from binance_wallet_client.models import WalletBalance
from binance_wallet_extras.archive import Account, Archive, ArchiveError, NotRecordedError, OtherAccountError
from binance_wallet_mock import Account as Wallets

OTHER = Wallets(seed=9, assets=5)


@pytest.fixture
def two(archive, clock):
    """An archive with the accounts `company` and `main`."""
    return fill(archive, clock)


def fill(archive, clock):
    for name, wallet in {"main": FakeWallet(kept=3), "company": FakeWallet(OTHER, kept=3)}.items():
        for type_ in TYPES:
            archive.update(wallet, type_, account=name)
        archive.record_balances(wallet, account=name)
        wallet.changed = {(NOON - DAY).date(): Wallets(seed=5, assets=5)}
    clock.shift(DAY)
    archive.update(wallet, "SPOT", account="company")
    return archive


def everything(archive, account):
    kept = [archive.snapshots(type_, account=account) for type_ in TYPES]
    return kept, archive.balances(account=account), archive.corrections("SPOT", account=account)


def test_accounts_are_listed_with_what_is_recorded(two):
    assert two.accounts() == [Account("company", 10, 1), Account("main", 9, 1)]


def test_a_renamed_account_has_all_that_it_had(each_url, clock):
    two = fill(Archive(each_url), clock)
    before, main = everything(two, "company"), everything(two, "main")
    two.rename_account("company", "fund")
    assert [each.name for each in two.accounts()] == ["fund", "main"]
    assert everything(two, "fund") == before
    assert everything(two, "main") == main
    assert two.check() == []


def test_an_account_is_not_renamed_to_one_that_there_is(two):
    before = everything(two, "main")
    with pytest.raises(ArchiveError, match="has an account 'main' already"):
        two.rename_account("company", "main")
    with pytest.raises(InvalidRequestError, match="must be a name"):
        two.rename_account("company", "")
    assert everything(two, "main") == before


def test_a_removed_account_is_gone_and_in_the_copy(each_url, clock):
    two = fill(Archive(each_url), clock)
    main = everything(two, "main")
    copy = two.remove_account("company")
    assert [each.name for each in two.accounts()] == ["main"]
    assert everything(two, "main") == main
    assert two.check() == []
    if each_url.startswith("sqlite"):
        assert [each.name for each in Archive(copy).accounts()] == ["company", "main"]
        assert two.remove_account("main") == f"{copy}-2"
    else:
        assert copy == "the tables *_before_removal"
        assert two.remove_account("main") == "the tables *_before_removal_2"


@pytest.mark.parametrize("change", ["rename", "remove"])
def test_an_account_that_is_not_there_is_not_changed(archive, fake_wallet, tmp_path, change):
    def use():
        return archive.rename_account("mian", "main") if change == "rename" else archive.remove_account("mian")

    with pytest.raises(NotRecordedError, match="there is no archive"):
        use()
    assert [*tmp_path.iterdir()] == []
    archive.update(fake_wallet, "SPOT")
    with pytest.raises(NotRecordedError, match="has no account 'mian': it has main"):
        use()


def test_a_few_accounts_are_named_where_one_is_not_there(archive, fake_wallet):
    for number in range(12):
        archive.record_balances(fake_wallet, account=f"fund {number:02}")
    with pytest.raises(NotRecordedError) as caught:
        archive.snapshots("SPOT", account="mian")
    assert "it has fund 00, fund 01, fund 02, fund 03, fund 04 and 7 others" in str(caught.value)


class Meanwhile(FakeWallet):
    """A client that runs something else during its first call of a kind."""

    def __init__(self, account, kind, happens):
        super().__init__(account)
        self._kind, self._happens = kind, happens

    def _call(self, kind):
        if kind == self._kind:
            self._kind = None
            self._happens()

    def snapshots(self, type_, days):
        self._call(type_)
        return super().snapshots(type_, days)

    def balances(self, quote_asset="BTC", **options):
        self._call("BALANCES")
        return super().balances(quote_asset, **options)


@pytest.mark.parametrize(("first", "second"), [("MARGIN", "SPOT"), ("SPOT", "FUTURES"), ("SPOT", "SPOT")])
def test_two_keys_that_begin_one_account_at_once_are_not_mixed(each_url, clock, first, second):
    archive = Archive(each_url)
    meanwhile = Meanwhile(OTHER, first, lambda: Archive(each_url).update(FakeWallet(kept=3), second))
    with pytest.raises(OtherAccountError):
        archive.update(meanwhile, first)
    assert [each.type for each in archive.status()] == [second]
    assert archive.snapshots(second) == FakeWallet().snapshots(second, 3)


def test_balances_of_another_key_are_not_mixed_with_days_that_were_recorded_meanwhile(archive, url, clock):
    meanwhile = Meanwhile(OTHER, "BALANCES", lambda: Archive(url).update(FakeWallet(), "SPOT"))
    with pytest.raises(OtherAccountError):
        archive.record_balances(meanwhile)
    assert archive.accounts() == [Account("main", 30, 0)]


def test_one_key_that_begins_an_account_twice_at_once_completes_it(archive, url, clock):
    meanwhile = Meanwhile(None, "MARGIN", lambda: Archive(url).update(FakeWallet(), "SPOT"))
    assert len(archive.update(meanwhile, "MARGIN")) == 30
    assert len(archive.snapshots("SPOT")) == 30


def test_an_error_of_a_hidden_call_says_which_call_it_was(archive, fake_wallet, clock):
    def fail(*_, **__):
        raise NetworkError("no response")

    archive.update(fake_wallet, "MARGIN")
    hidden = FakeWallet()
    hidden.snapshots = fail
    with pytest.raises(NetworkError) as caught:
        archive.record_balances(hidden)
    assert caught.value.__notes__ == [
        "in the call for margin snapshots, which shows whether the key is of this account"
    ]
    hidden = FakeWallet()
    hidden.balances = fail
    with pytest.raises(NetworkError) as caught:
        archive.update(hidden, "MARGIN")
    assert caught.value.__notes__ == ["in the call for the balances, which tells what day it is"]


def test_an_update_without_leave_to_make_an_archive_makes_none(url, fake_wallet, tmp_path):
    for use in (
        lambda archive: archive.update(fake_wallet, "SPOT"),
        lambda archive: archive.record_balances(fake_wallet),
    ):
        with pytest.raises(NotRecordedError, match="there is no archive at"):
            use(Archive(url, create=False))
    assert [*tmp_path.iterdir()] == []
    assert fake_wallet.calls == []
    Archive(url).update(fake_wallet, "SPOT")
    assert len(Archive(url, create=False).update(fake_wallet, "MARGIN")) == 30


def test_an_archive_that_vanishes_is_not_made_again_without_leave(url, fake_wallet, tmp_path):
    archive = Archive(url, create=False)
    Archive(url).update(fake_wallet, "SPOT")
    archive.update(fake_wallet, "MARGIN")
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(NotRecordedError):
        archive.record_balances(fake_wallet)
    assert [*tmp_path.iterdir()] == []


def test_no_wallets_at_all_are_not_recorded(archive, fake_wallet):
    fake_wallet.balances = lambda *_, **__: []
    with pytest.raises(ArchiveError, match="lists no wallets: nothing was recorded"):
        archive.record_balances(fake_wallet)
    with pytest.raises(NotRecordedError, match="there is no archive"):
        archive.accounts()


def test_a_wallet_that_is_listed_twice_is_recorded_with_a_word(archive, fake_wallet, caplog):
    balances = fake_wallet.balances
    fake_wallet.balances = lambda quote_asset, **options: balances(quote_asset, **options)[:1] * 2
    assert len(archive.record_balances(fake_wallet)) == 2
    assert len(archive.balances()) == 2
    assert archive.prices("USDT")
    assert caplog.messages == ["the exchange lists the wallet 'Spot' 2 times: recorded as it is"]


def test_a_name_with_a_zero_character_does_not_stop_an_archive(each_url, fake_wallet):
    """PostgreSQL cannot hold it in a text; without that name, each later update would fail, too."""
    [first, *others] = fake_wallet.balances("USDT", details=True)
    names = [WalletBalance(True, first.balance, "Sp\0ot", first.asset_balances), *others]
    fake_wallet.balances = lambda *_, **__: names
    archive = Archive(each_url)
    archive.record_balances(fake_wallet)
    assert archive.balances()[0].wallet_name == "Sp\0ot"
    assert archive.check() == []
