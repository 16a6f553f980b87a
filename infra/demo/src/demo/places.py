"""The places of the demonstration: 12 real sites of Zibo, and 25 made-up ones in Zichuan, with menus and slots.

The district of the reference case has 27 sites in 4 categories; two of the real ones lie in it. The made-up ones are
named 演示…, lie at points drawn from their code inside the district's real outline, and are kept by a town's
committee. Which town a point belongs to is made up too: the outlines of the towns are not at hand.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any, Final
from uuid import UUID, uuid5

from contracts.envelope import NAMESPACE_ZHENDI
from sites.domain.calendars import Hours
from sites.domain.geography import Point, distance_m
from sites.domain.slots import Rhythm
from sites.operations import guides, slots, training_cases
from sites.operations.guides import NewGuide
from sites.operations.sites import NewProgramme, NewSite, register_all
from sqlalchemy import Connection

from demo import calendars
from demo.calendars import MINE, MUSEUM
from demo.files import rows_of
from demo.organisations import CITY, ZICHUAN, foundings, organisation_id, site_code

DAY_MINUTES: Final = 24 * 60
SPIRIT: Final = "party_spirit_education"
CHECKED_ON: Final = date(2026, 11, 23)
FROM_BORDER_M: Final = 500
FROM_EACH_OTHER_M: Final = 1_500

_BY_APPOINTMENT: Final = "1-7 09:00-11:30 13:30-16:30"
"""Where the source says only that one telephones before: hours of ours, to have slots to show."""
_OFFICE_HOURS: Final = "1-7 08:30-11:30 13:30-17:00"
_TOWNS: Final = {MUSEUM: "洪山镇"}
"""The source names no towns; the museum is Pu Songling's house in the village of 蒲家."""
_WEEKDAYS: Final = "一二三四五六日"

# What the made-up sites are: category, kind, the rest of the name, and the towns that have one.
_MADE_UP: Final = (
    ("rural", "demonstration_site", "农村党建示范点", "昆仑 岭子 西河 龙泉 寨里 罗村 洪山 双杨 太河"),
    ("urban", "service_centre", "党群服务中心", "般阳路 松龄路 钟楼 将军路"),
    ("urban", "demonstration_site", "城市党建示范点", "松龄路"),
    ("urban", "party_school_teaching_point", "党校教学点", "般阳路"),
    ("new_economy_and_social", "service_centre", "两新组织党群服务中心", "双杨 罗村 昆仑 寨里 将军路"),
    ("comprehensive", "check_up_centre", "党性体检中心", "钟楼"),
    ("comprehensive", "training_base", "党务实训基地", "洪山 岭子"),
    ("comprehensive", "education_base", "红色教育基地", "太河"),
    ("comprehensive", "party_school_teaching_point", "党校教学点", "龙泉"),
)


