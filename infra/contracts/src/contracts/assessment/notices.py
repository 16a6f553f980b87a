"""The assessment's notices: what it told a person, or those who lead an organisation, in the inbox (G5)."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields

from contracts.envelope import Instant, Limit

NOTICE_KINDS: Final[dict[str, str]] = {
    "light_yellow": "branch",
    "bulletin_sent": "bulletin",
    "slip_issued": "slip",
    "slip_replied": "slip",
    "slip_returned": "slip",
    "slip_closed": "slip",
    "slip_withdrawn": "slip",
    "slip_overdue": "slip",
    "talk_due": "talk",
    "talk_held": "talk",
    "review_opened": "review",
    "review_handed_in": "review",
    "review_sent_back": "review",
    "review_published": "review",
    "review_corrected": "review",
    "review_consequence_due": "review",
    "round_report_sent": "round_visit",
    "round_report_put_aside": "round_visit",
    "mending_due": "problem",
    "mending_returned": "problem",
    "mending_accepted": "problem",
    "card_given": "card",
    "card_raised": "card",
    "card_stepped_down": "card",
    "card_cleared": "card",
    "card_objection_decided": "card",
    "exemption_approved": "exemption",
    "exemption_refused": "exemption",
    "rating_shown": "branch_stars",
    "rating_published": "branch_stars",
    "weak_listed": "weak_entry",
    "weak_released": "weak_entry",
}
"""Each kind of notice and what its `subject_id` is the id of; who tells of more adds a row, and its words to the
gateway's `pages/words/notices.py`."""


INBOX_LEADERS: Final = ("secretary", "administrator", "officer")
"""The roles whose holders at an organisation's own node have its notices in their inbox."""


@dataclass(frozen=True)
class InboxAsked:
    """The asker's notices, the newest first; with `unread` only those that they have not read."""

    unread: Annotated[bool, fields.Boolean(load_default=False)] = False
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class InboxNoticeView:
    """One notice. `facts` are the texts, numbers and days that its sentence names; `read_at` is the asker's own."""

    id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    organisation_id: UUID | None
    organisation_name: str | None
    facts: dict[str, Any]
    told_at: Instant
    read_at: Instant | None


@dataclass(frozen=True)
class UnreadAsked:
    """How many notices the asker has not read."""


@dataclass(frozen=True)
class UnreadView:
    """How many notices the asker has not read; at most `UNREAD_MAX`, which says that there are as many or more."""

    unread: int


UNREAD_MAX: Final = 100


@dataclass(frozen=True)
class MarkNoticesRead:
    """Say that one has read notices: those named, or all of one's own when none is named."""

    notice_ids: Annotated[
        list[UUID], fields.List(fields.UUID(), load_default=list, validate=lambda ids: len(ids) <= 200)
    ] = field(default_factory=list)
