"""The voucher as a QR code, the visit as a calendar file."""

from typing import Any

import pytest

from gateway import calendars, vouchers

ORDER: dict[str, Any] = {
    "id": "0b0e0f5c-0000-4000-8000-000000000001",
    "state": "confirmed",
    "version": 3,
    "placed_at": "2026-11-23T12:00:00+08:00",
    "slot": {
        "programme": "聊斋故事里的初心；讲解, 参观\n座谈",
        "starts_at": "2026-11-24T09:00:00+08:00",
        "ends_at": "2026-11-24T10:00:00+08:00",
    },
    "site": {"name": "蒲松龄纪念馆" * 12},
}


def lines(order: dict[str, Any]) -> list[str]:
    folded = calendars.of_order(order)
    assert folded.endswith(b"END:VCALENDAR\r\n")
    for line in folded.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two
    return folded.decode().replace("\r\n ", "").split("\r\n")


class TestCalendar:
    def test_tells_when_and_where(self) -> None:
        told = lines(ORDER)
        assert "DTSTART;TZID=Asia/Shanghai:20261124T090000" in told
        assert "DTEND;TZID=Asia/Shanghai:20261124T100000" in told
        assert "DTSTAMP:20261123T040000Z" in told
        assert f"LOCATION:{ORDER['site']['name']}" in told

    def test_escapes_what_has_a_meaning(self) -> None:
        assert r"SUMMARY:聊斋故事里的初心；讲解\, 参观\n座谈" in lines(ORDER)

    @pytest.mark.parametrize(
        ("state", "status"),
        [("placed", "TENTATIVE"), ("confirmed", "CONFIRMED"), ("cancelled", "CANCELLED"), ("refused", "CANCELLED")],
    )
    def test_follows_the_orders_state(self, state: str, status: str) -> None:
        assert f"STATUS:{status}" in lines({**ORDER, "state": state})


class TestVoucher:
    def test_is_drawn_as_svg_that_stands_alone(self) -> None:
        drawn = vouchers.qr("K7M2-9QTX", media_type=vouchers.SVG)
        assert drawn.startswith(b"<svg")
        assert b'xmlns="http://www.w3.org/2000/svg"' in drawn

    def test_is_drawn_as_png(self) -> None:
        assert vouchers.qr("K7M2-9QTX", media_type=vouchers.PNG).startswith(b"\x89PNG")

    def test_another_voucher_looks_otherwise(self) -> None:
        assert vouchers.qr("K7M2-9QTX", media_type=vouchers.PNG) != vouchers.qr("K7M2-9QTY", media_type=vouchers.PNG)
