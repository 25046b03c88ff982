"""The budget that a URL names: in a file or in Redis."""

from pathlib import Path
from stat import S_ISDIR
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from binance_wallet.errors import InvalidRequestError

from .budget import Budget, shared_budget
from .operations import Store

_FORMS: Final = "sqlite:///PATH (with a fourth slash if the path is absolute), redis://HOST[:PORT][/DB] or rediss://HOST[:PORT][/DB]"
_LONGEST_ADDRESS: Final = 200
_CERTIFICATES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")  # as redis-py names them


def budget_at(url: str, host: str, proxy: str | None) -> Budget:
    """The one budget of this process for a host of the exchange in this store.

    `proxy` tells apart the IP addresses of a machine, unless the URL names one: `?address=gateway-a`. Raises
    InvalidRequestError for a URL that no store can have. Whether there is a store is seen when a call is made.
    """
    return shared_budget((url, host, proxy), lambda: Budget(_store(url, host, proxy)))


def _store(url: str, host: str, proxy: str | None) -> Store:
    try:
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        is_sound = url.isprintable() and not parts.fragment and (parts.port is None or parts.port > 0)
    except (ValueError, AttributeError, TypeError):
        raise InvalidRequestError(f"budget must be of the form {_FORMS}") from None
    names = options.pop("address", [_default_address(proxy)])
    allowed = _CERTIFICATES if parts.scheme == "rediss" else ()
    if not options.keys() <= {*allowed} or any(len(values) > 1 for values in (names, *options.values())):
        known = " and ".join(["?address=NAME", *(f"{name}=FILE" for name in allowed)])
        raise InvalidRequestError(f"budget: its URL may have {known}, each once")
    if not 0 < len(names[0]) <= _LONGEST_ADDRESS or set(names[0]) & set("{}"):
        raise InvalidRequestError(f"budget: an address is a name of 1 to {_LONGEST_ADDRESS} characters, without braces")
    address = f"{host} {names[0]}"
    if is_sound and parts.scheme == "sqlite" and not parts.netloc and parts.path.startswith("/"):
        return _file(parts, address)
    if is_sound and parts.scheme in {"redis", "rediss"} and parts.hostname:
        return _redis(parts, address, {name: values[0] for name, values in options.items()})
    raise InvalidRequestError(f"budget must be of the form {_FORMS}")


def _default_address(proxy: str | None) -> str:
    """The proxy, without its password, or `default`."""
    return "default" if proxy is None else f"proxy {proxy.rpartition('://')[2].rpartition('@')[2].rstrip('/')}"


def _file(parts: SplitResult, address: str) -> Store:
    name = unquote(parts.path)[1:]  # as in SQLAlchemy's URLs: what follows the third slash
    path = Path(name)
    try:
        path = path.expanduser().absolute()
        is_file = name and name.isprintable() and not _is_directory(path)
        in_directory = _is_directory(path.parent)
    except (OSError, RuntimeError):  # the name is too long, or there is no such home directory
        is_file = in_directory = False
    if not (is_file and in_directory):
        problem = f"there is no directory {path.parent}" if is_file else f"{path} is not the path of a file"
        hint = f"; an absolute path has four slashes: sqlite:////{name}" if not name.startswith(("/", "~")) else ""
        raise InvalidRequestError(f"budget: {problem}{hint}")
    from .sqlite import SqliteStore

    return SqliteStore(path, address)


def _is_directory(path: Path) -> bool:
    """`path.is_dir()`, which since Python 3.14 returns False also where the path cannot be examined."""
    try:
        return S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: no path has a NUL
        return False


def _redis(parts: SplitResult, address: str, certificates: dict[str, str]) -> Store:
    database = parts.path.strip("/")
    if database and not (database.isascii() and database.isdecimal()):
        raise InvalidRequestError("budget: the path of a Redis URL is the number of a database, such as /0")
    try:
        from .redis import RedisStore
    except ImportError:
        raise InvalidRequestError(
            "budget: redis is not installed: it comes with the extra 'redis' (see Extras in the README)"
        ) from None
    return RedisStore(parts._replace(query="").geturl(), address, certificates)
