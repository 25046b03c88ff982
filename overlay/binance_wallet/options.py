"""The options of the clients: their checks, and their values in the environment."""

import inspect
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypedDict, TypeVar

from .budget import Budget
from .errors import InvalidRequestError
from .signing import Signer, hmac_signer, private_key_signer

if TYPE_CHECKING:
    from .pipeline import Attempt

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_CREDENTIAL: Final = re.compile(r"[A-Za-z0-9+/=_-]+")


class CallOptions(TypedDict, total=False):
    """What `with_options` takes."""

    timeout: float
    wait: float | None
    retries: int
    recv_window: int | None
    weight_limit: int | None


class ConnectionOptions(CallOptions, Generic[T], total=False):
    """The constructor's arguments, but for the key."""

    base_url: str
    budget: Budget | str | None
    transport: T | None
    on_attempt: "Callable[[Attempt], object] | None"


class Options(ConnectionOptions[T], total=False):
    """What `from_env` takes: the constructor's arguments."""

    api_key: str
    api_secret: str | None
    private_key: str | os.PathLike[str] | None
    passphrase: str | None


def from_environment(given: Mapping[str, Any]) -> dict[str, Any]:
    """The constructor's arguments from the environment. Its secret or private key is read only if neither is given.

    BINANCE_BUDGET may be `none`, as for the command: then the weight is counted in memory.
    """
    names = {"api_key": "API_KEY", "base_url": "BASE_URL", "budget": "BUDGET"}
    if given.get("api_secret") is None and given.get("private_key") is None:
        names |= {"api_secret": "API_SECRET", "private_key": "PRIVATE_KEY", "passphrase": "PRIVATE_KEY_PASSPHRASE"}
    missing = {option: name for option, name in names.items() if given.get(option) is None}
    found = {option: os.environ.get(f"BINANCE_{name}") for option, name in missing.items()}
    return {option: value for option, value in found.items() if value and (option, value) != ("budget", "none")}


def credential(name: str, value: str | None) -> str:
    """The value. Raises InvalidRequestError if no key can look like that."""
    if value is None or value == "":
        raise InvalidRequestError(f"{name} is missing: give it, or set BINANCE_{name.upper()} and use from_env")
    if not isinstance(value, str):
        raise InvalidRequestError(f"{name} must be a str")
    if not _CREDENTIAL.fullmatch(value):
        raise InvalidRequestError(
            f"{name} has a character that no key has: quotes, comments, spaces and line breaks do not belong to it"
        )
    return value


def signer(secret: str | None, private_key: str | os.PathLike[str] | None, passphrase: str | None) -> Signer:
    """The signer for the secret or the private key."""
    if private_key is None:
        if passphrase is not None:
            raise InvalidRequestError("passphrase needs a private_key")
        return hmac_signer(credential("api_secret", secret))
    if secret is not None:
        raise InvalidRequestError("give api_secret or private_key, not both (from_env: set only one of them)")
    return private_key_signer(private_key, passphrase)


def number(kind: type[int | float], least: float, most: float = math.inf) -> Any:
    """A validator of attrs: a number within bounds."""
    noun = "a whole number" if kind is int else "a number"
    allowed = f"of at least {least}" if most == math.inf else f"from {least} to {most}"

    def check(_: object, attribute: Any, value: Any) -> None:
        is_number = isinstance(value, kind | int) and not isinstance(value, bool)
        if not is_number or not least <= value <= most or value == math.inf:
            raise InvalidRequestError(f"{attribute.name} must be {noun} {allowed}, not {value!r}")

    return check


def plain_function(_: object, attribute: Any, value: Any) -> None:
    """A validator of attrs: a function that is not awaited."""
    if not callable(value) or inspect.iscoroutinefunction(value):
        raise InvalidRequestError(f"{attribute.name} must be a plain function, not {value!r}")


@contextmanager
def usable_transport() -> Iterator[None]:
    """Raise InvalidRequestError if a transport cannot be made."""
    import httpx2

    try:
        yield
    except httpx2.InvalidURL:  # its words may quote a password
        raise InvalidRequestError("the proxy's URL is not valid: percent-encode its user and password") from None
    except (ValueError, ImportError, OSError) as error:
        raise InvalidRequestError(
            f"the transport, or the environment's proxy or certificates (SSL_CERT_FILE), cannot be used: {error}"
        ) from None


def forgets_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Raise errors without the frames that hold the arguments: error trackers send local variables, secrets too."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - raised again
            del args, kwargs
            error.__context__ = None
            raise error.with_traceback(None) from None

    return wrapper
