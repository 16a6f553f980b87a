"""The calendar file and feed, read by a strict reader of RFC 5545: what calendar programmes make of a visit's life."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway import calendars

SHANGHAI = ZoneInfo("Asia/Shanghai")
LINE = re.compile(r"(?P<name>[A-Z-]+)(?P<params>(;[A-Z-]+=[^:;,\"]+)*):(?P<value>.*)", re.DOTALL)
ONCE = {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "GEO", "STATUS"}

EVENT: dict[str, Any] = {
    "order_id": "0b0e0f5c-0000-4000-8000-000000000001",
    "version": 1,
    "state": "confirmed",
    "placed_at": "2026-11-23T04:00:00+00:00",
    "slot": {
        "programme": "聊斋故事里的初心；讲解, 参观",
        "starts_at": "2026-11-24T01:00:00+00:00",
        "ends_at": "2026-11-24T02:00:00+00:00",
    },
    "site": {"name": "蒲松龄纪念馆"},
    "address": "洪山镇蒲家庄村; 东门",
    "lon": 117.98765432,
    "lat": 36.6,
}


class Component(dict[str, tuple[dict[str, str], str]]):
    """One component: its properties, each there once, and the components inside it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.inside = name, list[Component]()

    def of(self, name: str) -> list["Component"]:
        return [part for part in self.inside if part.name == name]


def unfolded(body: bytes) -> Iterator[tuple[str, dict[str, str], str]]:
    """Each content line; raises where a line is not as RFC 5545, 3.1 writes it."""
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    for octets in body.split(b"\r\n"):
        assert len(octets) <= 75
        octets.decode()  # no letter is cut in two
    for line in body.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        found = LINE.fullmatch(line)
        assert found, line
        params = dict(part.split("=", 1) for part in found["params"].split(";") if part)
        yield found["name"], params, found["value"]


def read(body: bytes) -> Component:
    stack: list[Component] = []
    for name, params, value in unfolded(body):
        if name == "BEGIN":
            stack.append(Component(value))
        elif name == "END":
            ended = stack.pop()
            assert ended.name == value
            if not stack:
                return ended
            stack[-1].inside.append(ended)
        else:
            assert name not in stack[-1], f"{name} twice"
            stack[-1][name] = params, value
    raise AssertionError("it does not end")


def plain(text: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", text), "not escaped"
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], text)


def local(value: tuple[dict[str, str], str]) -> datetime:
    params, text = value
    assert params == {"TZID": "Asia/Shanghai"}
    return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=SHANGHAI)


def read_feed(*events: dict[str, Any]) -> Component:
    return read(calendars.of_feed({"events": list(events)}, name="第一党支部, 组织生活"))


def test_a_feed_is_a_calendar_with_its_zone() -> None:
    calendar = read_feed(EVENT, {**EVENT, "order_id": "0b0e0f5c-0000-4000-8000-000000000002"})
    assert calendar.name == "VCALENDAR"
    assert (calendar["VERSION"][1], calendar["METHOD"][1]) == ("2.0", "PUBLISH")
    assert plain(calendar["X-WR-CALNAME"][1]) == "第一党支部, 组织生活"
    (zone,) = calendar.of("VTIMEZONE")
    assert zone["TZID"][1] == "Asia/Shanghai"
    assert [part["TZOFFSETTO"][1] for part in zone.inside] == ["+0800"]
    first, second = calendar.of("VEVENT")
    assert set(first) == ONCE
    assert first["UID"] != second["UID"]


def test_a_visit_is_where_and_when_it_is() -> None:
    (event,) = read_feed(EVENT).of("VEVENT")
    assert local(event["DTSTART"]) == datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)
    assert local(event["DTEND"]) == datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)
    assert event["DTSTAMP"][1] == "20261123T040000Z"
    assert plain(event["SUMMARY"][1]) == "聊斋故事里的初心；讲解, 参观"
    assert plain(event["LOCATION"][1]) == "蒲松龄纪念馆, 洪山镇蒲家庄村; 东门"
    assert tuple(map(float, event["GEO"][1].split(";"))) == pytest.approx((36.6, 117.987654), abs=1e-6)


def test_a_changed_visit_keeps_its_uid_and_grows_its_sequence() -> None:
    slot = {**EVENT["slot"], "starts_at": "2026-11-25T01:00:00+00:00", "ends_at": "2026-11-25T02:00:00+00:00"}
    (before,), (after,) = (read_feed(one).of("VEVENT") for one in (EVENT, {**EVENT, "version": 2, "slot": slot}))
    assert before["UID"] == after["UID"]
    assert int(after["SEQUENCE"][1]) > int(before["SEQUENCE"][1])
    assert local(after["DTSTART"]) > local(before["DTSTART"])


@pytest.mark.parametrize("state", ["cancelled", "refused", "expired", "no_show"])
def test_a_visit_that_is_off_is_taken_off(state: str) -> None:
    (event,) = read_feed({**EVENT, "state": state, "version": 3}).of("VEVENT")
    assert (event["STATUS"][1], event["UID"][1]) == ("CANCELLED", f"order-{EVENT['order_id']}@zhendi")


def test_the_file_of_an_order_is_the_same_event_as_in_the_feed() -> None:
    order = {**EVENT, "id": EVENT["order_id"]}
    site = {"point": {"coordinates": [EVENT["lon"], EVENT["lat"]]}, "address": EVENT["address"]}
    file = read(calendars.of_order(order, site=site))
    assert file.of("VEVENT") == read_feed(EVENT).of("VEVENT")
    assert "GEO" not in read(calendars.of_order(order)).of("VEVENT")[0]
