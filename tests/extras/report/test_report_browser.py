"""The page in a real browser. That it asks for nothing and complains of nothing is looked at when a tab is closed.

A page with all charts takes seconds. Tests that only look at one share it; tests that use a page take one with few.
"""

import re
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from binance_wallet_extras.plot import PictureFormat, picture
from samples import DAY, ago, end_of, futures, margin, page_of, recorded, spot, wallets

pytestmark = pytest.mark.xdist_group("browser")  # one browser for all, one after the other


def page_of_all(days=10, **options):
    """A page with all there can be: three accounts, gaps, balances now and recorded, positions, a low margin level."""
    missing = {3, 4, 8}
    there = [n for n in reversed(range(days)) if n not in missing]
    snapshots = [spot(ago(n), f"0.{50 + n % 7}123456", BTC=f"0.{n + 10}", ETH="2", 币安人生=str(n)) for n in there]
    snapshots += [margin(ago(n), f"0.{20 + n % 5}", level="1.2", owed="1") for n in there]
    position = ("BTCUSDT", "-0.01", "7130.41", "7257.66239673")
    snapshots += [futures(ago(n), position, USDT=f"{100 + n}.00000001", BNB="1") for n in there]
    records = [balance for n in there for balance in recorded(end_of(ago(n)), **_balances(n))]
    return page_of(snapshots, recorded=records, quote_asset="USDT", **options)


def _balances(n):
    names = ("Spot", "Funding", "Cross Margin", "USDⓈ-M Futures", "COIN-M Futures", "Earn", "Options", "Trading Bots")
    return {name: f"{74_543 - 7 * n - 100 * place}.65483065" for place, name in enumerate(names)}


@pytest.fixture(scope="module")
def screen(browse_once):
    """A tab with all charts, which counts those that are drawn when the page is loaded."""
    return browse_once(page_of_all(), when_loaded="window.early = document.querySelectorAll('.chart svg').length;")


@pytest.fixture(scope="module")
def phone(browse_once):
    """A tab with all charts and a long title, and with tables that are longer than the screen."""
    return browse_once(page_of_all(days=40, title="A" * 60), width=360, height=740)


@pytest.fixture(scope="module")
def dark_phone(browse_once):
    """The same in Chinese."""
    return browse_once(page_of_all(language="zh", title="A" * 60), width=360, height=740, color_scheme="dark")


@pytest.fixture(scope="module")
def page():
    """A page of 40 days with all choices and five charts."""
    days = [ago(n) for n in reversed(range(40))]
    snapshots = [spot(day, f"0.{50 + n % 7}123456", BTC=f"0.{n + 10}", ETH="2") for n, day in enumerate(days)]
    snapshots += [margin(day, f"0.{20 + n % 5}") for n, day in enumerate(days)]
    records = [balance for n, day in enumerate(days) for balance in recorded(end_of(day), Spot=f"{100 + n}")]
    return page_of(snapshots, recorded=records, quote_asset="USDT")


def days_shown(tab):
    """The texts of the rows that the spot account's table of days shows, once it is unfolded."""
    tab.locator("#spot summary").click()
    body = tab.locator("#spot table[data-by-day] tbody")
    return [row.split("\t") for row in body.inner_text().split("\n")]


def test_every_chart_is_drawn(screen):
    charts = screen.locator(".chart")
    assert charts.count() == 1 + 8 + 1 + 1 + 2
    for n in range(charts.count()):
        assert charts.nth(n).locator("svg .mark-line path").count() > 0


def test_every_mark_of_a_time_axis_is_a_day(browse, screen):
    short = browse(page_of([spot(ago(1), "1"), spot(DAY, "2")]))

    for tab, account in [(short, "#spot"), (screen, "#margin")]:
        axes = tab.locator(f"{account} .role-axis-label:has(text)").first.locator("text").all_text_contents()
        assert axes
        assert all(re.fullmatch(r"\d+ Mar", label) for label in axes)
        assert len({*axes}) == len(axes)


def test_the_page_is_loaded_before_all_charts_are_drawn(screen):
    assert screen.evaluate("window.early") < 3  # of 13: later ones do not keep the page from being used


