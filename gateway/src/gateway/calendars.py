"""Visits in iCalendar (RFC 5545), for the calendar of a phone: one as a file, many as a feed.

A visit keeps its UID whatever happens to it and its SEQUENCE rises with each change; one that was cancelled stays in
the feed as STATUS:CANCELLED, so that calendars take it off. Times are those of Asia/Shanghai, which has had one offset
since 1991.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from chassis import clock

ICALENDAR: Final = "text/calendar"
LINE_MAX_BYTES: Final = 75
_STATUS: Final = {"placed": "TENTATIVE", "confirmed": "CONFIRMED", "used": "CONFIRMED"}
_HEAD: Final = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Zhendi//Orders//ZH", "METHOD:PUBLISH")
_ZONE: Final = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Shanghai",
    "BEGIN:STANDARD",
    "DTSTART:19910915T000000",
    "TZOFFSETFROM:+0900",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def of_order(order: dict[str, Any], *, site: dict[str, Any] | None = None) -> bytes:
    """Return the calendar file of an order; `site` (a SiteView) gives it its address and point."""
    lon, lat = site["point"]["coordinates"] if site else (None, None)
    event = {**order, "order_id": order["id"], "address": site["address"] if site else None, "lon": lon, "lat": lat}
    return _written([*_HEAD, *_ZONE, *_event(event), "END:VCALENDAR"])


def of_feed(calendar: dict[str, Any], *, name: str) -> bytes:
    """Return the calendar of a feed (a CalendarView); programmes fetch it anew every few hours."""
    lines = [*_HEAD, f"X-WR-CALNAME:{_text(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H"]
    lines.extend(_ZONE)
    for event in calendar["events"]:
        lines.extend(_event(event))
    return _written([*lines, "END:VCALENDAR"])


def _event(event: dict[str, Any]) -> list[str]:
    place = event["site"]["name"] + (f", {event['address']}" if event["address"] else "")
    lines = [
        "BEGIN:VEVENT",
        f"UID:order-{event['order_id']}@zhendi",
        f"SEQUENCE:{event['version']}",
        f"DTSTAMP:{_instant(event['placed_at'])}",
        f"DTSTART;TZID=Asia/Shanghai:{_local(event['slot']['starts_at'])}",
        f"DTEND;TZID=Asia/Shanghai:{_local(event['slot']['ends_at'])}",
        f"SUMMARY:{_text(event['slot']['programme'])}",
        f"LOCATION:{_text(place)}",
    ]
    if event["lat"] is not None:
        lines.append(f"GEO:{event['lat']:.6f};{event['lon']:.6f}")
    return [*lines, f"STATUS:{_STATUS.get(event['state'], 'CANCELLED')}", "END:VEVENT"]


def _written(lines: Iterable[str]) -> bytes:
    return b"".join(_folded(line) for line in lines)


def _instant(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _local(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(clock.SHANGHAI):%Y%m%dT%H%M%S}"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> bytes:
    """Return the line in pieces of at most 75 octets, never cutting a character (RFC 5545, 3.1)."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > LINE_MAX_BYTES:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
