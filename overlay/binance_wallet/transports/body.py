"""The body of a response: collected up to a limit, then decoded."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from binance_wallet.errors import InvalidResponseError, NetworkError

# Thirty days of a thousand assets are 4 MB. A larger body is no valid response, and could fill the memory.
LARGEST_BODY: Final = 64 * 1024 * 1024
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


class Body:
    """Collects a body up to a limit. `encoding` is the Content-Encoding header."""

    def __init__(self, status: int, encoding: bytes = b"") -> None:
        self._status, self._encoding = status, encoding.strip().lower()
        self._chunks: list[bytes] = []
        self._size = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Ignore what is wrong with the body of an error: its status and its headers tell what to do."""
        try:
            yield
        except Exception:
            if self._status == 200:
                raise
            self._chunks.clear()

    def append(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > LARGEST_BODY:
            raise _too_large()
        self._chunks.append(chunk)

    def content(self) -> bytes:
        """The whole body, decoded; that of an error is empty if it cannot be decoded."""
        with self.reading():
            return self._decoded(b"".join(self._chunks))
        return b""

    def _decoded(self, content: bytes) -> bytes:
        if self._encoding in {b"", b"identity"}:
            return content
        if self._encoding not in {b"gzip", b"deflate"}:
            raise InvalidResponseError("the body has an encoding that was not asked for")
        decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
        try:
            content = decoder.decompress(content, LARGEST_BODY + 1)
        except zlib.error as error:
            raise InvalidResponseError(f"the body cannot be decompressed: {error}") from None
        if len(content) > LARGEST_BODY:
            raise _too_large()
        if not decoder.eof:
            raise NetworkError("the body is cut off")
        if decoder.unused_data:
            raise InvalidResponseError("the body cannot be decompressed: something follows it")
        return content


def _too_large() -> InvalidResponseError:
    return InvalidResponseError(f"the body is larger than {LARGEST_BODY} bytes")
