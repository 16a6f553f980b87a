"""A certificate of our own making, for a gateway that other machines reach (a phone's camera asks for TLS)."""

import datetime
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

VALID_DAYS = 365  # phones refuse longer ones


@dataclass(frozen=True)
class Certificate:
    certificate: Path
    key: Path


def own_certificate(folder: Path, *, bind: str) -> Certificate:
    """Give a certificate for this machine's names and addresses, made anew when they change or it expires soon."""
    place = folder / "tls"
    place.mkdir(parents=True, exist_ok=True)
    made = Certificate(certificate=place / "certificate.pem", key=place / "key.pem")
    names = sorted({"localhost", socket.gethostname()})
    addresses = sorted({"127.0.0.1", *own_addresses(), *([bind] if bind != "0.0.0.0" else [])})  # noqa: S104
    if not _serves(made, names=names, addresses=addresses):
        _make(made, names=names, addresses=addresses)
    return made


def own_addresses() -> list[str]:
    """Give the IPv4 address by which this machine is reached from outside, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737); nothing is sent
        except OSError:
            return []
        return [probe.getsockname()[0]]


def _serves(made: Certificate, *, names: list[str], addresses: list[str]) -> bool:
    if not (made.certificate.exists() and made.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    if certificate.not_valid_after_utc < datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30):
        return False
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return covered == _alternatives(names, addresses)


def _make(made: Certificate, *, names: list[str], addresses: list[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Zhendi on this machine")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(_alternatives(names, addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)  # so that a phone can trust it
        .sign(key, hashes.SHA256())
    )
    made.key.unlink(missing_ok=True)
    with os.fdopen(os.open(made.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    made.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))


def _alternatives(names: list[str], addresses: list[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [x509.DNSName(name) for name in names]
        + [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    )
