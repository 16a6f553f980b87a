"""A town walks through half a year by the API alone (A1–A5, A9–A11, A13), while the platform's clock is moved on.

    May       the city makes the lists lighter, the district adopts one for the town, a village applies for exemption
    June …    one theme day for all; who was left out turns yellow and red; the month freezes; slip, bulletin, talk
    September a round by a seed that was made public, all its visits, one opened again, its end; a problem, mended at
              the second attempt; a card, yellow, orange
    December  stars with every step; the list of weak organisations; the half-year's meeting with its paper; the year's
              review, which the card caps; the result given back

The steps are told in their order and rest on each other.
"""

import hashlib
import io
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from local.platforms import HALF_YEAR_TOWN, platform, stop_platform
from pypdf import PdfReader

from tests.journeys.actors import Assessor, Json, Refused
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
NOT_THEIRS = r"403|404"  # they may not, or are not told that it is there
LIGHTER = "为基层减负：每月只规定一项共同任务"


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Give the town on a platform of its own: its clock is moved, and its year is nobody else's."""
    yield Town(platform("half-year"), HALF_YEAR_TOWN)
    stop_platform("half-year")  # other tests go on for minutes


class Cast:
    """Which village plays what: chosen by the roster alone, so that each run has the same."""

    def __init__(self, town: Town) -> None:
        whole = [village for village in town.villages if village.members_full >= 3]
        self.leading = next(village for village in whole if village.name == PUJIA)
        others = [village for village in whole if village.name != PUJIA]
        self.joining, self.late, self.idle, self.exempt = others[:4]
        self.silent = others[4:]
        self.small = [village for village in town.villages if village.members_full < 3]
        self.round_id = ""  # until it is planned
        self.leaders: dict[str, str] = {}  # of its teams, once it is drawn
        self.items: list[str] = []  # of its criteria, by their ids


def test_a_town_walks_through_half_a_year(town: Town) -> None:
    cast = Cast(town)
    the_city_makes_lists_and_checks_lighter(town)
    the_district_adopts_a_list_for_the_town(town)
    a_village_applies_for_exemption(town, cast)
    one_theme_day_is_held_by_many_and_counted_once_for_each(town, cast)
    who_was_left_out_turns_yellow_and_red(town, cast)
    june_freezes(town, cast)
    a_slip_opened_by_itself_is_answered_twice(town, cast)
    the_bulletin_of_june_is_signed_and_read(town, cast)
    july_is_red_again_and_calls_for_a_talk(town, cast)
    the_months_go_on(town, cast)
    a_round_is_drawn_by_a_seed_made_public_before(town, cast)
    the_visit_finds_a_problem_and_the_report_is_acknowledged(town, cast)
    a_visit_is_opened_again_and_its_first_report_stays(town, cast)
    all_are_visited_and_the_round_ends(town, cast)
    the_problem_is_mended_at_the_second_attempt_under_a_card(town, cast)
    stars_are_given_with_every_step(town, cast)
    a_weak_organisation_is_listed_and_mends_its_item(town, cast)
    the_half_years_meeting_has_the_rounds_results_as_its_paper(town, cast)
    the_years_review_is_capped_by_the_card(town, cast)


# ---- May: what will be asked ---------------------------------------------------------------------------------------


def the_city_makes_lists_and_checks_lighter(town: Town) -> None:
    first, second = town.city_officer("市级经办"), town.city_officer("市级复核")
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
    assert (approved["state"], approved["from_month"], approved["until_month"]) == ("approved", "2026-06", "2026-08")


# ---- June: records and lights --------------------------------------------------------------------------------------


def _theme_day(town: Town, cast: Cast, day: str, taking_part: list[Village]) -> Json:
    """Let the leading village write down a theme day that these took part in as well."""
    return town.secretary_of(cast.leading).writes(
        "theme_day", parts={village.id: 5 for village in taking_part}, held_on=day, **THEME_DAY
    )


