"""Committees and their terms: an organisation's own, all of a part of the tree, what the rules on terms look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import BadRequest, NotFound
from contracts.envelope import Page
from contracts.roster.terms import (
    CommitteeAsked,
    CommitteeView,
    ElectionLine,
    PostHeldView,
    TermCounts,
    TermCountsAsked,
    TermLine,
    TermNoticeView,
    TermsAsked,
    TermShiftView,
    TermView,
)
from sqlalchemy import Connection, Row, text

from roster.domain.elections import OPEN
from roster.domain.terms import WITH_TERMS, NoFixedTerm, TermFacts, shift_limits, status_of, term_rule, warned_on
from roster.queries.organisations import in_parts, path_the_actor_may

_KINDS: Final = "o.dissolved_on IS NULL AND o.kind IN (" + ", ".join(f"'{kind}'" for kind in WITH_TERMS) + ")"
_RANK: Final = "array_position(ARRAY['secretary', 'deputy_secretary', 'committee_member'], h.post)"


# ---- who is asked about, and the numbers -------------------------------------------------------------------------


@dataclass(frozen=True)
class Organ:
    """An organisation, and the path at which its superior stands: its own where nothing lies above."""

    id: UUID
    name: str
    kind: str
    field: str
    path: str
    superior_path: str
    dissolved_on: date | None


def organ(db: Connection, organisation_id: UUID) -> Organ:
    """Return the organisation; raises NotFound."""
    row = db.execute(
        text(
            "SELECT o.id, o.name, o.kind, o.field, o.path, coalesce(s.path, o.path) AS superior_path, o.dissolved_on"
            " FROM organisations o LEFT JOIN organisations s ON s.id = o.parent_id WHERE o.id = :id"
        ),
        {"id": organisation_id},
    ).one_or_none()
    if row is None:
        raise NotFound()
    return Organ(**row._mapping)


@dataclass(frozen=True)
class TermRule:
    """A rule's numbers with their citation."""

    numbers: dict[str, int]
    citation: str


def rules_on(db: Connection, day: date) -> dict[str, TermRule]:
    """Return the rules in force on a day, by name."""
    rows = db.execute(
        text(
            "SELECT rule, numbers, citation FROM term_rules"
            " WHERE active_from <= :day AND (active_until IS NULL OR :day < active_until)"
        ),
        {"day": day},
    )
    return {row.rule: TermRule(row.numbers, row.citation) for row in rows}


# ---- what the rules on terms look at -----------------------------------------------------------------------------

# Who left a seat and holds none now, newest first: with two seats empty the second of them left the older gap.
_FACTS: Final = text(
    f"""
    SELECT o.id, t.ends_on, coalesce(t.ends_on > t.regular_ends_on, false) AS is_postponed,
           coalesce(greatest(t.seats - h.seats, 0), 0)::int AS vacant_seats,
           CASE WHEN t.seats > h.seats THEN coalesce(e.ends[t.seats - h.seats], t.active_from) END AS vacant_since,
           CASE WHEN NOT h.has_secretary THEN coalesce(h.last_secretary, t.active_from) END AS secretary_vacant_since
    FROM organisations o
    LEFT JOIN terms t ON t.organisation_id = o.id AND t.ended_on IS NULL
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT person_id) FILTER (WHERE held_until IS NULL) AS seats,
               coalesce(bool_or(post = 'secretary' AND held_until IS NULL), false) AS has_secretary,
               max(held_until) FILTER (WHERE post = 'secretary') AS last_secretary
        FROM posts WHERE organisation_id = o.id
    ) h
    LEFT JOIN LATERAL (
        SELECT array_agg(left_on ORDER BY left_on DESC) AS ends
        FROM (
            SELECT max(p.held_until) AS left_on FROM posts p
            WHERE p.organisation_id = o.id AND p.held_until >= t.active_from
              AND p.ended_by IS DISTINCT FROM 'term_ended'
              AND NOT EXISTS (SELECT FROM posts q WHERE q.organisation_id = o.id AND q.person_id = p.person_id
                              AND q.held_until IS NULL)
            GROUP BY p.person_id
        ) gone
    ) e ON t.seats > h.seats
    WHERE o.id = ANY(:ids) AND {_KINDS}
    """  # noqa: S608 - made of constants
)


