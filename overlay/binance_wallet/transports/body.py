"""The body of a response: collected up to a limit, then decoded."""

import zlib
from collections.abc import Mapping
from typing import Final

import msgspec
from binance_wallet_client.errors import is_json

from binance_wallet.errors import InvalidResponseError, NetworkError

# Thirty days of a thousand assets are 4 MB. A larger body is no valid response, and could fill the memory.
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Body:
    """Collects a body up to a limit. `headers` are those of its response, with names in lower case."""

    def __init__(self, headers: Mapping[bytes, bytes]) -> None:
        self._encoding = headers.get(b"content-encoding", b"").strip().lower()
        self._ends_with_its_connection = not headers.keys() & {b"content-length", b"transfer-encoding"}
        self._chunks: list[bytes] = []
        self._size = 0

    def append(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > MAX_BODY_BYTES:
            raise _too_large()
        self._chunks.append(chunk)

    def content(self) -> bytes:
        """The whole body, decoded. Raises NetworkError if it is cut off, InvalidResponseError if it is damaged."""
        content = self._decoded(b"".join(self._chunks)).removeprefix(_BYTE_ORDER_MARK)
        if self._ends_with_its_connection and _is_cut_off(content):
            raise NetworkError("the body is cut off")
        return content

    def _decoded(self, content: bytes) -> bytes:
        if self._encoding in {b"", b"identity"}:
            return content
        if self._encoding not in {b"gzip", b"x-gzip", b"deflate"}:
            raise InvalidResponseError("the body has an encoding that was not asked for")
        decoded = b""
        while content:  # gzip allows several members, one after the other, and zeros behind the last one
            decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                decoded += decoder.decompress(content, MAX_BODY_BYTES + 1 - len(decoded))
            except zlib.error as error:
                raise InvalidResponseError(f"the body cannot be decompressed: {error}") from None
            if len(decoded) > MAX_BODY_BYTES:
                raise _too_large()
            if not decoder.eof:
                raise NetworkError("the body is cut off")
            content = decoder.unused_data.lstrip(b"\0")
        return decoded


def _is_cut_off(content: bytes) -> bool:
    """Whether this begins like JSON but is incomplete.

    Without a length, only the closed connection marks the end of a body.
    """
    try:
        msgspec.json.decode(content, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError):
        return is_json(content)
    return False


def _too_large() -> InvalidResponseError:
    return InvalidResponseError(f"the body is larger than {MAX_BODY_BYTES} bytes")
