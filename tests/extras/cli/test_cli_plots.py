"""`snapshots … --plot`."""

import re
import struct

import pytest


@pytest.mark.parametrize(
    "args", [["spot", "--plot"], ["--plot", "spot"], ["spot", "--plot", "-"], ["spot", "--plot", "--days", "9"]]
)
def test_alone_it_draws_the_value_over_time_in_the_terminal(run_on_terminal, args):
    code, shown = run_on_terminal("snapshots", *args, columns=70)

    assert code == 0
    assert "Value (BTC) at the end of each day (UTC)" in shown
    assert re.search("[\u2801-\u28ff]{3}", shown)  # braille
    assert "\x1b" not in shown
    assert all(len(line) <= 70 for line in shown.splitlines())
    assert "Held at the end" not in shown


def test_a_futures_account_has_a_drawing_for_each_asset(run, exchange):
    exchange.account.set_futures({"USDT": "100", "BNB": "2", "USDC": "0"})

    _, shown, _ = run("snapshots", "futures", "--plot")

    assert re.findall(r"Wallet balance \((\w+)\)", shown) == ["USDT", "BNB"]


@pytest.mark.parametrize("args", [["--json"], ["--format", "table"], ["--output", "-"]], ids=" ".join)
def test_beside_a_picture_there_are_only_the_records_that_are_asked_for(run, tmp_path, args):
    code, shown, errors = run("snapshots", "spot", "--plot", "out.svg", *args)

    assert (code, errors) == (0, "")
    assert len(shown) > 100
    assert (tmp_path / "out.svg").exists()


def test_with_a_png_it_writes_a_picture_and_shows_nothing(run, tmp_path):
    assert run("snapshots", "spot", "--days", "30", "--plot", "out.png") == (0, "", "")

    picture = (tmp_path / "out.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert width > 1000
    assert height > 1000


def test_axes_have_units_and_the_legend_names_the_parts(run, exchange, tmp_path):
    exchange.account.set_margin({"BTC": "1", "ETH": "90"}, borrowed={"USDT": "1000"})

    run("snapshots", "margin", "--days", "30", "--plot", "out.svg")

    picture = (tmp_path / "out.svg").read_text()
    for words in ["Net value (BTC)", "Value (BTC)", "Day (UTC)", "BTC", "All other assets", "Owed", "no prices"]:
        assert words in picture


def test_html_needs_no_network(run, tmp_path):
    run("snapshots", "futures", "--plot", "out.HTML")

    page = (tmp_path / "out.HTML").read_text()
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "Wallet balance (USDT)" in page


def test_nothing_to_draw_leaves_no_picture(run, exchange, tmp_path):
    exchange.fail(200, body='{"code":200,"msg":"","snapshotVos":[]}')

    code, shown, errors = run("snapshots", "spot", "--plot", "out.png")

    assert (code, shown) == (1, "")
    assert errors.startswith("binance-wallet: there is nothing to draw")
    assert [*tmp_path.iterdir()] == []
