"""The assessment service: its doors, each of which makes one call into operations or queries."""

from chassis.audit.doors import AuditDoors

from assessment.doors.activities import ActivityDoors
from assessment.doors.cards import CardDoors
from assessment.doors.inspections import InspectionDoors
from assessment.doors.lights import LightDoors
from assessment.doors.organisations import OrganisationDoors
from assessment.doors.problems import ProblemDoors
from assessment.doors.records import RecordDoors
from assessment.doors.task_lists import TaskListDoors
from assessment.doors.tasks import TaskDoors


class AssessmentService(
    LightDoors,
    ActivityDoors,
    RecordDoors,
    TaskListDoors,
    TaskDoors,
    ProblemDoors,
    InspectionDoors,
    CardDoors,
    OrganisationDoors,
    AuditDoors,
):
    """The assessment service, as the gateway and the other services see it."""

    name = "assessment"


SERVICE = AssessmentService
