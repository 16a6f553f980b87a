"""The assessment's doors: lights."""

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def light(fields: Fields, *, who: Holder) -> Answer:
    """Return a branch's light for a month (LightAsked → LightView)."""
    return call(SERVICE, "light", fields, who=who)


def lights(fields: Fields, *, who: Holder) -> Answer:
    """List the lights of the branches below the person's place in the tree (LightsAsked → Page of LightView)."""
    return call(SERVICE, "lights", fields, who=who)
