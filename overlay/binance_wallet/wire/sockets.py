"""A deadline for the blocking sockets of httpcore: its own time-outs start anew with each byte that arrives."""

import time
from collections.abc import Callable
from typing import Any

import httpcore

from .deadline import in_time, left


class DeadlineBackend(httpcore.SyncBackend):
    def connect_tcp(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        connect = super().connect_tcp
        return _connected(lambda: connect(*args, **options))

    def connect_unix_socket(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        connect = super().connect_unix_socket
        return _connected(lambda: connect(*args, **options))

    def sleep(self, seconds: float) -> None:
        """Between attempts to connect, where a transport makes more than one."""
        time.sleep(min(seconds, left(seconds, httpcore.ConnectTimeout) or 0.0))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, left(timeout, httpcore.WriteTimeout))

    def start_tls(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return _connected(lambda: self._stream.start_tls(*args, **options))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _connected(connect: Callable[[], httpcore.NetworkStream]) -> httpcore.NetworkStream:
    return _Stream(in_time(connect, httpcore.ConnectTimeout, httpcore.NetworkStream.close))
