"""Who the audit's ids are, everything that is held of a person, and whose data is due to be purged."""

from calendar import monthrange
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.personal import unseal
from chassis.refusals import NotFound
from contracts.envelope import Page, plain
from contracts.roster.privacy import (
    HeldOfMe,
    NamesAsked,
    NamesView,
    NameView,
    PurgeCandidate,
    PurgeListAsked,
    PurgeReportView,
    PurgeRuleView,
    PurgesView,
)
from sqlalchemy import Connection, text

from roster.queries.accounts import WITHIN, parts_of

# ---- names -------------------------------------------------------------------------------------------------------

_NAMES: Final = f"""
SELECT p.id, 'person' AS kind, p.name, o.name AS branch_name
FROM people p LEFT JOIN members m ON m.person_id = p.id LEFT JOIN organisations o ON o.id = m.branch_id
WHERE p.id = ANY(:ids) AND {WITHIN.format(path="o.path")}
UNION ALL
SELECT id, 'organisation', name, NULL FROM organisations WHERE id = ANY(:ids)
"""  # noqa: S608 - made of constants


def names(db: Connection, asked: NamesAsked, *, actor: Actor) -> NamesView:
    """Return whom the ids stand for, of those in the actor's part of the tree. Raises Forbidden."""
    rows = db.execute(text(_NAMES), {"ids": asked.ids, "parts": parts_of("read_audit", actor=actor)})
    return NamesView([NameView(**row._mapping) for row in rows])


# ---- what is held of me ------------------------------------------------------------------------------------------

_PARTS: Final = {
    "periods": "SELECT o.name AS branch_name, t.status, t.state, t.active_from, t.active_until, t.ended_by"
    " FROM membership_periods t JOIN organisations o ON o.id = t.branch_id WHERE t.person_id = :person"
    " ORDER BY t.active_from",
    "moves": "SELECT v.happened_on, v.verb, o.name AS branch_name, v.reason, v.document_number, v.by_name, v.at"
    " FROM member_moves v JOIN organisations o ON o.id = v.branch_id WHERE v.person_id = :person ORDER BY v.id",
    "facts": "SELECT fact, active_from, active_until, note, recorded_by FROM member_facts WHERE person_id = :person"
    " ORDER BY active_from",
    "posts": "SELECT o.name AS organisation_name, s.post, s.held_from, s.held_until FROM posts s"
    " JOIN organisations o ON o.id = s.organisation_id WHERE s.person_id = :person ORDER BY s.held_from",
    "development": "SELECT stage, applied_on, activist_on, object_on, probationary_on, probation_until, full_on,"
    " ended_on FROM developments WHERE person_id = :person",
    "development_steps": "SELECT step, done_on, hours, note, recorded_by FROM development_steps"
    " WHERE person_id = :person AND struck_at IS NULL ORDER BY id",
    "transfers": "SELECT letter_number, to_name, reason, state, issued_on, issued_by, decided_at, decided_by, decision"
    " FROM transfers WHERE person_id = :person ORDER BY issued_at",
    "candidacies": "SELECT o.name AS organisation_name, e.kind, e.state, c.post FROM election_candidates c"
    " JOIN elections e ON e.id = c.election_id JOIN organisations o ON o.id = e.organisation_id"
    " WHERE c.person_id = :person ORDER BY e.asked_at",
    "dues_bases": "SELECT kind, amount_fen, active_from, ground, entered_by AS recorded_by FROM dues_bases"
    " WHERE person_id = :person ORDER BY id",
    "dues": "SELECT o.name AS branch_name, d.month, d.due_fen, y.paid_on FROM dues_obligations d"
    " JOIN organisations o ON o.id = d.branch_id LEFT JOIN dues_payments y ON y.id = d.payment_id"
    " WHERE d.person_id = :person ORDER BY d.month",
    "dues_words": "SELECT corrected_on AS happened_on, reason, by_name FROM dues_corrections WHERE person_id = :person"
    " UNION ALL SELECT noted_on, note, by_name FROM dues_notes WHERE person_id = :person"
    " UNION ALL SELECT decided_on, reason, recorded_by FROM dues_reliefs WHERE person_id = :person"
    " UNION ALL SELECT paid_on, reason, by_name FROM dues_payments WHERE person_id = :person AND reason IS NOT NULL"
    " ORDER BY 1",
    "api_tokens": "SELECT name, made_at AS created_at, expires_at, last_used_at, last_used_from AS address, ended_at"
    " FROM api_tokens WHERE person_id = :person ORDER BY made_at",
    "identities": "SELECT provider, subject, bound_at AS created_at, last_used_at FROM external_identities"
    " WHERE person_id = :person ORDER BY bound_at",
    "account": "SELECT username, state, created_at, password_set_at FROM accounts WHERE person_id = :person",
    "roles": "SELECT g.role, o.name AS organisation_name, g.active_from, g.active_until, g.ground, g.granted_at,"
    " g.ended_at, g.ended_reason FROM grants g JOIN organisations o ON o.id = g.organisation_id"
    " WHERE g.person_id = :person ORDER BY g.granted_at",
    "sessions": "SELECT started_at, last_renewed_at, ended_at, device, address FROM sessions WHERE person_id = :person"
    " ORDER BY started_at",
    "sign_ins": "SELECT at, outcome FROM sign_ins WHERE person_id = :person ORDER BY id DESC LIMIT 1000",
    "views": "SELECT at, by_name, by_role, fields, purpose, reason FROM personal_views WHERE person_id = :person"
    " ORDER BY id DESC LIMIT 5000",
}
"""What is held of a person beside their own row; each is read whole, for the person alone."""

