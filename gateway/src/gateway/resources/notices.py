"""The inbox of the assessment's notices; those of sites about closures stand at `/order-notices`."""

from contracts.assessment.notices import InboxAsked, InboxNoticeView, MarkNoticesRead, UnreadAsked, UnreadView

from gateway.clients import assessment
from gateway.nouns import Many, Noun

notices = Noun("inbox")

notices.read("/inbox", assessment.notices.inbox, needs=("read_inbox",), takes=InboxAsked, answers=Many(InboxNoticeView))
notices.read(
    "/inbox/unread",
    assessment.notices.unread_notices,
    needs=("read_inbox",),
    takes=UnreadAsked,
    answers=UnreadView,
)
notices.act(
    "/inbox/readings",
    assessment.notices.mark_notices_read,
    needs=("read_inbox",),
    takes=MarkNoticesRead,
    answers=UnreadView,
)
