"""The assessment's doors: records of activities."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def activities(fields: Fields, *, who: Holder) -> Answer:
    """List activity records (ActivitiesAsked → Page of ActivityView)."""
    return call(SERVICE, "activities", fields, who=who)


def record_activity(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write an activity record by hand (RecordActivity → ActivityView)."""
    return call(SERVICE, "record_activity", fields, who=who, command_id=command_id)
