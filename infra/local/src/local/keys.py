"""Keys of a stack: the pair that signs access tokens, the keys of personal data, the key of browser sessions."""

import base64
import hashlib
import json
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from local.secrets import kept, secret, secrets_folder


def token_private_key(folder: Path) -> Path:
    """Give the path of the signing key, an Ed25519 key in PEM; the file's stem is the key's id."""
    pem = kept(folder, "token-signing-key", _new_signing_key)
    return _written(secrets_folder(folder) / f"{_key_id(pem)}.pem", pem)


def token_public_keys(folder: Path) -> Path:
    """Give the path of the JWKS (RFC 7517) with the public half, which anybody may read."""
    pem = kept(folder, "token-signing-key", _new_signing_key)
    key = {**_public(pem), "kid": _key_id(pem), "use": "sig", "alg": "EdDSA"}
    return _written(folder / "token-public-keys.json", json.dumps({"keys": [key]}, indent=2) + "\n", mode=0o644)


def personal_data_keys(folder: Path) -> str:
    """Give the Fernet keys that seal identity numbers and phones; the first one seals, all of them open."""
    return kept(folder, "personal-data-keys", lambda: Fernet.generate_key().decode())


def session_key(folder: Path) -> str:
    """Give the key that signs what the gateway puts into browsers."""
    return secret(folder, "session-key")


def voucher_secret(folder: Path) -> str:
    """Give the secret from which the sites service makes the keys that sign vouchers."""
    return secret(folder, "voucher-secret")


def _new_signing_key() -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public(pem: str) -> dict[str, str]:
    private = load_pem_private_key(pem.encode(), password=None)
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}


def _key_id(pem: str) -> str:
    """Give the key's thumbprint (RFC 7638), shortened: it names one of a handful of keys."""
    canonical = json.dumps(_public(pem), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())[:16]


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _written(path: Path, text: str, *, mode: int = 0o600) -> Path:
    if not path.exists() or path.read_text() != text:
        path.touch(mode=mode)
        path.write_text(text)
        path.chmod(mode)
    return path
