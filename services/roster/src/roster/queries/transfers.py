"""Letters of members who go to another branch, as the branches on both sides and those above them see them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.transfers import (
    TransferNoticesAsked,
    TransferNoticeView,
    TransfersAsked,
    TransferView,
)
from sqlalchemy import Connection, Row, text

from roster.domain.transfers import ISSUED
from roster.queries.organisations import in_part, path_the_actor_may

_VIEW: Final = """
SELECT t.*, p.name, f.name AS from_branch, f.path AS from_path, coalesce(o.name, t.to_name) AS to_branch,
       o.path AS to_path
FROM transfers t JOIN people p ON p.id = t.person_id JOIN organisations f ON f.id = t.from_branch_id
LEFT JOIN organisations o ON o.id = t.to_branch_id
"""
_SHOWN: Final = tuple(name for name in TransferView.__dataclass_fields__ if name != "can")


def one(db: Connection, transfer_id: UUID, *, actor: Actor) -> TransferView:
    """Return a letter; raises NotFound for whoever reads neither side."""
    return _view(_row(db, transfer_id, actor=actor), actor=actor)


def page(db: Connection, asked: TransfersAsked, *, actor: Actor) -> Page:
    """Return a page of the letters out of and into a part of the tree, newest first. Raises NotFound, Forbidden."""
    path = path_the_actor_may(db, "read_transfers", asked.organisation_id, actor=actor)
    sides = {"out": in_part("f.path"), "in": in_part("o.path")}
    where = [sides[asked.direction] if asked.direction else f"({sides['out']} OR {sides['in']})"]
    values: dict[str, Any] = {"path": path, "limit": asked.limit + 1}
    if asked.state:
        where.append("t.state = :state")
        values["state"] = asked.state
    if asked.cursor:
        values["before"], values["id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        where.append("(t.issued_at, t.id) < (:before, :id)")
    rows = db.execute(
        text(f"{_VIEW} WHERE {' AND '.join(where)} ORDER BY t.issued_at DESC, t.id DESC LIMIT :limit"), values
    ).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: _view(row, actor=actor),
        key=lambda row: (row.issued_at, row.id),
    )


def notices(db: Connection, asked: TransferNoticesAsked, *, actor: Actor) -> Page:
    """Return what the branches of a part of the tree were told, newest first. Raises NotFound, Forbidden."""
    path = path_the_actor_may(db, "read_transfers", asked.organisation_id, actor=actor)
    before = key_in(asked.cursor, int)[0] if asked.cursor else None
    rows = db.execute(
        text(
            "SELECT n.id, n.transfer_id, p.name, n.kind, f.name AS from_branch,"  # noqa: S608 - made of constants
            " coalesce(o.name, t.to_name) AS to_branch, n.told_at"
            " FROM organisations b JOIN transfer_notices n ON n.branch_id = b.id"
            " JOIN transfers t ON t.id = n.transfer_id"
            " JOIN people p ON p.id = t.person_id JOIN organisations f ON f.id = t.from_branch_id"
            " LEFT JOIN organisations o ON o.id = t.to_branch_id"
            f" WHERE {in_part('b.path')}"
            " AND (CAST(:before AS bigint) IS NULL OR n.id < :before) ORDER BY n.id DESC LIMIT :limit"
        ),
        {"path": path, "before": before, "limit": asked.limit + 1},
    ).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: TransferNoticeView(**row._mapping), key=lambda row: (row.id,)
    )


def transfer_the_actor_may(db: Connection, verb: str, transfer_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return a letter that the actor may confirm, refuse or withdraw; raises NotFound, Forbidden."""
    row = _row(db, transfer_id, actor=actor)
    if not _may(row, verb, actor=actor):
        raise Forbidden()
    return row


def _row(db: Connection, transfer_id: UUID, *, actor: Actor) -> Row[Any]:
    row = db.execute(text(f"{_VIEW} WHERE t.id = :id"), {"id": transfer_id}).one_or_none()
    if row is None or not any(
        actor.may("read_transfers", organisation=path) for path in (row.from_path, row.to_path) if path
    ):
        raise NotFound()
    return row


def _may(row: Row[Any], verb: str, *, actor: Actor) -> bool:
    if verb == "withdraw":
        return actor.may("withdraw_transfer", organisation=row.from_path)
    if verb == "refuse":
        return row.to_path is not None and actor.may("refuse_transfer", organisation=row.to_path)
    if row.to_path is not None:
        return actor.may("confirm_transfer", organisation=row.to_path)
    # A receipt from outside is entered by a second person of the issuing side.
    return row.issued_by_id != actor.person_id and actor.may("confirm_transfer", organisation=row.from_path)


def _view(row: Row[Any], *, actor: Actor) -> TransferView:
    can = (
        [verb for verb in ("confirm", "refuse", "withdraw") if _may(row, verb, actor=actor)]
        if row.state == ISSUED
        else []
    )
    return TransferView(**{name: getattr(row, name) for name in _SHOWN}, can=can)
