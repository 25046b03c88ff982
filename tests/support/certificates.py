"""Certificates for a test run."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

NAME = "exchange.test"


def make_certificate(folder: Path, *names: str, expires: timedelta = timedelta(days=1)) -> Path:
    """A file with a key, its certificate for some names and addresses, and the authority that signed it."""
    authority = trustme.CA()
    certificate = authority.issue_cert(*names, not_after=datetime.now(UTC) + expires)
    file = folder / "certificate.pem"
    file.write_bytes(certificate.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes())
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
