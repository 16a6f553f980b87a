"""The members of an organisation as lists show them, on a day; one member's record; who is likely entered twice."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.members import (
    DuplicatesAsked,
    DuplicateView,
    FactView,
    MemberAsked,
    MemberMoveView,
    MemberRecord,
    MembersAsked,
    MembershipPeriodView,
    MemberView,
    MyViewsAsked,
    PersonalViewsAsked,
    PersonalViewView,
    PostView,
)
from sqlalchemy import Connection, Row, text

from roster.queries.organisations import in_part, literal, path_the_actor_may
from roster.queries.places import Place, place_of, place_the_actor_may

# `m` is the row of `members`, or what it was on another day.
_SHOWN: Final = """
SELECT m.person_id AS id, p.name, m.status, m.joined_on, m.synthetic, m.state, m.since, m.party_group,
       o.id AS branch_id, o.name AS branch_name, o.path, p.sex, p.education, p.identity_masked, p.phone_masked,
       (SELECT post FROM posts
        WHERE organisation_id = m.branch_id AND person_id = m.person_id AND held_from <= :day
          AND (held_until IS NULL OR held_until > :day)
        ORDER BY array_position(ARRAY['secretary', 'deputy_secretary', 'committee_member'], post) LIMIT 1) AS post,
       ARRAY(SELECT fact FROM member_facts f WHERE f.person_id = m.person_id AND f.active_from <= :day
             AND (f.active_until IS NULL OR f.active_until > :day) ORDER BY fact) AS facts
"""
_AS_AT: Final = """(
    SELECT t.person_id, t.branch_id, t.status, t.state, t.active_from AS since, n.joined_on,
           CASE WHEN n.branch_id = t.branch_id THEN n.party_group END AS party_group, q.synthetic
    FROM membership_periods t JOIN people q ON q.id = t.person_id LEFT JOIN members n ON n.person_id = t.person_id
    WHERE t.active_from <= :day AND (t.active_until IS NULL OR :day < t.active_until)
)"""


def page(db: Connection, asked: MembersAsked, *, actor: Actor, at: datetime) -> Page:
    """Return a page of the members in the order of a Chinese dictionary; raises NotFound, Forbidden, BadRequest."""
    path = path_the_actor_may(db, "read_members", asked.organisation_id, actor=actor)
    today = clock.today(at)
    day = asked.on or today
    where, values = _filters(asked)
    values |= {"path": path, "limit": asked.limit + 1, "day": day}
    if asked.cursor:
        values["name"], values["id"] = key_in(asked.cursor, str, UUID)
        where.append('(p.name COLLATE "zh-x-icu", p.id) > (:name COLLATE "zh-x-icu", CAST(:id AS uuid))')
    source = "members" if day == today else _AS_AT
    rows = db.execute(
        text(
            f"{_SHOWN} FROM organisations o JOIN {source} m ON m.branch_id = o.id JOIN people p ON p.id = m.person_id"
            f" WHERE {in_part('o.path')} AND {' AND '.join(where)}"
            ' ORDER BY p.name COLLATE "zh-x-icu", p.id LIMIT :limit'
        ),
        values,
    ).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.name, row.id))


def _filters(asked: MembersAsked) -> tuple[list[str], dict[str, Any]]:
    where, values = ["true"], {}
    for column, of in (("status", "m"), ("state", "m"), ("sex", "p"), ("education", "p")):
        if wanted := getattr(asked, column):
            where.append(f"{of}.{column} = :{column}")
            values[column] = wanted
    if asked.q:
        where.append("p.name LIKE :part")
        values["part"] = f"%{literal(asked.q)}%"
    if asked.fact:
        where.append(
            "EXISTS (SELECT FROM member_facts f WHERE f.person_id = m.person_id AND f.fact = :fact"
            " AND f.active_from <= :day AND (f.active_until IS NULL OR f.active_until > :day))"
        )
        values["fact"] = asked.fact
    return where, values


def views_of(db: Connection, persons: Sequence[UUID], *, on: date) -> list[tuple[str, MemberView]]:
    """Return the members among these people as of a day, each with the path of their branch."""
    if not persons:
        return []
    rows = db.execute(
        text(
            f"{_SHOWN} FROM members m JOIN organisations o ON o.id = m.branch_id JOIN people p ON p.id = m.person_id"
            " WHERE m.person_id = ANY(:persons) ORDER BY p.name, p.id"
        ),
        {"persons": list(persons), "day": on},
    )
    return [(row.path, _view(row)) for row in rows]


def _view(row: Row[Any]) -> MemberView:
    shown = {name: value for name, value in row._mapping.items() if name != "path"}
    return MemberView(**shown)


def rows_on(db: Connection, path: str, *, on: date, most: int) -> list[Row[Any]]:
    """Return everything that the statutory register shows of the members below a path on a day, branch by branch."""
    return list(
        db.execute(
            text(
                f"{_SHOWN}, p.ethnicity, p.born_on, p.work_unit FROM organisations o"
                f" JOIN {_AS_AT} m ON m.branch_id = o.id JOIN people p ON p.id = m.person_id"
                f' WHERE {in_part("o.path")} ORDER BY o.path, p.name COLLATE "zh-x-icu", p.id LIMIT :limit'
            ),
            {"path": path, "day": on, "limit": most},
        )
    )


# ---- one member --------------------------------------------------------------------------------------------------

_RECORD: Final = text(
    """
    SELECT p.*, m.status, m.state, m.branch_id, o.name AS branch_name, m.since, m.joined_on, m.full_on, m.party_group,
           (SELECT id FROM transfers t WHERE t.person_id = p.id AND t.state = 'issued') AS transfer_id,
           (SELECT stage FROM developments d WHERE d.person_id = p.id) AS stage
    FROM people p LEFT JOIN members m ON m.person_id = p.id LEFT JOIN organisations o ON o.id = m.branch_id
    WHERE p.id = :person
    """
)
_KEPT: Final = tuple(
    name
    for name in MemberRecord.__dataclass_fields__
    if name not in ("facts", "posts", "periods", "moves", "ended_by", "ended_on", "can_edit", "can_open")
)


def record(db: Connection, asked: MemberAsked, *, actor: Actor) -> MemberRecord:
    """Return a member's record, numbers masked; raises NotFound for whoever may not read it."""
    place = place_the_actor_may(db, "read_member", asked.person_id, actor=actor)
    return _record(db, asked.person_id, place=place, actor=actor)


