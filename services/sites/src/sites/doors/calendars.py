"""Doors: calendars, closures, holidays."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.sites.calendars import (
    AnnounceHolidays,
    ApplyCalendar,
    CalendarAppliedView,
    CalendarAsked,
    CalendarDaysAsked,
    CalendarDaysView,
    CalendarPreviewView,
    CalendarRulesView,
    CloseSite,
    ClosuresAsked,
    ClosureView,
    HolidaysAsked,
    HolidayYearView,
    LiftClosure,
    NoticesAsked,
    PreviewAsked,
    PreviewCalendar,
)
from contracts.sites.lifecycles import (
    AffectedOrdersAsked,
    MoveSite,
    SiteMovedView,
)
from contracts.sites.pictures import AddPicture, OrderPictures, PicturesView, RemovePicture

from sites.doors.resources import Doors
from sites.operations import (
    calendars,
    closures,
    holidays,
    lifecycles,
    pictures,
)
from sites.queries import calendar_days, previews
from sites.queries import calendars as calendar_queries
from sites.queries import closures as closure_queries
from sites.queries import holidays as holiday_queries
from sites.queries import site_rules as site_rule_queries


class CalendarDoors(Doors):
    """Doors: calendars, closures, holidays."""

    @query(CalendarDaysAsked, returns=CalendarDaysView, public=True)
    def calendar_days(self, asked: CalendarDaysAsked, *, actor: Actor | None, at: datetime) -> CalendarDaysView:
        return calendar_days.calendar_days(self.database.transaction, asked, at=at)

    @query(HolidaysAsked, returns=Page, public=True)
    def holidays(self, asked: HolidaysAsked, *, actor: Actor | None, at: datetime) -> Page:
        return holiday_queries.holidays(self.database.transaction, asked, at=at)

    @command(AnnounceHolidays, returns=HolidayYearView)
    def announce_holidays(self, asked: AnnounceHolidays, *, actor: Actor, at: datetime) -> HolidayYearView:
        return holidays.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CalendarAsked, returns=CalendarRulesView)
    def calendar_rules(self, asked: CalendarAsked, *, actor: Actor, at: datetime) -> CalendarRulesView:
        return calendar_queries.rules(self.database.transaction, asked.site_id, actor=actor)

    @command(PreviewCalendar, returns=CalendarPreviewView)
    def preview_calendar(self, asked: PreviewCalendar, *, actor: Actor, at: datetime) -> CalendarPreviewView:
        return calendars.preview(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PreviewAsked, returns=CalendarPreviewView)
    def calendar_preview(self, asked: PreviewAsked, *, actor: Actor, at: datetime) -> CalendarPreviewView:
        return previews.preview(self.database.transaction, asked.site_id, asked.preview_id, actor=actor, at=at)

    @command(ApplyCalendar, returns=CalendarAppliedView)
    def apply_calendar(self, asked: ApplyCalendar, *, actor: Actor, at: datetime) -> CalendarAppliedView:
        return calendars.apply(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CloseSite, returns=ClosureView)
    def close_site(self, asked: CloseSite, *, actor: Actor, at: datetime) -> ClosureView:
        return closures.close(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(LiftClosure, returns=ClosureView)
    def lift_closure(self, asked: LiftClosure, *, actor: Actor, at: datetime) -> ClosureView:
        return closures.lift(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ClosuresAsked, returns=Page)
    def closures(self, asked: ClosuresAsked, *, actor: Actor, at: datetime) -> Page:
        return closure_queries.closures(self.database.transaction, asked, actor=actor)

    @query(NoticesAsked, returns=Page)
    def order_notices(self, asked: NoticesAsked, *, actor: Actor, at: datetime) -> Page:
        return closure_queries.notices(self.database.transaction, asked, actor=actor, at=at)

    @command(MoveSite, returns=SiteMovedView)
    def move_site(self, asked: MoveSite, *, actor: Actor, at: datetime) -> SiteMovedView:
        return lifecycles.move(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(AffectedOrdersAsked, returns=Page)
    def affected_orders(self, asked: AffectedOrdersAsked, *, actor: Actor, at: datetime) -> Page:
        return site_rule_queries.affected(self.database.transaction, asked, actor=actor, at=at)

    @command(AddPicture, returns=PicturesView)
    def add_picture(self, asked: AddPicture, *, actor: Actor, at: datetime) -> PicturesView:
        return pictures.add(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(OrderPictures, returns=PicturesView)
    def order_pictures(self, asked: OrderPictures, *, actor: Actor, at: datetime) -> PicturesView:
        return pictures.order(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RemovePicture, returns=PicturesView)
    def remove_picture(self, asked: RemovePicture, *, actor: Actor, at: datetime) -> PicturesView:
        return pictures.remove(self.database.transaction, asked=asked, actor=actor, at=at)
