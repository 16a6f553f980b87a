"""The numbers of records that are in force."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from assessment.tables.records import record_rules


def rules_on(db: Connection, day: date) -> Row[Any]:
    """Return the row of numbers in force on the day; raises sqlalchemy's NoResultFound."""
    return db.execute(
        select(record_rules)
        .where(record_rules.c.effective_from <= day)
        .order_by(record_rules.c.effective_from.desc())
        .limit(1)
    ).one()