_PERSON: Final = text(
    "SELECT name, sex, ethnicity, born_on, education, native_place, work_unit, identity_number, phone, file_place,"
    " file_checked_on FROM people WHERE id = :person"
)


def held_of_me(db: Connection, *, actor: Actor, at: datetime) -> HeldOfMe:
    """Return everything that is held of the actor, their own numbers in full. Raises TokenTooOld, NotFound."""
    actor.must("export_own_data", person=actor.person_id)
    actor.must_be_fresh(at)
    row = db.execute(_PERSON, {"person": actor.person_id}).one_or_none()
    if row is None:
        raise NotFound()
    person = dict(row._mapping)
    for name in ("identity_number", "phone"):
        person[name] = None if person[name] is None else unseal(person[name])
    parts = []
    for part, statement in _PARTS.items():
        found = db.execute(text(statement), {"person": actor.person_id})
        columns = list(found.keys())
        parts.append({"part": part, "columns": columns, "rows": [plain(list(one)) for one in found]})
    return HeldOfMe(plain(person), parts, at)


# ---- the purge ---------------------------------------------------------------------------------------------------

_RULE: Final = text(
    "SELECT left_months, deceased_months FROM purge_rules WHERE active_from <= :on ORDER BY active_from DESC LIMIT 1"
)
_DUE: Final = """
SELECT d.person_id AS id, p.name, o.name AS branch_name, d.ended_by, d.ended_on, b.against
FROM due_for_purge(:left_before, :deceased_before) d
JOIN people p ON p.id = d.person_id JOIN organisations o ON o.id = d.branch_id
CROSS JOIN LATERAL (SELECT open_business(d.person_id, :on) AS against) b
WHERE (b.against <> '{{}}') = :kept AND {within} {after}
ORDER BY d.ended_on, d.person_id LIMIT :limit
"""
_COUNT: Final = f"""
SELECT count(*) FROM due_for_purge(:left_before, :deceased_before) d JOIN organisations o ON o.id = d.branch_id
WHERE open_business(d.person_id, :on) = '{{}}' AND {WITHIN.format(path="o.path")}
"""  # noqa: S608 - made of constants
_REPORTS: Final = """
SELECT g.*, j.state, j.done, j.total, j.ended_at, p.name FROM purges g
LEFT JOIN jobs j ON j.id = g.id LEFT JOIN people p ON p.id = g.asked_by
WHERE {where} ORDER BY g.asked_at DESC LIMIT 50
"""


def months_before(day: date, months: int) -> date:
    """Return the same day so many months before, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def limits(db: Connection, *, on: date) -> tuple[date, date]:
    """Return the days before which somebody must have left, or died, to be due on a day."""
    rule = db.execute(_RULE, {"on": on}).one()
    return months_before(on, rule.left_months), months_before(on, rule.deceased_months)


def due(db: Connection, *, parts: list[str], at: datetime) -> int:
    """Return how many people of these parts of the tree would be purged today."""
    on = clock.today(at)
    left_before, deceased_before = limits(db, on=on)
    given = {"left_before": left_before, "deceased_before": deceased_before, "on": on, "parts": parts}
    return int(db.execute(text(_COUNT), given).scalar_one())


def candidates(db: Connection, asked: PurgeListAsked, *, actor: Actor, at: datetime) -> Page:
    """Return whose data would be purged today, longest gone first; nothing is changed. Raises Forbidden."""
    parts = parts_of("read_purges", actor=actor)
    on = clock.today(at)
    left_before, deceased_before = limits(db, on=on)
    values: dict[str, Any] = {
        "parts": parts,
        "left_before": left_before,
        "deceased_before": deceased_before,
        "on": on,
        "kept": asked.kept,
        "limit": asked.limit + 1,
    }
    after = ""
    if asked.cursor:
        after = "AND (d.ended_on, d.person_id) > (:last_on, CAST(:last AS uuid))"
        values["last_on"], values["last"] = key_in(asked.cursor, date.fromisoformat, UUID)
    rows = db.execute(text(_DUE.format(after=after, within=WITHIN.format(path="o.path"))), values).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: PurgeCandidate(**{**row._mapping, "against": list(row.against)}),
        key=lambda row: (row.ended_on, row.id),
    )


def purges(db: Connection, *, actor: Actor, at: datetime) -> PurgesView:
    """Return rules and reports, newest first, and how many people are due. Raises Forbidden."""
    parts = parts_of("read_purges", actor=actor)
    rules = db.execute(
        text(
            "SELECT active_from, left_months, deceased_months, citation, set_at FROM purge_rules"
            " ORDER BY active_from DESC LIMIT 50"
        )
    )
    return PurgesView([PurgeRuleView(**row._mapping) for row in rules], reports(db), due(db, parts=parts, at=at))


def reports(db: Connection, *, purge_id: UUID | None = None) -> list[PurgeReportView]:
    """Return the reports of the purges, newest first, or of one of them."""
    where = "g.id = :id" if purge_id else "true"
    rows = db.execute(text(_REPORTS.format(where=where)), {"id": purge_id} if purge_id else {})
    return [
        PurgeReportView(
            id=row.id,
            asked_at=row.asked_at,
            asked_by=row.name or "",
            state=row.state or "done",
            done=row.done or row.persons,
            total=row.total,
            left_before=row.left_before,
            deceased_before=row.deceased_before,
            persons=row.persons,
            counts=row.counts,
            ended_at=row.ended_at,
        )
        for row in rows
    ]
