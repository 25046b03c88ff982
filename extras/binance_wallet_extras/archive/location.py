"""Where an archive is: a SQLite file, or a database of a PostgreSQL server.

Messages show only the `name` of a location, which holds no password. An error never quotes a location that cannot be
parsed: what looks like its host may be part of a password.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import parse_qsl

from platformdirs import user_data_path

from binance_wallet_extras.extra import extra

from .errors import ArchiveError

__all__ = ["File", "Server", "default_file", "locate"]

_LOCK_TIMEOUT: Final = 30.0  # seconds, for another writer of a SQLite file
_MAX_LOCK_TIMEOUT: Final = 86_400  # seconds: a day
# `user:password@host` in place of a path, and libpq's other form, `host=… password=…`.
_URL_WITHOUT_SCHEME: Final = re.compile(
    r"(//|(?![./~]|[a-z]:\\))[^@]*:.*@|.*password\s*=", re.DOTALL | re.IGNORECASE | re.ASCII
)
_SETTING: Final = re.compile(r"(?:-c\s*|--)([\w.-]+)=(.*)", re.DOTALL | re.ASCII)


def default_file() -> Path:
    """The path of the default archive."""
    return user_data_path("binance-wallet", appauthor=False) / "archive.sqlite"


class File:
    """A SQLite file."""

    def __init__(self, path: str, timeout: float = _LOCK_TIMEOUT) -> None:
        if path.encode(errors="ignore").decode() != path:
            raise ArchiveError("the path of the archive is not valid text")
        try:
            self.path = Path(path).expanduser()
        except RuntimeError as error:  # of an unknown user
            raise ArchiveError(f"the archive {path}: {error}") from None
        self.name = str(self.path)
        self.timeout = timeout
        """The seconds to wait for another writer."""


class Server:
    """A database of a PostgreSQL server.

    Not an attrs class: programs that show the variables of a failed call would show its fields.
    """

    def __init__(self, conninfo: dict[str, str], secrets: list[str]) -> None:
        self.settings = _settings(conninfo.pop("options", ""))
        """What to set in each transaction: a pooler refuses it when a connection opens."""
        self.conninfo = conninfo
        """The other parameters of libpq."""
        self.secrets = secrets
        """The texts that must not be shown."""
        host = conninfo.get("host") or conninfo.get("hostaddr") or "localhost"
        self.name = f"{conninfo.get('dbname') or 'PostgreSQL'} at {host}"


def locate(location: str | os.PathLike[str]) -> File | Server:
    """Read a path or a URL. Raises ArchiveError."""
    address = os.fspath(location)
    if (
        address != address.strip()
        or address[:1] in {'"', "'"}
        or any(ord(character) < ord(" ") for character in address)
    ):
        raise ArchiveError("there are quotes, spaces or line breaks around the path or URL of the archive: remove them")
    scheme, is_url, rest = address.partition("://")
    if not is_url:
        if _URL_WITHOUT_SCHEME.match(address):
            raise ArchiveError(
                "the archive looks like a URL without its scheme: write postgresql://USER@HOST/DATABASE, "
                "or sqlite:///PATH if it is a file"
            )
        return File(address)
    match scheme.lower().partition("+")[0]:
        case "sqlite":
            return _file(rest)
        case "postgresql" | "postgres":  # libpq knows both names
            return _server(rest)
    raise ArchiveError("an archive is in SQLite or PostgreSQL: write a path, or postgresql://USER@HOST/DATABASE")


def _file(rest: str) -> File:
    slash, path = rest[:1], rest[1:].partition("?")[0]
    if slash != "/" or not path or path.startswith((":memory:", "file:")):
        raise ArchiveError(
            "an archive in SQLite is a file: write its path, or sqlite:///PATH "
            "(with a fourth slash if the path is absolute)"
        )
    options = dict(parse_qsl(rest.partition("?")[2], keep_blank_values=True))
    try:
        timeout = float(options.pop("timeout", _LOCK_TIMEOUT))
    except ValueError:
        timeout = -1
    if options or not 0 <= timeout <= _MAX_LOCK_TIMEOUT:
        raise ArchiveError(f"the archive {path}: its only option is timeout=SECONDS, up to {_MAX_LOCK_TIMEOUT}")
    return File(path, timeout)


def _server(rest: str) -> Server:
    with extra("postgres"):
        from psycopg import Error, pq
    # For libpq, user and password end at the first @. The rest of a password would be a host or a database.
    if rest.count("@") > 1 or any("@" in part for part in re.split(r"[/?]", rest, maxsplit=1)[1:]):
        _refuse_url()
    try:
        options = pq.Conninfo.parse(f"postgresql://{rest}".encode())
    except (Error, UnicodeError):  # libpq's message quotes the URL
        _refuse_url()
    given = {each.keyword.decode(): each.val.decode(errors="replace") for each in options if each.val}
    if not re.fullmatch(r"[\d,]*", given.get("port", ""), re.ASCII):
        _refuse_url()
    hidden = {each.keyword.decode() for each in options if each.dispchar == b"*"} | {"passfile"}
    return Server(given, [value for name, value in given.items() if name in hidden])


def _refuse_url() -> NoReturn:
    raise ArchiveError(
        "the URL of the archive cannot be read: write postgresql://USER:PASSWORD@HOST/DATABASE, where %40 stands for @ "
        "in user or password, %2F for /, %3A for :, %3F for ?, %23 for #, %25 for %; options of libpq may follow a ?"
    ) from None


def _settings(options: str) -> dict[str, str]:
    """Parse `options`, as PostgreSQL's server does: `-c name=value`, with backslashes before spaces."""
    words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|[^\s\\])+", options)]
    settings = {}
    for word in re.split(r" (?=-)", " ".join(words)) if words else ():
        setting = _SETTING.fullmatch(word)
        if not setting:
            raise ArchiveError("the options in the URL of the archive cannot be read: write ?options=-cNAME%3DVALUE")
        settings[setting[1].replace("-", "_")] = setting[2]
    return settings
