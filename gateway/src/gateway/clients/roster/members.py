"""Members."""

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def members(fields: Fields, *, who: Holder) -> Answer:
    """List an organisation's members (MembersAsked → Page of MemberView)."""
    return call(SERVICE, "members", fields, who=who)