def test_a_page_that_is_printed_at_once_has_all_charts(browse, page):
    tab = browse(
        page,
        when_loaded="""
            dispatchEvent(new Event("beforeprint"));
            setTimeout(() => { window.printed = document.querySelectorAll(".chart svg").length; });
        """,
    )

    assert tab.evaluate("window.printed") == tab.locator(".chart").count()


def test_a_period_chosen_while_charts_are_drawn_holds_for_all(browse, page):
    tab = browse(page, when_loaded="document.querySelector('[name=since]').click();")

    lines = tab.locator(".mark-line path").evaluate_all("all => all.map((line) => line.getAttribute('d'))")
    assert [line.count("L") for line in lines] == [7] * 3


def test_a_chart_that_cannot_be_drawn_does_not_keep_others_from_it(window, page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page.replace('"type":"line"', '"type":"unheard of"', 1), encoding="utf-8")
    tab = window.new_page()

    tab.goto(file.as_uri())
    tab.wait_for_selector("html[data-drawn]", state="attached")

    assert tab.locator(".chart svg").count() == tab.locator(".chart").count() - 1
    tab.close()


def test_a_line_is_dashed_where_more_than_a_week_is_missing(browse):
    tab = browse(page_of([spot(ago(n), f"1.{n}") for n in (24, 23, 22, 12, 11, 1, 0)]))

    line, dashes = tab.locator(".mark-line path").evaluate_all("all => all.map((line) => line.getAttribute('d'))")
    assert (line.count("M"), dashes.count("M"), dashes.count("L")) == (3, 1, 6)


def test_the_pointer_shows_the_exact_value_of_a_day(browse):
    tab = browse(page_of([spot(ago(1), "0.12345678"), spot(DAY, "123456.00000001")]))

    box = tab.locator(".chart svg .mark-line path").bounding_box()
    tab.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)  # anywhere near the last day

    tooltip = tab.locator("#vg-tooltip-element.visible")
    assert re.split(r"[\t\n]+", tooltip.inner_text().strip()) == ["Day", "2026-03-31", "Value", "123,456.00000001"]


def test_names_with_markup_do_nothing(browse):
    name = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    tab = browse(page_of([spot(DAY, **{name: "1"}), futures(DAY, **{name: "1"})], wallets(**{name: "1"}), title=name))

    assert tab.locator("img").count() == 0
    assert tab.locator("h1").inner_text() == name
    assert tab.locator("tbody th", has_text=name).count() == 4


def test_names_that_break_charts_or_pictures_are_drawn(browse):
    names = dict.fromkeys(["constructor", "__proto__", 'a\\"b', "</script><script>alert(1)</script>", "\x1b"], "1")
    days = [futures(ago(1), **names), futures(DAY, *((name, "1", "2", "3") for name in names), **names)]

    report = browse(page_of(days, wallets(**names), quote_asset='A\\"B'))
    file = browse(picture(days, PictureFormat.HTML).decode(), drawn="#chart svg .mark-line path")

    assert report.locator(".chart svg .mark-line path").count() == report.locator(".chart").count() == len(names)
    shown = file.locator("#chart svg").text_content()
    assert all(name in shown for name in ("constructor", "__proto__", 'a\\"b', r"\x1b"))


def test_the_policy_stops_scripts_and_requests(page, window):
    tab = window.new_page()
    tab.set_content(page)
    sent = []
    tab.on("response", lambda response: sent.append(response.url))
    tab.on("requestfailed", lambda request: sent.append(request.failure))

    blocked = tab.evaluate(
        """() => new Promise((done) => {
            const found = [];
            document.addEventListener("securitypolicyviolation", (event) => {
                found.push(event.effectiveDirective);
                if (found.length === 4) done(found);
            });
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
            fetch("http://127.0.0.1:9/").catch(() => {});
            document.body.setAttribute("style", "color: red");
        })"""
    )

    assert {*blocked} == {"script-src-elem", "img-src", "connect-src", "style-src-attr"}
    assert tab.evaluate("window.ran") is None
    assert sent == ["csp"]  # the picture's; the others did not even become requests
    tab.close()


