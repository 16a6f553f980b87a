"""The checks that are in force, with their numbers."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from assessment.domain import checks, member_checks
from assessment.domain.checks import Check
from assessment.domain.member_checks import MemberCheck
from assessment.domain.months import Month
from assessment.tables.lights import check_numbers

SHARE: Final = "ShareOfGreen"
"""The goal for the share of green branches: numbers with their dates as a check's, but no check."""

Numbers = Mapping[str, Mapping[str, int]]


def numbers_in(db: Connection, month: Month) -> Numbers:
    """Return the numbers in force in the month by check: those of its first day, so no month has two rules."""
    rows = db.execute(
        select(check_numbers.c.check_code, check_numbers.c.numbers)
        .ext(distinct_on(check_numbers.c.check_code))
        .where(check_numbers.c.effective_from <= month.first)
        .order_by(check_numbers.c.check_code, check_numbers.c.effective_from.desc())
    )
    return {row.check_code: row.numbers for row in rows}


def checks_of(numbers: Numbers) -> tuple[list[Check], list[MemberCheck]]:
    """Return the checks that these numbers make, of branches and of members."""
    of_members = {check.code() for check in MemberCheck.__subclasses__()}
    of_branches = {code: of for code, of in numbers.items() if code not in of_members and code != SHARE}
    return checks.in_force(of_branches), member_checks.in_force(numbers)


def goal_in(db: Connection, month: Month) -> int | None:
    """Return the share of green branches that is the goal of the month, in percent."""
    return numbers_in(db, month).get(SHARE, {}).get("percent")
