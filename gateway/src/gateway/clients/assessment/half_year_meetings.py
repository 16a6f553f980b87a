"""The assessment's doors: half-yearly meetings of secretaries, and re-inspections."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def half_year_meetings(fields: Fields, *, who: Holder) -> Answer:
    """List the half-yearly meetings (HalfYearMeetingsAsked → HalfYearMeetingsView)."""
    return call(SERVICE, "half_year_meetings", fields, who=who)


def half_year_meeting(fields: Fields, *, who: Holder) -> Answer:
    """Return a half-yearly meeting with its figures (HalfYearMeetingAsked → HalfYearMeetingView)."""
    return call(SERVICE, "half_year_meeting", fields, who=who)


def plan_half_year_meeting(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Plan a half-yearly meeting (PlanHalfYearMeeting → HalfYearMeetingView)."""
    return call(SERVICE, "plan_half_year_meeting", fields, who=who, command_id=command_id)


def hold_half_year_meeting(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down a half-yearly meeting (HoldHalfYearMeeting → HalfYearMeetingView)."""
    return call(SERVICE, "hold_half_year_meeting", fields, who=who, command_id=command_id)


def reinspections(fields: Fields, *, who: Holder) -> Answer:
    """List re-inspections (ReinspectionsAsked → Page of ReinspectionView)."""
    return call(SERVICE, "reinspections", fields, who=who)


def reinspection(fields: Fields, *, who: Holder) -> Answer:
    """Return a re-inspection (ReinspectionAsked → ReinspectionView)."""
    return call(SERVICE, "reinspection", fields, who=who)


def plan_reinspections(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Plan the re-inspections of a year (PlanReinspections → ReinspectionsPlannedView)."""
    return call(SERVICE, "plan_reinspections", fields, who=who, command_id=command_id)


def record_reinspection(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record a re-inspection (RecordReinspection → ReinspectionView)."""
    return call(SERVICE, "record_reinspection", fields, who=who, command_id=command_id)
