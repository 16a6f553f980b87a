"""Draws by lot that anyone can repeat: the seed is a published document, SHA-256 makes the order."""

import hashlib
from datetime import date


def seed_of(on: date, number: str) -> str:
    """Return the seed that a published document makes: its day and its number, joined by a space."""
    return f"{on.isoformat()} {number}"


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal: what places an entrant."""
    return hashlib.sha256(text.encode()).hexdigest()