def load(db: Connection, *, at: datetime, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Register the sites and make their slots; returns how many sites and slots are new. A second run makes none."""
    training_cases.register_bundled(db, at=at)
    registered = register_all(db, sites(), at=at, by=None)
    new = set(registered)
    calendars.enter(db, {site.code: site.id for site in sites() if site.id in new}, at=at)
    made = slots.extend(db, at=at, progress=progress)
    return len(registered) + made + guides.register_all(db, _guides(), at=at)


def site_id(code: str) -> UUID:
    """Return the id that the site of this code has in every demonstration."""
    return uuid5(NAMESPACE_ZHENDI, f"site:{code}")


@lru_cache(maxsize=1)
def sites() -> tuple[NewSite, ...]:
    """Return every site of the demonstration."""
    return (*_real_sites(), *_made_up_sites())


def real_site_names() -> list[tuple[str, str]]:
    """Return code and name of each real site."""
    return [(row["code"], row["name"]) for row in rows_of("party_sites_zibo.csv")]


def _real_sites() -> Iterator[NewSite]:
    districts = {row["name"]: row["code"] for row in rows_of("zibo_districts.csv")}
    for row in rows_of("party_sites_zibo.csv"):
        code = row["code"]
        minutes = int((row["visit_minutes"] or "60").split("-")[0])
        seats = int(row["capacity_hint"] or 60)
        district = districts[row["district"]]
        yield NewSite(
            id=site_id(code),
            code=code,
            name=row["name"],
            category="comprehensive",
            kind="education_base",
            district=row["district"],
            town=_TOWNS.get(code),
            address=None,
            point=Point(lon=float(row["lon_wgs84"]), lat=float(row["lat_wgs84"])),
            point_datum="WGS-84",
            point_source="partymap 2b808ab，由 GCJ-02 转换",
            point_checked_on=CHECKED_ON,
            capacity=seats,
            visit_minutes=minutes,
            hours_text=_said(row["hours"]) if row["hours"] else "需提前电话预约",
            managing_organisation_id=organisation_id(site_code(code)),
            managing_organisation=f"{row['name']}党支部",
            managing_path=f"{CITY}.{district}.{site_code(code)}",
            synthetic=False,
            point_accuracy_m=50,
            facilities=("car_parking", "toilet", "drinking_water", "guide"),
            facilities_text="设施为演示数据，以现场为准。",
            accessibility_text="演示数据：主入口有坡道，展厅在一层；乘轮椅来访请提前与活动点联系。",
            arrival_text="演示数据：请在约定时间前 15 分钟到入口集合，由讲解员带入。",
            parking_text="演示数据：大巴停在入口外停车场。",
            bring_text="请佩戴党徽，携带入党誓词。",
            hours=hours_of(row["hours"] or _BY_APPOINTMENT),
            programmes=tuple(_menu(code, minutes=minutes, seats=seats)),
        )


def _made_up_sites() -> Iterator[NewSite]:
    towns = {row["name"]: row["code"] for row in rows_of("zichuan_divisions.csv") if row["level"] == "4"}
    committees = {founding.code: founding.name for founding in foundings()}
    kinds = [(category, kind, rest, town) for category, kind, rest, names in _MADE_UP for town in names.split()]
    placed: list[Point] = []
    for number, (category, kind, rest, short) in enumerate(kinds, start=1):
        code = f"demo-{number:02d}"
        town = next(name for name in towns if name.startswith(short))
        placed.append(_drawn_point(code, apart_from=placed))
        yield NewSite(
            id=site_id(code),
            code=code,
            name=f"演示·{town}{rest}",
            category=category,
            kind=kind,
            district="淄川区",
            town=town,
            address=None,
            point=placed[-1],
            point_datum="WGS-84",
            point_source="made up",
            point_checked_on=None,
            capacity=50,
            visit_minutes=60,
            hours_text=_said(_OFFICE_HOURS),
            managing_organisation_id=organisation_id(towns[town]),
            managing_organisation=committees[towns[town]],
            managing_path=f"{CITY}.{ZICHUAN}.{towns[town]}",
            synthetic=True,
            hours=hours_of(_OFFICE_HOURS),
            programmes=(*_menu(code, minutes=60, seats=50), *(_cases(code) if kind == "training_base" else ())),
        )


# ---- menus and hours ----------------------------------------------------------------------------------------------


def _menu(code: str, *, minutes: int, seats: int) -> Iterator[NewProgramme]:
    """Yield what a site offers; all of it is made up, and asks for a day's notice unless it says otherwise."""
    if code == MUSEUM:
        # Around the clock and without notice, so that the whole chain can be walked at any moment. The museum's other
        # programmes ask for a day's notice, so that its next slot that can be ordered is always one of these.
        always = tuple(Hours(weekday, 0, DAY_MINUTES) for weekday in range(1, 8))
        yield _programme(code, "演示场次：全天候参观学习", SPIRIT, Rhythm(60, 30, 0), seats=60, hours=always)
        yield _programme(
            code,
            "聊斋故事中的廉政课",
            "training",
            Rhythm(60, 120, DAY_MINUTES),
            seats=30,
            by_hand=True,
            kind="talk",
            description="由讲解员结合故居陈列，讲三则聊斋故事里的廉与贪，边走边讲，最后留十分钟交流。",
            bring="党员徽章、笔记本",
            needs_guide=True,
        )
        return
    yield _programme(code, "参观学习", SPIRIT, Rhythm(minutes, max(60, minutes), DAY_MINUTES), seats=seats)
    yield _programme(
        code,
        "主题党课",
        "training",
        Rhythm(60, 180, DAY_MINUTES),
        seats=min(seats, 40),
        by_hand=code == MINE,
        kind="talk",
    )
    if code == MINE:
        morning = tuple(Hours(weekday, 10 * 60, 11 * 60) for weekday in range(1, 6))
        yield _programme(code, "井下巷道体验", SPIRIT, Rhythm(60, 60, 120), seats=10, hours=morning)
    if code.startswith("demo-"):
        yield _programme(code, "志愿服务", "volunteering", Rhythm(90, 180, DAY_MINUTES), seats=20, kind="activity")


def _cases(code: str) -> Iterator[NewProgramme]:
    """Yield the nine training cases, as a training base offers them."""
    for case in training_cases.bundled():
        yield _programme(
            code,
            f"实训：{case['title']}",
            "training",
            Rhythm(case["minutes"], 180, DAY_MINUTES),
            seats=40,
            kind="training_case",
            case_version_id=training_cases.bundled_version_id(case["code"]),
            description="在实训室按角色演练一遍，步骤、分工和依据随点单给出；结束后当场讲评。",
            bring="党员徽章、笔记本",
            audience="members",
            party_min=5,
        )


def _guides() -> Iterator[NewGuide]:
    """Yield the museum's guides, all made up: two in the week, one at the weekend."""
    mornings, days = ((9 * 60, 12 * 60),), ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
    rotas = (
        ("演示·解说员甲", ("zh", "dialect"), range(1, 6), days),
        ("演示·解说员乙", ("zh", "en"), range(1, 6), mornings),
        ("演示·解说员丙", ("zh",), range(6, 8), days),
    )
    for name, languages, weekdays, hours in rotas:
        yield NewGuide(
            id=uuid5(NAMESPACE_ZHENDI, f"guide:{MUSEUM}:{name}"),
            site_id=site_id(MUSEUM),
            name=name,
            languages=languages,
            visits_a_day_max=3,
            party_max=40,
            buffer_minutes=15,
            weekly=tuple((weekday, begins, ends) for weekday in weekdays for begins, ends in hours),
        )


def _programme(
    code: str,
    name: str,
    theme: str,
    rhythm: Rhythm,
    *,
    seats: int,
    by_hand: bool = False,
    hours: tuple[Hours, ...] = (),
    **told: Any,
) -> NewProgramme:
    return NewProgramme(
        id=uuid5(NAMESPACE_ZHENDI, f"programme:{code}:{name}"),
        name=name,
        theme=theme,
        rhythm=rhythm,
        seats=seats,
        confirmation="manual" if by_hand else "automatic",
        hours=hours,
        **told,
    )


def hours_of(written: str) -> tuple[Hours, ...]:
    """Read hours as the data file writes them: `2-7 09:00-11:00 13:30-16:30`, Monday is 1."""
    weekdays, *openings = written.split()
    first, last = (int(day) for day in weekdays.split("-"))
    spans = [tuple(_minute(end) for end in opening.split("-")) for opening in openings]
    return tuple(Hours(weekday, opens, closes) for weekday in range(first, last + 1) for opens, closes in spans)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _said(written: str) -> str:
    """Say hours as people read them: 周二至周日 9:00–11:00、13:30–16:30."""
    weekdays, *openings = written.split()
    first, last = (_WEEKDAYS[int(day) - 1] for day in weekdays.split("-"))
    days = "每天" if weekdays == "1-7" else f"周{first}至周{last}"
    if openings == ["00:00-24:00"]:
        return f"{days}全天"
    return f"{days} {'、'.join(opening.replace('-', '–') for opening in openings)}"


# ---- points inside the outline ------------------------------------------------------------------------------------


def _drawn_point(code: str, *, apart_from: list[Point]) -> Point:
    """Draw a point inside the district from the code: the same in every demonstration, apart from border and others."""
    outline = zichuan_outline()
    lons, lats = [point.lon for point in outline], [point.lat for point in outline]
    for attempt in range(10_000):
        digest = hashlib.sha256(f"{code}:{attempt}".encode()).digest()
        east, north = (int.from_bytes(part, "big") / 2**64 for part in (digest[:8], digest[8:16]))
        point = Point(
            lon=round(min(lons) + (max(lons) - min(lons)) * east, 6),
            lat=round(min(lats) + (max(lats) - min(lats)) * north, 6),
        )
        is_apart = all(distance_m(point, other) >= FROM_EACH_OTHER_M for other in apart_from)
        if is_apart and lies_inside(point, outline) and _to_border_m(point) >= FROM_BORDER_M:
            return point
    raise LookupError(f"no place was found for {code}")


@lru_cache(maxsize=1)
def zichuan_outline() -> tuple[Point, ...]:
    """Return the ring of the district's outline (Tianditu; coarse, so points keep away from it)."""
    collection = json.loads(resources.files("demo").joinpath("data", "zibo_districts.geojson").read_text())
    zichuan = next(feature for feature in collection["features"] if feature["properties"]["code"] == ZICHUAN)
    (ring,) = zichuan["geometry"]["coordinates"]
    return tuple(Point(lon=lon, lat=lat) for lon, lat in ring)


def lies_inside(point: Point, ring: tuple[Point, ...]) -> bool:
    """Say whether a ray to the east crosses the ring an odd number of times."""
    inside = False
    for a, b in zip(ring, (*ring[1:], ring[0]), strict=True):
        crosses = (a.lat > point.lat) != (b.lat > point.lat)
        if crosses and point.lon < a.lon + (point.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon):
            inside = not inside
    return inside


def _to_border_m(point: Point) -> float:
    """Return the distance to the outline, sampled along its edges."""
    return min(distance_m(point, sample) for sample in _border())


@lru_cache(maxsize=1)
def _border() -> tuple[Point, ...]:
    ring = zichuan_outline()
    return tuple(
        Point(lon=a.lon + (b.lon - a.lon) * step / 20, lat=a.lat + (b.lat - a.lat) * step / 20)
        for a, b in zip(ring, (*ring[1:], ring[0]), strict=True)
        for step in range(20)
    )
