"""A real browser: Chromium, without a window."""

import runpy
from pathlib import Path

import pytest

BENCH = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "page.py"))


@pytest.fixture(scope="module")  # not longer: while it is open, no test of this process can call asyncio.run
def chromium():
    """The browser; without one, the test says that it is skipped."""
    browser = BENCH["chromium"]()
    if browser is None:
        pytest.skip("there is no Chromium on the PATH: the page was not tried in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, driver.chromium.launch(executable_path=browser, args=BENCH["FLAGS"]) as chrome:
        yield chrome


@pytest.fixture
def browse(chromium, tmp_path):
    """Open a page from its file, and wait until its charts are drawn.

    After the test, the page must have asked for nothing but itself, and have complained of nothing.
    """
    contexts, asked, complaints = [], [], []

    def browse(page, *, width=1200, height=900, javascript=True, **options):
        file = tmp_path / "report.html"
        file.write_text(page, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=javascript, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(file.as_uri())
        if javascript:
            tab.wait_for_selector("html[data-drawn]", state="attached")
        return tab

    yield browse
    for context in contexts:
        context.close()
    assert {*asked} <= {(tmp_path / "report.html").as_uri()}
    assert complaints == []
