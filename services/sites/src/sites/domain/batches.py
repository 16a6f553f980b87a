"""Claims paid together (S12): one person makes a batch, another approves it, the bank's answer settles it.

    prepared ──approve──▶ approved ──settle──▶ settled            every line is paid
        └──────reject──▶ rejected     └──settle_partly──▶ partly_settled    a line failed

One line pays one claim:

    waiting ──pay──▶ paid
       ├────fail──▶ failed      the bank could not pay: the claim is free for another batch
       └────free──▶ freed       the batch was rejected: likewise
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal

PREPARED: Final = "prepared"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
SETTLED: Final = "settled"
PARTLY_SETTLED: Final = "partly_settled"
STATES: Final = (PREPARED, APPROVED, REJECTED, SETTLED, PARTLY_SETTLED)

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "approve": ({PREPARED}, APPROVED),
    "reject": ({PREPARED}, REJECTED),
    "settle": ({APPROVED}, SETTLED),
    "settle_partly": ({APPROVED}, PARTLY_SETTLED),
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


def must_be_other(person: UUID, *, prepared_by: Iterable[UUID]) -> None:
    """Raise SamePerson when `person` prepared the batch or one of its claims."""
    if person in set(prepared_by):
        raise SamePerson()


def ending(line_states: Iterable[str]) -> str | None:
    """Return the move that ends an approved batch with these lines; None while the bank owes an answer."""
    states = set(line_states)
    if WAITING in states:
        return None
    return "settle" if states == {PAID} else "settle_partly"
