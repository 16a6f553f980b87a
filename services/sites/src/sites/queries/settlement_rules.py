"""The numbers that settlement goes by on a day: how long a changed payee is held, from which sum minutes are named."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from sites.tables.settlement import settlement_rules


def rules_on(db: Connection, day: date) -> Row[Any]:
    """Return the rules in force on `day`."""
    in_force = settlement_rules.c.effective_from <= day
    newest = select(settlement_rules).where(in_force).order_by(settlement_rules.c.effective_from.desc()).limit(1)
    return db.execute(newest).one()