def test_a_period_can_be_chosen(browse, page):
    tab = browse(page)
    tab.get_by_role("radio", name="7 days", exact=True).check(force=True)

    days = [row[0] for row in days_shown(tab)]
    assert (days[0], days[-1]) == ("2026-03-31", "2026-03-24")
    [moved] = tab.locator("#spot caption:visible", has_text="Changes in quantity").all_inner_texts()
    assert moved.startswith("Changes in quantity from the end of 2026-03-24")
    assert tab.locator("#spot .mark-line path").get_attribute("d").count("L") == 7
    assert "2026-02-20" not in tab.locator("body").inner_text()


def test_an_account_can_be_chosen(browse, page):
    tab = browse(page)

    tab.get_by_role("radio", name="Margin account", exact=True).check(force=True)

    assert tab.locator("h2:visible").all_inner_texts() == [
        "All wallets",
        "Value and change of each account",
        "Margin account",
    ]
    tab.get_by_role("radio", name="All", exact=True).check(force=True)
    assert tab.locator("#spot").is_visible()


def test_choices_work_by_keyboard(browse, page):
    tab = browse(page)

    tab.get_by_role("radio", name="All days", exact=True).focus()
    tab.keyboard.press("ArrowLeft")

    assert days_shown(tab)[-1][0] == "2026-03-01"


def test_a_table_can_be_sorted_by_a_column(browse):
    tab = browse(page_of([spot(ago(1), BTC="1", ETH="10"), spot(DAY, BTC="2", ETH="11", XRP="1000")]))
    table = tab.locator("table", has_text="Changes in quantity")

    def sorted_by(column):
        table.get_by_role("button", name=column, exact=True).click()
        heads = table.locator("thead th").evaluate_all("heads => heads.map((head) => head.ariaSort)")
        return table.locator("tbody th").all_inner_texts(), [head for head in heads if head]

    assert sorted_by("After") == (["XRP", "ETH", "BTC"], ["descending"])
    assert sorted_by("After") == (["BTC", "ETH", "XRP"], ["ascending"])
    assert sorted_by("Asset") == (["BTC", "ETH", "XRP"], ["ascending"])
    assert sorted_by("Change (%)") == (["BTC", "ETH", "XRP"], ["descending"])  # "new" is no number, and so the last


def test_without_javascript_all_tables_are_there(chromium, page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    tab = chromium.new_page(java_script_enabled=False)

    tab.goto(file.as_uri())
    for summary in tab.locator("summary").all():
        summary.click()

    shown = ":is(.table:not([data-since]), .table[data-since='2026-02-20'])"
    assert tab.locator("table:visible").count() == tab.locator(f"{shown} table").count() > 7
    assert tab.locator("tbody tr:visible").count() == tab.locator(f"{shown} tbody tr").count()
    assert tab.locator("form.choices").is_hidden()
    assert tab.locator("noscript").is_visible()
    tab.close()


def test_a_long_table_says_how_it_goes_on(browse):
    tab = browse(page_of([spot(DAY, **{f"COIN{n}": str(n + 1) for n in range(13)})]))
    rows = tab.locator("#spot tbody tr:visible")
    more = tab.locator("#spot .more")
    assert (rows.count(), more.inner_text()) == (10, "The first 10 of 13 rows. Show all")

    more.get_by_role("button").click()
    assert (rows.count(), more.inner_text()) == (13, "13 rows. Show the first 10")

    more.get_by_role("button").click()
    assert rows.count() == 10


def test_a_long_table_that_is_sorted_shows_what_is_first_then(browse):
    tab = browse(page_of([spot(DAY, **{f"COIN{n}": str(n + 1) for n in range(13)})]))

    tab.get_by_role("button", name="Free", exact=True).click()

    assert tab.locator("#spot tbody th:visible").all_inner_texts() == [f"COIN{n}" for n in range(12, 2, -1)]


def test_paper_takes_what_is_shown_and_says_of_how_much_it_is(browse):
    tab = browse(page_of([spot(ago(n), **{f"COIN{n}": "1" for n in range(13)}) for n in range(40)]))
    rows = tab.locator("#spot tbody tr:visible")

    with on_paper(tab):
        assert rows.count() == 10
        assert tab.locator("#spot .more").inner_text().strip() == "The first 10 of 13 rows."
        assert tab.locator("form.choices").is_hidden()
    tab.locator("#spot .more button").click()
    tab.locator("#spot summary").click()
    with on_paper(tab):
        assert rows.count() == 13 + 40


def test_on_paper_a_table_of_ten_rows_is_not_broken_and_no_row_of_a_longer_one_stands_alone(browse):
    tab = browse(page_of([spot(DAY, **{f"A{number}": "1" for number in range(30)})]))
    table = tab.locator("#spot .table.long")
    with on_paper(tab):
        assert style(table, "breakInside") == "avoid"
        table.locator(".more button").evaluate("button => button.click()")
        assert style(table, "breakInside") == "auto"
        rows = table.locator("tbody tr")
        assert [style(rows.first, "breakAfter"), style(rows.last, "breakBefore")] == ["avoid", "avoid"]


def style(element, name):
    return element.evaluate("(element, name) => getComputedStyle(element)[name]", name)


@contextmanager
def on_paper(tab):
    """A tab while it is printed."""
    tab.emulate_media(media="print")
    yield
    tab.emulate_media(media="screen")


def test_charts_are_drawn_as_wide_as_paper_is(browse, page):
    tab = browse(page)
    upright = (210 - 2 * 12) / 25.4 * 96  # A4 without its margins, in CSS pixels

    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert eventually(tab, lambda: 0 < upright - tab.locator("svg.marks").first.bounding_box()["width"] < 50)

    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert eventually(tab, lambda: tab.locator("svg.marks").first.bounding_box()["width"] > 1000)


def test_paper_is_white_on_a_dark_system_too(dark_phone):
    assert colours(dark_phone)[0] == "rgb(13, 17, 23)"

    with on_paper(dark_phone):
        assert colours(dark_phone) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)", "rgb(0, 114, 178)")


