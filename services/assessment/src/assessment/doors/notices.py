"""Doors: the inbox."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.notices import InboxAsked, MarkNoticesRead, UnreadAsked, UnreadView
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import notices
from assessment.queries import notices as shown


class NoticeDoors(Doors):
    """Doors: the inbox."""

    @query(InboxAsked, returns=Page)
    def inbox(self, asked: InboxAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.inbox(self.database.transaction, asked=asked, actor=actor)

    @query(UnreadAsked, returns=UnreadView)
    def unread_notices(self, asked: UnreadAsked, *, actor: Actor, at: datetime) -> UnreadView:
        return shown.unread(self.database.transaction, asked=asked, actor=actor)

    @command(MarkNoticesRead, returns=UnreadView, recorded=False)  # whoever reads their own inbox is nobody's business
    def mark_notices_read(self, asked: MarkNoticesRead, *, actor: Actor, at: datetime) -> UnreadView:
        return notices.mark_read(self.database.transaction, asked=asked, actor=actor, at=at)
