"""The roster service: its doors, each of which makes one call into operations or queries."""

from chassis.audit.doors import AuditDoors

from roster.doors.accounts import AccountDoors
from roster.doors.api_tokens import ApiTokenDoors
from roster.doors.development import DevelopmentDoors
from roster.doors.dues import DuesDoors
from roster.doors.grants import GrantDoors
from roster.doors.identity_providers import IdentityProviderDoors
from roster.doors.imports import ImportDoors
from roster.doors.members import MemberDoors
from roster.doors.organisations import OrganisationDoors
from roster.doors.privacy import PrivacyDoors
from roster.doors.second_factors import SecondFactorDoors
from roster.doors.sessions import SessionDoors
from roster.doors.terms import TermDoors
from roster.doors.transfers import TransferDoors


class RosterService(
    AuditDoors,
    SessionDoors,
    SecondFactorDoors,
    AccountDoors,
    ApiTokenDoors,
    IdentityProviderDoors,
    GrantDoors,
    OrganisationDoors,
    MemberDoors,
    DevelopmentDoors,
    TransferDoors,
    TermDoors,
    DuesDoors,
    PrivacyDoors,
    ImportDoors,
):
    """The roster service, as the gateway and the other services see it."""

    name = "roster"


SERVICE = RosterService
