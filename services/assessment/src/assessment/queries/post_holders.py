"""Who holds a post of an organisation on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from assessment.tables.posts import post_holders


def held_on(day: date) -> ColumnElement[bool]:
    """The condition that a post is held on the day."""
    until = post_holders.c.until_day
    return and_(post_holders.c.from_day <= day, or_(until.is_(None), until > day))


def secretary_on(db: Connection, organisation_id: UUID, day: date) -> Row[Any] | None:
    """Return who leads the organisation on the day, as the row of `post_holders`; None where nobody does."""
    return secretaries_on(db, [organisation_id], day).get(organisation_id)


def secretaries_on(db: Connection, organisation_ids: Iterable[UUID], day: date) -> dict[UUID, Row[Any]]:
    """Return who leads each of the organisations on the day, by organisation; where nobody does it is left out."""
    rows = db.execute(
        select(post_holders)
        .where(
            post_holders.c.organisation_id.in_(list(organisation_ids)),
            post_holders.c.post == "secretary",
            held_on(day),
        )
        .order_by(post_holders.c.organisation_id, post_holders.c.from_day, post_holders.c.post_id)
    )
    return {row.organisation_id: row for row in rows}
