"""A site's calendar: free days for everybody; rules, previews and closures for its steward; public holidays."""

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
    NoticeView,
    PreviewAsked,
    PreviewCalendar,
)

from gateway.clients import sites
from gateway.nouns import Many, Noun

calendars = Noun("calendars")

calendars.read(
    "/sites/<uuid:site_id>/calendar",
    sites.calendars.calendar_days,
    takes=CalendarDaysAsked,
    answers=CalendarDaysView,
    refusals=("not-found",),
    query_names={"from": "from_day", "to": "to_day"},
)
calendars.read(
    "/sites/<uuid:site_id>/calendar/rules",
    sites.calendars.calendar_rules,
    needs=("read_calendar",),
    takes=CalendarAsked,
    answers=CalendarRulesView,
    refusals=("not-found",),
)
calendars.act(
    "/sites/<uuid:site_id>/calendar/previews",
    sites.calendars.preview_calendar,
    needs=("change_calendar",),
    takes=PreviewCalendar,
    answers=CalendarPreviewView,
    status=201,
    refusals=("not-found", "calendar-changed", "nothing-to-change", "space-in-use"),
    located=True,
)
calendars.read(
    "/sites/<uuid:site_id>/calendar/previews/<uuid:preview_id>",
    sites.calendars.calendar_preview,
    needs=("change_calendar",),
    takes=PreviewAsked,
    answers=CalendarPreviewView,
    refusals=("not-found",),
)
calendars.act(
    "/sites/<uuid:site_id>/calendar/previews/<uuid:preview_id>/application",
    sites.calendars.apply_calendar,
    needs=("change_calendar",),
    takes=ApplyCalendar,
    answers=CalendarAppliedView,
    refusals=("not-found", "calendar-changed", "preview-applied", "space-in-use", "space-occupied"),
)
calendars.read(
    "/sites/<uuid:site_id>/closures",
    sites.calendars.closures,
    needs=("read_calendar",),
    takes=ClosuresAsked,
    answers=Many(ClosureView),
    refusals=("not-found",),
)
calendars.act(
    "/sites/<uuid:site_id>/closures",
    sites.calendars.close_site,
    needs=("close_site",),
    takes=CloseSite,
    answers=ClosureView,
    status=201,
    refusals=("not-found",),
)
calendars.act(
    "/sites/<uuid:site_id>/closures/<uuid:closure_id>/lifting",
    sites.calendars.lift_closure,
    needs=("close_site",),
    takes=LiftClosure,
    answers=ClosureView,
    refusals=("not-found", "closure-lifted"),
)
calendars.read(
    "/order-notices",
    sites.calendars.order_notices,
    needs=("read_notices",),
    takes=NoticesAsked,
    answers=Many(NoticeView),
)
calendars.read("/holidays", sites.calendars.holidays, takes=HolidaysAsked, answers=Many(HolidayYearView))
calendars.act(
    "/holidays",
    sites.calendars.announce_holidays,
    needs=("announce_holidays",),
    takes=AnnounceHolidays,
    answers=HolidayYearView,
    refusals=("holidays-unreadable", "holiday-invalid"),
)