def _silence_is_a_yes(town: Town, cast: Cast, record: Json, day: str) -> None:
    """Let five days and more go by, after which the branches that were asked have taken part."""
    town.moves_to(day)
    town.waits_for(
        lambda: {part["state"] for part in town.secretary_of(cast.leading).get(f"/records/{record['id']}")["parts"]},
        equals={"confirmed"},
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
    with pytest.raises(Refused, match=NOT_THEIRS):  # not asked, so there is nothing to confirm
        town.secretary_of(cast.idle).post(
            f"/records/{record['id']}/confirmation", {"branch_id": cast.idle.id, "attended": 9}
        )
    joining = town.secretary_of(cast.joining)
    joining.post(f"/records/{record['id']}/confirmation", {"branch_id": cast.joining.id, "attended": 7})

    _silence_is_a_yes(town, cast, record, "2026-06-16")
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
    assert (whole["branches"], whole["green"], whole["exempt"]) == (len(town.villages) - 1, green, 1)
    assert whole["share_bp"] == green * 10_000 // (len(town.villages) - 1)


# ---- what follows from red -------------------------------------------------------------------------------------------


def a_slip_opened_by_itself_is_answered_twice(town: Town, cast: Cast) -> None:
    officer, secretary = town.officer(), town.secretary_of(cast.idle)
    (slip,) = officer.get("/slips", branch_id=cast.idle.id)["items"]
    assert (slip["subject_kind"], slip["month"], slip["issued_by"], slip["state"]) == (
        "light",
        "2026-06",
        None,
        "issued",
    )
    assert slip["person_name"] == cast.idle.secretary_name
    assert "No theme day is recorded; it was due by 25 June." in [reading["why_en"] for reading in slip["readings"]]
    with pytest.raises(Refused, match=NOT_THEIRS):
        town.secretary_of(cast.joining).post(f"/slips/{slip['id']}/replies", {"text": "已整改。"})
    secretary.post(f"/slips/{slip['id']}/replies", {"text": "已整改。"})
    back = officer.post(f"/slips/{slip['id']}/return", {"reason": "写明原因和措施", "due_on": "2026-07-10"})
    assert (back["state"], back["due_on"]) == ("returned", "2026-07-10")
    secretary.post(f"/slips/{slip['id']}/replies", {"text": "支部书记外出，未安排主题党日；已落实副书记代管。"})
    closed = town.officer("officer2").post(f"/slips/{slip['id']}/acceptance")
    assert [step["move"] for step in closed["steps"]] == ["issue", "reply", "return", "reply", "accept"]


def the_bulletin_of_june_is_signed_and_read(town: Town, cast: Cast) -> None:
    officer, second = town.officer(), town.officer("officer2")
    draft = officer.post("/bulletins", {"kind": "monthly", "period": "2026-06", "organisation_id": town.id})
    figures = {figure["name"]: figure["value"] for figure in draft["figures"]}
    lights = list(town.lights("2026-06").values())
    assert {light: figures[light] for light in ("green", "yellow", "red", "exempt")} == Counter(lights)
    assert figures["branches"] == len(lights) - figures["exempt"]
    assert figures["share_green"] == figures["green"] * 1000 // figures["branches"]
    with pytest.raises(Refused) as own:
        officer.post(f"/bulletins/{draft['id']}/signature", {"version": draft["version"]})
    assert own.value.code == "own-bulletin"
    signed = second.post(f"/bulletins/{draft['id']}/signature", {"version": draft["version"]})
    assert signed["number"]
    second.post(f"/bulletins/{draft['id']}/dispatch")
    town.secretary_of(cast.idle).post(f"/bulletins/{draft['id']}/acknowledgement")
    sent = officer.get(f"/bulletins/{draft['id']}")
    assert (sent["state"], sent["receipts_read"]) == ("sent", 1)
    red = officer.get(f"/bulletins/{draft['id']}/lines", light="red")["items"]
    assert cast.idle.name in [line["branch_name"] for line in red]
    job = officer.post("/supervision-papers", {"paper": "bulletin", "subject_id": draft["id"]})
    assert _names_in(town, "/supervision-papers", job, cast.idle.name) == {cast.idle.name}


def _names_in(town: Town, address: str, job: Json, *names: str) -> set[str]:
    """Wait for a paper that is being drawn, and return which of these names stand in its PDF."""
    address = f"{address}/{job['id']}"
    town.waits_for(lambda: town.officer().get(address)["file"])
    answer = town.officer().ask("GET", f"{address}/file")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    return {name for name in names if name in words.replace("\n", "")}


def july_is_red_again_and_calls_for_a_talk(town: Town, cast: Cast) -> None:
    town.moves_to("2026-07-10")
    everyone_else = [cast.joining, cast.late, *cast.silent, *cast.small]
    record = _theme_day(town, cast, "2026-07-10", everyone_else)
    _silence_is_a_yes(town, cast, record, "2026-07-16")
    assert town.officer().get("/reminder-talks", branch_id=cast.idle.id)["items"] == []  # one red month is none
    town.moves_to("2026-07-26")
    town.waits_for(lambda: town.light_of(cast.idle)["light"], equals="red")
    town.moves_to("2026-08-01", hour=4)
    town.waits_for(lambda: _board(town, "2026-07")["frozen"])
    lights = town.lights("2026-07")
    assert (lights[cast.late.name], lights[cast.idle.name], lights[cast.exempt.name]) == ("green", "red", "exempt")

    (talk,) = town.waits_for(lambda: town.officer().get("/reminder-talks", branch_id=cast.idle.id)["items"])
    assert (talk["months"], talk["due_on"], talk["state"]) == (["2026-06", "2026-07"], "2026-08-11", "due")
    assert talk["secretary_name"] == cast.idle.secretary_name
    record = {
        "held_on": "2026-08-01",
        "held_by": "李建平",
        "with_name": cast.idle.secretary_name,
        "said": "连续两个月未开展主题党日，指出问题和要求。",
        "promised": "八月起按期开展。",
    }
    with pytest.raises(Refused, match=NOT_THEIRS):
        town.secretary_of(cast.idle).post(f"/reminder-talks/{talk['id']}/record", record)
    held = town.officer().post(f"/reminder-talks/{talk['id']}/record", record)
    assert (held["state"], held["recorded_by"]) == ("held", "李建平")


def _all_hold_a_theme_day(town: Town, cast: Cast, day: str) -> Json:
    return _theme_day(town, cast, day, [village for village in town.villages if village is not cast.leading])


def the_months_go_on(town: Town, cast: Cast) -> None:
    """Let August pass with all of them together, and nobody is exempt any more."""
    town.moves_to("2026-08-10")
    _silence_is_a_yes(town, cast, _all_hold_a_theme_day(town, cast, "2026-08-10"), "2026-08-16")
    town.moves_to("2026-09-01", hour=4)
    town.waits_for(lambda: _board(town, "2026-08")["frozen"])
    assert town.lights("2026-08") == {
        village.name: "green" if village.members_full >= 3 else "yellow" for village in town.villages
    }
    months = town.officer().get(f"/branches/{cast.idle.id}/light-history")["months"]
    assert [(month["month"], month["light"]) for month in months][:3] == [
        ("2026-08", "green"),
        ("2026-07", "red"),
        ("2026-06", "red"),
    ]


# ---- September: the round, what it finds, and what becomes of that ---------------------------------------------------


CRITERIA: list[Json] = [
    {
        "name": "组织生活",
        "weight": 60,
        "items": [{"text": "主题党日按期开展", "full_marks": 60, "evidence": "活动记录", "deduction": "缺一次扣10分"}],
    },
    {
        "name": "阵地建设",
        "weight": 40,
        "items": [{"text": "活动场所规范使用", "full_marks": 40, "evidence": "现场查看", "deduction": "每处扣5分"}],
    },
]


def a_round_is_drawn_by_a_seed_made_public_before(town: Town, cast: Cast) -> None:
    town.moves_to("2026-09-02")
    theme_day = _all_hold_a_theme_day(town, cast, "2026-09-02")
    officer = town.officer()
    criteria = officer.post(
        "/round-criteria",
        {
            "name": "洪山镇半年现场评估细则",
            "kind": "village",
            "organisation_id": town.id,
            "citation": "川组发〔2026〕18号",
            "headings": CRITERIA,
        },
    )
    with pytest.raises(Refused) as own:
        officer.post(f"/criteria-versions/{criteria['versions'][0]['id']}/adoption")
    assert own.value.code == "criteria-same-drafter"
    criteria = town.officer("officer2").post(f"/criteria-versions/{criteria['versions'][0]['id']}/adoption")
    cast.items = [item["id"] for heading in criteria["versions"][0]["headings"] for item in heading["items"]]
    planned = officer.post(
        "/on-site-rounds",
        {
            "name": "2026年洪山镇半年现场评估",
            "period_kind": "half_year",
            "period": "2026年下半年",
            "organisation_id": town.id,
            "version_id": criteria["versions"][0]["id"],
            "starts_on": "2026-09-10",
            "ends_on": "2026-09-25",
        },
    )
    address = f"/on-site-rounds/{planned['id']}"
    teams = [
        {"name": f"第{number}组", "members": [{**member, "is_leader": True}]}
        for number, member in enumerate(town.assessors(), start=1)
    ]
    assert len(officer.post(f"{address}/teams", {"teams": teams})["teams"]) == 2
    seed = {"seed_on": "2026-09-01", "seed_number": "川组发〔2026〕19号", "draw_at": "2026-09-08T08:00:00+08:00"}
    with pytest.raises(Refused, match="403"):
        town.assessor().post(f"{address}/announcement", seed)
    officer.post(f"{address}/announcement", seed)
    before = town.secretary_of(cast.idle).get(f"{address}/draw")
    assert (before["seed"], before["draw_key"], before["drawn_at"]) == ("2026-09-01 川组发〔2026〕19号", None, None)

    _silence_is_a_yes(town, cast, theme_day, "2026-09-08")
    town.waits_for(lambda: town.officer().get(address)["state"] == "drawn")
    drawn = town.secretary_of(cast.idle).get(f"{address}/draw")
    assert drawn["prefix"] == f"{before['seed']} {drawn['draw_key']} "
    assert {one["team_id"] for one in drawn["organisations"]} == {team["id"] for team in drawn["teams"]}
    assert repeated(drawn) == {one["organisation_id"]: one["team_id"] for one in drawn["organisations"]}
    cast.round_id = planned["id"]
    cast.leaders = {team["id"]: team["members"][0]["person_id"] for team in town.officer().get(address)["teams"]}


def repeated(draw: Json) -> dict[str, str | None]:
    """Repeat a draw from its export, by its published rule alone: who goes to whom."""

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    visits: Counter[str] = Counter()
    given: dict[str, str | None] = {}
    for one in sorted(draw["organisations"], key=lambda one: digest(draw["prefix"] + one["organisation_id"])):
        key = one["organisation_id"]
        allowed = [team["id"] for team in draw["teams"] if team["id"] not in one["excluded"]]
        team = min(allowed, key=lambda team: (visits[team], digest(f"{draw['prefix']}{key} {team}")), default=None)
        if team is not None:
            visits[team] += 1
        given[key] = team
    return given


def the_visit_finds_a_problem_and_the_report_is_acknowledged(town: Town, cast: Cast) -> None:
    town.moves_to("2026-09-10")
    of = _visits(town, cast)
    assert _assesses(town, cast, of[cast.leading.id], points=(60, 40))["score"]["score"] == 100
    problem = {"kind": "theme_day", "text": "6月、7月未开展主题党日，记录空白。"}
    closed = _assesses(town, cast, of[cast.idle.id], points=(40, 35), problem=problem)
    assert closed["score"]["score"] == 75  # 40 of 60 and 35 of 40
    assert [step["given"] for step in closed["score"]["steps"]] == [40, 35]

    town.officer().post(f"/on-site-rounds/{cast.round_id}/sending")
    visit = f"/round-visits/{closed['id']}"
    with pytest.raises(Refused, match=NOT_THEIRS):
        town.secretary_of(cast.joining).post(f"{visit}/acknowledgement", {"word": "知悉。"})
    read = town.secretary_of(cast.idle).post(f"{visit}/acknowledgement", {"word": "知悉，按要求整改。"})
    assert (read["state"], read["score"]["score"]) == ("acknowledged", 75)


def a_visit_is_opened_again_and_its_first_report_stays(town: Town, cast: Cast) -> None:
    visit = _visits(town, cast)[cast.leading.id]
    address = f"/round-visits/{visit['id']}"
    reason = {"reason": "漏看党费台账"}
    with pytest.raises(Refused, match="403"):
        _leader_of(town, cast, visit).post(f"{address}/opening", reason)
    opened = town.officer().post(f"{address}/opening", reason)
    assert (opened["state"], opened["score"], opened["number"]) == ("assigned", None, 2)
    first = town.secretary_of(cast.leading).get(address)
    assert (first["is_aside"], first["score"]["score"]) == (True, 100)
    assert _assesses(town, cast, visit, points=(57, 40))["score"]["score"] == 97
    town.officer().post(f"{address}/sending")
    second = town.secretary_of(cast.leading).get(address)
    assert (second["is_aside"], second["number"], second["score"]["score"]) == (False, 2, 97)
    assert [one["score"] for one in second["earlier"]] == [100]


def all_are_visited_and_the_round_ends(town: Town, cast: Cast) -> None:
    round_address = f"/on-site-rounds/{cast.round_id}"
    with pytest.raises(Refused) as early:
        town.officer().post(f"{round_address}/closing")
    assert early.value.code == "visits-open"
    visits = _visits(town, cast)
    for visit in visits.values():
        if visit["state"] == "assigned":
            assert _assesses(town, cast, visit, points=(54, 38))["state"] == "closed"
    assert town.officer().post(f"{round_address}/sending")["sent"] == len(visits) - 2
    assert town.officer().post(f"{round_address}/closing")["state"] == "closed"
    came_to = town.officer().get(f"{round_address}/summary")
    assert (came_to["visits"], came_to["closed"]) == (len(town.villages), len(town.villages))
    assert came_to["score"] == pytest.approx((75 + 97 + 92 * (len(visits) - 2)) / len(visits), abs=0.01)
    with pytest.raises(Refused) as late:
        town.officer().post(f"/round-visits/{visits[cast.idle.id]['id']}/opening", {"reason": "再看一次"})
    assert late.value.code == "round-ended"
    job = town.officer().post(f"/round-visits/{visits[cast.idle.id]['id']}/prints")
    assert _names_in(town, "/round-report-prints", job, cast.idle.name) == {cast.idle.name}


def _visits(town: Town, cast: Cast) -> dict[str, Json]:
    visits = town.officer().get("/round-visits", round_id=cast.round_id, limit=200)["items"]
    return {visit["organisation_id"]: visit for visit in visits}


def _leader_of(town: Town, cast: Cast, visit: Json) -> Assessor:
    return town.assessor(cast.leaders[visit["team_id"]])


def _assesses(town: Town, cast: Cast, visit: Json, *, points: tuple[int, int], problem: Json | None = None) -> Json:
    """Let the leader of the visit's team answer every item, finish and close."""
    leader = _leader_of(town, cast, visit)
    address = f"/round-visits/{visit['id']}"
    answered_at = town.stack.now().isoformat()
    answers = [
        {"id": str(uuid.uuid4()), "item_id": item, "points": given, "answered_at": answered_at}
        for item, given in zip(cast.items, points, strict=True)
    ]
    found = [{"id": str(uuid.uuid4()), "item_id": cast.items[0], "found_at": answered_at, **problem}] if problem else []
    written = {"answers": answers, "problems": found}
    leader.post(f"{address}/answers", written)
    if found:  # the phone sends it twice
        assert len(leader.post(f"{address}/answers", written)["problems"]) == len(found)
    leader.post(f"{address}/finishing")
    return leader.post(f"{address}/closing", {"report": "总体较好，问题已当场反馈。"})


def the_problem_is_mended_at_the_second_attempt_under_a_card(town: Town, cast: Cast) -> None:
    officer, secretary = town.officer(), town.secretary_of(cast.idle)
    (problem,) = officer.get("/problems", organisation_id=cast.idle.id)["items"]
    assert (problem["kind"], problem["source"], problem["state"]) == ("theme_day", "round_visit", "open")
    asked = {"deadline": "2026-09-30", "measures": "补开主题党日，制定年度计划", "in_charge": cast.idle.secretary_name}
    item = officer.post(f"/problems/{problem['id']}/rectification", asked)["rectification"]
    card = officer.post(
        f"/problems/{problem['id']}/card", {"ground": "general_problem", "text": "连续两月红灯，现场评估再次查实。"}
    )
    assert (card["colour"], card["secretary_name"], card["review_cap"]) == ("yellow", cast.idle.secretary_name, None)
    assert card["deadline"] == "2026-10-10"

    address = f"/rectifications/{item['id']}"
    secretary.adds_evidence(f"{address}/files")
    secretary.post(f"{address}/report", {"text": "已整改。"})
    with pytest.raises(Refused, match=NOT_THEIRS):
        secretary.post(f"{address}/acceptance", {"text": "同意"})
    town.moves_to("2026-09-21")
    back = town.officer().post(f"{address}/return", {"reason": "照片与日期不符，属敷衍整改", "deadline": "2026-10-15"})
    assert (back["rectification"]["state"], back["rectification"]["returned"]) == ("returned", 1)

    raised = town.officer().post(
        f"/cards/{card['id']}/escalation",
        {"colour": "yellow", "ground": "perfunctory", "text": "整改材料失实，敷衍应付。"},
    )
    assert (raised["colour"], raised["review_cap"]) == ("orange", "fairly_good")
    follows = {each["kind"]: each for each in raised["consequences"]}
    assert {kind: each["state"] for kind, each in follows.items()} == {
        "review_cap": "in_force",
        "superior_talk": "due",
        "mending_report": "due",
    }

    town.moves_to("2026-10-09")
    theme_day = _all_hold_a_theme_day(town, cast, "2026-10-09")
    secretary = town.secretary_of(cast.idle)
    secretary.adds_evidence(f"{address}/files")
    secretary.post(f"{address}/report", {"text": "9月、10月主题党日均已开展，记录齐全，附签到表和照片。"})
    _silence_is_a_yes(town, cast, theme_day, "2026-10-15")
    secretary = town.secretary_of(cast.idle)
    mended = town.officer("officer2").post(f"{address}/acceptance", {"text": "现场核实，同意销号。"})
    assert (mended["state"], mended["rectification"]["accepted_on"]) == ("mended", "2026-10-15")

    with pytest.raises(Refused) as early:
        town.officer().post(f"/cards/{card['id']}/clearing", {"text": "已整改"})
    assert early.value.code == "consequences-due"
    done = {"done_on": "2026-10-09", "proof": "谈话记录〔2026〕6号"}
    with pytest.raises(Refused, match="403"):  # the talk is the superior's to prove
        secretary.post(f"/card-consequences/{follows['superior_talk']['id']}/proof", done)
    town.officer().post(f"/card-consequences/{follows['superior_talk']['id']}/proof", done)
    secretary.post(f"/card-consequences/{follows['mending_report']['id']}/proof", {**done, "proof": "书面整改报告已报"})
    cleared = town.officer().post(f"/cards/{card['id']}/clearing", {"text": "整改到位。"})
    assert (cleared["state"], cleared["highest"], cleared["review_cap"]) == ("cleared", "orange", "fairly_good")


# ---- the end of the year ---------------------------------------------------------------------------------------------


def stars_are_given_with_every_step(town: Town, cast: Cast) -> None:
    for month in ("2026-11", "2026-12"):
        town.moves_to(f"{month}-10")
        _silence_is_a_yes(town, cast, _all_hold_a_theme_day(town, cast, f"{month}-10"), f"{month}-16")
    town.moves_to("2027-01-04")
    town.waits_for(lambda: _board(town, "2026-12")["frozen"])
    drawn = town.officer().post("/star-ratings", {"organisation_id": town.id, "year": 2026, "half": 2})
    address = f"/star-ratings/{drawn['id']}"
    town.waits_for(lambda: town.officer().get(address)["state"], equals="draft")
    of_idle = town.officer().get(f"{address}/results/{cast.idle.id}")
    parts = {step["measure"]: step for step in of_idle["steps"] if step["code"] == "part"}
    assert parts["round_score"]["value"] == 75
    assert (parts["problems_found"]["value"], parts["green_share"]["weight"]) == (1, 25)
    total = sum(step["points"] * step["weight"] for step in parts.values()) / sum(s["weight"] for s in parts.values())
    assert of_idle["points"] == pytest.approx(total, abs=0.01)
    of_leading = town.officer().get(f"{address}/results/{cast.leading.id}")
    assert of_leading["points"] > of_idle["points"]

    objection = {"organisation_id": cast.idle.id, "text": "问题已于10月销号，请复核。"}
    town.officer().post(f"{address}/showing", {"days": 5})
    with pytest.raises(Refused, match=NOT_THEIRS):
        town.secretary_of(cast.joining).post(f"{address}/objections", objection)
    shown = town.secretary_of(cast.idle).post(f"{address}/objections", objection)
    (raised,) = shown["objections"]
    town.moves_to("2027-01-11")
    with pytest.raises(Refused) as unanswered:
        town.officer("officer2").post(f"{address}/publication")
    assert unanswered.value.code == "star-objections-open"
    rejected = {"answer": "rejected", "text": "评定以评估时发现的问题计算，销号已体现在未整改项。"}
    town.officer().post(f"/star-objections/{raised['id']}/answer", rejected)
    with pytest.raises(Refused) as own:
        town.officer().post(f"{address}/publication")
    assert own.value.code == "star-same-drawer"
    published = town.officer("officer2").post(f"{address}/publication")
    assert (published["state"], published["open_objections"]) == ("published", 0)
    (seen,) = town.secretary_of(cast.idle).get(f"/branches/{cast.idle.id}/stars")["items"]
    assert (seen["stars"], seen["level"], seen["rank"]) == (of_idle["stars"], of_idle["level"], None)


def a_weak_organisation_is_listed_and_mends_its_item(town: Town, cast: Cast) -> None:
    officer, second = town.officer(), town.officer("officer2")
    text = {"text": "连续两月红灯，评估中发现主题党日空白，群众有反映。"}
    proposed = officer.post("/weak-organisations", {"organisation_id": cast.idle.id, **text})
    plan = {
        "plan": "镇党委副书记包村，一季度整顿到位",
        "in_charge": "李建平",
        "contact": "马晓东",
        "due_on": "2027-03-31",
        "items": [{"text": "配齐支委，恢复每月主题党日", "due_on": "2027-02-28"}],
    }
    listed = second.post(f"/weak-organisations/{proposed['id']}/listing", plan)
    (item,) = listed["items"]
    with pytest.raises(Refused, match=NOT_THEIRS):
        town.secretary_of(cast.joining).post(f"/weak-items/{item['id']}/completion", {"evidence": "已完成"})
    town.secretary_of(cast.idle).post(f"/weak-items/{item['id']}/completion", {"evidence": "支委已补选，12月活动正常"})
    accepted = officer.post(f"/weak-items/{item['id']}/acceptance")
    assert [one["state"] for one in accepted["items"]] == ["accepted"]
    with pytest.raises(Refused) as own:
        officer.post(f"/weak-organisations/{proposed['id']}/release", {"reason": "整顿到位"})
    assert own.value.code == "weak-release-own"
    released = second.post(f"/weak-organisations/{proposed['id']}/release", {"reason": "整顿到位"})
    assert (listed["state"], released["state"]) == ("listed", "released")


def the_half_years_meeting_has_the_rounds_results_as_its_paper(town: Town, cast: Cast) -> None:
    officer = town.officer()
    half = {"organisation_id": town.id, "year": 2026, "half": 2}
    planned = officer.post(
        "/half-year-meetings", {**half, "planned_on": "2027-01-11", "agenda": "通报下半年现场评估和体检结果"}
    )
    of = {line["organisation_id"]: line for line in planned["lines"]}
    assert (of[cast.idle.id]["score"], of[cast.idle.id]["problems"], of[cast.idle.id]["cards"]) == (75, 1, 1)
    assert (of[cast.leading.id]["score"], of[cast.leading.id]["problems"]) == (97, 0)
    address = f"/half-year-meetings/{planned['id']}"
    with pytest.raises(Refused, match=NOT_THEIRS):
        town.secretary_of(cast.idle).post(f"{address}/holding", {"held_on": "2027-01-11", "minutes": "已开"})
    held = officer.post(
        f"{address}/holding", {"held_on": "2027-01-11", "minutes": "各支部书记逐一表态，明确整改时限。"}
    )
    assert held["held_on"] == "2027-01-11"
    job = officer.post(f"{address}/papers")
    names = (cast.leading.name, cast.idle.name)
    assert _names_in(town, "/review-papers", job, *names) == set(names)


def the_years_review_is_capped_by_the_card(town: Town, cast: Cast) -> None:
    officer = town.officer()
    opened = officer.post(f"/organisations/{town.id}/reviews", {"year": 2026})
    assert opened["opened"] == len(town.villages)
    of = {
        review["organisation_id"]: review
        for review in officer.get("/reviews", organisation_id=town.id, year=2026, limit=200)["items"]
    }
    address = f"/reviews/{of[cast.idle.id]['id']}"
    report = "今年前半年主题党日未按期开展，经提醒谈话和现场评估后已逐项整改，下半年每月按期开展。"
    with pytest.raises(Refused, match=NOT_THEIRS):
        town.secretary_of(cast.joining).hands_in(f"{address}/report", report)
    handed_in = town.secretary_of(cast.idle).hands_in(f"{address}/report", report)
    assert handed_in["card"] == "orange"
    check = {
        "checked_on": "2027-01-11",
        "place": cast.idle.name,
        "checkers": "李建平、马晓东",
        "superior_joined": True,
        "found": "记录齐全，群众反映良好。",
        "score": 96,
    }
    officer.post(f"{address}/checks", check)
    officer.post(f"{address}/comments", {"text": "整改态度端正。"})
    voters = [town.secretary_of(village) for village in cast.silent[:5]]
    meeting = officer.post(
        f"/organisations/{town.id}/review-meetings",
        {
            "year": 2026,
            "held_on": "2027-01-11",
            "review_ids": [of[cast.idle.id]["id"]],
            "person_ids": [str(village.secretary_id) for village in cast.silent[:5]],
        },
    )
    for voter in voters:
        voter.post(f"{address}/votes", {"vote": "good", "salt": str(uuid.uuid4())})
    with pytest.raises(Refused) as twice:
        voters[0].post(f"{address}/votes", {"vote": "good", "salt": str(uuid.uuid4())})
    assert twice.value.code == "already-voted"
    officer.post(f"/review-meetings/{meeting['id']}/count")
    proposed = officer.post(f"{address}/proposal", {"score": 95, "comment": "工作扎实，但有橙牌。"})
    assert (proposed["card"], proposed["cap"], proposed["proposed_grade"]) == ("orange", "fairly_good", "fairly_good")
    assert proposed["score"] > 90  # without the card it would be good
    with pytest.raises(Refused) as capped:
        officer.post(f"{address}/decision", {"grade": "good", "reason": "得分高"})
    assert capped.value.code == "grade-capped"
    officer.post(f"{address}/decision", {"grade": "fairly_good", "reason": "橙牌当年不得评为好"})
    officer.post(f"{address}/sending-up", {"sent_up_on": "2027-01-11", "document_number": "川组报〔2027〕2号"})
    officer.post(f"{address}/publication")
    told = town.secretary_of(cast.idle).post(f"{address}/acknowledgement", {"word": "知悉，服从。"})
    assert (told["state"], told["grade"], told["cap"]) == ("acknowledged", "fairly_good", "fairly_good")
    assert "no_excellent" in [each["kind"] for each in told["consequences"]]
