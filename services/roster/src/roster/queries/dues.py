"""Dues as they are read: rates, bases (their amounts only to the member), a branch's month, one member's.

Amounts that dues are reckoned from stand in one view alone, that of the member's own dues; the command that opens them
to the branch is `operations.dues.open_base`.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.dues import (
    DuesCorrectionView,
    DuesEntryView,
    DuesLineView,
    DuesMonthAsked,
    DuesMonthView,
    DuesReminderView,
    DuesStatement,
    MemberDuesAsked,
    MemberDuesView,
    MyDuesView,
    NotOwingView,
)
from contracts.roster.dues_bases import LINES_MAX, DuesBaseView, DuesMembersAsked, DuesMemberView, DuesReliefView
from contracts.roster.dues_tables import DuesRate, DuesTablesView, DuesTableView
from sqlalchemy import Connection, Row, text

from roster.domain.dues import MARK_MONTHS, next_month
from roster.domain.dues import first_of as first_day
from roster.domain.dues import said as month_said
from roster.queries.dues_arrears import in_a_row
from roster.queries.dues_receipts import numbered_in
from roster.queries.organisations import literal, name_of, path_the_actor_may
from roster.queries.places import place_of, place_the_actor_may

BASE_OF: Final = (
    "LATERAL (SELECT * FROM dues_bases s WHERE s.person_id = {person} AND s.active_from <= :month"
    " ORDER BY s.active_from DESC, s.id DESC LIMIT 1) b"
)
RATE_OF: Final = (
    "LATERAL (SELECT * FROM dues_rates r WHERE r.table_id = (SELECT id FROM dues_tables WHERE active_from <= :month"
    " ORDER BY active_from DESC, id DESC LIMIT 1) AND r.kind = b.kind AND r.above_fen < b.amount_fen"
    " ORDER BY r.above_fen DESC LIMIT 1) d"
)
DUE: Final = (
    "CASE WHEN d.rate_bp IS NULL THEN greatest(d.least_fen, least(b.amount_fen, d.most_fen))"
    " ELSE (b.amount_fen * d.rate_bp + 5000) / 10000 END"
)
"""What `domain.dues.dues_of` says, for many at once; a test holds the two against each other."""
MONTHS_SHOWN: Final = 36


# ---- the tables of rates -----------------------------------------------------------------------------------------


def table_on(db: Connection, month: date) -> DuesTableView:
    """Return the table of rates that holds for a month."""
    row = db.execute(
        text("SELECT * FROM dues_tables WHERE active_from <= :month ORDER BY active_from DESC, id DESC LIMIT 1"),
        {"month": month},
    ).one()
    return _table(db, row)


def tables(db: Connection, *, actor: Actor, at: datetime) -> DuesTablesView:
    """Return all tables, the newest month first. Raises Forbidden."""
    actor.must("read_dues_tables")
    rows = db.execute(text("SELECT * FROM dues_tables ORDER BY active_from DESC, id DESC LIMIT 100")).all()
    return DuesTablesView(
        in_force=table_on(db, clock.first_of_month(at)).id,
        can_set=may_set_table(db, actor=actor),
        tables=[_table(db, row) for row in rows],
    )


def may_set_table(db: Connection, *, actor: Actor) -> bool:
    """Say whether the actor keeps the table: an officer of a root of the tree or of a district directly below it."""
    paths = db.execute(
        text(
            "SELECT o.path FROM organisations o LEFT JOIN organisations r ON r.id = o.parent_id"
            " WHERE o.parent_id IS NULL OR r.parent_id IS NULL"
        )
    )
    return any(actor.may("set_dues_table", organisation=path) for path in paths.scalars())


def _table(db: Connection, row: Row[Any]) -> DuesTableView:
    rates = db.execute(
        text(
            "SELECT kind, above_fen, rate_bp, least_fen, most_fen FROM dues_rates WHERE table_id = :id"
            " ORDER BY array_position(ARRAY['wage', 'pension', 'farmer', 'minimum'], kind), above_fen"
        ),
        {"id": row.id},
    )
    return DuesTableView(
        id=row.id,
        active_from=month_said(row.active_from),
        rates=[DuesRate(**rate._mapping) for rate in rates],
        citation=row.citation,
        set_at=row.set_at,
        set_by=row.set_by,
    )


# ---- what dues are reckoned from ---------------------------------------------------------------------------------

_MEMBERS: Final = f"""
SELECT p.id AS person_id, p.name, m.status, m.state, b.kind, b.active_from, {DUE} AS monthly_fen,
       c.year AS confirmed_for,
       f.active_until AS relief_until, f.reduced_to_fen
