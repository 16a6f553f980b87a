"""The assessment's doors: lights and activity records."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def light(fields: Fields, *, who: Holder) -> Answer:
    """Return a branch's light for a month (LightAsked → LightView)."""
    return call(SERVICE, "light", fields, who=who)


def lights(fields: Fields, *, who: Holder) -> Answer:
    """List the lights of the branches below the person's place in the tree (LightsAsked → Page of LightView)."""
    return call(SERVICE, "lights", fields, who=who)


def activities(fields: Fields, *, who: Holder) -> Answer:
    """List activity records (ActivitiesAsked → Page of ActivityView)."""
    return call(SERVICE, "activities", fields, who=who)


def record_activity(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write an activity record by hand (RecordActivity → ActivityView)."""
    return call(SERVICE, "record_activity", fields, who=who, command_id=command_id)
