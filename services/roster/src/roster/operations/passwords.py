"""Passwords as argon2id hashes. A check takes some 20 ms of processor time on purpose: *serve* runs it in a thread."""

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second choice for argon2id: 19 MiB and two passes, on one thread.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

NOBODYS: Final = _HASHER.hash("nobody has this password")
"""Checked for a user name that nobody has, so that it takes as long as for one that somebody has."""

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another


def hashed(password: str) -> str:
    """Return the text that is stored for a password."""
    return _HASHER.hash(password)


def fits(stored: str, password: str) -> bool:
    """Say whether the password is the one that was stored."""
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Say whether the hash was made with other parameters than those of now."""
    try:
        return _HASHER.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def fits_one_of(stored: list[str], password: str) -> bool:
    """Say whether the password is one of those stored."""
    return any(fits(each, password) for each in stored)


def first_password() -> str:
    """Return a password that is read out or written on paper: fifteen letters and digits, 74 bits of chance."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))
