"""Draws: all of them, one with those drawn, what repeats it, and what its bulletin says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.inspections import (
    DrawnOrganisationView,
    NamedInBulletinView,
    SampleAsked,
    SampleBulletinView,
    SampleEntriesAsked,
    SampleEntryView,
    SamplesAsked,
    SamplesView,
    SampleView,
)
from contracts.assessment.problems import ProblemCountView
from contracts.envelope import Page, load
from sqlalchemy import Connection, Row, Select, func, select, text

from assessment.domain.samples import ANNOUNCED, DRAWN, seed_of
from assessment.tables.organisations import organisations
from assessment.tables.problems import sample_entries, samples

SAMPLES_MAX = 200

_candidates = (
    select(func.count()).where(sample_entries.c.sample_id == samples.c.id).scalar_subquery().label("candidates")
)
_SAMPLES: Select[Any] = select(
    samples, organisations.c.name.label("organisation_name"), organisations.c.path, _candidates
).join(organisations, organisations.c.id == samples.c.organisation_id)


def row_of(db: Connection, sample_id: UUID) -> Row[Any] | None:
    """Return the draw with its organisation, if there is such a draw."""
    return db.execute(_SAMPLES.where(samples.c.id == sample_id)).one_or_none()


def samples_asked(db: Connection, *, asked: SamplesAsked, actor: Actor) -> SamplesView:
    """Return the draws, the latest first; everybody may read them, as they are public. Raises Forbidden."""
    _must_read(actor)
    rows = _SAMPLES.order_by(samples.c.announced_at.desc(), samples.c.id).limit(SAMPLES_MAX)
    if asked.kind:
        rows = rows.where(samples.c.kind == asked.kind)
    return SamplesView(
        items=[_view(row) for row in db.execute(rows)], may_announce=bool(actor.paths_for("draw_sample"))
    )


def sample(db: Connection, *, asked: SampleAsked, actor: Actor, at: datetime) -> SampleView:
    """Return a draw with those drawn and its bulletin: as it would be now until it is issued.

    What was found is told only to those who may read the problems there. Raises NotFound, Forbidden.
    """
    _must_read(actor)
    row = row_of(db, asked.sample_id)
    if row is None:
        raise NotFound()
    reads = actor.may("read_problems", organisation=row.path)
    drawn = [
        DrawnOrganisationView(
            **{
                name: one._mapping[name]
                for name in DrawnOrganisationView.__dataclass_fields__
                if name not in ("found", "inspection_id")
            },
            inspection_id=one.inspection_id if reads else None,
            found=one.found if reads else 0,
        )
        for one in db.execute(_DRAWN, {"sample_id": row.id})
    ]
    may = []
    if actor.may("draw_sample", organisation=row.path):
        may += ["draw_sample"] if row.state == ANNOUNCED and clock.today(at) >= row.draw_on else []
        may += ["close_sample"] if row.state == DRAWN else []
    if row.state == DRAWN and actor.paths_for("record_inspection"):
        may += ["record_inspection"]
    bulletin = None
    if reads and row.state != ANNOUNCED:
        bulletin = load(SampleBulletinView, row.bulletin) if row.bulletin else bulletin_of(db, row.id, at=at)
    return _view(row, drawn=drawn, bulletin=bulletin, may=may)


def entries(db: Connection, *, asked: SampleEntriesAsked, actor: Actor) -> Page:
    """Return everybody who could be drawn, in the order of the digests. Raises NotFound, Forbidden."""
    _must_read(actor)
    if row_of(db, asked.sample_id) is None:
        raise NotFound()
    of = sample_entries.c
    rows = (
        select(sample_entries, organisations.c.name.label("organisation_name"))
        .join(organisations, organisations.c.id == of.organisation_id)
        .where(of.sample_id == asked.sample_id)
    )
    if asked.cursor:
        rows = rows.where(of.position > key_in(asked.cursor, int)[0])
    found = db.execute(rows.order_by(of.position).limit(asked.limit + 1)).all()
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: SampleEntryView(
            row.position, row.organisation_id, row.organisation_name, row.digest, row.is_drawn
        ),
        key=lambda row: (row.position,),
    )


def bulletin_of(db: Connection, sample_id: UUID, *, at: datetime, number: str | None = None) -> SampleBulletinView:
    """Return what the bulletin of a draw says at this moment: who was inspected, what was found, who is named.

    Named is who has a problem that is not mended, or a card.
    """
    drawn = db.execute(_DRAWN, {"sample_id": sample_id}).all()
    inspected = [one for one in drawn if one.inspection_id is not None]
    given = {"sample_id": sample_id, "today": clock.today(at)}
    return SampleBulletinView(
        number=number,
        drawn=len(drawn),
        inspected=len(inspected),
        without_problems=sum(one.found == 0 for one in inspected),
        kinds=[
            ProblemCountView(row.key, row.name, row.problems, row.unmended, row.overdue)
            for row in db.execute(_KINDS, given)
        ],
        named=[
            NamedInBulletinView(
                row.organisation_id, row.name, row.superior, list(row.problems), row.unmended, row.card_colour
            )
            for row in db.execute(_NAMED, given)
        ],
    )


_DRAWN = text(
    """
