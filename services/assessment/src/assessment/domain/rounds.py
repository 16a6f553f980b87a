"""A round of on-site assessment (A9) and its draw, which anyone can repeat.

    planned ──announce──▶ announced ──draw──▶ drawn ──close──▶ closed
       └──────withdraw───────┴──▶ withdrawn

Teams, organisations and exclusions are settled when the seed is published and never change after that; the draw is at
an instant that was published with it.

The draw (precise rule 16), version 1. `h(x)` is the SHA-256, in hexadecimal, of UTF-8 text.

1.  The seed is the day and the number of a published document, joined by a space; the draw key is an id that the
    platform makes when the seed is published and tells at the draw. Their text is the prefix:
    seed + " " + draw key + " ".
2.  An organisation's digest is h(prefix + organisation id). The lower digest comes first.
3.  Of a sample of p per cent the first ⌈n·p/100⌉ take part: of all organisations, or, stratified, of each town's.
4.  In this order each is given, of the teams that are not excluded from it, the one with the least visits so far;
    stratified, with the least in that town, then the least in all. Among equals the lowest
    h(prefix + organisation id + " " + team id) decides.
5.  One from which every team is excluded stays unplaced. Nothing else can keep one from being placed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final
from uuid import UUID

from chassis.draws import digest_of

PLANNED: Final = "planned"
ANNOUNCED: Final = "announced"
DRAWN: Final = "drawn"
CLOSED: Final = "closed"
WITHDRAWN: Final = "withdrawn"
ROUND_STATES: Final = (PLANNED, ANNOUNCED, DRAWN, CLOSED, WITHDRAWN)

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "announce": (frozenset({PLANNED}), ANNOUNCED),
    "draw": (frozenset({ANNOUNCED}), DRAWN),
    "close": (frozenset({DRAWN}), CLOSED),
    "withdraw": (frozenset({PLANNED, ANNOUNCED}), WITHDRAWN),
}


@dataclass(frozen=True)
class Entrant:
    """An organisation as the draw sees it; `town` is whatever stands for the town, none above them."""

    id: UUID
    town: UUID | None = None


@dataclass(frozen=True)
class Placed:
    """What the draw gave an organisation: its digest, its position from 1, whether it is in the sample, its team."""

    id: UUID
    digest: str
    position: int
    is_sampled: bool
    team: UUID | None


def prefix_of(seed: str, draw_key: UUID) -> str:
    """Return what stands before every text that is hashed."""
    return f"{seed} {draw_key} "


def draw(
    prefix: str,
    entrants: Iterable[Entrant],
    teams: Sequence[UUID],
    *,
    excluded: Collection[tuple[UUID, UUID]],
    is_stratified: bool = False,
    sample_percent: int = 100,
) -> list[Placed]:
    """Return every organisation in the order of the draw, with its team; `excluded` are (team, organisation) pairs."""
    order = sorted((digest_of(f"{prefix}{one.id}"), one.id, one) for one in entrants)
    strata = Counter(one.town if is_stratified else None for _, _, one in order)
    room = {town: ceil(count * sample_percent / 100) for town, count in strata.items()}
    visits: Counter[UUID] = Counter()
    in_town: Counter[tuple[UUID, UUID | None]] = Counter()
    placed = []
    for position, (hashed, _, one) in enumerate(order, start=1):
        stratum = one.town if is_stratified else None
        is_sampled = room[stratum] > 0
        room[stratum] -= 1
        allowed = [team for team in teams if (team, one.id) not in excluded] if is_sampled else []
        keyed = [
            (in_town[team, stratum], visits[team], digest_of(f"{prefix}{one.id} {team}"), team) for team in allowed
        ]
        team = min(keyed)[-1] if keyed else None
        if team is not None:
            visits[team] += 1
            in_town[team, stratum] += 1
        placed.append(Placed(one.id, hashed, position, is_sampled, team))
    return placed
