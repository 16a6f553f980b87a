"""The assessment service: its doors, each of which makes one call into operations or queries."""

from chassis.audit.doors import AuditDoors

from assessment.doors.activities import ActivityDoors
from assessment.doors.burden import BurdenDoors
from assessment.doors.cards import CardDoors
from assessment.doors.compliance import ComplianceDoors
from assessment.doors.exemptions import ExemptionDoors
from assessment.doors.half_year_meetings import HalfYearDoors
from assessment.doors.inspections import InspectionDoors
from assessment.doors.lights import LightDoors
from assessment.doors.notices import NoticeDoors
from assessment.doors.organisations import OrganisationDoors
from assessment.doors.problems import ProblemDoors
from assessment.doors.records import RecordDoors
from assessment.doors.review_consequences import ReviewConsequenceDoors
from assessment.doors.review_meetings import ReviewMeetingDoors
from assessment.doors.reviews import ReviewDoors
from assessment.doors.round_visits import RoundVisitDoors
from assessment.doors.rounds import RoundDoors
from assessment.doors.stars import StarDoors
from assessment.doors.supervision import BulletinDoors, SlipDoors
from assessment.doors.task_lists import TaskListDoors
from assessment.doors.tasks import TaskDoors
from assessment.doors.weak_organisations import WeakOrganisationDoors


class AssessmentService(
    LightDoors,
    ExemptionDoors,
    ActivityDoors,
    RecordDoors,
    TaskListDoors,
    TaskDoors,
    BulletinDoors,
    ComplianceDoors,
    BurdenDoors,
    CardDoors,
    HalfYearDoors,
    InspectionDoors,
    NoticeDoors,
    ProblemDoors,
    ReviewConsequenceDoors,
    ReviewDoors,
    ReviewMeetingDoors,
    RoundDoors,
    RoundVisitDoors,
    SlipDoors,
    StarDoors,
    WeakOrganisationDoors,
    OrganisationDoors,
    AuditDoors,
):
    """The assessment service, as the gateway and the other services see it."""

    name = "assessment"


SERVICE = AssessmentService
