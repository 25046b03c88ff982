"""Where the exchange is, and which proxy the environment names."""

import ipaddress
import urllib.request

import httpx2

from binance_wallet.errors import InvalidRequestError


def origin(base_url: str) -> httpx2.URL:
    """The exchange's address. Raises InvalidRequestError if it is not valid, or if others could read the key."""
    try:
        url = httpx2.URL(base_url)
    except (httpx2.InvalidURL, TypeError, UnicodeError):
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or b"?" in url.raw_path or url.fragment:
        raise InvalidRequestError("base_url must be of the form https://host[:port]")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise InvalidRequestError("base_url must be https: over plain http, anyone on the way can read the key")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxy_to(url: httpx2.URL) -> str | None:
    """The proxy that the environment names for this exchange."""
    if _is_loopback(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
