"""A rate limit of the exchange."""

from attrs import frozen


@frozen
class RateLimit:
    """What the exchange counts, and how much of it may be spent in a minute."""

    name: str
    """The name in the contract."""
    weight: int
    """How much request weight may be spent in a minute."""
    by_account: bool
    """Whether it counts by account, or by IP address."""
    by_endpoint: bool
    """Whether each endpoint has its own count, or all endpoints with this limit share one."""
    header: str
    """The response header, in lower case, that says how much was used in this minute."""


__all__ = ("RateLimit",)