def own_record(db: Connection, *, actor: Actor) -> MemberRecord:
    """Return the actor's own record; raises NotFound for one who never was a member."""
    actor.must("read_own_record", person=actor.person_id)
    place = place_of(db, actor.person_id)
    if place is None:
        raise NotFound()
    return _record(db, actor.person_id, place=place, actor=actor)


def _record(db: Connection, person_id: UUID, *, place: Place, actor: Actor) -> MemberRecord:
    row = db.execute(_RECORD, {"person": person_id}).one()
    periods = [MembershipPeriodView(**found._mapping) for found in db.execute(_PERIODS, {"person": person_id})]
    ended = periods[0] if periods and periods[0].active_until is not None else None
    return MemberRecord(
        **{name: getattr(row, name) for name in _KEPT},
        ended_by=ended.ended_by if ended else None,
        ended_on=ended.active_until if ended else None,
        facts=[FactView(**found._mapping) for found in db.execute(_FACTS, {"person": person_id})],
        posts=[PostView(**found._mapping) for found in db.execute(_POSTS, {"person": person_id})],
        periods=periods,
        moves=[MemberMoveView(**found._mapping) for found in db.execute(_MOVES, {"person": person_id})],
        can_edit=actor.may("edit_member", organisation=place.path),
        can_open=actor.may("open_personal_data", organisation=place.path),
    )


_PERIODS: Final = text(
    "SELECT t.branch_id, o.name AS branch_name, t.status, t.state, t.active_from, t.active_until, t.ended_by"
    " FROM membership_periods t JOIN organisations o ON o.id = t.branch_id"
    " WHERE t.person_id = :person ORDER BY t.active_from DESC, t.id DESC LIMIT 200"
)
_FACTS: Final = text(
    "SELECT id, fact, active_from, active_until, note, recorded_by FROM member_facts"
    " WHERE person_id = :person ORDER BY active_from DESC LIMIT 200"
)
_POSTS: Final = text(
    "SELECT o.name AS organisation_name, s.post, s.held_from, s.held_until FROM posts s"
    " JOIN organisations o ON o.id = s.organisation_id WHERE s.person_id = :person ORDER BY s.held_from DESC LIMIT 200"
)
_MOVES: Final = text(
    "SELECT v.verb, v.happened_on, o.name AS branch_name, v.reason, v.document_number, v.at, v.by_name"
    " FROM member_moves v JOIN organisations o ON o.id = v.branch_id"
    " WHERE v.person_id = :person ORDER BY v.id DESC LIMIT 200"
)


# ---- who looked --------------------------------------------------------------------------------------------------