SELECT e.position, e.organisation_id, o.name AS organisation_name, s.name AS superior, k.name AS checker_name,
       i.id AS inspection_id,
       (SELECT count(*) FROM problems p WHERE p.source = i.source AND p.source_id = i.id AND p.state <> 'withdrawn')
           AS found
FROM sample_entries e
JOIN organisations o ON o.id = e.organisation_id
LEFT JOIN organisations s ON s.id = o.parent_id
LEFT JOIN organisations k ON k.id = e.checker_id
LEFT JOIN inspections i ON i.sample_id = e.sample_id AND i.organisation_id = e.organisation_id
WHERE e.sample_id = :sample_id AND e.is_drawn
ORDER BY e.position"""
)
_OF_SAMPLE = """
    FROM inspections i
    JOIN problems p ON p.source = i.source AND p.source_id = i.id AND p.state <> 'withdrawn'
    JOIN problem_kinds k ON k.code = p.kind
    LEFT JOIN rectifications r ON r.problem_id = p.id
"""
_KINDS = text(
    f"""
SELECT k.code AS key, k.name, count(*) AS problems, count(*) FILTER (WHERE p.state IN ('open', 'mending')) AS unmended,
       count(*) FILTER (WHERE r.state IN ('open', 'returned') AND r.deadline < :today) AS overdue
{_OF_SAMPLE}
WHERE i.sample_id = :sample_id
GROUP BY k.code, k.name ORDER BY problems DESC, k.code"""
)
_NAMED = text(
    f"""
SELECT o.id AS organisation_id, o.name, s.name AS superior,
       array_agg(k.name || '：' || p.text ORDER BY p.found_on, k.position) AS problems,
       count(*) FILTER (WHERE p.state IN ('open', 'mending')) AS unmended,
       (ARRAY['yellow', 'orange', 'red'])[max(array_position(ARRAY['yellow', 'orange', 'red'], c.colour))]
           AS card_colour
{_OF_SAMPLE}
    JOIN organisations o ON o.id = i.organisation_id
    LEFT JOIN organisations s ON s.id = o.parent_id
    LEFT JOIN cards c ON c.problem_id = p.id AND c.state <> 'lifted'
WHERE i.sample_id = :sample_id
GROUP BY o.id, o.name, s.name
HAVING count(*) FILTER (WHERE p.state IN ('open', 'mending')) > 0 OR count(c.id) > 0
ORDER BY max(array_position(ARRAY['yellow', 'orange', 'red'], c.colour)) DESC NULLS LAST, unmended DESC, o.name"""
)


def _must_read(actor: Actor) -> None:
    if not actor.may("read_samples"):
        raise Forbidden()


def _view(row: Row[Any], **more: Any) -> SampleView:
    told = ("seed", "drawn", "bulletin", "may")
    kept = {name: row._mapping[name] for name in SampleView.__dataclass_fields__ if name not in told}
    return SampleView(**kept, seed=seed_of(row.seed_on, row.seed_number, row.draw_key), **more)
