"""Ed25519 signatures that stand on their own, with keys derived from a secret of the service (HKDF, RFC 5869).

The private half of a key stands in no table and no file: every process that has the secret can make it.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE_BYTES: Final = 64


class SecretMissing(Exception):
    """The secret that keys are made of is not set."""


def derived_key(setting: str, *, salt: bytes, purpose: str) -> Ed25519PrivateKey:
    """Return the key that the secret in the environment's `setting` makes with `salt`; raises SecretMissing."""
    secret = os.environ.get(setting, "")
    if not secret:
        raise SecretMissing(f"{setting} is not set")
    derive = HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose.encode())
    return Ed25519PrivateKey.from_private_bytes(derive.derive(secret.encode()))


def public_half(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signed(message: bytes, signature: bytes, *, public_key: bytes) -> bool:
    """Say whether the key with these 32 bytes signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
