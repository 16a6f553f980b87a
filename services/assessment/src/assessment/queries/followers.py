"""The daily list of yellow and red branches: who follows each up, and what was noted of it last (A5)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.bulletins import (
    CandidatesAsked,
    DailyListAsked,
    DailyRow,
    FollowerAsked,
    FollowerCandidateView,
    FollowerView,
    FollowUpsAsked,
    LightFollowUpView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, select, text, tuple_

from assessment.domain.months import Month
from assessment.queries.organisations import IS_ASSESSED, is_below, organisation_named
from assessment.queries.scopes import places_for
from assessment.queries.slips import number_of
from assessment.queries.standing_lights import LIGHTS_OF_MONTH
from assessment.tables.bulletins import follow_ups, followers
from assessment.tables.organisations import organisations
from assessment.tables.rolls import members

# The person assigned to a branch `b`: the nearest at or above it counts.
FOLLOWER: Final = """
SELECT f.person_id, f.person_name
  FROM generate_series(cardinality(string_to_array(b.path, '.')), 1, -1) depth
  JOIN organisations a ON a.path = array_to_string((string_to_array(b.path, '.'))[1:depth], '.')
  JOIN followers f ON f.organisation_id = a.id AND f.person_id IS NOT NULL
 ORDER BY depth DESC LIMIT 1"""

# What was noted last of a branch's light of the month.
LAST_ENTRY: Final = (
    "SELECT u.* FROM follow_ups u WHERE u.branch_id = b.id AND u.month = :month ORDER BY u.at DESC, u.id LIMIT 1"
)

# The slip that the branch's red light of the month opened.
SLIP: Final = (
    "SELECT s.id, s.year, s.number, s.state FROM slips s WHERE s.branch_id = b.id AND s.month = :month"
    " AND s.subject_kind = 'light' AND s.issued_by_id IS NULL LIMIT 1"
)
IS_BELOW: Final = (
    "EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) place WHERE b.path = place"
    """ OR (b.path >= place || '.' COLLATE "C" AND b.path < place || '/' COLLATE "C"))"""
)
ASSESSED: Final = "b.kind IN ('branch', 'joint_branch') AND NOT b.is_external AND NOT b.dissolved"

# Whose row it is, what was noted and which slip it opened is looked up for the page alone.
_LIST: Final = f"""
WITH page AS (
    SELECT b.id, b.name, b.path, b.parent_id, l.light, l.readings, l.read_at
      FROM ({LIGHTS_OF_MONTH}) l
      JOIN organisations b ON b.id = l.branch_id
     WHERE l.light = ANY(:lights) AND {ASSESSED} AND {{near}} AND {{seen}}
     ORDER BY l.light, b.path, b.id LIMIT :limit
)
SELECT b.*, p.name AS above_name, f.person_id AS follower_id, f.person_name AS follower_name,
       u.at, u.by_name, u.text, u.cause, u.plan, u.plan_on,
       s.id AS slip_id, s.year, s.number, s.state AS slip_state
  FROM page b
  LEFT JOIN organisations p ON p.id = b.parent_id
  LEFT JOIN LATERAL ({FOLLOWER}) f ON true
  LEFT JOIN LATERAL ({LAST_ENTRY}) u ON true
  LEFT JOIN LATERAL ({SLIP}) s ON true
 ORDER BY b.light, b.path, b.id
"""  # noqa: S608 - constants of this module

# The branches of which the actor is the follower; looked at only where a branch is not below the actor's places.
_IS_FOLLOWED: Final = f"(SELECT f.person_id FROM ({FOLLOWER}) f) = :person"  # noqa: S608 - a constant


def daily_list(db: Connection, *, asked: DailyListAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the branches that are yellow or red now, red ones first, then in the tree's order.

    Seen is what lies below the actor's places, and the branches that the actor follows up. Raises NotFound, Forbidden.
    """
    if not actor.grants_for("read_daily_list"):
        raise Forbidden()
    places = places_for(actor, "read_daily_list")
    followed = _followed_by(db, actor)
    seen = f"({IS_BELOW} OR {_IS_FOLLOWED})" if followed else IS_BELOW
    if asked.organisation_id is not None:
        organisation = organisation_named(db, asked.organisation_id)
        if organisation is None:
            raise NotFound()
        actor.must("read_daily_list", branch=organisation.path)
        places, followed, seen = [organisation.path], [], IS_BELOW
    given: dict[str, Any] = {
        "month": str(Month.at(at)),
        "lights": [asked.light] if asked.light else ["red", "yellow"],
        "paths": places,
        "person": actor.person_id,
        "limit": asked.limit + 1,
    }
    # The parts of the tree in question are ranges of its index, so that nobody else's branches are read.
    near = {f"near_{number}": path for number, path in enumerate({*places, *followed})}
    ranges = " OR ".join(f"(b.path >= :{name} AND b.path < :{name} || '/' COLLATE \"C\")" for name in near)
    if asked.cursor:
        given["after_light"], given["after_path"], given["after_id"] = key_in(asked.cursor, str, str, UUID)
        seen += " AND (l.light, b.path, b.id) > (:after_light, :after_path, :after_id)"
    statement = _LIST.format(near=f"({ranges or 'false'})", seen=seen)
    return page_of(
        db.execute(text(statement), {**given, **near}).all(),
        limit=asked.limit,
        view=_row,
        key=lambda row: (row.light, row.path, row.id),
    )


