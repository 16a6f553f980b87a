"""The sites service: its doors, each of which makes one call into operations or queries."""

from chassis.audit.doors import AuditDoors

from sites.doors.allocation import AllocationDoors
from sites.doors.budgets import BudgetDoors
from sites.doors.calendars import CalendarDoors
from sites.doors.claims import ClaimDoors
from sites.doors.funding import FundingDoors
from sites.doors.funds import FundDoors
from sites.doors.ledger import LedgerDoors
from sites.doors.orders import OrderDoors
from sites.doors.places import PlaceDoors
from sites.doors.programmes import ProgrammeDoors
from sites.doors.routes import RouteDoors
from sites.doors.settings import SettingsDoors
from sites.doors.settlement import SettlementDoors
from sites.doors.visits import VisitDoors


class SitesService(
    AuditDoors,
    PlaceDoors,
    CalendarDoors,
    ProgrammeDoors,
    OrderDoors,
    AllocationDoors,
    RouteDoors,
    VisitDoors,
    ClaimDoors,
    SettlementDoors,
    SettingsDoors,
    FundDoors,
    LedgerDoors,
    BudgetDoors,
    FundingDoors,
):
    """The sites service, as the gateway and the other services see it."""

    name = "sites"


SERVICE = SitesService
