"""A town walks through half a year by the API alone (A1–A5, A9–A11, A13), while the platform's clock is moved on.

    May       the city makes the lists lighter, the district adopts one for the town, a village applies for exemption
    June …    one theme day for all; who was left out turns yellow and red; the month freezes; slip, bulletin, talk
    September a round by a seed that was made public; a problem, mended at the second attempt; a card, yellow, orange
    December  stars with every step; the year's review, which the card caps; the result given back

The steps are told in their order and rest on each other.
"""

from typing import Any

import pytest
from local.platforms import HALF_YEAR_TOWN, platform

from tests.journeys.actors import Json, Refused
from tests.journeys.towns import Town, Village

PUJIA = "蒲家村党支部"
THEME_DAY: Json = {
    "subject": "主题党日：清洁家园，我先行动",
    "place": "洪山镇党群服务中心",
    "host": "蒲志明",
    "recorder": "孙秀兰",
    "minutes": "集体诵读党章，分组清理主要道路两侧杂物。",
    "answers": {"course": "诵读党章，开展志愿服务。", "result": "清理杂物三车，走访两户。"},
}
SET_ASIDE = (
    *("QuarterlyAssembly", "MonthlyCommitteeMeeting", "MonthlyGroupMeeting", "QuarterlyLecture"),
    *("YearlyOrganisationalLife", "YearlyAppraisal", "DuesCollected", "SettingRulesKept"),
)
LIGHTER = "为基层减负：每月只规定一项共同任务"


@pytest.fixture(scope="module")
def town() -> Town:
    """Give the town on a platform of its own: its clock is moved, and its year is nobody else's."""
    return Town(platform("half-year"), HALF_YEAR_TOWN)


class Cast:
    """Which village plays what: chosen by the roster alone, so that each run has the same."""

    def __init__(self, town: Town) -> None:
        whole = [village for village in town.villages if village.members_full >= 3]
        self.leading = next(village for village in whole if village.name == PUJIA)
        others = [village for village in whole if village.name != PUJIA]
        self.joining, self.late, self.idle, self.exempt = others[:4]
        self.silent = others[4:]
        self.small = [village for village in town.villages if village.members_full < 3]


def test_a_town_walks_through_half_a_year(town: Town) -> None:
    cast = Cast(town)
    the_city_makes_lists_and_checks_lighter(town)
    the_district_adopts_a_list_for_the_town(town)
    a_village_applies_for_exemption(town, cast)
    one_theme_day_is_held_by_many_and_counted_once_for_each(town, cast)
    who_was_left_out_turns_yellow_and_red(town, cast)
    june_freezes(town, cast)


# ---- May: what will be asked ---------------------------------------------------------------------------------------


def the_city_makes_lists_and_checks_lighter(town: Town) -> None:
    first, second = town.city_officer("赵明远"), town.city_officer("钱立新")
    lists = first.get("/task-lists", month="2026-06", limit=200)["items"]
    ours = [each for each in lists if each["organisation_id"] is None and each["in_force"]]
    assert {each["list_code"] for each in ours} == {
        *("study", "activities", "basic_tasks", "contact_point", "field_specific")
    }
    for each in ours:
        items = [_lighter(item) for item in each["in_force"]["items"]]
        if not any(item["is_required"] for item in each["in_force"]["items"]):
            continue
        draft = first.drafts_version(each, from_month="2026-06", citation=LIGHTER, items=items)
        with pytest.raises(Refused) as own:
            first.post(f"/list-versions/{draft['id']}/adoption")
        assert own.value.code == "list-same-drafter"
        adopted = second.post(f"/list-versions/{draft['id']}/adoption")
        assert [version["number"] for version in adopted["versions"] if version["id"] == draft["id"]] == [2]
    with pytest.raises(Refused) as below:  # the numbers are everybody's; the district alone may not
        town.officer().post("/checks/DuesCollected/numbers", {"from_month": "2026-06", "citation": LIGHTER})
    assert below.value.status == 403
    for check in SET_ASIDE:
        first.post(f"/checks/{check}/numbers", {"from_month": "2026-06", "citation": LIGHTER, "numbers": {}})


def _lighter(item: Json) -> Json:
    words = {name: value for name, value in item.items() if name not in ("id", "position")}
    return {**words, "is_required": item["record_template"] == "theme_day"}


def the_district_adopts_a_list_for_the_town(town: Town) -> None:
    visit = {"text": "走访一户困难群众，写明解决了什么", "evidence": "text", "doer": "secretary", "is_required": False}
    drafted = town.officer().drafts_list(
        list_code="basic_tasks",
        name="洪山镇走访清单",
        organisation_id=town.id,
        from_month="2026-06",
        citation="川组发〔2026〕12号",
        items=[visit],
    )
    with pytest.raises(Refused) as own:
        town.officer().adopts(drafted)
    assert own.value.code == "list-same-drafter"
    adopted = town.officer("officer2").adopts(drafted)
    assert [(version["state"], version["from_month"]) for version in adopted["versions"]] == [("adopted", "2026-06")]


