"""Setting the sign-in policy: a row is added, none is changed. It is the whole platform's, so it is set at the root."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, PreconditionFailed
from contracts.roster.sign_in_policies import SetSignInPolicy, SignInNumbers, SignInPoliciesView
from sqlalchemy import Connection, insert, text

from roster.queries import sign_in_policies as policies
from roster.tables.identity import sign_in_policies

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('roster: the sign-in policy'))")


def set_policy(db: Connection, asked: SetSignInPolicy, *, actor: Actor, at: datetime) -> SignInPoliciesView:
    """Set the policy from a day on.

    Raises Forbidden below the root of the tree, TokenTooOld, InvalidInput, and PreconditionFailed when somebody set
    another one since it was read.
    """
    roots = db.execute(text("SELECT path FROM organisations WHERE parent_id IS NULL")).scalars()
    if not any(actor.may("set_sign_in_policy", organisation=root) for root in roots):
        raise Forbidden()
    actor.must_be_fresh(at)
    today = clock.today(at)
    first = asked.active_from or today
    if first < today:
        raise InvalidInput({"active_from": ["The first day must be today or later."]})
    _check(asked.numbers)
    db.execute(_ONE_AT_A_TIME)
    if db.execute(text("SELECT max(id) FROM sign_in_policies")).scalar_one() != asked.version:
        raise PreconditionFailed()
    add(db, asked.numbers, active_from=first, ground=asked.ground, at=at, by=actor)
    return policies.rows(db, on=today)


def add(
    db: Connection, numbers: SignInNumbers, *, active_from: object, ground: str, at: datetime, by: Actor | None = None
) -> None:
    """Write a row of the policy down."""
    db.execute(
        insert(sign_in_policies).values(
            **asdict(numbers),
            active_from=active_from,
            ground=ground,
            set_at=at,
            set_by=by.person_id if by else None,
        )
    )


def _check(numbers: SignInNumbers) -> None:
    if numbers.longest_wait_s < numbers.first_wait_s:
        raise InvalidInput({"numbers.longest_wait_s": ["The longest wait is shorter than the first."]})
    if numbers.forgotten_after_s < numbers.longest_wait_s:
        raise InvalidInput({"numbers.forgotten_after_s": ["They would be forgotten before the longest wait is over."]})
    if numbers.session_max_s < numbers.idle_max_s:
        raise InvalidInput({"numbers.session_max_s": ["A session would end before it is idle for long."]})
