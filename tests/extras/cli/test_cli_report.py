"""`binance-wallet report`."""

import re
from datetime import date

import pytest

EMPTY = '{"code":200,"msg":"","snapshotVos":[]}'


@pytest.fixture(autouse=True)
def _default_archive(environment, tmp_path):
    environment["HOME"] = environment["XDG_DATA_HOME"] = str(tmp_path / "home")


def page(tmp_path, name="report.html"):
    """The page, without the marks around dates."""
    return re.sub('<span class="date">(.*?)</span>', r"\1", (tmp_path / name).read_text(encoding="utf-8"))


def test_it_writes_a_page_from_four_calls(run, exchange, tmp_path):
    assert run("report", "--output", "report.html") == (0, "", "")

    written = page(tmp_path)
    assert written.startswith("<!doctype html>")
    headings = re.findall(r"<h2 id=\"[\w-]+\">(.*?)</h2>", written)
    assert headings == [
        "All wallets",
        "What each wallet holds",
        "Value and change of each account",
        "Spot account",
        "Margin account",
        "Futures account",
    ]
    assert sorted(request.path for request in exchange.requests) == [
        *["/sapi/v1/accountSnapshot"] * 3,
        "/sapi/v1/asset/wallet/balance",
    ]


def test_a_quote_asset_that_the_exchange_does_not_know_costs_no_snapshot_call(run, exchange):
    assert run("report", "--quote", "NOSUCH", "--output", "report.html")[0] == 1

    assert {request.path for request in exchange.requests} == {"/sapi/v1/asset/wallet/balance"}


def test_the_page_is_of_thirty_days_unless_a_period_is_given(run, tmp_path):
    run("report", "--output", "report.html")

    periods = re.findall(r"daily account snapshots, (\S+) to ([\d-]+)", page(tmp_path))
    lengths = {(date.fromisoformat(last) - date.fromisoformat(first)).days + 1 for first, last in periods}
    assert max(lengths) == 30


def test_the_page_goes_to_a_pipe(run):
    code, shown, errors = run("report", "--days", "7")

    assert (code, errors) == (0, "")
    assert shown.startswith("<!doctype html>")
    assert shown.endswith("</html>\n")


def test_no_page_is_poured_into_a_terminal(run_on_terminal, exchange):
    code, shown = run_on_terminal("report")

    assert (code, exchange.requests) == (2, [])
    assert "--output" in shown


def test_no_key_and_no_account_is_in_the_page(run, exchange, tmp_path):
    run("archive", "update", "--account", "Ms Example's fund")
    run("report", "--archive", "--account", "Ms Example's fund", "--output", "report.html")

    for secret in (exchange.api_key, exchange.api_secret, "Example", str(tmp_path)):
        assert secret not in page(tmp_path)


def test_an_archive_needs_no_exchange(run, exchange, tmp_path):
    run("archive", "update")
    exchange.requests.clear()

    code, _, errors = run("report", "--archive", "--output", "report.html", without=["BINANCE_API_KEY"])

    assert (code, errors, exchange.requests) == (0, "", [])
    assert "Futures account" in page(tmp_path)
    assert "Source: Binance wallet balances, 2" in page(tmp_path)


def test_a_period_of_an_archive_is_a_page_of_it(run, tmp_path):
    run("archive", "update")
    run("snapshots", "spot", "--days", "3", "--format", "csv", "--output", "spot.csv")
    first, *_, last = [line.split(",")[1][:10] for line in (tmp_path / "spot.csv").read_text().splitlines()[1:]]

    assert run("report", "--archive", "--from", first, "--to", last, "--output", "report.html")[0] == 0

    assert f"Source: Binance daily account snapshots, {first} to {last}." in page(tmp_path)


def test_an_archive_without_balances_makes_a_page_of_snapshots(run, tmp_path):
    run("archive", "update", "spot", "--no-balances")

    assert run("report", "--archive", "--output", "report.html") == (0, "", "")

    assert "Spot account" in page(tmp_path)
    assert "All wallets" not in page(tmp_path)


def test_an_archive_shows_what_wallets_hold_and_spot_in_the_quote_asset(run, template, tmp_path):
    run("report", "--archive", template, "--output", "report.html")

    headings = re.findall(r"<h[23][^>]*>(.*?)</h", page(tmp_path))
    assert "What each wallet holds" in headings
    assert re.search(r'<p class="headline"[^>]*>[\d,.]+ USDT · [\d.]+ BTC</p>', page(tmp_path))


