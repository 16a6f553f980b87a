"""Fair allocation of scarce dates (S6): requests are collected, a draw that anyone can repeat gives the times.

    announced ──draw──▶ drawing ──finish──▶ drawn
        └──withdraw──▶ withdrawn

By the clock an announced round is collecting from `opens_at` to before `closes_at`, and collected from then on
(`state_at`). Drawing once begun is never given up: it is repeated until it is finished. A request:

    asked ──give──▶ given
     │ ▲ └──wait──▶ waiting    it stands on the waiting list of its first wish that was full
     │ │ └─refuse─▶ not_given
     │ └────ask─────┐
     └──withdraw──▶ withdrawn   by its branch, until the collection ends, or with its round

The draw (precise rule 16), version 1:

1.  The seed is published before requests are taken: the day and the number of a document, joined by a space.
2.  A request's digest is the SHA-256, in hexadecimal, of seed + request id, both as UTF-8 text.
3.  Where the rule says so, branches without a visit in so many days before the end of the collection come first.
4.  Within each of these two groups the lower digest comes first: this makes the positions 1, 2, 3 …
5.  In turn 1 each request is given, by position, the first of its wishes that can be ordered. In turn 2, by position
    again, each that was given one and asked for two, and so on: nobody is served twice before all were served once.

A request's id is made of the ids of round and branch (`request_id`), and a round's id is made by us when it is
announced with its seed: so neither a branch, by asking again, nor the officer can look for a better digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from chassis.draws import digest_of as sha256_of
from chassis.refusals import Refusal

ANNOUNCED: Final = "announced"
COLLECTING: Final = "collecting"
COLLECTED: Final = "collected"
DRAWING: Final = "drawing"
DRAWN: Final = "drawn"
WITHDRAWN: Final = "withdrawn"

ASKED: Final = "asked"
GIVEN: Final = "given"
WAITING: Final = "waiting"
NOT_GIVEN: Final = "not_given"


class InAllocationRound(Refusal):
    """This time is given out in the allocation round “{title}”, drawn on {draw_at}; ask for it in that round."""


class RoundOverAnother(Refusal):
    """{site} is in another round on these days: “{title}”."""


class RoundDecided(Refusal):
    """This round is drawn or withdrawn; it cannot be changed any more."""


class DrawTooEarly(Refusal):
    """The draw is on {draw_at}, not before."""


class RequestsNotTaken(Refusal):
    """Requests are made, changed and taken back from {opens_at} to {closes_at}, not now."""


class RequestWithdrawn(Refusal):
    """This request was taken back already."""


@dataclass(frozen=True)
class Entrant:
    """A request as the draw sees it."""

    id: UUID
    unvisited: bool


@dataclass(frozen=True)
class Drawn:
    """A request with its digest and its position, from 1."""

    id: UUID
    digest: str
    position: int


def state_at(state: str, *, opens_at: datetime, closes_at: datetime, at: datetime) -> str:
    """Return the round's state as time has it."""
    if state != ANNOUNCED or at < opens_at:
        return state
    return COLLECTING if at < closes_at else COLLECTED


def request_id(round_id: UUID, branch_id: UUID) -> UUID:
    """Return the id of a branch's request in a round: the same whenever and however often the branch asks."""
    return uuid5(round_id, str(branch_id))


def digest_of(seed: str, request: UUID) -> str:
    """Return what places a request: the SHA-256 of seed and request id."""
    return sha256_of(f"{seed}{request}")


def draw(seed: str, entrants: Iterable[Entrant], *, unvisited_first: bool) -> list[Drawn]:
    """Return the requests in the order of the draw."""
    keyed = sorted(
        (unvisited_first and not entrant.unvisited, digest_of(seed, entrant.id), entrant.id) for entrant in entrants
    )
    return [Drawn(id, digest, position) for position, (_last, digest, id) in enumerate(keyed, start=1)]
