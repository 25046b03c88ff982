"""The names of the generated package: made from those of the contract, once, so that none hides another.

The contract's author chooses the names of schemas, tags and operations, so a name that cannot be kept is refused. The
exchange chooses those of fields and parameters: there, a reserved name gets an underscore. Two names that would become
one are always refused.
"""

import builtins
import keyword
import unicodedata
from collections.abc import Iterable

from document import GenerationError, Node
from openapi_python_client.strings import ClassName, PythonIdentifier

# What the modules of the generated package use besides the models. A test holds that none is missing.
IMPORTED = {
    *("Annotated", "Any", "AsyncClient", "Call", "ClassVar", "Client", "Decimal", "Decoder", "Literal", "Meta"),
    *("Model", "Open", "OpenInt", "Ordered", "Params", "RATE_LIMITS", "RawResponse", "Response"),
    *("SupportsAsyncRequest", "SupportsRequest", "TypeAlias", "UNSET", "UnixMs", "UnsetType"),
    *("checked", "checked_list", "date", "datetime", "detailed", "field", "json_text", "moment", "parse"),
    "path_segment",
}
FUNCTIONS = {"asyncio", "asyncio_detailed", "build_call", "parse_response", "sync", "sync_detailed"}
MODEL_METHODS = {"to_dict"}
LOCALS = {"call", "client", "form", "ms", "params", "response", "self"}
ERRORS = {
    *("ApiError", "AuthenticationError", "BannedError", "InvalidRequestError", "InvalidResponseError"),
    *("NetworkError", "RateLimitError", "ServerError", "TimestampError", "WalletError"),
}
# Python's own: without `id` and `type`, which fields of models have. `PythonIdentifier` adds its underscore to `type`.
PYTHON = {*dir(builtins), *keyword.kwlist} - {"id", "type"}
RESERVED = IMPORTED | FUNCTIONS | MODEL_METHODS | LOCALS | ERRORS | PYTHON


class Names:
    """The names in one scope of the generated package, which must differ from each other."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._taken: dict[str, str] = {}

    def take(self, python_name: str, name: str, node: Node, key: str | None = None) -> str:
        """Take a name. Raises GenerationError if another one has become the same."""
        same = unicodedata.normalize("NFKC", python_name)  # as Python compares identifiers
        if same in self._taken:
            words = f"{self._scope}: {self._taken[same]} and {name} would become one name, {python_name}"
            raise GenerationError(words, node, key)
        self._taken[same] = name
        return python_name


def variable(name: str) -> str:
    """The name of a field or a parameter."""
    python_name = str(PythonIdentifier(name, prefix="field_"))
    return f"{python_name}_" if python_name in RESERVED else python_name


def class_of(name: str, node: Node) -> str:
    """The class of a schema."""
    python_name = str(ClassName(name, prefix="field_"))
    if python_name.rstrip("_") in RESERVED:
        raise GenerationError(f"the schema {name} cannot have this name: it is reserved", node, name)
    return python_name


def module_of(name: str) -> str:
    """The module of an operation or a class, or the package of a tag."""
    return str(PythonIdentifier(name, prefix="field_"))


def package_of(tag: str) -> str:
    """The package of a tag."""
    return str(PythonIdentifier(tag, prefix="tag"))


def classes(schemas: Node, names: Iterable[str]) -> dict[str, str]:
    """The class of each of these schemas."""
    taken, modules, found = Names("components/schemas"), Names("components/schemas"), {}
    for name in names:
        found[name] = taken.take(class_of(name, schemas), name, schemas, name)
        modules.take(module_of(found[name]), name, schemas, name)
    return found
