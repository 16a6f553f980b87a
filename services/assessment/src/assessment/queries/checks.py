"""The checks that are in force, with their numbers."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from assessment.domain import checks
from assessment.domain.checks import Check
from assessment.domain.months import Month
from assessment.tables.lights import check_numbers


def checks_in(db: Connection, month: Month) -> list[Check]:
    """Return the checks in force in the month; their numbers are those of its first day, so no month has two rules."""
    rows = db.execute(
        select(check_numbers.c.check_code, check_numbers.c.numbers)
        .ext(distinct_on(check_numbers.c.check_code))
        .where(check_numbers.c.effective_from <= month.first)
        .order_by(check_numbers.c.check_code, check_numbers.c.effective_from.desc())
    )
    return checks.in_force({row.check_code: row.numbers for row in rows})
