"""The door with the network cut: what was fetched still lets parties in, and what happened is sent by itself (S8)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg2
from chassis import clock
from local.testing import Platform
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Someone
from tests.journeys.actors import Person, next_slot, site_named
from tests.journeys.strangers import a_member, village_secretaries

SITE, ELSEWHERE = "蒲松龄纪念馆", "淄博煤矿博物馆"
PARTY = 12


class Door:
    """A device at the door, as the steward holds it."""

    def __init__(self, someone: Someone) -> None:
        self.someone, self.page = someone, someone.page

    def part(self, name: str) -> Locator:
        return self.page.locator(f'[data-part="{name}"]')

    def enrols(self, code: str) -> None:
        self.someone.opens("/door")
        self.page.fill("#code", code)
        self.page.get_by_role("button", name="登记").click()
        expect(self.part("network")).to_have_text("在线")
        # From here on the page needs nobody to be opened again.
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    def stands(self, *, km_north: float, of: dict[str, Any]) -> None:
        """Let the device know where it is, and let it tell how far that is from the site."""
        lon, lat = of["geometry"]["coordinates"]
        self.page.context.grant_permissions(["geolocation"])
        self.page.context.set_geolocation(
            {"longitude": lon, "latitude": lat + km_north / 111.195, "accuracy": 20}  # km a degree of latitude
        )
        self.page.get_by_role("button", name="核验时记下与活动点的距离").click()
        expect(self.part("place-said")).to_contain_text("距离")

    def looks_at(self, shown: str, *, told: str | re.Pattern[str]) -> None:
        """Type a code; a scanner that types for a hand brings a token into the same field."""
        self.page.fill("#voucher", shown)
        self.page.get_by_role("button", name="查看").click()
        expect(self.part("verdict")).to_contain_text(told)

    def lets_in(self, shown: str, *, count: int, told: str) -> None:
        self.looks_at(shown, told="欢迎")
        self.page.fill("#count", str(count))
        self.page.get_by_role("button", name="放行").click()
        expect(self.part("verdict")).to_contain_text(told)


def booked(member: Person, slot: dict[str, Any]) -> dict[str, Any]:
    """Book one seat; returns the order with its `token`, as the QR code holds it."""
    body = {"slot_id": slot["id"], "party_size": 1, "contact_name": "某党员", "contact_phone": "13853312345"}
    order = member.post("/orders", body)
    return {**order, "token": member.get(f"/orders/{order['id']}/voucher")["token"]}


def widened(stack: Platform, slot: dict[str, Any], *, seats: int) -> None:
    """Add seats to the one slot whose doors are open: parties of other tests may have filled it."""
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE slots SET seats = seats + %s WHERE id = %s", (seats, slot["id"]))
    connection.close()


def distances(stack: Platform, order_id: str) -> dict[str, int | None]:
    """Return by state how far from the site each check-in of the order was, in metres."""
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT state, distance_m FROM check_ins WHERE order_id = %s", (order_id,))
        found = dict(cursor.fetchall())
    connection.close()
    return found


def test_two_devices_with_no_network_let_in_and_tell_later(somebody: Callable[..., Someone], stack: Platform) -> None:
    (secretary,) = village_secretaries(stack, count=1)
    member = a_member(stack)
    slots = member.get(f"/sites/{site_named(member, SITE)['id']}/slots")["items"]
    slots = [each for each in slots if each["confirmation"] == "automatic"]
    slot = next(each for each in slots if datetime.fromisoformat(each["starts_at"]) > stack.now())
    widened(stack, slot, seats=PARTY + 5)
    soon = stack.now() + timedelta(minutes=60)
    later = next(each for each in slots if each["bookable"] and datetime.fromisoformat(each["starts_at"]) > soon)
    party = secretary.orders(site=SITE, party_size=PARTY, slot_id=slot["id"])
    twice, cancelled = booked(member, slot), booked(member, slot)
    early, elsewhere = booked(member, later), booked(member, next_slot(member, site=ELSEWHERE))
    member.post(f"/orders/{cancelled['id']}/cancellation", {"reason": "临时有事"})

    steward = somebody("steward")
    desk = steward.opens("/desk/devices")
    codes = []
    for name in ("东门平板", "西门手机"):
        desk.fill("#name", name)
        desk.get_by_role("button", name="生成登记码").click()
        expect(desk.get_by_text(f"“{name}”").first).to_be_visible()
        codes.append((desk.locator(".voucher-code [aria-hidden]").text_content() or "").strip())
    east, west = Door(somebody(on_phone=True)), Door(somebody(on_phone=True))
    for door, code in zip((east, west), codes, strict=True):
        door.enrols(code)
        if door is west:
            door.stands(km_north=5.0, of=member.get("/sites", q=SITE)["features"][0])
        door.someone.loses_network()

    # One device is even switched off and on again: the day is there, and what it recorded.
    east.lets_in(party["voucher"].lower(), count=PARTY + 1, told="超出预约 1 人")
    east.page.reload()
    expect(east.part("network")).to_contain_text("断网")
    expect(east.part("unsent-count")).to_have_text("1")
    if clock.today(datetime.fromisoformat(slot["starts_at"])) == clock.today(stack.now()):
        expect(east.part("orders")).to_contain_text(f"已到场 {PARTY + 1} 人")
    east.looks_at(party["voucher"], told=re.compile(f"已使用过.*{PARTY + 1}人，由东门平板核验"))
    east.lets_in(twice["token"], count=1, told="已放行")
    for shown, told in (
        (cancelled["token"], "点单已取消"),
        (early["voucher"], "来得太早"),
        (elsewhere["token"], "属于另一个活动点"),
        ("2222 2222", "今日名单里没有这个短码"),
        (f"{twice['token'][:-3]}000", "签名不符"),
    ):
        east.looks_at(shown, told=told)
        expect(east.part("admit")).to_be_hidden()
    expect(east.part("unsent-count")).to_have_text("2")
    assert east.someone.overflows() <= 0
    east.someone.keeps_screen("door-offline")
    west.lets_in(twice["voucher"], count=1, told="已放行")

    # The network comes back to one device, then to the other; nobody presses anything.
    for door in (east, west):
        door.someone.finds_network()
        expect(door.part("unsent-card")).to_be_hidden()
        expect(door.part("network")).to_have_text("在线")
    expect(west.part("answers")).to_contain_text(re.compile("重复使用.*东门平板"))
    west.someone.keeps_screen("door-duplicate")
    desk = steward.opens("/desk")
    doubtful = desk.get_by_role("region", name="待核对的核验记录")
    expect(doubtful).to_contain_text(re.compile("重复.*西门手机", re.DOTALL))
    expect(desk.get_by_text(f"{PARTY + 1}人").first).to_be_visible()
    steward.keeps_screen("desk-doubtful")
    uses = Person(stack.base_url, "steward").get("/check-ins", order_id=twice["id"])["items"]
    assert {use["device"]: use["state"] for use in uses} == {"东门平板": "valid", "西门手机": "duplicate"}
    told = distances(stack, twice["id"])
    assert told["valid"] is None  # nobody allowed the tablet to look
    assert 4_900 <= told["duplicate"] <= 5_000
