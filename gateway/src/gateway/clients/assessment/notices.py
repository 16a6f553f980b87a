"""The assessment's doors: the inbox."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def inbox(fields: Fields, *, who: Holder) -> Answer:
    """List what the assessment told the person (InboxAsked → Page of InboxNoticeView)."""
    return call(SERVICE, "inbox", fields, who=who)


def unread_notices(fields: Fields, *, who: Holder) -> Answer:
    """Return how many notices the person has not read (UnreadAsked → UnreadView)."""
    return call(SERVICE, "unread_notices", fields, who=who)


def mark_notices_read(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Note that the person has read notices (MarkNoticesRead → UnreadView)."""
    return call(SERVICE, "mark_notices_read", fields, who=who, command_id=command_id)