def colours(tab):
    """Of the page, its text, and the line in a chart."""
    return tuple(
        tab.evaluate(
            """() => {
                const body = getComputedStyle(document.body);
                const line = getComputedStyle(document.querySelector(".mark-line path"));
                return [body.backgroundColor, body.color, line.stroke];
            }"""
        )
    )


def test_the_page_follows_a_system_that_turns_dark(browse, page):
    tab = browse(page, color_scheme="light")
    assert colours(tab) == ("rgb(255, 255, 255)", "rgb(27, 31, 36)", "rgb(0, 114, 178)")

    tab.emulate_media(color_scheme="dark")

    assert colours(tab) == ("rgb(13, 17, 23)", "rgb(230, 237, 243)", "rgb(86, 180, 233)")
    labels = tab.locator(".role-axis-label text").evaluate_all("all => all.map((one) => getComputedStyle(one).fill)")
    assert {*labels} == {"rgb(230, 237, 243)"}


@pytest.mark.parametrize("tab", ["screen", "dark_phone"])
def test_axe_finds_nothing_serious(request, tab):
    found = Axe().run(request.getfixturevalue(tab))

    serious = [each for each in found.response["violations"] if each["impact"] in {"serious", "critical"}]
    assert serious == []


def test_every_chart_has_words(phone):
    snapshot = phone.locator("#spot").aria_snapshot()
    assert "2026-02-20: 0.541235. 2026-03-31: 0.501235. Lowest:" in snapshot


def test_charts_use_the_width_that_there_is(browse):
    tab = browse(page_of([spot(ago(n), f"1.{n}") for n in range(9)]), width=1000)
    wide = tab.locator(".chart svg").bounding_box()["width"]

    tab.set_viewport_size({"width": 400, "height": 900})

    assert wide > 800
    assert eventually(tab, lambda: tab.locator(".chart svg").bounding_box()["width"] < 400)


def test_an_account_hidden_while_the_window_changes_is_drawn_to_fit(browse, page):
    tab = browse(page)
    tab.get_by_role("radio", name="Spot account", exact=True).check(force=True)
    tab.set_viewport_size({"width": 500, "height": 900})

    tab.get_by_role("radio", name="Margin account", exact=True).check(force=True)

    assert eventually(tab, lambda: 300 < tab.locator("#margin .chart svg").bounding_box()["width"] < 500)


def eventually(tab, condition):
    """Whether something comes true. The page's policy keeps Playwright's own way to wait for that from working."""
    for _ in range(100):
        if condition():
            return True
        tab.wait_for_timeout(50)
    return False
