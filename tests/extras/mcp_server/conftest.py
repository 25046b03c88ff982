"""Assistants: the SDK's own client of a server in this process, or of one that it starts by the command."""

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from anyio.from_thread import start_blocking_portal
from assistants import COMMAND, Assistant
from binance_wallet.budget import Budget
from binance_wallet_extras.archive import Archive
from binance_wallet_extras.mcp import make_server
from binance_wallet_mock import MockExchange
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

TYPES = ("SPOT", "MARGIN", "FUTURES")
DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def portal():
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def serve(portal):
    """Connect to a server in this process, which reads these accounts."""

    @contextmanager
    def serve(accounts, archive):
        with portal.wrap_async_context_manager(Client(make_server(accounts, str(archive)))) as client:
            yield Assistant(portal, client)

    return serve


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
def year_archive(served, tmp_path_factory):
    """The folder of an archive of a year up to now, updated each month, late in the day except for the last one."""
    folder = tmp_path_factory.mktemp("year")
    now = datetime.now(UTC)
    with Archive(folder / "archive.sqlite") as archive:
        for days in range(360, -1, -30):
            late = (now - days * DAY).replace(hour=23)
            with time_machine.travel(min(late, now)), served.client(budget=Budget(), weight_limit=None) as wallet:
                for type_ in TYPES:
                    archive.update(wallet, type_)
                archive.record_balances(wallet)
    served.reset()
    return folder
