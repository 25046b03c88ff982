"""The body of a response: collected up to a limit, then decoded."""

import zlib
from typing import Final

from binance_wallet.errors import InvalidResponseError, NetworkError

# Thirty days of a thousand assets are 4 MB. A larger body is no valid response, and could fill the memory.
LARGEST_BODY: Final = 64 * 1024 * 1024
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


class Body:
    """Collects a body up to a limit. `encoding` is the Content-Encoding header."""

    def __init__(self, encoding: bytes = b"") -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in {b"", b"identity", b"gzip", b"deflate"}:
            raise InvalidResponseError("the body has an encoding that was not asked for")
        self._chunks: list[bytes] = []
        self._size = 0

    def append(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > LARGEST_BODY:
            raise _too_large()
        self._chunks.append(chunk)

    def content(self) -> bytes:
        """The whole body, decoded."""
        content = b"".join(self._chunks)
        if self._encoding in {b"", b"identity"}:
            return content
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
