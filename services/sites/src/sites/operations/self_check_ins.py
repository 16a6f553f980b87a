"""Somebody checks in themself, or the party they lead, by the code on the screen at the door (S8).

Who may: whose own booking it is, a member whom the branch named, the branch's secretary. What then happens is what
happens to every check-in, in sql/check_in.sql; only its `way` is `self`.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.self_check_ins import SelfCheckIn
from contracts.sites.visits import CheckIn

from sites.domain.days import day_of, said
from sites.domain.door_codes import (
    TRIES_MAX,
    TRIES_WITHIN,
    DoorCodeWrong,
    NoOrderToday,
    TooManyDoorCodes,
    is_shown,
)
from sites.operations.check_ins import Shown, admit, heads_of
from sites.operations.door_codes import secret_of

_FACTS: Final = """
SELECT s.name AS site, s.managing_path, d.secret, o.id AS order_id, o.branch_id, o.group_name, o.placed_by_id,
       b.path AS branch_path, ARRAY(SELECT member_id FROM order_members WHERE order_id = o.id) AS named,
       EXISTS (SELECT FROM commands WHERE id = %(command)s) AS is_done
  FROM sites s
  LEFT JOIN door_secrets d ON d.site_id = s.id
  LEFT JOIN orders o ON o.id = %(order)s AND o.site_id = s.id
        AND (o.visit_on = %(today)s OR %(at)s BETWEEN o.starts_at - interval '30 minutes' AND o.ends_at)
  LEFT JOIN organisations b ON b.id = o.branch_id
 WHERE s.id = %(site)s
"""
# Counted before it is looked at, in a statement that commits by itself: a refusal does not undo it, and those who try
# many at once are counted one after another.
_TRY: Final = """
INSERT INTO door_code_tries AS t (site_id, person_id, since, tries) VALUES (%(site)s, %(person)s, %(at)s, 1)
ON CONFLICT (site_id, person_id) DO UPDATE
   SET tries = CASE WHEN t.since <= %(over)s THEN 1 ELSE t.tries + 1 END,
       since = CASE WHEN t.since <= %(over)s THEN %(at)s ELSE t.since END
RETURNING tries, since
"""
_FORGET: Final = "DELETE FROM door_code_tries WHERE site_id = %(site)s AND person_id = %(person)s"


class _Facts(NamedTuple):
    """One row of _FACTS."""

    site: str
    managing_path: str
    secret: memoryview | None
    order_id: UUID | None
    branch_id: UUID | None
    group_name: str | None
    placed_by_id: UUID | None
    branch_path: str | None
    named: list[UUID]
    is_done: bool


def check_in(cursor: DirectCursor, *, asked: SelfCheckIn, actor: Actor, at: datetime, command: Command) -> bytes:
    """Check in what the actor may check in themself; returns the CheckInView's JSON bytes.

    `cursor` commits each statement by itself. Raises NoOrderToday, DoorCodeWrong, TooManyDoorCodes, AlreadyInside,
    VoucherCancelled, TooEarly, TooLate, OverParty; NotFound for no site; InvalidInput for a party not said rightly.
    """
    actor.must("self_check_in", person=actor.person_id)
    given = {"command": command.id, "order": asked.order_id, "today": day_of(at), "at": at, "site": asked.site_id}
    cursor.execute(_FACTS, given)
    row = cursor.fetchone()
    if row is None:
        raise NotFound()
    facts = _Facts(*row)
    came = _who_came(asked, facts, actor=actor) if facts.order_id else None
    if came is None:
        raise NoOrderToday(site=facts.site)
    heads_of(came)
    # What was done with this command before is answered again, also when its code is long over.
    if not facts.is_done:
        _must_see_the_screen(cursor, asked, facts.secret, actor=actor, at=at)
    shown, paths = Shown(order_id=facts.order_id), [facts.managing_path]
    return admit(cursor, shown, check_in=came, way="self", paths=paths, actor=actor, at=at, command=command)


def _who_came(asked: SelfCheckIn, facts: _Facts, *, actor: Actor) -> CheckIn | None:
    """Return who comes in, as far as the actor may say it; None when the order is not theirs to check in."""
    came = CheckIn(voucher="", check_in_id=asked.check_in_id, site_id=asked.site_id)
    if facts.branch_id is None:
        is_own = facts.group_name is None and facts.placed_by_id == actor.person_id
        return replace(came, count=1) if is_own else None
    if actor.may("place_order", branch=facts.branch_path):
        if not set(asked.member_ids or ()) <= set(facts.named):
            raise InvalidInput({"member_ids": ["The branch did not name this member for the visit."]})
        return replace(came, count=asked.count, member_ids=asked.member_ids)
    return replace(came, member_ids=[actor.person_id]) if actor.person_id in facts.named else None


def _must_see_the_screen(
    cursor: DirectCursor, asked: SelfCheckIn, secret: memoryview | None, *, actor: Actor, at: datetime
) -> None:
    given = {"site": asked.site_id, "person": actor.person_id, "at": at, "over": at - TRIES_WITHIN}
    cursor.execute(_TRY, given)
    counted = cursor.fetchone()
    assert counted is not None
    tries, since = counted
    if tries > TRIES_MAX:
        raise TooManyDoorCodes(until=said(since + TRIES_WITHIN))
    # A door whose screen nobody ever opened shows no code, so none is right.
    if secret is None or not is_shown(secret_of(secret), asked.code, at):
        raise DoorCodeWrong()
    cursor.execute(_FORGET, given)