def test_an_archive_in_another_asset_is_reported_in_it(run, tmp_path):
    run("archive", "update", "--quote", "ETH")

    assert run("report", "--archive", "--output", "report.html") == (0, "", "")

    assert "Each wallet (ETH)" in page(tmp_path)


def test_an_exchange_that_lists_no_assets_gets_a_page_that_says_so(run, exchange, tmp_path):
    exchange.fail(400, -1104, "Not all sent parameters were read.", path="/sapi/v1/asset/wallet/balance")

    assert run("report", "--days", "1", "--output", "report.html")[0] == 0

    assert "What the wallets hold is not shown" in page(tmp_path)


def test_balances_that_were_asked_for_and_are_not_recorded_are_an_error(run, tmp_path):
    run("archive", "update")
    code, _, errors = run("report", "--archive", "--quote", "EUR", "--output", "report.html")

    assert code == 1
    assert "EUR" in errors
    assert not (tmp_path / "report.html").exists()


def test_an_archive_with_nothing_of_the_period_is_an_error_and_writes_nothing(run, tmp_path):
    run("archive", "update", "spot")

    code, shown, errors = run("report", "--archive", "--to", "2020-01-01", "--output", "report.html")

    assert (code, shown) == (1, "")
    assert re.fullmatch(r"binance-wallet: the archive .* has no .*\n", errors)
    assert not (tmp_path / "report.html").exists()


def test_nothing_to_report_is_an_error_and_writes_nothing(run, exchange, tmp_path):
    exchange.fail(200, body=EMPTY, path="/sapi/v1/accountSnapshot", times=3)
    exchange.fail(200, body="[]", path="/sapi/v1/asset/wallet/balance")

    code, shown, errors = run("report", "--output", "report.html")

    assert (code, shown) == (1, "")
    assert errors == "binance-wallet: there is nothing to report: no snapshots and no balances\n"
    assert [*tmp_path.iterdir()] == []


def test_an_error_leaves_the_last_page_as_it_was(run, exchange, tmp_path):
    (tmp_path / "report.html").write_text("last week's")
    exchange.fail(400, -2015, "Invalid API-key, IP, or permissions for action.", path="/sapi/v1/asset/wallet/balance")

    code, _, errors = run("report", "--output", "report.html")

    assert code == 1
    assert "-2015" in errors
    assert page(tmp_path) == "last week's"


def test_a_file_that_cannot_be_written_is_known_before_a_call(run, exchange):
    code, _, errors = run("report", "--output", "no/such/folder/report.html")

    assert (code, exchange.requests) == (1, [])
    assert "no/such/folder" in errors


@pytest.mark.parametrize(
    ("options", "variables", "heading"),
    [
        (["--lang", "zh"], {}, "钱包报告"),
        ([], {"LANG": "zh_CN.UTF-8"}, "钱包报告"),
        (["--lang", "en"], {"LANG": "zh_CN.UTF-8"}, "Wallet report"),
        (["--title", "<b>Q1</b> & co."], {}, "&lt;b&gt;Q1&lt;/b&gt; &amp; co."),
        (["--title", "caf\udce9"], {}, r"caf\udce9"),  # a byte that is no UTF-8
    ],
)
def test_heading_and_language_can_be_given(run, tmp_path, options, variables, heading):
    run("report", "--days", "1", "--output", "report.html", *options, **variables)

    assert f"<h1>{heading}</h1>" in page(tmp_path)


def test_a_language_that_the_page_does_not_speak_is_wrong_usage(run, exchange):
    code, _, errors = run("report", "--lang", "fr", "--output", "report.html")

    assert (code, exchange.requests) == (2, [])
    assert "'fr' is not a language of the page: choose en, zh" in errors


def test_balances_are_in_the_asset_that_was_asked_for(run, exchange, tmp_path):
    run("report", "--days", "1", "--quote", "ETH", "--output", "report.html")

    assert [request.query["quoteAsset"] for request in exchange.requests if "quoteAsset" in request.query] == ["ETH"]
    assert "Each wallet (ETH)" in page(tmp_path)
