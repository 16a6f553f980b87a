"""Searching the audit: newest first, by keys that each have an index, in the asker's part of the tree."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from contracts.audit import (
    AuditAsked,
    AuditCheckpointView,
    AuditRecordView,
    AuditRemovalView,
    AuditRuleView,
    AuditState,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, text

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.audit.sealing import head_of
from chassis.cursors import key_in, page_of

_SHOWN: Final = "number, at, door, outcome, person_id, session_id, address, request_id, targets, fields, times"
_FILTERS: Final = {
    "person_id": "person_id = :person_id",
    "target_id": "targets @> ARRAY[CAST(:target_id AS uuid)]",
    "door": "door = :door",
    "outcome": "outcome = :outcome",
    "address": "address = :address",
    "request_id": "request_id = :request_id",
}
_CHECKPOINTS: Final = text("SELECT * FROM audit_checkpoints ORDER BY number DESC LIMIT 20")
_RULES: Final = text("SELECT * FROM audit_rules ORDER BY active_from DESC LIMIT 50")
_REMOVALS: Final = text("SELECT * FROM audit_removals ORDER BY until_number DESC LIMIT 50")
_WAITING: Final = text("SELECT count(*) FROM audit_waiting")


def search(db: Connection, asked: AuditAsked, *, actor: Actor) -> Page:
    """Return the records that match, newest first. Raises Forbidden.

    A record lies in the part of the tree in which all roles of the person lay who did it; one of nobody in particular
    (a wrong password for a name that nobody has) is seen from the root of the tree alone.
    """
    where = [
        "EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) AS part (path)"
        " WHERE CASE WHEN place IS NULL THEN position('.' IN part.path) = 0"
        " ELSE place = part.path OR starts_with(place, part.path || '.') END)"
    ]
    given: dict[str, Any] = {"limit": asked.limit + 1, "paths": paths_of(actor)}
    for name, condition in _FILTERS.items():
        if (value := getattr(asked, name)) is not None:
            where.append(condition)
            given[name] = value
    if asked.from_day is not None:
        where.append("at >= :from_at")
        given["from_at"] = _midnight(asked.from_day)
    if asked.until_day is not None:
        where.append("at < :until_at")
        given["until_at"] = _midnight(asked.until_day + timedelta(days=1))
    if asked.cursor:
        where.append("(at, number) < (:last_at, :last)")
        given["last_at"], given["last"] = key_in(asked.cursor, datetime.fromisoformat, int)
    rows = db.execute(
        text(
            f"SELECT {_SHOWN} FROM audit_records WHERE {' AND '.join(where)}"  # noqa: S608 - made of constants
            " ORDER BY at DESC, number DESC LIMIT :limit"
        ),
        given,
    ).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.at, row.number))


def state(db: Connection, *, service: str, actor: Actor) -> AuditState:
    """Return how the chain stands, its checkpoints, rules and removals. Raises Forbidden."""
    actor.must("prove_audit")
    number, head = head_of(db, service)
    return AuditState(
        service=service,
        number=number,
        hash=head.hex(),
        waiting=db.execute(_WAITING).scalar_one(),
        checkpoints=[
            AuditCheckpointView(row.number, bytes(row.hash).hex(), row.made_at) for row in db.execute(_CHECKPOINTS)
        ],
        rules=[AuditRuleView(row.active_from, row.kept_months, row.citation, row.set_at) for row in db.execute(_RULES)],
        removals=[
            AuditRemovalView(
                row.from_number, row.until_number, row.first_at, row.last_at, row.kept_months, row.removed_at
            )
            for row in db.execute(_REMOVALS)
        ],
    )


def paths_of(actor: Actor) -> list[str]:
    """Return the nodes whose audit the actor may read; raises Forbidden when there is none."""
    paths = actor.paths_for("read_audit")
    if not paths:
        raise Forbidden()
    return paths


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI)


def _view(row: Row[Any]) -> AuditRecordView:
    return AuditRecordView(
        number=row.number,
        at=row.at,
        door=row.door,
        outcome=row.outcome,
        person_id=row.person_id,
        session_id=row.session_id,
        address=row.address,
        request_id=row.request_id,
        targets=list(row.targets),
        fields=list(row.fields),
        times=row.times,
    )
