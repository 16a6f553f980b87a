"""Doors of sites: calendars, closures, holidays."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def move_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open, suspend, resume or withdraw a site, saying why (MoveSite → SiteMovedView)."""
    return call(SERVICE, "move_site", fields, who=who, command_id=command_id)


def affected_orders(fields: Fields, *, who: Holder) -> Answer:
    """List the orders that stand at a site (AffectedOrdersAsked → Page of StandingOrderView)."""
    return call(SERVICE, "affected_orders", fields, who=who)


def add_picture(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Add a picture to a site (AddPicture → PicturesView)."""
    return call(SERVICE, "add_picture", fields, who=who, command_id=command_id)


def order_pictures(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a site's pictures into a sequence (OrderPictures → PicturesView)."""
    return call(SERVICE, "order_pictures", fields, who=who, command_id=command_id)


def remove_picture(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a picture away from a site (RemovePicture → PicturesView)."""
    return call(SERVICE, "remove_picture", fields, who=who, command_id=command_id)


def calendar_days(fields: Fields) -> Answer:
    """List a site's days with their free seats (CalendarDaysAsked → CalendarDaysView)."""
    return call(SERVICE, "calendar_days", fields)


def calendar_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return what a site's slots are made from (CalendarAsked → CalendarRulesView)."""
    return call(SERVICE, "calendar_rules", fields, who=who)


def preview_calendar(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """See what a change of the calendar would do (PreviewCalendar → CalendarPreviewView)."""
    return call(SERVICE, "preview_calendar", fields, who=who, command_id=command_id)


def calendar_preview(fields: Fields, *, who: Holder) -> Answer:
    """Look at a preview again, worked out anew (PreviewAsked → CalendarPreviewView)."""
    return call(SERVICE, "calendar_preview", fields, who=who)


def apply_calendar(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Make a previewed change (ApplyCalendar → CalendarAppliedView)."""
    return call(SERVICE, "apply_calendar", fields, who=who, command_id=command_id)


def closures(fields: Fields, *, who: Holder) -> Answer:
    """List a site's closures (ClosuresAsked → Page of ClosureView)."""
    return call(SERVICE, "closures", fields, who=who)


def close_site(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a site or a part of it at once (CloseSite → ClosureView)."""
    return call(SERVICE, "close_site", fields, who=who, command_id=command_id)


def lift_closure(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a closure back (LiftClosure → ClosureView)."""
    return call(SERVICE, "lift_closure", fields, who=who, command_id=command_id)


def order_notices(fields: Fields, *, who: Holder) -> Answer:
    """List the orders whose slot was closed, with slots to move to (NoticesAsked → Page of NoticeView)."""
    return call(SERVICE, "order_notices", fields, who=who)


def holidays(fields: Fields) -> Answer:
    """List the public holidays by year, announced or not (HolidaysAsked → Page of HolidayYearView)."""
    return call(SERVICE, "holidays", fields)


def announce_holidays(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter a year's public holidays (AnnounceHolidays → HolidayYearView)."""
    return call(SERVICE, "announce_holidays", fields, who=who, command_id=command_id)
