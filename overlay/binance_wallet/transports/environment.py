"""Where the exchange is, and which proxy the environment names."""

import ipaddress

from binance_wallet.errors import InvalidRequestError
from binance_wallet.messages import Origin


def find_origin(base_url: str) -> Origin:
    """The exchange's address. Raises InvalidRequestError if it is not valid, or if others could read the key."""
    import httpx2  # slow to import, and not needed before a client is made

    try:
        url = httpx2.URL(base_url.strip())
    except (httpx2.InvalidURL, AttributeError, TypeError, UnicodeError):
        url = httpx2.URL()
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or b"?" in url.raw_path or url.fragment:
        raise InvalidRequestError("base_url must be of the form https://host[:port]")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise InvalidRequestError("base_url must be https: over plain http, anyone on the way can read the key")
    path = url.raw_path.decode().rstrip("/")
    return Origin(url.scheme, url.raw_host.decode(), url.port, url.netloc.decode(), path)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxy_to(origin: Origin) -> str | None:
    """The proxy that the environment names for this exchange."""
    import urllib.request  # slow to import, and not needed before a client is made

    port = origin.port or (443 if origin.scheme == "https" else 80)  # NO_PROXY may name one
    if _is_loopback(origin.host) or urllib.request.proxy_bypass(f"{origin.host}:{port}"):
        return None
    proxies = urllib.request.getproxies()
    proxy = (proxies.get(origin.scheme) or proxies.get("all") or "").strip()
    if not proxy:
        return None
    scheme, separator, rest = proxy.rpartition("://")
    if not separator:
        return f"http://{proxy}"
    return f"socks5://{rest}" if scheme == "socks" else proxy  # GNOME's spelling
