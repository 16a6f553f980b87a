"""On-site rounds by the pages and by the API, with the real services behind: from plan to the branch's word (A9)."""

import re
import subprocess
import sys
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import day_plans, rounds
from chassis import clock
from flask import Flask

from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.assessment.rounds import VERSION
from tests.conftest import CLONE
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.gateway.test_task_pages import sees, sends
from tests.roster.factories import a_branch, a_committee, path_of

pytestmark = STANDING

LATER = timedelta(minutes=5)


class Round:
    """A town with two branches, of which one is visited by a team of the other."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        now = clock.now()
        self.services, self.app, self.keys = services, app, keys
        with services.engines["roster"].begin() as db:
            self.town = a_committee(db)
            self.visited = a_branch(db, parent=self.town, full=4, secretary=True)
            self.home = a_branch(db, parent=self.town, full=4)
            ids = (self.town, self.visited, self.home)
            self.path, self.visited_path, self.home_path = (path_of(db, one) for one in ids)
        with services.engines["assessment"].begin() as db:
            a_branch_of_assessment(db, id=self.town, path=self.path, kind="committee", name="罗村镇党委", at=now)
            a_branch_of_assessment(db, id=self.visited, path=self.visited_path, name="甲村党支部", at=now)
            a_branch_of_assessment(db, id=self.home, path=self.home_path, name="乙村党支部", at=now)
        self.officer = a_browser(app, keys.token("officer", path=self.path))
        self.second = a_browser(app, keys.token("officer", path=self.path))
        self.person = uuid4()
        self.assessor = a_browser(app, keys.token("assessor", path=self.path, person_id=self.person))
        self.secretary = a_browser(app, keys.token("secretary", path=self.visited_path))
        self.id = self._made()

    def _made(self) -> str:
        today = clock.today(clock.now())
        fields = {
            "name": "罗村镇季度检查",
            "period_kind": "quarter",
            "period": "2026Q4",
            "organisation_id": str(self.town),
            "version_id": str(VERSION),
            "kinds": "branch",
            "starts_on": today.isoformat(),
            "ends_on": (today + timedelta(days=6)).isoformat(),
            "sample_percent": "100",
            "visit_minutes": "60",
            "visits_a_day": "5",
            "departs_at": "09:00",
        }
        wrong = sends(self.officer, "/on-site-rounds/new", **{**fields, "name": "", "departs_at": "25:00"})
        assert (wrong.status_code, "时间不对" in wrong.text, "2026Q4" in wrong.text) == (422, True, True)
        made = sends(self.officer, "/on-site-rounds/new", **fields)
        assert made.status_code == 303, made.text
        return str(made.headers["Location"]).rpartition("/")[2]

    def draw(self) -> None:
        with self.services.engines["assessment"].begin() as db:
            rounds.draw_due(db, at=clock.now() + LATER + LATER)
            day_plans.plan_due(db, at=clock.now())

    def api(self, who: Browser, method: str, path: str, **body: Any) -> Any:
        answer = who.client.open(f"/api/v1{path}", method=method, json=body or None, headers={"X-CSRF-Token": who.csrf})
        assert answer.status_code < 300, (path, answer.text)
        return answer.json


@pytest.fixture(scope="module")
def made(services: Standing, app: Flask, keys: Keys) -> Round:
    return Round(services, app, keys)


def test_a_round_from_its_plan_to_the_branchs_word(made: Round, tmp_path: Path) -> None:
    address = f"/on-site-rounds/{made.id}"
    assert "还没有评估组" in sees(made.officer, address)
    planned = fields_of(sees(made.officer, f"{address}/plan"))
    assert (planned["name"], planned["kinds"]) == ("罗村镇季度检查", "branch")
    wrong = sends(made.officer, f"{address}/plan", **{**planned, "ends_on": "2020-01-01"})
    assert (wrong.status_code, "结束日期不能早于" in wrong.text, "罗村镇季度检查" in wrong.text) == (422, True, True)
    assert sends(made.officer, f"{address}/plan", **{**planned, "name": "罗村镇四季度检查"}).status_code == 303
    stale = sends(made.second, f"{address}/plan", **{**planned, "name": "他人所改"})
    assert (stale.status_code, "已被他人更改" in stale.text) == (409, True)
    assert "罗村镇四季度检查" in sees(made.officer, address)
    joins = {"person_id": str(made.person), "name": "郭海峰", "organisation_id": str(made.home), "team": "1"}
    assert sends(made.officer, f"{address}/members", **joins).status_code == 303
    page = sees(made.officer, address)
    assert "郭海峰" in page
    assert "组长" in page
    at = clock.now()
    seed = {"seed_on": clock.today(at).isoformat(), "seed_number": "罗发〔2026〕8号"}
    past = sends(made.officer, f"{address}/announcement", **seed, draw_at="2020-01-01T09:00")
    assert (past.status_code, "抽签时间应晚于" in past.text) == (422, True)
    soon = (clock.now() + LATER).astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    assert sends(made.officer, f"{address}/announcement", **seed, draw_at=soon).status_code == 303
    assert "尚未抽签" in sees(made.secretary, f"{address}/draw")
    late = sends(made.officer, f"{address}/plan", **planned)
    assert (late.status_code, "种子已公布，不能再更改计划" in late.text) == (409, True)
    assert made.officer.client.get(f"{address}/plan", headers={"Accept": "text/html"}).status_code == 303
    made.draw()

    # The assessor's own branch cannot be visited by the only team: it is told with why.
    page = sees(made.officer, address)
    assert re.search(r"无组可派.*乙村党支部.*郭海峰：所在党组织", page, re.DOTALL)
    table = tmp_path / "draw.csv"
    table.write_bytes(made.secretary.client.get(f"/api/v1{address}/draw?format=csv").data)
    program = [sys.executable, str(CLONE / "gateway/src/gateway/static/repeat_draw.py"), str(table)]
    assert "2 organisations" in subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert "09:00" in sees(made.officer, f"{address}/days")

    (visit,) = made.api(made.assessor, "GET", "/visit-forms")["visits"]
    form_pass = made.assessor.client.get("/visit-forms/pass")
    assert form_pass.json == {"csrf": made.assessor.csrf}
    answers = [
        {"id": str(uuid4()), "item_id": item["id"], "points": item["full_marks"], "answered_at": at.isoformat()}
        for heading in visit["criteria"]["headings"]
        for item in heading["items"]
    ]
    answers[0] |= {"points": answers[0]["points"] - 2, "remark": "缺成立批复"}
    problem = {"id": str(uuid4()), "kind": "setting", "text": "批复未归档", "found_at": at.isoformat()}
    for _ in range(2):
        told = made.api(
            made.assessor, "POST", f"/round-visits/{visit['id']}/answers", answers=answers, problems=[problem]
        )
    assert len(told["problems"]) == 1

    here = f"/round-visits/{visit['id']}"
    assert "全部填完" in sees(made.assessor, here)
    assert sends(made.assessor, f"{here}/finishing").status_code == 303
    assert "退回重填" in sees(made.assessor, here)
    assert sends(made.assessor, f"{here}/closing", report="组织健全。").status_code == 303
    page = sees(made.officer, here)
    assert "98.00" in page  # 15 points of weight 15 lose 2
    reports = f"/branches/{made.visited}/round-reports"
    assert "还没有评估报告" in sees(made.secretary, reports)
    assert made.secretary.client.get(here, headers={"Accept": "text/html"}).status_code == 404
    assert sends(made.officer, f"{address}/sending").status_code == 303
    assert "98.00" in sees(made.secretary, reports)
    page = sees(made.secretary, here)
    assert "郭海峰" not in page
    assert "缺成立批复" in page
    assert sends(made.secretary, f"{here}/dispute", reason="批复已在档案室").status_code == 303
    settled = {"decision": "批复属实，改扣0.5分", f"points-{answers[0]['item_id']}": "4.5"}
    assert "裁定异议" in sees(made.officer, here)
    assert sends(made.officer, f"{here}/settlement", **settled).status_code == 303
    page = sees(made.secretary, here)
    assert "99.50" in page
    assert "批复属实" in page
    opened = sends(made.officer, f"{here}/opening", reason="另有一本记录未看")
    assert opened.status_code == 303
    page = sees(made.secretary, here)  # what it was sent stays, and nothing can be done with it
    assert re.search(r"第1次报告.*存档：另有一本记录未看.*99\.50", page, re.DOTALL)
    assert f"{here}/dispute" not in page
    assert "99.50" in sees(made.secretary, reports)
    page = sees(made.assessor, here)
    assert "第1次报告" in page
    for step, fields in (("finishing", {}), ("closing", {"report": "补看后无变化。"})):
        assert sends(made.assessor, f"{here}/{step}", **fields).status_code == 303
    assert "99.50" in sees(made.officer, f"{here}?report=1")
    page = sees(made.officer, f"{address}/summary")
    assert "99.50" in page
    assert sends(made.officer, f"{address}/closing").status_code == 303
    assert "已结束" in sees(made.officer, "/on-site-rounds")


def test_criteria_are_shown_with_weights_and_deductions(made: Round) -> None:
    page = sees(made.officer, "/round-criteria")
    (address,) = set(re.findall(r'href="(/round-criteria/[0-9a-f-]+)">现场评估标准·村<', page))
    assert "扣1分" in sees(made.secretary, address)


def test_criteria_are_copied_drafted_with_rows_and_adopted_by_another(made: Round) -> None:
    ours = next(one for one in made.api(made.officer, "GET", "/round-criteria")["items"] if one["kind"] == "village")
    form = "/round-criteria/new"
    page = sees(made.officer, f"{form}?criteria={ours['id']}&version={ours['versions'][0]['id']}")
    copied = fields_of(page)
    assert (copied["headings.1.weight"], copied["headings.1.items.0.full_marks"], copied["kind"]) == (
        "30",
        "8",
        "village",
    )
    typed = {"name": "罗村镇评分标准", "citation": "罗发〔2026〕9号", "organisation_id": str(made.town)}
    given = {**copied, **typed, "headings.0.weight": "14", "headings.0.items.0.full_marks": "5.3"}

    more = sends(made.officer, form, **given, more="0")
    assert (more.status_code, "罗村镇评分标准" in more.text) == (200, True)
    assert "headings.0.items.6.text" in fields_of(more.text)
    fewer = fields_of(sends(made.officer, form, **given, remove="0.1").text)
    assert fewer["headings.0.items.1.text"] == copied["headings.0.items.2.text"]
    fewer = fields_of(sends(made.officer, form, **given, remove="1").text)
    assert fewer["headings.1.name"] == copied["headings.2.name"]

    given["headings.1.items.0.evidence"] = ""
    wrong = sends(made.officer, form, **given)
    assert wrong.status_code == 422
    assert 'href="#headings.1.items.0.evidence">大项 2 · 第1项 · 佐证' in wrong.text
    given |= {"headings.1.items.0.evidence": "会议记录"}
    wrong = sends(made.officer, form, **given)
    assert "分值以0.5分为单位" in wrong.text
    assert "各项目的权重合计应为100" in wrong.text
    kept = fields_of(wrong.text)
    assert {name: kept[name] for name in given if given[name]} == {n: v for n, v in given.items() if v}

    given |= {"headings.0.weight": "15", "headings.0.items.0.full_marks": "5.5"}
    drafted = sends(made.officer, form, **given)
    assert drafted.status_code == 303, drafted.text
    address = drafted.headers["Location"]
    assert "尚未批准" in sees(made.secretary, "/round-criteria")
    (adopts,) = re.findall(rf'action="({address}/versions/[0-9a-f-]+/adoption)"', sees(made.officer, address))
    own = made.officer.client.post(adopts, data={"csrf_token": made.officer.csrf}, follow_redirects=True)
    assert "起草人不能批准自己起草的评分标准" in own.text
    assert sends(made.second, adopts).status_code == 303
    assert "5.5 分" in sees(made.secretary, address)
    assert "罗村镇评分标准 · 1" in sees(made.officer, "/on-site-rounds/new")

    again = fields_of(sees(made.officer, f"{address}/versions/new"))
    assert again["headings.0.items.0.full_marks"] == "5.5"
    assert (
        sends(made.officer, f"{address}/versions/new", **{**again, "citation": "罗发〔2026〕10号"}).status_code == 303
    )
    (away,) = re.findall(rf'action="({address}/versions/[0-9a-f-]+/withdrawal)"', sees(made.officer, address))
    assert sends(made.officer, away, reason="不改了").status_code == 303
    assert "已搁置的草稿" in sees(made.officer, address)


class Fields(HTMLParser):
    """What the forms of a page hold, each as a browser would send it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self.select = name
        elif tag == "option" and ("selected" in given or self.select not in self.forms[-1]):
            self.forms[-1][self.select] = value
        elif tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.forms[-1][name] = value


