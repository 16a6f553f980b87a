"""Claims paid together (S12): one makes a batch, another approves it, a third pays, the bank's answer settles it.

    prepared ──publish──▶ published ──approve──▶ approved ──hand_over──▶ paying ──settle──▶ settled
        │  └──────────────approve───────────────────▲ └──────settle────────│───────▲    every line is paid
        │                    │                                             └─settle_partly─▶ partly_settled
        └──────reject────────┴──▶ rejected                                      (also from approved)   a line failed

A fund says whether its batches are published first, and whether a third person hands the file to the bank.

One line pays one claim:

    waiting ──pay──▶ paid        also without the bank, when all of it is kept back for an overpayment
       ├────fail──▶ failed       the bank could not pay: the claim is free for another batch
       └────free──▶ freed        the batch was rejected, somebody objects, or the payee changed: likewise
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal

PREPARED: Final = "prepared"
PUBLISHED: Final = "published"
APPROVED: Final = "approved"
PAYING: Final = "paying"
REJECTED: Final = "rejected"
SETTLED: Final = "settled"
PARTLY_SETTLED: Final = "partly_settled"
STATES: Final = (PREPARED, PUBLISHED, APPROVED, PAYING, REJECTED, SETTLED, PARTLY_SETTLED)
OPEN: Final = (PREPARED, PUBLISHED, APPROVED, PAYING)
"""The states from which a batch still has to come to its end."""
DECIDABLE: Final = (PREPARED, PUBLISHED)
"""The states in which lines may still leave a batch."""
WITH_FILE: Final = (APPROVED, PAYING, SETTLED, PARTLY_SETTLED)
"""The states in which a batch has its payment file."""

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "publish": ({PREPARED}, PUBLISHED),
    "approve": ({PREPARED, PUBLISHED}, APPROVED),
    "reject": ({PREPARED, PUBLISHED}, REJECTED),
    "hand_over": ({APPROVED}, PAYING),
    "settle": ({APPROVED, PAYING}, SETTLED),
    "settle_partly": ({APPROVED, PAYING}, PARTLY_SETTLED),
}

WAITING: Final = "waiting"
PAID: Final = "paid"
FAILED: Final = "failed"
FREED: Final = "freed"
LINE_STATES: Final = (WAITING, PAID, FAILED, FREED)
LIVE_LINE_STATES: Final = (WAITING, PAID)
"""A claim stands in at most one line of these states."""

LINE_MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "pay": ({WAITING}, PAID),
    "fail": ({WAITING}, FAILED),
    "free": ({WAITING}, FREED),
}


class BatchNotMovable(Refusal):
    """The batch is {state} now; it cannot be {move} any more."""


class SamePerson(Refusal):
    """Whoever prepared the batch or one of its claims cannot approve it."""


class NothingToSettle(Refusal):
    """No approved claim of {period} waits for settlement."""


class ClaimInOtherBatch(Refusal):
    """Claim {claim} is in another batch, or not approved, or not of this period and fund."""


class SeveralFunds(Refusal):
    """Claims of several funds wait; name the fund to settle."""


class PayeeMissing(Refusal):
    """No bank account is registered for {site}."""


class AllHeld(Refusal):
    """Every approved claim of {period} is held: its payee changed in the last days, or somebody objects to it."""


class NotPublished(Refusal):
    """This fund's batches are published for {days} days before they are approved; publish it first."""


class PublicityRuns(Refusal):
    """The batch is published until {until}; it can be approved on the day after."""


class NothingLeft(Refusal):
    """Objections and changed payees hold every line of the batch; decide the objections, or reject the batch."""


class MinutesMissing(Refusal):
    """The batch comes to {total} yuan; above {limit} yuan the minutes of a collective decision are named."""


class PayerOnly(Refusal):
    """A third person pays for this fund: neither who prepared the batch or its claims nor who approved it."""


class NotHandedOver(Refusal):
    """The payer has to hand the payment file to the bank first."""


class FileNotTaken(Refusal):
    """No payment file of this batch with this SHA-256 was taken out; hand in a file of this batch."""


class NothingFailed(Refusal):
    """No line of this batch failed whose claim still waits for payment."""


def must_be_other(person: UUID, *, prepared_by: Iterable[UUID]) -> None:
    """Raise SamePerson when `person` prepared the batch or one of its claims."""
    if person in set(prepared_by):
        raise SamePerson()


def ending(line_states: Iterable[str]) -> str | None:
    """Return the move that ends an approved batch with these lines; None while the bank owes an answer."""
    states = set(line_states)
    states.discard(FREED)  # what left before the approval
    if WAITING in states:
        return None
    return "settle" if states == {PAID} else "settle_partly"
