"""The page in a real browser: at any width and on paper, nothing of it is cut off. Each sample is drawn once."""

import pytest
from binance_wallet_extras.report import Account, render
from samples import ago, end_of, futures, margin, page_of, recorded, spot, wallets

pytestmark = pytest.mark.xdist_group("browser")  # one browser for all, one after the other

SIDE_MARGINS = 2 * 12
UPRIGHT, ACROSS = (round((mm - SIDE_MARGINS) / 25.4 * 96) for mm in (210, 297))  # A4, in CSS pixels
LONG = "12345678901234567890.12345678"


def records_of(days, *names):
    """A record of each of these days, counted back from the last one."""
    return [
        balance
        for n in days
        for balance in recorded(
            end_of(ago(n)), **dict.fromkeys(names or ["Spot", "USDⓈ-M Futures"], f"{74_543 - 7 * (n % 50)}.65483065")
        )
    ]


def snapshots_of(days, **held):
    opened = ("BTCUSDT", "-0.01", "7130.41", "7257.66239673")
    for n in days:
        yield spot(ago(n), f"0.{50 + n % 7}123456", BTC=f"0.{n + 10}", 币安人生=str(n), **held)
        yield margin(ago(n), f"0.{20 + n % 5}", level="1.2", owed="1")
        yield futures(ago(n), opened, USDT=f"{100 + n}.00000001", **held)


def account(name, days, **held):
    return Account(snapshots_of(days, **held), recorded=records_of(days), name=name)


YEAR = [n for n in range(400) if n not in {5, 17, 60, *range(100, 140)}]
ASSETS = {f"COIN{n}": f"{n}.{n:08}" for n in range(1, 300)}
NAMES = "Spot", "Funding", "Cross Margin", "Isolated Margin", "USDⓈ-M Futures", "COIN-M Futures", "Earn", "Trading Bots"
SAMPLES = {
    "a day": lambda: page_of(snapshots_of([0]), wallets(**dict.fromkeys(NAMES, "1234.5678"))),
    "a week": lambda: page_of(snapshots_of(range(8)), language="zh"),
    "more than a year with gaps": lambda: page_of(
        [*snapshots_of(YEAR)], recorded=records_of(YEAR, *NAMES), quote_asset="USDT"
    ),
    "300 assets": lambda: page_of(
        snapshots_of(range(8), **ASSETS), recorded=records_of(range(8)), quote_asset="USDT", language="zh"
    ),
    "180 updates": lambda: page_of(
        [*snapshots_of(range(0, 360, 2))], recorded=records_of(range(0, 360, 2)), quote_asset="USDT"
    ),
    "several accounts": lambda: render(
        account("main", range(9)), account("A" * 60, range(9)), quote_asset="USDT", title="A" * 60
    ),
    "many digits": lambda: page_of(
        [spot(ago(n), LONG, **{"A" * 60: LONG}) for n in range(9)]
        + [futures(ago(n), ("A" * 60, LONG, LONG, LONG), **{"A" * 60: LONG}) for n in range(9)],
        recorded=[each for n in range(9) for each in recorded(end_of(ago(n)), **dict.fromkeys(NAMES, LONG))],
        quote_asset="USDT",
    ),
}


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request, browse_once):
    """A tab with a sample, whose tables are all unfolded."""
    tab = browse_once(SAMPLES[request.param](), width=1280)
    tab.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    return tab


CUT_OFF = """width => [...document.querySelectorAll("body *")].filter((one) => {
    if (!one.checkVisibility() || one.closest("svg, .unseen, .skip, [type=radio]")) return false;
    return one.getBoundingClientRect().right > width + 0.5 || one.scrollWidth > one.clientWidth + 1 && one.clientWidth;
}).map((one) => one.outerHTML.slice(0, 100))"""
BROKEN = """() => [...document.querySelectorAll("td:not(.word), [data-by-day] tbody th, .date")].filter((one) => {
    if (!one.checkVisibility() || one.closest(".rows")) return false;
    const text = document.createRange();
    text.selectNode(one.firstChild);
    return text.getClientRects().length > 1;
}).map((one) => one.textContent)"""


# A browser tells a page of its new size with the next frame; the charts follow in the one after that.
FRAMES = (
    """() => new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resume))))"""
)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_cut_off_on_a_screen(sample, width):
    sample.set_viewport_size({"width": width, "height": 900})
    sample.evaluate(FRAMES)

    assert sample.evaluate(CUT_OFF, width) == []
    assert sample.evaluate(BROKEN) == []
    assert sample.evaluate("document.documentElement.scrollWidth") == width
    assert sample.locator(".chart svg").evaluate_all(
        "(all, width) => all.every((one) => one.getBoundingClientRect().right <= width)", width
    )


def test_nothing_is_cut_off_on_paper(sample):
    sample.emulate_media(media="print")
    try:
        for width, others in [(UPRIGHT, ".table.wide"), (ACROSS, ".table:not(.wide)")]:
            sample.set_viewport_size({"width": width, "height": 900})
            sample.evaluate(FRAMES)
            sample.locator(others).evaluate_all("all => all.forEach((one) => one.setAttribute('hidden', ''))")
            assert sample.evaluate(CUT_OFF, width) == []
            assert width == ACROSS or sample.evaluate(BROKEN) == []
            sample.locator(others).evaluate_all("all => all.forEach((one) => one.removeAttribute('hidden'))")
    finally:
        sample.emulate_media(media="screen")


def test_a_table_that_is_wider_than_a_phone_becomes_a_list(browse):
    tab = browse(page_of(recorded=records_of(range(2)), quote_asset="USDT"), width=360)
    tab.locator("summary").click()

    first = tab.locator("[data-by-day] tbody tr").first
    assert first.inner_text().split("\n") == ["2026-03-31 23:59", "149,087.31", "74,543.65", "74,543.65"]
    labels = first.locator("td").evaluate_all("all => all.map((one) => getComputedStyle(one, '::before').content)")
    assert labels == ['"Total"', '"Spot"', '"USDⓈ-M Futures"']
