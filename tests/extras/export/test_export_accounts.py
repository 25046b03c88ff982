"""Records of several named accounts, by their names."""

import io
from decimal import Decimal

import pytest
from binance_wallet import Balances, History
from binance_wallet_extras.export import COLUMNS, ExportError, columns, rows, to_arrow, to_excel, to_pandas, to_polars
from openpyxl import load_workbook


@pytest.fixture
def of_two(balances):
    """Balances of two accounts, the second with a wallet of 1."""
    family = Balances([type(balances[0])(activate=True, balance=Decimal(1), wallet_name="Spot")], quote_asset="USDT")
    return {"company": balances, "family": family}


@pytest.mark.parametrize("kind", ["spot", "margin", "futures"])
def test_each_row_of_snapshots_begins_with_the_account(kind, request):
    records = request.getfixturevalue(kind)
    found = rows({"company": records, "family": records})
    assert found == [{"account": name, **row} for name in ("company", "family") for row in rows(records)]
    assert [*columns({"company": records, "family": records})] == ["account", *COLUMNS[kind]]


def test_balances_end_with_the_grand_total(of_two):
    found = rows(of_two)
    assert [row["account"] for row in found] == ["company", "company", "family"]
    assert {row["grand_total"] for row in found} == {Decimal("1.71842752")}
    assert [*found[0]] == [*columns(of_two)] == ["account", *COLUMNS["balances"], "grand_total"]


def test_a_grand_total_is_exact(balances):
    [wallet, _] = balances
    many = {str(digit): Balances([wallet], quote_asset="USDT") for digit in range(7)}
    large = Balances([type(wallet)(activate=True, balance=Decimal(10) ** 30, wallet_name="Spot")], quote_asset="USDT")
    [*_, last] = rows({**many, "large": large})
    assert last["grand_total"] == Decimal("1000000000000000000000000000005.02899264")


def test_without_the_records_of_an_account_there_is_no_grand_total(of_two):
    found = rows({**of_two, "fund": None})
    assert [row["account"] for row in found] == ["company", "company", "family"]
    assert {row["grand_total"] for row in found} == {None}


def test_without_the_balances_of_an_account_the_others_may_be_empty(of_two):
    assert rows({"company": Balances([], quote_asset="USDT"), "fund": None}) == []


@pytest.mark.parametrize("kind", ["spot", "margin", "futures"])
def test_snapshots_without_those_of_an_account_are_refused(kind, request):
    with pytest.raises(ExportError, match="there are no records of family: None may stand for balances only"):
        rows({"company": request.getfixturevalue(kind), "family": None})


def test_records_of_no_account_are_refused():
    with pytest.raises(ExportError, match="there are no records of company, family"):
        to_arrow({"company": None, "family": None}, kind="balances")


def test_balances_in_two_assets_have_no_grand_total(of_two):
    of_two["family"].quote_asset = "BTC"
    with pytest.raises(ExportError, match="these balances are in BTC and USDT: ask for one asset"):
        rows(of_two)


FRAMES = {
    "arrow": lambda records: to_arrow(records).to_pylist(),
    "pandas": lambda records: to_pandas(records).to_dict("records"),
    "polars": lambda records: to_polars(records).to_dicts(),
}


@pytest.mark.parametrize("rows_of", FRAMES.values(), ids=FRAMES)
def test_a_frame_has_the_columns_and_exact_amounts(of_two, rows_of):
    found = rows_of(of_two)
    assert [(row["account"], row["balance"], row["grand_total"]) for row in found] == [
        ("company", Decimal("0.71842752"), Decimal("1.71842752")),
        ("company", Decimal(0), Decimal("1.71842752")),
        ("family", Decimal(1), Decimal("1.71842752")),
    ]


def test_an_empty_frame_of_no_account_has_the_same_columns(of_two):
    assert to_arrow({}, kind="balances").column_names == to_arrow(of_two).column_names


def test_histories_of_several_accounts_have_the_columns_of_all_types(spot, margin, futures):
    histories = {"company": History(spot, margin, futures), "family": History([], margin, [])}
    assert [*columns(histories)] == ["account", *COLUMNS["snapshots"]]
    assert [row["account"] for row in rows(histories)][-1] == "family"


def test_iterators_are_read_once(spot):
    frame = to_pandas({"company": iter(spot), "family": (day for day in spot)})
    assert [*frame["account"].unique()] == ["company", "family"]


@pytest.mark.parametrize("records", [{"company": 1}, {"company": ["BTC"]}, {"company": {"Spot": 1}}])
def test_what_are_no_records_of_an_account_are_refused(records):
    with pytest.raises(ExportError, match="give a list of records, not a"):
        rows(records)


def test_a_workbook_has_the_account_in_each_row_and_a_sheet_of_totals(of_two):
    book = load_workbook(io.BytesIO(to_excel(of_two)))
    assert book.sheetnames == ["Accounts", "Balances USDT"]
    found = [[[*row] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert found[0] == [
        ["Account", "Balance (USDT)"],
        ["company", 0.71842752],
        ["family", 1],
        ["All accounts", 1.71842752],
    ]
    assert [row[0] for row in found[1]] == ["Account", "company", "company", "family"]


def test_a_workbook_of_snapshots_has_the_account_in_each_row(spot):
    book = load_workbook(io.BytesIO(to_excel({"company": spot, "=family": spot})))
    for sheet in book:
        assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} == {"company", "=family"}
