"""Activity records of branches, written by visits and by hand."""

from contracts.assessment.activities import ActivitiesAsked, ActivityView, RecordActivity

from gateway.clients import assessment
from gateway.nouns import Many, Noun

activities = Noun("activities")

activities.read(
    "/activities",
    assessment.activities.activities,
    needs=("read_activities",),
    takes=ActivitiesAsked,
    answers=Many(ActivityView),
    refusals=("not-found",),
)
activities.act(
    "/activities",
    assessment.activities.record_activity,
    needs=("record_activity",),
    takes=RecordActivity,
    answers=ActivityView,
    status=201,
    refusals=("not-found", "month-frozen", "activity-in-future", "branch-unknown"),
)