FROM members m JOIN people p ON p.id = m.person_id
LEFT JOIN {BASE_OF.format(person="m.person_id")} ON true LEFT JOIN {RATE_OF} ON true
LEFT JOIN LATERAL (SELECT max(year) AS year FROM dues_confirmations c WHERE c.person_id = m.person_id) c ON true
LEFT JOIN dues_reliefs f ON f.person_id = m.person_id AND f.active_from <= :month AND :month < f.active_until
"""  # noqa: S608 - made of constants


def members_page(db: Connection, asked: DuesMembersAsked, *, actor: Actor, at: datetime) -> Page:
    """Return a branch's members with the kind of their base and what is due of it. Raises NotFound, Forbidden."""
    path_the_actor_may(db, "read_dues", asked.organisation_id, actor=actor)
    where, values = ["m.branch_id = :branch"], {"branch": asked.organisation_id, "month": clock.first_of_month(at)}
    values |= {"limit": asked.limit + 1}
    if asked.q:
        where.append("p.name LIKE :part")
        values["part"] = f"%{literal(asked.q)}%"
    if asked.cursor:
        values["name"], values["id"] = key_in(asked.cursor, str, UUID)
        where.append('(p.name COLLATE "zh-x-icu", p.id) > (:name COLLATE "zh-x-icu", CAST(:id AS uuid))')
    order = 'ORDER BY p.name COLLATE "zh-x-icu", p.id LIMIT :limit'
    rows = db.execute(text(f"{_MEMBERS} WHERE {' AND '.join(where)} {order}"), values).all()
    return page_of(rows, limit=asked.limit, view=_member, key=lambda row: (row.name, row.person_id))


def _member(row: Row[Any]) -> DuesMemberView:
    shown = dict(row._mapping)
    shown["active_from"] = month_said(row.active_from) if row.active_from else None
    shown["relief_until"] = month_said(row.relief_until) if row.relief_until else None
    return DuesMemberView(**shown)


def bases_of(db: Connection, person_id: UUID) -> list[DuesBaseView]:
    """Return everything that a member's dues were reckoned from, the newest first, amounts in full."""
    rows = db.execute(
        text(
            "SELECT * FROM dues_bases WHERE person_id = :person AND amount_fen IS NOT NULL"
            " ORDER BY active_from DESC, id DESC LIMIT 100"
        ),
        {"person": person_id},
    )
    return [
        DuesBaseView(
            kind=row.kind,
            amount_fen=row.amount_fen,
            active_from=month_said(row.active_from),
            ground=row.ground,
            entered_by=row.entered_by,
            entered_at=row.entered_at,
        )
        for row in rows
    ]


# ---- a branch's month --------------------------------------------------------------------------------------------

