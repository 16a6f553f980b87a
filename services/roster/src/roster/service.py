"""The roster service: its doors, each of which makes one call into operations or queries."""

from roster.doors.members import MemberDoors
from roster.doors.organisations import OrganisationDoors
from roster.doors.sessions import SessionDoors


class RosterService(SessionDoors, OrganisationDoors, MemberDoors):
    """The roster service, as the gateway and the other services see it."""

    name = "roster"


SERVICE = RosterService
