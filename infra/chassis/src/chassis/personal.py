"""Personal data: sealed in the database, masked in views, found by a blind index.

PERSONAL_DATA_KEYS holds Fernet keys separated by commas: the first seals, all unseal. Rotate by putting a new key in
front and sealing anew. The blind index is keyed by the *last* key, so that key stays until the indexes are rebuilt.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """A sealed value cannot be opened with the keys at hand."""


def seal(text: str) -> bytes:
    """Return `text` encrypted for a column of type bytea."""
    return _fernet(_keys()).encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Return the text of a sealed value; raises Unreadable."""
    try:
        return _fernet(_keys()).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise Unreadable from error


def blind_index(text: str, *, column: str) -> bytes:
    """Return the 32 bytes under which a sealed value of `column` is found again; equal texts give equal bytes."""
    return hmac.new(_index_key(_keys(), column), text.encode(), hashlib.sha256).digest()


def sealing_key() -> str:
    """Return the mark of the key that seals now: what is marked otherwise is to be sealed anew."""
    return _mark(_keys().partition(",")[0].strip())


def index_key() -> str:
    """Return the mark of the key that blind indexes are made with now."""
    return _mark(_keys().rpartition(",")[2].strip())


def mask_phone(phone: str) -> str:
    """Return the number with its middle hidden: 138****5678; of a short one only the last two digits show."""
    if len(phone) < 8:
        return "*" * len(phone)
    if len(phone) < 11:  # a number without its area code: three and four digits would be nearly all of it
        return "*" * (len(phone) - 2) + phone[-2:]
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def mask_name(name: str) -> str:
    """Return the family name alone: 张**."""
    return name[:1] + "*" * (len(name) - 1)


def _keys() -> str:
    keys = os.environ.get("PERSONAL_DATA_KEYS", "")
    if not keys:
        raise Unreadable("PERSONAL_DATA_KEYS is not set")
    return keys


@lru_cache(maxsize=16)
def _mark(key: str) -> str:
    """Eight digits that tell keys apart and say nothing of them."""
    return hashlib.sha256(b"mark of a key for personal data " + key.encode()).hexdigest()[:8]


@lru_cache(maxsize=4)
def _fernet(keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])


@lru_cache(maxsize=64)
def _index_key(keys: str, column: str) -> bytes:
    last = base64.urlsafe_b64decode(keys.rpartition(",")[2].strip())
    return hmac.new(last, b"blind index of " + column.encode(), hashlib.sha256).digest()