def _followed_by(db: Connection, actor: Actor) -> list[str]:
    """Return the paths at which the actor is assigned to follow up."""
    here = select(organisations.c.path).join(followers, followers.c.organisation_id == organisations.c.id)
    return list(db.scalars(here.where(followers.c.person_id == actor.person_id)))


def follower(db: Connection, *, asked: FollowerAsked, actor: Actor) -> FollowerView:
    """Return who is assigned at an organisation itself. Raises NotFound, Forbidden."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("assign_follower", organisation=organisation.path)
    row = db.execute(select(followers).where(followers.c.organisation_id == organisation.id)).one_or_none()
    return FollowerView(
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        person_id=row.person_id if row else None,
        person_name=row.person_name if row else None,
        set_at=row.set_at if row else None,
        set_by=row.set_by if row else None,
    )


def follower_of(db: Connection, branch_id: UUID) -> UUID | None:
    """Return the person who follows a branch up, the nearest assigned at or above it."""
    found = text(f"SELECT f.person_id FROM organisations b CROSS JOIN LATERAL ({FOLLOWER}) f WHERE b.id = :branch")  # noqa: S608
    return db.execute(found, {"branch": branch_id}).scalar()


def follow_ups_asked(db: Connection, *, asked: FollowUpsAsked, actor: Actor) -> Page:
    """Return a page of what was noted of a branch, the newest first. Raises NotFound, Forbidden."""
    branch = organisation_named(db, asked.branch_id)
    if branch is None:
        raise NotFound()
    actor.must("read_daily_list", branch=branch.path, person=follower_of(db, branch.id))
    rows = select(follow_ups).where(follow_ups.c.branch_id == branch.id)
    if asked.cursor:
        after = key_in(asked.cursor, datetime.fromisoformat, UUID)
        rows = rows.where(tuple_(follow_ups.c.at, follow_ups.c.id) < after)
    found = db.execute(rows.order_by(follow_ups.c.at.desc(), follow_ups.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(found, limit=asked.limit, view=_entry, key=lambda row: (row.at, row.id))


def candidates(db: Connection, *, asked: CandidatesAsked, actor: Actor) -> Page:
    """Return members below an organisation whose name begins so, by name. Raises NotFound, Forbidden."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("assign_follower", organisation=organisation.path)
    rows = db.execute(
        select(
            members.c.person_id,
            members.c.name,
            organisations.c.name.label("branch_name"),
            members.c.party_group,
            members.c.joined_on,
        )
        .join(organisations, organisations.c.id == members.c.branch_id)
        .where(is_below([organisation.path]), members.c.name.startswith(asked.name, autoescape=True), IS_ASSESSED)
        .order_by(members.c.name, organisations.c.path, members.c.person_id)
        .limit(asked.limit)
    )
    return Page(items=[FollowerCandidateView(*row) for row in rows])


def _row(row: Row[Any]) -> DailyRow:
    return DailyRow(
        branch_id=row.id,
        branch_name=row.name,
        above_name=row.above_name,
        light=row.light,
        readings=[one for one in row.readings if one["light"] != "green"],
        read_at=row.read_at,
        follower_id=row.follower_id,
        follower_name=row.follower_name,
        follow_up=_entry(row) if row.at else None,
        slip_id=row.slip_id,
        slip_number=number_of(row.year, row.number) if row.slip_id else None,
        slip_state=row.slip_state,
    )


def _entry(row: Row[Any]) -> LightFollowUpView:
    return LightFollowUpView(row.at, row.by_name, row.text, row.cause, row.plan, row.plan_on)
