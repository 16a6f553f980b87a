"""Parties that a steward enters for others: one that stands at the door, one that calls."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Headcount, Line, Phone

ORDER_SOURCES = ("online", "telephone", "walk_in")

PhoneOrNone = Annotated[
    str | None,
    fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^\+?[0-9][0-9 \-]{5,18}[0-9]\Z", error="Not a valid telephone number."),
    ),
]


@dataclass(frozen=True)
class BookByTelephone:
    """Order for a branch that calls, or for a group that is not registered (`group_name`); never subsidised."""

    slot_id: UUID
    party_size: Headcount
    contact_name: Line
    contact_phone: Phone
    branch_id: UUID | None = None
    group_name: Line | None = None
    needs: Line | None = None


@dataclass(frozen=True)
class AdmitWalkIn:
    """Let in a party that stands at the door with no order, a branch's or a group's; never subsidised."""

    slot_id: UUID
    party_size: Headcount
    contact_name: Line
    check_in_id: UUID
    contact_phone: PhoneOrNone = None
    branch_id: UUID | None = None
    group_name: Line | None = None
    needs: Line | None = None
