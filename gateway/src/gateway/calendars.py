"""A visit as an iCalendar file (RFC 5545), for the calendar of a phone."""

from datetime import UTC, datetime
from typing import Any, Final

ICALENDAR: Final = "text/calendar"
LINE_MAX_BYTES: Final = 75
_STATUS: Final = {"placed": "TENTATIVE", "confirmed": "CONFIRMED", "used": "CONFIRMED"}


def of_order(order: dict[str, Any]) -> bytes:
    """Return the calendar file of an order; what ended without a visit is told as cancelled."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Zhendi//Orders//ZH",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:order-{order['id']}@zhendi",
        f"SEQUENCE:{order['version']}",
        f"DTSTAMP:{_instant(order['placed_at'])}",
        f"DTSTART:{_instant(order['slot']['starts_at'])}",
        f"DTEND:{_instant(order['slot']['ends_at'])}",
        f"SUMMARY:{_text(order['slot']['programme'])}",
        f"LOCATION:{_text(order['site']['name'])}",
        f"STATUS:{_STATUS.get(order['state'], 'CANCELLED')}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _instant(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y%m%dT%H%M%SZ}"


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