def facts_of(db: Connection, ids: Sequence[UUID], *, on: date) -> dict[UUID, TermFacts]:
    """Return what the rules on terms look at, for all these organisations at once; those without terms are left out."""
    return {
        row.id: TermFacts(
            today=on,
            ends_on=row.ends_on,
            is_postponed=row.is_postponed,
            vacant_seats=row.vacant_seats,
            vacant_since=row.vacant_since,
            secretary_vacant_since=row.secretary_vacant_since,
        )
        for row in db.execute(_FACTS, {"ids": list(ids)})
    }


def told(db: Connection, ids: Sequence[UUID], *, on: date) -> dict[UUID, dict[str, TermFacts]]:
    """Return the same as the setting rules take it (`queries.facts`)."""
    return {organisation_id: {"term": facts} for organisation_id, facts in facts_of(db, ids, on=on).items()}


# ---- one committee -----------------------------------------------------------------------------------------------

_POSTS: Final = f"""
SELECT h.id, h.person_id, p.name, h.post, h.held_from, h.held_until, h.made_by, h.document_number, h.ended_by,
       h.end_document_number
FROM posts h JOIN people p ON p.id = h.person_id
WHERE h.organisation_id = :id AND {{which}} ORDER BY {{first}} {_RANK}, h.id LIMIT 200
"""  # noqa: S608 - made of constants
_HELD: Final = text(
    _POSTS.format(which="h.held_from <= :day AND (h.held_until IS NULL OR :day < h.held_until)", first="")
)
_FORMER: Final = text(_POSTS.format(which="h.held_until <= :day", first="h.held_until DESC,"))
_TERMS: Final = text(
    "SELECT id, active_from, ends_on, regular_ends_on, ended_on, years, seats, made_by, document_number FROM terms"
    " WHERE organisation_id = :id ORDER BY active_from DESC LIMIT 50"
)
_ELECTIONS: Final = text(
    "SELECT id, kind, state, seats, asked_at FROM elections"
    " WHERE organisation_id = :id ORDER BY asked_at DESC, id LIMIT 20"
)
_NOTICES: Final = text(
    "SELECT n.kind, n.ends_on, n.told_at FROM term_notices n JOIN terms t ON t.id = n.term_id"
    " WHERE t.organisation_id = :id ORDER BY n.id DESC LIMIT 10"
)


def committee(db: Connection, asked: CommitteeAsked, *, actor: Actor, today: date) -> CommitteeView:
    """Return an organisation's committee on a day; raises NotFound, Forbidden."""
    found = organ(db, asked.organisation_id)
    actor.must("read_terms", organisation=found.path)
    return committee_of(db, found, on=asked.on or today, actor=actor, today=today)


def committee_of(db: Connection, found: Organ, *, on: date, actor: Actor, today: date) -> CommitteeView:
    """Return the committee of an organisation that the actor may read."""
    wanted = {"id": found.id, "day": on}
    rules = rules_on(db, today)
    terms = [TermView(**row._mapping) for row in db.execute(_TERMS, wanted)]
    term = next(
        (each for each in terms if each.active_from <= on and (each.ended_on is None or on < each.ended_on)), None
    )
    try:
        rule = rules[term_rule(kind=found.kind, field=found.field)]
        years, citation = rule.numbers["years"], rule.citation
    except NoFixedTerm:
        years, citation = None, None
    earliest, latest = shift_limits(term.regular_ends_on, rules["shift"].numbers["months"]) if term else (None, None)
    facts = facts_of(db, [found.id], on=today).get(found.id)
    elections = [ElectionLine(**row._mapping) for row in db.execute(_ELECTIONS, wanted)]
    shifts = shifts_of(db, "t.organisation_id = :id", {"id": found.id}, actor=actor)
    months = rules["warning"].numbers["months"]
    return CommitteeView(
        organisation_id=found.id,
        organisation_name=found.name,
        kind=found.kind,
        field=found.field,
        on=on,
        status=status_of(term.ends_on if term else None, today=on, warning_months=months),
        years=years,
        citation=citation,
        term=term,
        warned_on=warned_on(term.ends_on, months) if term else None,
        earliest=earliest,
        latest=latest,
        vacant_seats=facts.vacant_seats if facts else 0,
        vacant_since=facts.vacant_since if facts else None,
        secretary_vacant_since=facts.secretary_vacant_since if facts else None,
        posts=[PostHeldView(**row._mapping) for row in db.execute(_HELD, wanted)],
        former=[PostHeldView(**row._mapping) for row in db.execute(_FORMER, wanted)],
        terms=terms,
        shifts=shifts,
        elections=elections,
        notices=[TermNoticeView(**row._mapping) for row in db.execute(_NOTICES, wanted)],
        can=_can(found, actor=actor, years=years, is_running=bool(term), shifts=shifts, elections=elections),
    )