def personal_views(db: Connection, asked: PersonalViewsAsked, *, actor: Actor) -> Page:
    """Return who opened a member's sealed data, newest first. Raises NotFound, Forbidden."""
    place_the_actor_may(db, "read_personal_views", asked.person_id, actor=actor)
    return _views(db, asked.person_id, limit=asked.limit, cursor=asked.cursor)


def own_views(db: Connection, asked: MyViewsAsked, *, actor: Actor) -> Page:
    """Return who opened the actor's sealed data, newest first."""
    actor.must("read_own_views", person=actor.person_id)
    return _views(db, actor.person_id, limit=asked.limit, cursor=asked.cursor)


_VIEWS: Final = """
SELECT shown.*, o.name AS by_organisation FROM (
    SELECT 0 AS rank, id, at, by_name, by_role, by_path, 'person' AS kind, fields, purpose, reason
    FROM personal_views WHERE person_id = :person
    UNION ALL
    SELECT 1, v.id, v.at, v.by_name, v.by_role, v.by_path, v.kind, ARRAY['record'], 'other', NULL
    FROM list_views v
    WHERE v.branches && ARRAY(SELECT branch_id FROM membership_periods WHERE person_id = :person)
      AND EXISTS (SELECT FROM membership_periods t WHERE t.person_id = :person AND t.branch_id = ANY(v.branches)
                  AND t.active_from <= v.held_on AND (t.active_until IS NULL OR t.active_until > v.held_on))
) shown LEFT JOIN organisations o ON o.path = shown.by_path
WHERE true {after} ORDER BY shown.at DESC, shown.rank DESC, shown.id DESC LIMIT :limit
"""


def _views(db: Connection, person_id: UUID, *, limit: int, cursor: str | None) -> Page:
    """Return looks at this person, and lists that the person stood in on the day of which they tell."""
    values: dict[str, Any] = {"person": person_id, "limit": limit + 1}
    after = ""
    if cursor:
        after = "AND (shown.at, shown.rank, shown.id) < (:last_at, :last_rank, :last)"
        values["last_at"], values["last_rank"], values["last"] = key_in(cursor, datetime.fromisoformat, int, int)
    rows = db.execute(text(_VIEWS.format(after=after)), values).all()
    return page_of(
        rows,
        limit=limit,
        view=lambda row: PersonalViewView(
            row.at,
            row.by_name,
            list(row.fields),
            row.purpose,
            row.reason,
            kind=row.kind,
            by_role=row.by_role,
            by_organisation=row.by_organisation,
        ),
        key=lambda row: (row.at, row.rank, row.id),
    )


# ---- likely entered twice ----------------------------------------------------------------------------------------

_DUPLICATES: Final = """
SELECT d.person_id, d.other_id, d.told_apart_at, d.told_apart_by, d.reason, p.born_on
FROM likely_duplicates d JOIN people p ON p.id = d.person_id
JOIN members m ON m.person_id = d.person_id JOIN organisations o ON o.id = m.branch_id
JOIN members n ON n.person_id = d.other_id JOIN organisations q ON q.id = n.branch_id
WHERE (d.told_apart_at IS NOT NULL) = :told_apart AND ({places})
  AND (CAST(:one AS uuid) IS NULL OR (d.person_id, d.other_id) > (CAST(:one AS uuid), CAST(:other AS uuid)))
ORDER BY d.person_id, d.other_id LIMIT :limit
"""


def duplicates(db: Connection, asked: DuplicatesAsked, *, actor: Actor, on: date) -> Page:
    """Return who is likely entered twice, both of them in the actor's part of the tree; raises Forbidden."""
    paths = actor.paths_for("read_duplicates")
    if not paths:
        raise Forbidden()
    values: dict[str, Any] = {"told_apart": asked.told_apart, "limit": asked.limit + 1, "one": None, "other": None}
    if asked.cursor:
        values["one"], values["other"] = key_in(asked.cursor, UUID, UUID)
    places = []
    for number, path in enumerate(paths):
        values[f"path{number}"] = path
        top = f":path{number}"
        places.append(f"({in_part('o.path', top)} AND {in_part('q.path', top)})")
    rows = db.execute(text(_DUPLICATES.format(places=" OR ".join(places))), values).all()
    persons = [one for row in rows for one in (row.person_id, row.other_id)]
    known = {view.id: view for _, view in views_of(db, persons, on=on)}
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: DuplicateView(
            person=known[row.person_id],
            other=known[row.other_id],
            born_on=row.born_on,
            told_apart_at=row.told_apart_at,
            told_apart_by=row.told_apart_by,
            reason=row.reason,
        ),
        key=lambda row: (row.person_id, row.other_id),
    )
