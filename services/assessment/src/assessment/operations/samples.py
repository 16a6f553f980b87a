"""Draws of organisations by a published seed (A9): announced, drawn once their day has come, closed with a bulletin."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.inspections import AnnounceSample, CloseSample, DrawSample, SampleAsked, SampleView
from contracts.envelope import plain
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.samples import ANNOUNCED, MOVES, SAMPLING, SUPERVISION, crossed, seed_of
from assessment.operations.moves import Machine
from assessment.queries import samples as shown
from assessment.queries.organisations import BRANCHES, organisation_named
from assessment.queries.problem_kinds import rules_on
from assessment.tables.problems import samples


class SeedUsed(Refusal):
    """A draw with this document's number has been announced already."""


class SampleNotMovable(Refusal):
    """This draw is {state}; it cannot be {move} any more."""


class SampleDrawEarly(Refusal):
    """It is drawn on {draw_on}, not before."""


class TooFewToDraw(Refusal):
    """Only {candidates} organisations are there to be drawn."""


MACHINE: Final = Machine(samples, MOVES, SampleNotMovable)


def announce(db: Connection, *, asked: AnnounceSample, actor: Actor, at: datetime) -> SampleView:
    """Announce a draw with its seed. Raises SeedUsed, InvalidInput, NotFound, Forbidden."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("draw_sample", organisation=organisation.path)
    _must_be_right(db, asked, at=at)
    sample_id = uuid4()
    names = ("kind", "name", "organisation_id", "field", "from_day", "until_day", "size", "is_crossed")
    new = insert(samples).values(
        id=sample_id,
        **{name: getattr(asked, name) for name in (*names, "third_party", "seed_on", "seed_number", "draw_on")},
        state=ANNOUNCED,
        announced_at=at,
        announced_by_id=actor.person_id,
        announced_by=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing().returning(samples.c.id)).first() is None:
        raise SeedUsed()
    return shown.sample(db, asked=SampleAsked(sample_id), actor=actor, at=at)


def draw(db: Connection, *, asked: DrawSample, actor: Actor, at: datetime) -> SampleView:
    """Draw what was announced; all who could be drawn are kept with their digests.

    Raises SampleDrawEarly, TooFewToDraw, SampleNotMovable, NotFound, Forbidden.
    """
    row = _found(db, asked.sample_id, actor=actor)
    if row.state == ANNOUNCED and clock.today(at) < row.draw_on:
        raise SampleDrawEarly(draw_on=row.draw_on.isoformat())
    key = uuid4()
    MACHINE.change(db, row.id, "draw", drawn_at=at, drawn_by=actor.name, draw_key=key)
    seed = seed_of(row.seed_on, row.seed_number, key)
    among = {"seed": seed, "path": row.path, "field": row.field, "kinds": list(BRANCHES)}
    drawn = [(one.id, one.path) for one in db.execute(_FIRST, {**among, "size": row.size})]
    if len(drawn) < row.size:
        raise TooFewToDraw(candidates=len(drawn))
    checks: dict[str, str] = {}
    if row.is_crossed:
        checkers = [(one.id, one.path) for one in db.execute(_PARTS, {"above": row.organisation_id})]
        given = crossed(drawn, checkers, seed=seed)
        checks = {str(one): str(other) for one, other in given.items() if other is not None}
    db.execute(_KEEP, {**among, "size": row.size, "sample_id": row.id, "checks": json.dumps(checks)})
    return shown.sample(db, asked=SampleAsked(row.id), actor=actor, at=at)


# The digest is that of domain/samples.py, which a test compares with it.
_CANDIDATES = """
    SELECT o.id, o.path, encode(sha256(convert_to(:seed || '|' || o.id, 'UTF8')), 'hex') AS digest
    FROM organisations o
    WHERE o.kind = ANY (:kinds) AND NOT o.is_external AND NOT o.dissolved
      AND (o.path = :path COLLATE "C"
           OR (o.path >= (:path || '.') COLLATE "C" AND o.path < (:path || '/') COLLATE "C"))
      AND (CAST(:field AS text) IS NULL OR o.field = :field)
"""
_FIRST = text(f"{_CANDIDATES} ORDER BY digest LIMIT :size")
_PARTS = text(
    "SELECT id, path FROM organisations WHERE parent_id = :above AND kind NOT IN ('branch', 'joint_branch')"
    " AND NOT is_external AND NOT dissolved"
)
_KEEP = text(
    f"""
INSERT INTO sample_entries (sample_id, organisation_id, digest, position, is_drawn, checker_id)
SELECT :sample_id, c.id, c.digest, c.position, c.position <= :size, CAST(k.value AS uuid)
FROM (SELECT id, digest, row_number() OVER (ORDER BY digest) AS position FROM ({_CANDIDATES}) c) c
LEFT JOIN jsonb_each_text(CAST(:checks AS jsonb)) k ON k.key = c.id::text"""  # noqa: S608
)


def close(db: Connection, *, asked: CloseSample, actor: Actor, at: datetime) -> SampleView:
    """Close a draw: its bulletin is what stands now, and stays. Raises SampleNotMovable, NotFound, Forbidden."""
    row = _found(db, asked.sample_id, actor=actor)
    bulletin = shown.bulletin_of(db, row.id, number=asked.bulletin_number, at=at)
    MACHINE.change(
        db,
        row.id,
        "close",
        closed_at=at,
        closed_by=actor.name,
        bulletin_number=asked.bulletin_number,
        bulletin=plain(bulletin),
    )
    return shown.sample(db, asked=SampleAsked(row.id), actor=actor, at=at)


def _must_be_right(db: Connection, asked: AnnounceSample, *, at: datetime) -> None:
    today, rules = clock.today(at), rules_on(db, asked.from_day)
    faults: dict[str, list[str]] = {}
    if asked.until_day < asked.from_day:
        faults["until_day"] = ["The last day is before the first."]
    if asked.kind == SUPERVISION and (
        asked.from_day.year != asked.until_day.year
        or asked.from_day.month < rules.supervision_from
        or asked.until_day.month > rules.supervision_until
    ):
        months = f"{rules.supervision_from} to {rules.supervision_until}"
        faults["from_day"] = [f"The supervision lies in the months {months}."]
    if (asked.kind == SAMPLING) != (asked.third_party is not None):
        faults["third_party"] = ["A sampling names who takes it from outside; a supervision names nobody."]
    if asked.is_crossed and asked.kind != SUPERVISION:
        faults["is_crossed"] = ["Only a supervision is crossed."]
    if asked.seed_on > today:
        faults["seed_on"] = ["The day lies ahead."]
    if not max(today, asked.seed_on) < asked.draw_on <= asked.until_day:
        faults["draw_on"] = ["It is drawn after today and after the seed's day, and not after the last day."]
    if faults:
        raise InvalidInput(faults)


def _found(db: Connection, sample_id: UUID, *, actor: Actor) -> Row[Any]:
    row = shown.row_of(db, sample_id)
    if row is None:
        raise NotFound()
    actor.must("draw_sample", organisation=row.path)
    return row