def fields_of(page: str) -> dict[str, str]:
    """Return what the largest form of a page holds, without what each form has."""
    read = Fields()
    read.feed(page)
    form = max(read.forms, key=len)
    return {name: value for name, value in form.items() if name not in ("csrf_token", "idempotency_key")}


def test_the_forms_page_is_the_same_for_everybody_and_its_worker_keeps_it(made: Round) -> None:
    page = made.officer.client.get("/visit-forms")
    assert page.status_code == 200
    worker = made.officer.client.get("/visit-forms/worker.js")
    assert 'const PAGE = "/visit-forms";' in worker.text
    assert worker.headers["Service-Worker-Allowed"] == "/visit-forms"
    assert "visits/sync.js" in worker.text
    assert "offline/store.js" in worker.text
    door = made.officer.client.get("/door/worker.js").text
    assert 'const PAGE = "/door";' in door
    assert "offline/turns.js" in door


def test_a_member_keeps_no_round(made: Round, app: Flask, keys: Keys) -> None:
    member = a_browser(app, keys.token("member", path=made.visited_path, person_id=UUID(int=1)))
    for path in ("/on-site-rounds", f"/on-site-rounds/{made.id}", "/visit-forms/pass"):
        assert member.client.get(path, headers={"Accept": "text/html"}).status_code == 403
