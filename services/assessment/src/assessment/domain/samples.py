"""A draw of organisations that anyone can repeat (A9): for the supervision month, and for somebody from outside.

    announced ──draw──▶ drawn ──close──▶ closed     a supervision month closes with its naming bulletin

The seed is a day and a document's number, published before the draw, and a key that the platform makes at the draw, so
that nobody can choose a number for whom it draws. An organisation's digest is the SHA-256, in hexadecimal digits, of
the seed, a bar and its id, as UTF-8; who has the lowest digests is drawn.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

SUPERVISION, SAMPLING = SAMPLE_KINDS = ("supervision", "sampling")
ANNOUNCED, DRAWN, CLOSED = SAMPLE_STATES = ("announced", "drawn", "closed")

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "draw": (frozenset({ANNOUNCED}), DRAWN),
    "close": (frozenset({DRAWN}), CLOSED),
}


def seed_of(seed_on: date, number: str, key: UUID | None) -> str:
    """Return the seed as it goes into the digests; without its key as it was announced."""
    announced = f"{seed_on.isoformat()} {number}"
    return f"{announced} {key}" if key else announced


def digest_of(seed: str, organisation_id: UUID) -> str:
    """Return an organisation's digest."""
    return hashlib.sha256(f"{seed}|{organisation_id}".encode()).hexdigest()


def crossed(
    drawn: Sequence[tuple[UUID, str]], checkers: Iterable[tuple[UUID, str]], *, seed: str
) -> dict[UUID, UUID | None]:
    """Return who checks each drawn organisation (id, path): nobody in whose part of the tree it lies.

    The checkers stand in the order of their digests and take turns in the order of the draw; one who would check their
    own is passed over for the next. None where there is nobody else.
    """
    ordered = sorted(checkers, key=lambda one: digest_of(seed, one[0]))
    given: dict[UUID, UUID | None] = {}
    for turn, (organisation_id, path) in enumerate(drawn):
        turns = [ordered[(turn + step) % len(ordered)] for step in range(len(ordered))]
        others = (one for one, above in turns if path != above and not path.startswith(f"{above}."))
        given[organisation_id] = next(others, None)
    return given