_LINES: Final = text(
    """
    SELECT o.person_id, p.name, o.month, b.kind, o.due_fen, o.assessed_fen, o.relief_id IS NOT NULL AS is_reduced,
           y.paid_on, y.receipt_id, r.year, r.number, coalesce(u.months, 0) AS older_months,
           coalesce(u.fen, 0)::bigint AS older_fen
    FROM dues_obligations o JOIN people p ON p.id = o.person_id JOIN dues_bases b ON b.id = o.base_id
    LEFT JOIN dues_payments y ON y.id = o.payment_id LEFT JOIN dues_receipts r ON r.id = y.receipt_id
    LEFT JOIN (
        SELECT person_id, count(*) AS months, sum(due_fen) AS fen FROM dues_obligations
        WHERE branch_id = :branch AND month < :month AND payment_id IS NULL AND due_fen > 0 GROUP BY person_id
    ) u ON u.person_id = o.person_id
    WHERE o.branch_id = :branch AND o.month = :month
    ORDER BY p.name COLLATE "zh-x-icu", p.id LIMIT :most
    """
)
_NOT_OWING: Final = text(
    f"""
    SELECT t.person_id, p.name,
           CASE WHEN t.state = 'lost' THEN 'lost' WHEN f.reduced_to_fen = 0 THEN 'exempt'
                WHEN b.id IS NULL THEN 'no_base' ELSE 'not_reckoned' END AS why
    FROM membership_periods t JOIN people p ON p.id = t.person_id
    LEFT JOIN {BASE_OF.format(person="t.person_id")} ON true
    LEFT JOIN dues_reliefs f ON f.person_id = t.person_id AND f.active_from <= :month AND :month < f.active_until
    WHERE t.branch_id = :branch AND t.active_from <= :month AND (t.active_until IS NULL OR :month < t.active_until)
      AND NOT EXISTS (SELECT FROM dues_obligations o WHERE o.person_id = t.person_id AND o.month = :month)
    ORDER BY p.name COLLATE "zh-x-icu", p.id LIMIT :most
    """  # noqa: S608 - made of constants
)
_STATEMENT: Final = text(
    """
    WITH owed AS (
        SELECT o.person_id, o.month, o.assessed_fen
               + coalesce((SELECT sum(c.to_fen - c.from_fen) FROM dues_corrections c WHERE c.person_id = o.person_id
                           AND c.month = o.month AND c.corrected_on < :ends_on), 0)
               - coalesce((SELECT sum(y.amount_fen) FROM dues_payments y WHERE y.person_id = o.person_id
                           AND y.month = o.month AND y.paid_on < :ends_on), 0) AS open_fen,
               o.assessed_fen
        FROM dues_obligations o WHERE o.branch_id = :branch AND o.month <= :month
    )
    SELECT (SELECT coalesce(sum(assessed_fen) FILTER (WHERE month = :month), 0) FROM owed)::bigint AS due_fen,
           (SELECT coalesce(sum(open_fen), 0) FROM owed)::bigint AS arrears_fen,
           (SELECT count(*) FROM owed WHERE month = :month) AS members_due,
           (SELECT count(*) FROM owed WHERE month = :month AND open_fen = 0) AS members_paid,
           (SELECT count(DISTINCT person_id) FROM owed WHERE open_fen > 0) AS members_in_arrears,
           (SELECT coalesce(sum(to_fen - from_fen), 0) FROM dues_corrections WHERE branch_id = :branch
             AND corrected_on >= :month AND corrected_on < :ends_on)::bigint AS corrected_fen,
           p.received_fen, p.advance_fen, h.handed_up_fen, p.all_fen - h.all_fen AS cash_fen
    FROM (SELECT coalesce(sum(amount_fen) FILTER (WHERE paid_on >= :month), 0)::bigint AS received_fen,
                 coalesce(sum(amount_fen) FILTER (WHERE month > :month), 0)::bigint AS advance_fen,
                 coalesce(sum(amount_fen), 0)::bigint AS all_fen
          FROM dues_payments WHERE branch_id = :branch AND paid_on < :ends_on) p,
         (SELECT coalesce(sum(amount_fen) FILTER (WHERE handed_on >= :month), 0)::bigint AS handed_up_fen,
                 coalesce(sum(amount_fen), 0)::bigint AS all_fen
          FROM dues_hand_ups WHERE branch_id = :branch AND handed_on < :ends_on) h
    """
)


def reckoned(db: Connection, branch_id: UUID, month: date) -> DuesStatement:
    """Reckon a branch's month in sums as the entries say, of an open month and of a closed one alike."""
    row = db.execute(_STATEMENT, {"branch": branch_id, "month": month, "ends_on": next_month(month)}).one()
    net = row.arrears_fen - row.advance_fen
    return DuesStatement(
        month=month_said(month),
        brought_forward_fen=net - row.due_fen - row.corrected_fen + row.received_fen,
        **row._mapping,
    )


def statement(db: Connection, branch_id: UUID, month: date) -> DuesStatement:
    """Return a branch's month in sums: as it was closed, or as it stands."""
    closed = db.execute(
        text("SELECT * FROM dues_statements WHERE branch_id = :branch AND month = :month"),
        {"branch": branch_id, "month": month},
    ).one_or_none()
    if closed is None:
        return reckoned(db, branch_id, month)
    shown = {name: value for name, value in closed._mapping.items() if name in DuesStatement.__dataclass_fields__}
    return DuesStatement(**{**shown, "month": month_said(month)})


