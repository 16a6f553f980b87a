"""People for the tests of the register: valid identity numbers that nobody has, and members who have one."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.roster.members import RegisterMember
from roster.domain.identity_numbers import check_character
from roster.operations import member_records
from sqlalchemy import Connection

from tests.articles import NOON, an_actor
from tests.roster.factories import path_of


def an_identity_number(*, born_on: date = date(1980, 5, 17), sequence: int = 900, area: str = "370302") -> str:
    """A number of the district; an odd sequence is a man's."""
    digits = f"{area}{born_on:%Y%m%d}{sequence:03}"
    return digits + check_character(digits)


def an_administrator(db: Connection, branch: UUID, **more: Any):
    return an_actor(("administrator", path_of(db, branch)), **more)


def a_registered(db: Connection, *, branch: UUID, name: str = "王建国", **fields: Any) -> UUID:
    """Somebody whom the branch's administrator entered, a full member since 2010 unless said otherwise."""
    given = {"status": "full", "joined_on": date(2009, 7, 1), "since": date(2010, 7, 1), **fields}
    asked = RegisterMember(branch_id=branch, name=name, **given)
    return member_records.register(db, asked=asked, actor=an_administrator(db, branch), at=NOON).id
