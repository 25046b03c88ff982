"""Certificates, made for a test run."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

NAME = "exchange.test"


def make_certificate(folder: Path, *names: str, expires: timedelta = timedelta(days=1)) -> Path:
    """A file with a key, its certificate for some names and addresses, and the authority that signed it."""
    key, authority_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    subject, authority = _name("The fault server"), _name("The fault server's authority")
    alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    certificates = [
        _builder(subject, key, authority, expires).add_extension(alternatives, critical=False),
        _builder(authority, authority_key, authority, expires).add_extension(constraints, critical=True),
    ]
    signed = [certificate.sign(authority_key, SHA256()).public_bytes(Encoding.PEM) for certificate in certificates]
    file = folder / "certificate.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + b"".join(signed))
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, expires: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + expires)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
