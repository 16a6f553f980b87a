"""Check-ins as those see them who have to judge them: of one order, or all that are doubtful."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.visits import CheckInRecord, CheckInsAsked
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_RECORDS: Final = (
    "SELECT c.*, o.party_size, o.state AS order_state, o.visit_on, s.name AS site_name, s.managing_path,"
    "       coalesce(b.name, o.group_name) AS branch_name, b.path AS branch_path,"
    "       coalesce(f.path, s.managing_path) AS fund_path,"
    "       d.name AS device_name, k.id AS claim_id"
    "  FROM check_ins c"
    "  JOIN orders o ON o.id = c.order_id"
    "  JOIN sites s ON s.id = c.site_id"
    "  LEFT JOIN organisations b ON b.id = o.branch_id"
    "  LEFT JOIN funds f ON f.id = o.fund_id"
    "  LEFT JOIN devices d ON d.site_id = c.site_id AND d.id::text = c.device_id"
    "  LEFT JOIN claims k ON k.order_id = c.order_id"
)
_PATHS: Final = {"branch": "b.path", "site": "s.managing_path", "fund": "coalesce(f.path, s.managing_path)"}


def check_ins(db: Connection, asked: CheckInsAsked, *, actor: Actor) -> Page:
    """Return the check-ins that the actor may see: of one order, or those in one state; the newest first."""
    seen, given = visible_to(actor, "read_check_ins", **_PATHS)
    conditions = [seen]
    for column, name, value in (
        ("c.order_id", "order", asked.order_id),
        ("c.site_id", "site", asked.site_id),
        ("c.state", "state", asked.state),
    ):
        if value is not None:
            conditions.append(f"{column} = :{name}")
            given[name] = value
    if asked.cursor:
        conditions.append("(c.recorded_at, c.id) < (:recorded_at, :id)")
        given["recorded_at"], given["id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
    wanted = f"{_RECORDS} WHERE {' AND '.join(conditions)} ORDER BY c.recorded_at DESC, c.id DESC LIMIT :most"
    rows = db.execute(text(wanted), {**given, "most": asked.limit + 1}).all()
    return page_of(rows, limit=asked.limit, view=view, key=lambda row: (row.recorded_at, row.id))


def check_in_for(db: Connection, check_in_id: UUID, *, actor: Actor, action: str) -> Row[Any]:
    """Return one check-in, its order locked, when the actor may do `action` with it. Raises NotFound, Forbidden."""
    row = db.execute(text(f"{_RECORDS} WHERE c.id = :id FOR NO KEY UPDATE OF o, c"), {"id": check_in_id}).one_or_none()
    if row is None or not actor.may("read_check_ins", **_subject(row)):
        raise NotFound()
    actor.must(action, **_subject(row))
    return row


def view(row: Row[Any]) -> CheckInRecord:
    """Return the record of one check-in."""
    return CheckInRecord(
        id=row.id,
        order_id=row.order_id,
        order_state=row.order_state,
        site_id=row.site_id,
        site_name=row.site_name,
        branch_name=row.branch_name,
        party_size=row.party_size,
        count=row._mapping["count"],
        state=row.state,
        flag=row.flag,
        is_more=row.is_more,
        way=row.way,
        reason=row.reason,
        was_offline=row.was_offline,
        happened_at=row.happened_at,
        device_at=row.device_at,
        clock_offset_ms=row.clock_offset_ms,
        recorded_at=row.recorded_at,
        by_name=row.by_name,
        device=row.device_name or row.device_id,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision_reason=row.decision_reason,
        claim_id=row.claim_id,
    )


def _subject(row: Row[Any]) -> dict[str, Any]:
    return {"branch": row.branch_path, "site": row.managing_path, "fund": row.fund_path}
