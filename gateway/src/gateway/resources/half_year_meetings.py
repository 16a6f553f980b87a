"""Half-yearly meetings of secretaries, and re-inspections every two years (A13)."""

from contracts.assessment.half_year_meetings import (
    HalfYearMeetingAsked,
    HalfYearMeetingsAsked,
    HalfYearMeetingsView,
    HalfYearMeetingView,
    HoldHalfYearMeeting,
    PlanHalfYearMeeting,
    PrintHalfYearPaper,
)
from contracts.assessment.reinspections import (
    PlanReinspections,
    RecordReinspection,
    ReinspectionAsked,
    ReinspectionsAsked,
    ReinspectionsPlannedView,
    ReinspectionView,
)
from contracts.assessment.reviews import ReviewPaperView

from gateway.clients import assessment
from gateway.nouns import Many, Noun

meetings = Noun("half_year_meetings")

meetings.read(
    "/half-year-meetings",
    assessment.half_year_meetings.half_year_meetings,
    needs=("read_half_year_meetings",),
    takes=HalfYearMeetingsAsked,
    answers=HalfYearMeetingsView,
    refusals=("not-found",),
)
meetings.read(
    "/half-year-meetings/<uuid:meeting_id>",
    assessment.half_year_meetings.half_year_meeting,
    needs=("read_half_year_meetings",),
    takes=HalfYearMeetingAsked,
    answers=HalfYearMeetingView,
    refusals=("not-found",),
)
meetings.act(
    "/half-year-meetings",
    assessment.half_year_meetings.plan_half_year_meeting,
    needs=("hold_half_year_meeting",),
    takes=PlanHalfYearMeeting,
    answers=HalfYearMeetingView,
    status=201,
    refusals=("not-found", "half-year-planned"),
)
meetings.act(
    "/half-year-meetings/<uuid:meeting_id>/holding",
    assessment.half_year_meetings.hold_half_year_meeting,
    needs=("hold_half_year_meeting",),
    takes=HoldHalfYearMeeting,
    answers=HalfYearMeetingView,
    refusals=("not-found", "half-year-held"),
)
meetings.act(
    "/half-year-meetings/<uuid:meeting_id>/papers",
    assessment.review_consequences.print_half_year_paper,
    needs=("read_half_year_meetings",),
    takes=PrintHalfYearPaper,
    answers=ReviewPaperView,
    status=202,
    refusals=("not-found", "too-many-review-papers"),
)
meetings.read(
    "/reinspections",
    assessment.half_year_meetings.reinspections,
    needs=("read_reinspections",),
    takes=ReinspectionsAsked,
    answers=Many(ReinspectionView),
    refusals=("not-found",),
)
meetings.read(
    "/reinspections/<uuid:reinspection_id>",
    assessment.half_year_meetings.reinspection,
    needs=("read_reinspections",),
    takes=ReinspectionAsked,
    answers=ReinspectionView,
    refusals=("not-found",),
)
meetings.act(
    "/organisations/<uuid:organisation_id>/reinspections",
    assessment.half_year_meetings.plan_reinspections,
    needs=("plan_reinspections",),
    takes=PlanReinspections,
    answers=ReinspectionsPlannedView,
    status=201,
    refusals=("not-found",),
)
meetings.act(
    "/reinspections/<uuid:reinspection_id>/record",
    assessment.half_year_meetings.record_reinspection,
    needs=("record_reinspection",),
    takes=RecordReinspection,
    answers=ReinspectionView,
    refusals=("not-found", "reinspection-done"),
)