def closes_next(db: Connection, branch_id: UUID, *, current: date) -> date | None:
    """Return the month that a branch has to close next, None when no open one is over."""
    found: date | None = db.execute(
        text(
            "SELECT coalesce(b.open_from, (SELECT min(month) FROM dues_months m WHERE m.branch_id = b.branch_id))"
            " FROM dues_books b WHERE b.branch_id = :branch"
        ),
        {"branch": branch_id},
    ).scalar()
    return found if found is not None and found < current else None


def lines_of(db: Connection, branch_id: UUID, month: date) -> list[DuesLineView]:
    """Return what each member owes a branch for a month, and whether it is paid."""
    rows = db.execute(_LINES, {"branch": branch_id, "month": month, "most": LINES_MAX + 1})
    return [_line(row) for row in rows]


def month(db: Connection, asked: DuesMonthAsked, *, actor: Actor, at: datetime) -> DuesMonthView:
    """Return a branch's month with what each member owes. Raises NotFound, Forbidden."""
    path = path_the_actor_may(db, "read_dues", asked.organisation_id, actor=actor)
    first, current = first_day(asked.month), clock.first_of_month(at)
    name = name_of(db, asked.organisation_id)
    lines = lines_of(db, asked.organisation_id, first)
    not_owing = db.execute(_NOT_OWING, {"branch": asked.organisation_id, "month": first, "most": LINES_MAX}).all()
    stated = statement(db, asked.organisation_id, first)
    following = closes_next(db, asked.organisation_id, current=current)
    return DuesMonthView(
        organisation_id=asked.organisation_id,
        organisation_name=name,
        month=asked.month,
        is_closed=stated.closed_at is not None,
        closes_next=month_said(following) if following else None,
        statement=stated,
        lines=lines[:LINES_MAX],
        not_owing=[NotOwingView(**row._mapping) for row in not_owing] if first <= current else [],
        can_collect=actor.may("collect_dues", organisation=path),
        can_assess=actor.may("assess_dues", organisation=path) and stated.closed_at is None and first <= current,
        can_close=actor.may("close_dues_month", organisation=path) and following == first,
        truncated=len(lines) > LINES_MAX,
    )


def _line(row: Row[Any]) -> DuesLineView:
    return DuesLineView(
        person_id=row.person_id,
        name=row.name,
        month=month_said(row.month),
        kind=row.kind,
        due_fen=row.due_fen,
        assessed_fen=row.assessed_fen,
        is_reduced=row.is_reduced,
        paid_on=row.paid_on,
        receipt_id=row.receipt_id,
        receipt_number=numbered_in(row),
        older_months=row.older_months,
        older_fen=row.older_fen,
    )


# ---- one member --------------------------------------------------------------------------------------------------

_ENTRIES: Final = text(
    """
    SELECT o.month, g.name AS branch_name, b.kind, o.assessed_fen, o.due_fen, o.relief_id IS NOT NULL AS is_reduced,
           y.paid_on, y.receipt_id, r.year, r.number
    FROM dues_obligations o JOIN organisations g ON g.id = o.branch_id JOIN dues_bases b ON b.id = o.base_id
    LEFT JOIN dues_payments y ON y.id = o.payment_id LEFT JOIN dues_receipts r ON r.id = y.receipt_id
    WHERE o.person_id = :person ORDER BY o.month DESC LIMIT :most
    """
)
_OWN_BASE: Final = text(
    f"SELECT b.kind, b.active_from, {DUE} AS monthly_fen FROM {BASE_OF.format(person='CAST(:person AS uuid)')}"  # noqa: S608
    f" JOIN {RATE_OF} ON true"
)


def member(db: Connection, asked: MemberDuesAsked, *, actor: Actor, at: datetime) -> MemberDuesView:
    """Return a member's dues. Raises NotFound, Forbidden."""
    place = place_the_actor_may(db, "read_dues", asked.person_id, actor=actor)
    return _of(db, asked.person_id, actor=actor, at=at, path=place.path)


