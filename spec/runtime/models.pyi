# For type checkers: what the modules here use of those that templates/model.py.jinja makes.
from msgspec import Struct, UnsetType

class ErrorBody(Struct):
    code: int
    msg: str | UnsetType | None
