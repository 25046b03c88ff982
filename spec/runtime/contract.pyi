# For type checkers: what the modules here use of the one that templates/contract.py.jinja makes.
from .errors import ApiError

BASE_URL: str
REQUEST_WEIGHT_LIMIT: int
ERRORS_BY_STATUS: dict[str, type[ApiError]]
ERRORS_BY_CODE: dict[int, type[ApiError]]
