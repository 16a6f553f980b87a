"""Which funds bear a visit (S10): shares in percent, and a sequence in which one steps in for another.

    amount ──percent of each──▶ parts ──a fund that has too little──▶ the next in the sequence with money left

The first fund with a part pays the site and runs the claim; the others set their part aside likewise and owe it to the
first once the claim is approved. A rule is proposed by one person and adopted by another, from a day on:

    proposed ──adopt──▶ adopted      the newest adopted rule of the nearest place counts
        └──withdraw──▶ withdrawn
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.subsidy import Cap, Place, Policy

PROPOSED: Final = "proposed"
ADOPTED: Final = "adopted"
WITHDRAWN: Final = "withdrawn"
STATES: Final = (PROPOSED, ADOPTED, WITHDRAWN)
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "adopt": ({PROPOSED}, ADOPTED),
    "withdraw": ({PROPOSED}, WITHDRAWN),
}

SHARES_MAX: Final = 5


class FundingNotMovable(Refusal):
    """This rule is {state} already."""


class FundingTaken(Refusal):
    """Another rule for this place begins on the same day; withdraw it or choose another day."""


class OwnFundingRule(Refusal):
    """You proposed this rule; another person has to adopt it."""


class TransferRepeated(Refusal):
    """The transfer {document_number} of this fund is recorded already."""


@dataclass(frozen=True)
class Share:
    """A fund's share of a visit in percent, and what it has left; None: not known, so it is taken to have enough."""

    fund_id: UUID
    percent: int
    available_fen: int | None = None
    name: str = ""
    granted_fen: int = 0
    used_fen: int = 0
    own_fen: int = 0  # what the order that is looked at has set aside there; `available_fen` counts it as left


@dataclass(frozen=True)
class Part:
    """What one fund bears of a visit."""

    fund_id: UUID
    amount_fen: int
    name: str = ""


def shares_of(told: Sequence[Mapping[str, Any]] | None) -> list[Share]:
    """Return the shares that PostgreSQL wrote as JSON."""
    return [
        Share(
            UUID(share["fund_id"]),
            share["percent"],
            share["available_fen"],
            share["name"],
            share.get("granted_fen", 0),
            share.get("used_fen", 0),
            share.get("own_fen", 0),
        )
        for share in told or ()
    ]


def kept_to_share(shares: Sequence[Share], policy: Policy, place: Place) -> tuple[list[Share], Place]:
    """Keep each of several funds to the share of its year that the policy gives to subsidies.

    Returns the funds with what is left of that, and the place with that of all of them together as the cap. A fund that
    pays alone is as it was: its share is among the place's caps already.
    """
    if policy.fund_share_percent is None or len(shares) < 2:
        return list(shares), place
    caps = [each.granted_fen * policy.fund_share_percent // 100 for each in shares]
    kept = []
    for each, cap_fen in zip(shares, caps, strict=True):
        left_fen = max(cap_fen - each.used_fen + each.own_fen, 0)
        kept.append(replace(each, available_fen=min(each.available_fen or 0, left_fen)))
    left_fen = sum(each.available_fen or 0 for each in kept)
    together = Cap("fund_share", sum(caps), sum(caps) - left_fen)
    return kept, replace(place, caps=[*(cap for cap in place.caps if cap.rule != "fund_share"), together])


def parts_of(amount_fen: int, shares: Sequence[Share]) -> list[Part]:
    """Divide an amount among the funds: the parts add up to it, the paying fund's comes first.

    Each bears its percentage rounded down, the first that bears any what is left of rounding. What a fund has not is
    borne by those after it, then by those before it; what nobody has stays where it was, and the guard refuses it.
    """
    if amount_fen == 0:
        return []
    borne = [amount_fen * share.percent // 100 for share in shares]
    first = next(place for place, share in enumerate(shares) if share.percent)
    borne[first] += amount_fen - sum(borne)
    for place, share in enumerate(shares):
        if share.available_fen is None:
            continue
        for other in (*range(place + 1, len(shares)), *range(place)):
            missing = borne[place] - share.available_fen
            if missing <= 0:
                break
            room = shares[other].available_fen
            taken = missing if room is None else min(missing, max(room - borne[other], 0))
            borne[place] -= taken
            borne[other] += taken
    return [Part(share.fund_id, fen, share.name) for share, fen in zip(shares, borne, strict=True) if fen > 0]


def paying(shares: Sequence[Share], parts: Sequence[Part]) -> UUID | None:
    """Return the fund that pays the site: the first with a part, or the first that would bear one."""
    if parts:
        return parts[0].fund_id
    return next((share.fund_id for share in shares if share.percent), None)


def contributions(parts: Sequence[Part]) -> str | None:
    """Return the parts of the other funds as the functions of the ledger take them; None where there are none."""
    others = [{"fund_id": str(part.fund_id), "amount_fen": part.amount_fen} for part in parts[1:]]
    return json.dumps(others) if others else None


def told(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the line of an explanation that says which fund bears what."""
    borne = [{"fund": part.name, "amount_fen": part.amount_fen} for part in parts]
    return {"rule": "funding", "inputs": {"parts": borne}, "amount_fen": 0}
