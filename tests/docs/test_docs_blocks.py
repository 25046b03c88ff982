"""The code on the pages runs, and prints what the pages say.

After a change to what is printed, `UPDATE_DOCS=1 pytest tests/docs` writes the new output into the pages.
"""

import logging
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import certifi
import pytest
import time_machine
from binance_wallet_mock import MockExchange
from docs_blocks import PAGES, ROOT, Runner, blocks, matches, updated

# The day on which pages run. The mock exchange's account moves from day to day, and quoted output should not. In the
# morning, a price belongs to the day before.
TODAY = datetime(2026, 10, 1, 6, tzinfo=UTC)

pytestmark = pytest.mark.timeout(300)  # a page starts many processes, and this machine may be busy

UPDATE = bool(os.environ.get("UPDATE_DOCS"))

# Pages quote what the versions in constraints.txt print. With others, `make test-lowest` only runs their code.
QUOTED = "ANY_VERSIONS" not in os.environ

# What a page takes for granted on the reader's machine.
GIVEN = {"docs/how-to/proxies.md": {"company-ca.pem": Path(certifi.where())}}


@pytest.fixture
def page_exchange(monkeypatch):
    """A mock exchange on the pages' day, in the environment."""
    ahead = TODAY - datetime.now(UTC)
    monkeypatch.setenv("DOCS_AHEAD", str(ahead.total_seconds()))  # for processes: see docs_today
    with time_machine.travel(ahead, tick=True):
        time.time()  # from this first look at it on, the clock ticks
        with MockExchange() as exchange:
            monkeypatch.setenv("BINANCE_BASE_URL", exchange.base_url)
            monkeypatch.setenv("BINANCE_API_KEY", exchange.api_key)
            monkeypatch.setenv("BINANCE_API_SECRET", exchange.api_secret)
            yield exchange


@pytest.fixture
def runner(page_exchange, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # for the archive that a page does not name
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))  # for the accounts that it names
    runner = Runner()
    logger = logging.getLogger("binance_wallet")
    level, handlers = logger.level, [*logger.handlers]
    yield runner
    runner.stop()
    logger.setLevel(level)
    logger.handlers = handlers


def pages():
    """Pages with code. The Chinese README has the same code as the English one: see test_docs_pages.py."""
    return [page for page in PAGES if blocks(page) and (UPDATE or page != "README.zh-CN.md")]


@pytest.mark.parametrize("page", pages())
def test_every_block_runs_and_prints_what_the_page_says(page, runner, page_exchange):
    """In the order of the page. A minute passes between blocks, so that the exchange counts anew."""
    for name, source in GIVEN.get(page, {}).items():
        shutil.copy(source, name)
    ran = None
    for index in range(len(blocks(page))):
        block = blocks(page)[index]  # read anew, for an update may have moved it
        if block.language != "text":
            ran = None if block.not_run else block
            if ran:
                page_exchange.reset()
                runner.run(block)
        elif ran and QUOTED and not matches(block.code, runner.printed):
            if not UPDATE:
                assert block.code == runner.printed, f"{block} is not what {ran} printed"
            (ROOT / page).write_text(updated(block, runner.printed))