def _can(
    found: Organ,
    *,
    actor: Actor,
    years: int | None,
    is_running: bool,
    shifts: Sequence[TermShiftView],
    elections: Sequence[ElectionLine],
) -> list[str]:
    can = []
    if years is not None and actor.may("prepare_election", organisation=found.path):
        if not any(election.state in OPEN for election in elections):
            can.append("request_election")
        if is_running and not any(shift.state == "asked" for shift in shifts):
            can.append("ask_shift")
    if actor.may("manage_posts", organisation=found.superior_path):
        can += ["appoint", "end_post"]
        if years is not None and not is_running:
            can.append("record_term")
    return can


# ---- applications to move an end ---------------------------------------------------------------------------------


def shifts_of(db: Connection, which: str, values: dict[str, Any], *, actor: Actor) -> list[TermShiftView]:
    """Return applications that the actor may read, newest first; `which` is a condition on the term `t`."""
    rows = db.execute(
        text(
            "SELECT s.*, t.organisation_id, o.name AS organisation_name, o.path,"  # noqa: S608 - conditions of ours
            " coalesce(a.path, o.path) AS superior_path"
            " FROM term_shifts s JOIN terms t ON t.id = s.term_id JOIN organisations o ON o.id = t.organisation_id"
            f" LEFT JOIN organisations a ON a.id = o.parent_id WHERE {which} ORDER BY s.asked_at DESC, s.id LIMIT 100"
        ),
        values,
    )
    return [_shift(row, actor=actor) for row in rows]


def _shift(row: Row[Any], *, actor: Actor) -> TermShiftView:
    can = []
    if row.state == "asked":
        if actor.may("decide_term_shift", organisation=row.superior_path):
            can += ["approve", "refuse"] if row.asked_by_id != actor.person_id else ["refuse"]
        if actor.may("prepare_election", organisation=row.path):
            can.append("withdraw")
    shown = [name for name in TermShiftView.__dataclass_fields__ if name != "can"]
    return TermShiftView(**{name: getattr(row, name) for name in shown}, can=can)


# ---- the terms of a part of the tree -----------------------------------------------------------------------------

_LINE: Final = """
SELECT o.id AS organisation_id, o.name AS organisation_name, a.name AS superior_name, o.kind, o.field, o.path,
       t.active_from, t.ends_on, coalesce(t.ends_on > t.regular_ends_on, false) AS is_postponed, t.seats,
       p.name AS secretary_name, e.id AS election_id, e.state AS election_state, n.told_at
FROM ({chosen}) t JOIN organisations o ON o.id = t.organisation
LEFT JOIN organisations a ON a.id = o.parent_id
LEFT JOIN posts h ON h.organisation_id = o.id AND h.post = 'secretary' AND h.held_until IS NULL
LEFT JOIN people p ON p.id = h.person_id
LEFT JOIN elections e ON e.organisation_id = o.id AND e.state NOT IN ('effective', 'refused', 'cancelled')
LEFT JOIN LATERAL (SELECT told_at FROM term_notices WHERE term_id = t.id ORDER BY told_at DESC LIMIT 1) n ON true
ORDER BY {order}
"""
_WITH: Final = f"""
SELECT o.id AS organisation, t.* FROM terms t JOIN organisations o ON o.id = t.organisation_id
WHERE t.ended_on IS NULL AND NOT o.is_external AND {_KINDS} AND ({{where}})
ORDER BY t.ends_on, t.organisation_id LIMIT :limit
"""  # noqa: S608 - made of constants
_WITHOUT: Final = f"""
SELECT o.id AS organisation, t.* FROM organisations o
LEFT JOIN terms t ON t.organisation_id = o.id AND t.ended_on IS NULL
WHERE t.id IS NULL AND NOT o.is_external AND {_KINDS} AND ({{where}})
ORDER BY o.path LIMIT :limit
"""  # noqa: S608 - made of constants
_FILTERS: Final = {
    "overdue": "t.ends_on < :today",
    # The bound that an index knows, and the exact one: months are not all of one length.
    "ending": "t.ends_on >= :today AND t.ends_on - make_interval(months => :months) <= :today"
    " AND t.ends_on <= CAST(CAST(:today AS date) + make_interval(months => :months, days => 3) AS date)",
    "postponed": "t.ends_on > t.regular_ends_on",
}