def own(db: Connection, *, actor: Actor, at: datetime) -> MyDuesView:
    """Return the actor's own dues, with what they are reckoned from. Raises NotFound for who never was a member."""
    actor.must("read_own_dues", person=actor.person_id)
    place = place_of(db, actor.person_id)
    if place is None:
        raise NotFound()
    return MyDuesView(
        dues=_of(db, actor.person_id, actor=actor, at=at, path=place.path), bases=bases_of(db, actor.person_id)
    )


def _of(db: Connection, person_id: UUID, *, actor: Actor, at: datetime, path: str) -> MemberDuesView:
    current, who = clock.first_of_month(at), {"person": person_id}
    person = db.execute(
        text(
            "SELECT p.name, m.branch_id, g.name AS branch_name FROM people p LEFT JOIN members m ON m.person_id = p.id"
            " LEFT JOIN organisations g ON g.id = m.branch_id WHERE p.id = :person"
        ),
        who,
    ).one()
    base = db.execute(_OWN_BASE, {**who, "month": current}).one_or_none()
    owed = db.execute(
        text(
            "SELECT count(*) AS months, coalesce(sum(due_fen), 0)::bigint AS fen FROM dues_obligations"
            " WHERE person_id = :person AND month < :current AND payment_id IS NULL AND due_fen > 0"
        ),
        {**who, "current": current},
    ).one()
    return MemberDuesView(
        person_id=person_id,
        name=person.name,
        branch_id=person.branch_id,
        branch_name=person.branch_name,
        kind=base.kind if base else None,
        active_from=month_said(base.active_from) if base else None,
        monthly_fen=base.monthly_fen if base else None,
        arrears_fen=owed.fen,
        arrears_months=owed.months,
        is_marked=person.branch_id is not None and in_a_row(db, person_id, current=current) >= MARK_MONTHS,
        months=[_entry(row) for row in db.execute(_ENTRIES, {**who, "most": MONTHS_SHOWN})],
        corrections=[
            DuesCorrectionView(
                month_said(row.month), row.from_fen, row.to_fen, row.reason, row.corrected_on, row.by_name
            )
            for row in db.execute(
                text("SELECT * FROM dues_corrections WHERE person_id = :person ORDER BY id DESC LIMIT 100"), who
            )
        ],
        reliefs=[
            _relief(row)
            for row in db.execute(
                text("SELECT * FROM dues_reliefs WHERE person_id = :person ORDER BY active_from DESC LIMIT 100"), who
            )
        ],
        reminders=[
            DuesReminderView(row.reminded_on, row.months, row.amount_fen, row.by_name)
            for row in db.execute(
                text("SELECT * FROM dues_reminders WHERE person_id = :person ORDER BY reminded_on DESC LIMIT 20"), who
            )
        ],
        can_collect=actor.may("collect_dues", organisation=path),
        can_set=actor.may("set_dues_base", organisation=path),
        can_open=may_open(actor, path),
    )


def may_open(actor: Actor, path: str) -> bool:
    """Say whether the actor may open bases here: as the branch's own secretary or administrator, not from above."""
    return any(
        grant.path == path for grant in actor.grants if grant.role in ("secretary", "administrator")
    ) and actor.may("open_dues_base", organisation=path)


def _entry(row: Row[Any]) -> DuesEntryView:
    return DuesEntryView(
        month=month_said(row.month),
        branch_name=row.branch_name,
        kind=row.kind,
        assessed_fen=row.assessed_fen,
        due_fen=row.due_fen,
        is_reduced=row.is_reduced,
        paid_on=row.paid_on,
        receipt_id=row.receipt_id,
        receipt_number=numbered_in(row),
    )


def _relief(row: Row[Any]) -> DuesReliefView:
    return DuesReliefView(
        id=row.id,
        reduced_to_fen=row.reduced_to_fen,
        active_from=month_said(row.active_from),
        active_until=month_said(row.active_until),
        decided_on=row.decided_on,
        document_number=row.document_number,
        reason=row.reason,
        recorded_by=row.recorded_by,
        ended_because=row.ended_because,
    )


def relief(db: Connection, relief_id: UUID) -> DuesReliefView:
    """Return a relief that the actor may read."""
    return _relief(db.execute(text("SELECT * FROM dues_reliefs WHERE id = :id"), {"id": relief_id}).one())
