"""A part of a month's claims is looked at where the visits took place (S11); anyone can repeat which.

    announced ──draw──▶ drawn

A claim that was drawn is decided when its finding is recorded:

    awaited ──confirm──▶ confirmed
       ├────correct──▶ corrected     another number came: no more heads than that are paid
       └────miss─────▶ not_found     no trace of the visit: nothing is due

The draw, version 1, orders by hash as an allocation round does (`domain.allocation`):

1.  The seed is published before: the day and the number of a document, joined by a space.
2.  A claim's entry is the name-based UUID (version 5) of the claim's id in the namespace of the draw's id; its digest
    is the SHA-256, in hexadecimal, of seed + entry id, both as UTF-8 text. The draw's id is made by us when the seed is
    known, so nobody can look for a seed that suits a claim.
3.  A claim's stratum follows from its points of doubt: low, medium from `medium_score` on, high from `high_score` on.
4.  Of each stratum its share is drawn, rounded up to whole claims: those with the lowest digests.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.allocation import Entrant, draw, request_id

ANNOUNCED: Final = "announced"
DRAWN: Final = "drawn"

AWAITED: Final = "awaited"
CONFIRMED: Final = "confirmed"
CORRECTED: Final = "corrected"
NOT_FOUND: Final = "not_found"
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "confirm": ({AWAITED}, CONFIRMED),
    "correct": ({AWAITED}, CORRECTED),
    "miss": ({AWAITED}, NOT_FOUND),
}

LOW: Final = "low"
MEDIUM: Final = "medium"
HIGH: Final = "high"
STRATA: Final = (LOW, MEDIUM, HIGH)


class DrawAnnounced(Refusal):
    """A draw of this month waits already, or this seed was used for it."""


class ReviewFound(Refusal):
    """The finding of this field review is recorded already."""


@dataclass(frozen=True)
class Entry:
    """A claim's place in a draw."""

    claim_id: UUID
    stratum: str
    score: int
    digest: str
    position: int
    is_drawn: bool


def stratum_of(score: int, *, medium_score: int, high_score: int) -> str:
    """Return the stratum of a claim with so many points of doubt."""
    if score >= high_score:
        return HIGH
    return MEDIUM if score >= medium_score else LOW


def drawn_of(count: int, *, percent: int) -> int:
    """Return how many of a stratum's claims are drawn: the share, rounded up."""
    return -(-count * percent // 100)


def entries_of(
    draw_id: UUID,
    seed: str,
    scores: Iterable[tuple[UUID, int]],
    *,
    medium_score: int,
    high_score: int,
    shares: Mapping[str, int],
) -> list[Entry]:
    """Return every claim's place in the draw, stratum by stratum in the order of the draw; `shares` in percent."""
    strata: dict[str, dict[UUID, tuple[UUID, int]]] = {stratum: {} for stratum in STRATA}
    for claim_id, score in scores:
        stratum = stratum_of(score, medium_score=medium_score, high_score=high_score)
        strata[stratum][request_id(draw_id, claim_id)] = (claim_id, score)
    entries = []
    for stratum, claims in strata.items():
        first = drawn_of(len(claims), percent=shares[stratum])
        for placed in draw(seed, (Entrant(id, unvisited=False) for id in claims), unvisited_first=False):
            claim_id, score = claims[placed.id]
            entries.append(Entry(claim_id, stratum, score, placed.digest, placed.position, placed.position <= first))
    return entries
