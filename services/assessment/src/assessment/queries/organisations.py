"""The local copy of roster's tree: one branch, and what lies below an actor's places."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, false, not_, or_, select

from assessment.domain.months import SHANGHAI, Month
from assessment.tables.organisations import organisations

BRANCHES = ("branch", "joint_branch")

# The organisations that have a light. One from outside the district is known here by name only.
IS_ASSESSED = and_(
    organisations.c.kind.in_(BRANCHES), organisations.c.is_external.is_(False), organisations.c.dissolved.is_(False)
)


COUNTED_ON: Final = 25
"""A branch counts in the share of green when it stood on this day of the month (rule 11)."""


def counted_at(db: Connection, month: Month, *, at: datetime) -> datetime:
    """Return when a branch stood that counts in the month: at the end of the 25th, or now before that.

    Where nobody had told us of any branch by then, the month is the platform's first, and whoever came to be known
    within it counts: their share is better than none.
    """
    day = month.day(COUNTED_ON) + timedelta(days=1)
    instant = min(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI), at)
    is_known = select(exists().where(organisations.c.known_since < instant))
    return instant if db.scalar(is_known) else min(month.ends_at, at)


def organisation_named(db: Connection, organisation_id: UUID) -> Row[Any] | None:
    """Return the organisation's row, if roster told us of it."""
    return db.execute(select(organisations).where(organisations.c.id == organisation_id)).one_or_none()


def is_below(paths: list[str], path: ColumnElement[str] = organisations.c.path) -> ColumnElement[bool]:
    """The condition that an organisation (whose `path` that is) is one of these nodes of the tree or lies below one."""
    # "/" follows "." in the C collation, so everything below "a.b" lies between "a.b." and "a.b/".
    return or_(false(), *(or_(path == node, and_(path >= f"{node}.", path < f"{node}/")) for node in paths))


def reaches_all(db: Connection, paths: list[str]) -> bool:
    """Say whether these places are together the whole tree of the district: what holds for everybody is set there."""
    outside = (organisations.c.is_external.is_(False), not_(is_below(paths)))
    return bool(paths) and not db.scalar(select(exists().where(*outside)))
