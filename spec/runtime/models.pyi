# For type checkers: what the modules here use of those that templates/model.py.jinja makes.
from msgspec import UnsetType

from .model import Model

class ErrorBody(Model, frozen=True):
    code: int
    msg: str | UnsetType | None
