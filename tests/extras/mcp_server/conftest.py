"""Assistants: the SDK's own client, which starts the command and talks to it over its standard streams."""

import json
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from anyio.from_thread import start_blocking_portal
from binance_wallet.budget import Budget
from binance_wallet_extras.archive import Archive
from binance_wallet_mock import MockExchange
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

COMMAND = Path(sys.executable).parent / "binance-wallet"
TYPES = ("SPOT", "MARGIN", "FUTURES")
DAY = timedelta(days=1)


class Assistant:
    """A client of a server, in code without await."""

    def __init__(self, portal, client):
        self._portal = portal
        self.client = client

    def __getattr__(self, name):
        """A method of the client."""
        return lambda *args, **options: self._portal.call(lambda: getattr(self.client, name)(*args, **options))

    def ask(self, tool, **arguments):
        """The structured answer of a tool."""
        result = self.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    def fail(self, tool, **arguments):
        """The words and the facts of an error."""
        result = self.call_tool(tool, arguments)
        assert result.is_error
        assert result.structured_content is None  # clients would hold it to the schema of answers
        words, facts = (part.text for part in result.content)
        return words, json.loads(facts)


@pytest.fixture(scope="session")
def portal():
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def environment_of():
    """The environment of a server that asks an exchange."""

    def environment_of(exchange, folder, **variables):
        return {
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # where `mutants.py` has its sources
            "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(folder),
            "BINANCE_API_KEY": exchange.api_key,
            "BINANCE_API_SECRET": exchange.api_secret,
            "BINANCE_BASE_URL": exchange.base_url,
            "BINANCE_BUDGET": f"sqlite:///{folder}/budget.db",
            "BINANCE_ARCHIVE": str(folder / "archive.sqlite"),
            **variables,
        }

    return environment_of


@pytest.fixture(scope="session")
def connected(portal):
    """Start a server, and connect to it; what it writes to standard error goes to a file."""

    @contextmanager
    def connected(environment, *args, mode="auto", errors=None):
        started = StdioServerParameters(command=str(COMMAND), args=["mcp", *args], env=environment)
        with Path(errors or os.devnull).open("w") as errlog:
            client = Client(stdio_client(started, errlog=errlog), mode=mode)
            with portal.wrap_async_context_manager(client):
                yield Assistant(portal, client)

    return connected


@pytest.fixture(scope="package")
def served():
    """An exchange that takes more calls than the real one. The server does not know that."""
    with MockExchange(weight_limit=10**6, assets=5) as exchange:
        yield exchange


@pytest.fixture(scope="package")
def year(served, tmp_path_factory):
    """The folder of an archive of a year up to now: days are recorded each month, and balances twice a month."""
    folder = tmp_path_factory.mktemp("year")
    now = datetime.now(UTC)
    with Archive(folder / "archive.sqlite") as archive:
        for days in range(360, -1, -15):
            with time_machine.travel(now - days * DAY), served.client(budget=Budget(), weight_limit=None) as wallet:
                for type_ in TYPES if days % 30 == 0 else ():
                    archive.update(wallet, type_)
                archive.record_balances(wallet)
    served.reset()
    return folder