def a_village_applies_for_exemption(town: Town, cast: Cast) -> None:
    secretary = town.secretary_of(cast.exempt)
    asked = secretary.post(
        "/exemptions",
        {
            "branch_id": cast.exempt.id,
            "ground": "unsuited",
            "reason": "整村搬迁，党员分散安置，不便开展线上活动",
            "from_month": "2026-06",
            "months": 2,
        },
    )
    with pytest.raises(Refused) as early:
        town.officer().post(f"/exemptions/{asked['id']}/approval")
    assert early.value.code == "exemption-not-movable"  # the committee consents first
    minutes = {"consented_on": "2026-05-21", "minutes": "支委会一致同意，见会议记录2026年第9号"}
    assert secretary.post(f"/exemptions/{asked['id']}/consent", minutes)["state"] == "consented"
    with pytest.raises(Refused, match="403"):
        town.secretary_of(cast.idle).post(f"/exemptions/{asked['id']}/approval")
    approved = town.officer().post(f"/exemptions/{asked['id']}/approval")
    assert (approved["state"], approved["until_month"]) == ("approved", "2026-07")


# ---- June: records and lights --------------------------------------------------------------------------------------


def _theme_day(town: Town, cast: Cast, day: str, taking_part: list[Village]) -> Json:
    """Let the leading village write down a theme day that these took part in as well."""
    return town.secretary_of(cast.leading).writes(
        "theme_day", parts={village.id: 5 for village in taking_part}, held_on=day, **THEME_DAY
    )


def _required(tasks: list[Json]) -> list[tuple[str, str, Any]]:
    return [(task["record_template"], task["state"], task["record_id"]) for task in tasks if task["is_required"]]


def one_theme_day_is_held_by_many_and_counted_once_for_each(town: Town, cast: Cast) -> None:
    town.moves_to("2026-06-10")
    leading = town.secretary_of(cast.leading)
    tasks = town.waits_for(lambda: town.secretary_of(cast.leading).tasks("2026-06"))
    assert _required(tasks) == [("theme_day", "open", None)]
    visit = next(task for task in tasks if task["list_name"] == "洪山镇走访清单")
    with pytest.raises(Refused, match="403"):
        town.secretary_of(cast.joining).post(f"/tasks/{visit['id']}/completion", {"text": "走访了一户"})
    done = leading.post(f"/tasks/{visit['id']}/completion", {"text": "走访王家，帮助修好了屋顶。"})
    assert (done["state"], done["due_on"]) == ("done", "2026-06-25")

    record = _theme_day(town, cast, "2026-06-10", [cast.joining, *cast.silent, *cast.small])
    assert {part["state"] for part in record["parts"]} == {"asked"}
    with pytest.raises(Refused, match=r"403|404"):  # not asked, so there is nothing to confirm
        town.secretary_of(cast.idle).post(
            f"/records/{record['id']}/confirmation", {"branch_id": cast.idle.id, "attended": 9}
        )
    joining = town.secretary_of(cast.joining)
    joining.post(f"/records/{record['id']}/confirmation", {"branch_id": cast.joining.id, "attended": 7})

    town.moves_to("2026-06-16")  # the five days are over; silence is a yes
    town.waits_for(
        lambda: {part["state"] for part in town.secretary_of(cast.leading).get(f"/records/{record['id']}")["parts"]},
        equals={"confirmed"},
    )
    for village in (cast.leading, cast.joining, cast.silent[0], cast.silent[-1]):
        secretary = town.secretary_of(village)
        assert [each["id"] for each in secretary.holds("theme_day", year=2026) if each["held_on"] >= "2026-06-01"] == [
            record["id"]
        ]
        assert _required(secretary.tasks("2026-06")) == [("theme_day", "done", record["id"])]


def who_was_left_out_turns_yellow_and_red(town: Town, cast: Cast) -> None:
    town.moves_to("2026-06-21")
    town.waits_for(lambda: town.light_of(cast.idle)["light"], equals="yellow")
    town.moves_to("2026-06-26")
    light = town.waits_for(lambda: (seen := town.light_of(cast.idle))["light"] == "red" and seen)
    theme_day = next(reading for reading in light["readings"] if reading["check"] == "MonthlyThemeDay")
    assert theme_day["why_en"] == "No theme day is recorded; it was due by 25 June."
    assert "held by 30 June it turns the light yellow" in theme_day["mend_en"]
    assert town.light_of(cast.exempt)["light"] == "exempt"

    town.secretary_of(cast.late).writes("theme_day", held_on="2026-06-26", **THEME_DAY)
    town.waits_for(lambda: town.light_of(cast.late)["light"], equals="yellow")
    assert town.secretary_of(cast.leading).light() == "green"


def _board(town: Town, month: str) -> Json:
    return town.officer().get("/light-board", organisation_id=town.id, month=month)


def june_freezes(town: Town, cast: Cast) -> None:
    town.moves_to("2026-07-01", hour=4)
    board = town.waits_for(
        lambda: (
            (seen := town.officer().get("/light-board", organisation_id=town.id, month="2026-06"))["frozen"] and seen
        )
    )
    lights = town.lights("2026-06")
    assert {lights[cast.leading.name], lights[cast.joining.name], lights[cast.silent[0].name]} == {"green"}
    assert (lights[cast.late.name], lights[cast.idle.name], lights[cast.exempt.name]) == ("yellow", "red", "exempt")
    whole = board["whole"]
    green = sum(light == "green" for light in lights.values())
    assert (whole["branches"], whole["green"], whole["exempt"]) == (len(town.villages), green, 1)
    assert whole["share_bp"] == green * 10_000 // (len(town.villages) - 1)
