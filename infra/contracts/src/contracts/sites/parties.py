"""Who comes: the members that a branch names with its order, and what the party needs."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Line, schema_of
from contracts.sites.self_check_ins import PartyMemberView

NAMES_MAX = 500
NAME_MAX = 40


@dataclass(frozen=True)
class PartyMember:
    """A member of the roster as an order names them: the id and the display name, nothing else."""

    member_id: UUID
    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, NAME_MAX))]


@dataclass(frozen=True)
class NameParty:
    """Write anew who comes and what they need: both are kept as given here, until the visit begins."""

    order_id: UUID
    members: Annotated[
        list[PartyMember],
        fields.List(fields.Nested(schema_of(PartyMember)), required=True, validate=validate.Length(0, NAMES_MAX)),
    ]
    needs: Line | None = None


@dataclass(frozen=True)
class PartyAsked:
    """The names and needs of one order."""

    order_id: UUID


@dataclass(frozen=True)
class PartyView:
    """Who comes with one order.

    The branch sees the names at any time, the steward of the site on the day alone: `names_hidden` says that there are
    names which the asker may not see now. `may_name`: the asker may write them anew.
    """

    order_id: UUID
    party_size: int
    members: list[PartyMemberView]
    names_hidden: bool
    needs: str | None
    may_name: bool


@dataclass(frozen=True)
class TodaysPartiesAsked:
    """The parties with names that come today to the sites whose door the asker keeps."""
