"""The site's bill for one visit (S11), from the closing of the visit to the money.

    drafted ──submit──▶ submitted ──confirm──▶ confirmed ──approve──▶ approved ──batch──▶ batched ──pay──▶ paid
       │                 │  │ └──dispute──▶ disputed ──approve──────────▲ ▲  ▲               │
       │                 │  │                 │                         │ │  └─────free──────┘
       │                 │  │   confirmed, disputed ──sign──▶ signed ──approve    (the second of two signatures)
       │                 └──┴────return───────┴──▶ returned ──submit──▶ submitted
       │                 └──────reject──────────▶ rejected       (return and reject also from confirmed and signed)
       │     an appeal granted: rejected ──reinstate──▶ confirmed; ──reopen──▶ submitted, the branch unheard
       │                        approved ──raise──▶ approved
       └──lapse──▶ lapsed ◀──lapse── returned

The branch's silence confirms; `free` brings a claim back whose batch was rejected or whose payment failed. `send_back`
sends an approved claim back to the site, as returned: somebody rightly objected to it when it was published.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from chassis.refusals import Refusal

from sites.domain.days import day_of, midnight, month_after

DRAFTED: Final = "drafted"
SUBMITTED: Final = "submitted"
DISPUTED: Final = "disputed"
CONFIRMED: Final = "confirmed"
SIGNED: Final = "signed"
APPROVED: Final = "approved"
BATCHED: Final = "batched"
PAID: Final = "paid"
RETURNED: Final = "returned"
REJECTED: Final = "rejected"
LAPSED: Final = "lapsed"
STATES: Final = (
    DRAFTED,
    SUBMITTED,
    DISPUTED,
    CONFIRMED,
    SIGNED,
    APPROVED,
    BATCHED,
    PAID,
    RETURNED,
    REJECTED,
    LAPSED,
)
UNDECIDED: Final = (DRAFTED, SUBMITTED, DISPUTED, CONFIRMED, SIGNED, RETURNED)
"""The states of which nobody knows yet what the fund will owe."""
OWED: Final = (APPROVED, BATCHED, PAID)
"""The states in which the fund owes the approved amount, or has paid it."""

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "submit": ({DRAFTED, RETURNED}, SUBMITTED),
    "confirm": ({SUBMITTED}, CONFIRMED),
    "dispute": ({SUBMITTED}, DISPUTED),
    "sign": ({CONFIRMED, DISPUTED}, SIGNED),
    "approve": ({CONFIRMED, DISPUTED, SIGNED}, APPROVED),
    "return": ({SUBMITTED, CONFIRMED, DISPUTED, SIGNED}, RETURNED),
    "reject": ({SUBMITTED, CONFIRMED, DISPUTED, SIGNED}, REJECTED),
    "reinstate": ({REJECTED}, CONFIRMED),
    "reopen": ({REJECTED}, SUBMITTED),
    "raise": ({APPROVED}, APPROVED),
    "lapse": ({DRAFTED, RETURNED}, LAPSED),
    "batch": ({APPROVED}, BATCHED),
    "free": ({BATCHED}, APPROVED),
    "pay": ({BATCHED}, PAID),
    "send_back": ({APPROVED}, RETURNED),
}

SILENCE_DAYS: Final = 7
LAPSE_DAYS: Final = 60


class ClaimNotMovable(Refusal):
    """The claim is {state} now; it cannot be {move} any more."""


class OwnSiteOrBranch(Refusal):
    """You keep this site or belong to this branch; another person has to decide."""


class ReasonDemanded(Refusal):
    """This claim has {score} points of doubt; approving it needs a reason in writing."""


class AboveDue(Refusal):
    """The approved amount cannot be more than the {due} yuan that are due."""


class ReviewAwaited(Refusal):
    """This claim was drawn for a field review; it is decided when the finding is recorded."""


class DrawAwaited(Refusal):
    """The claims of {period} are drawn for field review on {draw_at}; approve this one afterwards."""


class SecondSignatureNeeded(Refusal):
    """This amount needs two signatures; open the claim and sign it first."""


class SameDecider(Refusal):
    """Another person has to decide: you decided on this claim before."""


class NothingDue(Refusal):
    """No subsidy is due for {heads} heads; reject the claim instead."""


def submit_until(visit_on: date, *, by_day: int) -> date:
    """Return the last day on which a claim is submitted in time: the day `by_day` of the month after the visit."""
    return month_after(visit_on).replace(day=by_day)


def silence_confirms_at(told_at: datetime) -> datetime:
    """Return when the branch's silence confirms: 7 whole days from 00:00 of the day after it was told."""
    return midnight(day_of(told_at) + timedelta(days=1 + SILENCE_DAYS))


def lapses_at(waiting_since: datetime) -> datetime:
    """Return when a claim that nobody submits lapses: after 60 whole days."""
    return midnight(day_of(waiting_since) + timedelta(days=1 + LAPSE_DAYS))


def cut_fen(state: str, *, asked_fen: int, approved_fen: int | None) -> int | None:
    """Return what a decision took off the asked amount: all of it where nothing is owed; None while none is made."""
    if state in (REJECTED, LAPSED):
        return asked_fen
    return asked_fen - (approved_fen or 0) if state in OWED else None


class Held(Protocol):
    """A role that a person holds at a node of the tree and below it, as `chassis.actors.Grant`."""

    @property
    def role(self) -> str: ...

    @property
    def path(self) -> str: ...


def keeps(grants: Iterable[Held], *, site_path: str) -> bool:
    """Say whether a person with these grants keeps the site."""
    return any(held.role == "steward" and _lies_in(site_path, held.path) for held in grants)


def belongs_to(grants: Iterable[Held], *, branch_path: str) -> bool:
    """Say whether a person with these grants belongs to the branch."""
    roles = {"member", "secretary", "administrator"}
    return any(held.role in roles and _lies_in(branch_path, held.path) for held in grants)


def is_own(grants: Collection[Held], *, site_path: str, branch_path: str) -> bool:
    """Say whether a person with these grants keeps the site or belongs to the branch.

    By person, not by role: whoever holds both hats may not decide with either (precise rule 9).
    """
    return keeps(grants, site_path=site_path) or belongs_to(grants, branch_path=branch_path)


def must_be_disinterested(grants: Collection[Held], *, site_path: str, branch_path: str) -> None:
    """Raise OwnSiteOrBranch for whoever keeps the site or belongs to the branch."""
    if is_own(grants, site_path=site_path, branch_path=branch_path):
        raise OwnSiteOrBranch()


def _lies_in(path: str, grant_path: str) -> bool:
    return path == grant_path or path.startswith(grant_path + ".")
