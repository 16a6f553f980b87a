"""The roster service: its doors, each of which makes one call into operations or queries."""

from roster.doors.accounts import AccountDoors
from roster.doors.development import DevelopmentDoors
from roster.doors.grants import GrantDoors
from roster.doors.imports import ImportDoors
from roster.doors.members import MemberDoors
from roster.doors.organisations import OrganisationDoors
from roster.doors.second_factors import SecondFactorDoors
from roster.doors.sessions import SessionDoors
from roster.doors.transfers import TransferDoors


class RosterService(
    SessionDoors,
    SecondFactorDoors,
    AccountDoors,
    GrantDoors,
    OrganisationDoors,
    MemberDoors,
    DevelopmentDoors,
    TransferDoors,
    ImportDoors,
):
    """The roster service, as the gateway and the other services see it."""

    name = "roster"


SERVICE = RosterService
