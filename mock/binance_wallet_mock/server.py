"""An HTTP server in a thread: uvicorn's protocol on a loop of our own.

`uvicorn.Server` looks only ten times a second whether it should stop; a test suite starts and stops hundreds of these.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class _Protocol(H11Protocol):
    """Lets the application close the connection without a response, for which ASGI has no message."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {"hang_up": transport.abort}


class Server:
    """Serves an application on 127.0.0.1 from the moment it is made until it is stopped."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        # Bound here, not in the thread: the port is known at once, and early connections wait in the queue.
        self._socket = socket.create_server(("127.0.0.1", port), backlog=2048)
        # Connections inherit this. asyncio sets it only for sockets that it has made itself.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=75,  # longer than clients keep an idle connection, so that they close it first
        )
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="mock-exchange", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all connections, whatever they are waiting for."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._config.load()
        state = ServerState()
        listener = await self._loop.create_server(lambda: _Protocol(self._config, state, {}), sock=self._socket)
        await self._stop.wait()
        # Stop accepting, and let the loop finish the connections that it has begun to accept: close() would lose them.
        self._loop.remove_reader(self._socket)
        for _ in range(2):
            await asyncio.sleep(0)
        listener.close()
        for connection in [*state.connections]:
            connection.transport.abort()
        # The handlers of these connections end by themselves.
        await asyncio.gather(*state.tasks)
