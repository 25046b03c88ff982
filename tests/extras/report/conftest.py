"""A real browser: Chromium, without a window."""

import runpy
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

BENCH = runpy.run_path(str(Path(__file__).parents[3] / "bench" / "page.py"))


@pytest.fixture(scope="module")  # not longer: while it is open, no test of this process can call asyncio.run
def chromium():
    """The browser; without one, the test says that it is skipped."""
    browser = BENCH["chromium"]()
    if browser is None:
        pytest.skip("there is no Chromium on the PATH: the page was not tried in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, driver.chromium.launch(executable_path=browser, args=BENCH["FLAGS"]) as chrome:
        yield chrome


@pytest.fixture(scope="module")
def window(chromium):
    """The browser context that tabs share: making one for each would take longer than loading most pages."""
    with chromium.new_context() as window:
        yield window


@pytest.fixture
def browse(window, tmp_path):
    """Open a page in a tab of this test's own."""
    with _browser(window, tmp_path) as browse:
        yield browse


@pytest.fixture(scope="module")
def browse_once(window, tmp_path_factory):
    """Open a page in a tab that the tests of a module share: they leave it as it is."""
    with _browser(window, tmp_path_factory.mktemp("report")) as browse:
        yield browse


@contextmanager
def _browser(window, folder):
    with ExitStack() as tabs:

        def browse(page, **options):
            file = folder / f"{len(window.pages)}.html"
            file.write_text(page, encoding="utf-8")
            return tabs.enter_context(_opened(window, file, **options))

        yield browse


@contextmanager
def _opened(window, file, *, width=1200, height=900, color_scheme="light", when_loaded="", drawn="html[data-drawn]"):
    """A tab with a page whose charts are drawn.

    They are drawn when there is an element that `drawn` selects.
    The script `when_loaded` runs at the moment when the page is loaded and most charts are not drawn yet.

    When the tab is closed, the page must have asked for nothing but itself, and have complained of nothing.
    """
    asked, complaints = [], []
    tab = window.new_page()
    tab.set_viewport_size({"width": width, "height": height})
    tab.emulate_media(color_scheme=color_scheme)
    tab.set_default_timeout(10_000)
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.add_init_script(f"addEventListener('load', () => {{ {when_loaded} }})")
    tab.goto(file.as_uri())
    tab.wait_for_selector(drawn, state="attached")
    yield tab
    tab.close()
    assert {*asked} <= {file.as_uri()}
    assert complaints == []
