# For type checkers: what the modules here use of the one that templates/contract.py.jinja makes.
from .errors import ApiError
from .limits import RateLimit

BASE_URL: str
RATE_LIMITS: dict[str, RateLimit]
DEFAULT_RATE_LIMIT: RateLimit
REQUEST_WEIGHT_LIMIT: int
ERRORS_BY_STATUS: dict[str, type[ApiError]]
ERRORS_BY_CODE: dict[int, type[ApiError]]