def page(db: Connection, asked: TermsAsked, *, actor: Actor, today: date) -> Page:
    """Return a page of the terms below an organisation, or of all that the actor watches over; those that end first
    come first, those without one last. Raises NotFound, Forbidden, BadRequest."""
    scope, values = _scope(db, asked.organisation_id, actor=actor)
    months = rules_on(db, today)["warning"].numbers["months"]
    values |= {"today": today, "months": months}
    edge, place = _edge_in(asked.cursor) if asked.cursor else (date.min, "")
    rows: list[Row[Any]] = []
    if asked.status != "without" and edge is not None:
        where = [scope, *([_FILTERS[asked.status]] if asked.status else [])]
        if asked.cursor:
            where.append("(t.ends_on, t.organisation_id) > (:edge, CAST(:place AS uuid))")
        chosen = _WITH.format(where=" AND ".join(where))
        values |= {"edge": edge, "place": place, "limit": asked.limit + 1}
        rows += db.execute(text(_LINE.format(chosen=chosen, order="t.ends_on, o.id")), values).all()
    if asked.status in (None, "without") and len(rows) <= asked.limit:
        where = [scope, *(["o.path > :place"] if asked.cursor and edge is None else [])]
        chosen = _WITHOUT.format(where=" AND ".join(where))
        values |= {"place": place, "limit": asked.limit + 1 - len(rows)}
        rows += db.execute(text(_LINE.format(chosen=chosen, order="o.path")), values).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: _line(row, today=today, months=months),
        key=lambda row: (row.ends_on, row.organisation_id) if row.ends_on else ("", row.path),
    )


def _line(row: Row[Any], *, today: date, months: int) -> TermLine:
    status = status_of(row.ends_on, today=today, warning_months=months)
    shown = [name for name in TermLine.__dataclass_fields__ if name != "status"]
    return TermLine(**{name: getattr(row, name) for name in shown}, status=status)


def _edge_in(cursor: str) -> tuple[date | None, str]:
    """Return after which day and organisation, or after which path of those without a term, the list goes on."""

    def day(part: str) -> Any:
        return date.fromisoformat(part) if part else ""

    edge, place = key_in(cursor, day, str)
    try:
        return (edge, str(UUID(place))) if edge else (None, place)
    except ValueError:
        raise BadRequest({"cursor": ["Not a cursor of this list."]}, reason="cursor") from None


def counts(db: Connection, asked: TermCountsAsked, *, actor: Actor, today: date) -> TermCounts:
    """Count the terms below an organisation, or of all that the actor watches over; raises NotFound, Forbidden."""
    scope, values = _scope(db, asked.organisation_id, actor=actor)
    months = rules_on(db, today)["warning"].numbers["months"]
    row = db.execute(
        text(
            f"""
            SELECT count(*) AS organisations, count(*) FILTER (WHERE t.id IS NULL) AS without,
                   count(*) FILTER (WHERE {_FILTERS["overdue"]}) AS overdue,
                   count(*) FILTER (WHERE {_FILTERS["ending"]}) AS ending,
                   count(*) FILTER (WHERE {_FILTERS["postponed"]}) AS postponed,
                   count(e.id) AS electing
            FROM organisations o LEFT JOIN terms t ON t.organisation_id = o.id AND t.ended_on IS NULL
            LEFT JOIN elections e ON e.organisation_id = o.id AND e.state NOT IN ('effective', 'refused', 'cancelled')
            WHERE NOT o.is_external AND {_KINDS} AND ({scope})
            """  # noqa: S608 - made of constants
        ),
        {**values, "today": today, "months": months},
    ).one()
    return TermCounts(**row._mapping)


def _scope(db: Connection, organisation_id: UUID | None, *, actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return the condition that an organisation `o` lies in what is asked about, and its values."""
    if organisation_id is not None:
        paths = [path_the_actor_may(db, "read_terms", organisation_id, actor=actor)]
    else:
        paths = actor.paths_for("read_terms")
    if not paths:
        raise Forbidden()
    return in_parts("o.path", paths)
