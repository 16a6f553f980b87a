"""Problems, inspections and cards by the pages and by the API, with the real services behind (A9, A11)."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.samples import digest_of
from assessment.operations import samples
from assessment.operations.mending_files import make
from chassis import clock
from chassis.files import FileStore
from contracts.assessment.inspections import AnnounceSample
from flask import Flask
from sqlalchemy import text

from tests.articles import an_actor
from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_committee, path_of

pytestmark = STANDING

HTML = {"Accept": "text/html"}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class Town:
    """A town with one branch, which roster and assessment know."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        now = clock.now()
        with services.engines["roster"].begin() as db:
            self.id = a_committee(db)
            self.branch = a_branch(db, parent=self.id, full=4, secretary=True)
            self.path, self.branch_path = path_of(db, self.id), path_of(db, self.branch)
        with services.engines["assessment"].begin() as db:
            a_branch_of_assessment(db, id=self.id, path=self.path, kind="committee", name="昆仑镇党委", at=now)
            a_branch_of_assessment(db, id=self.branch, path=self.branch_path, parent_id=self.id, at=now)
        self.services, self.app, self.keys = services, app, keys

    def browser(self, role: str, *, at_branch: bool = False, person: UUID | None = None) -> Browser:
        path = self.branch_path if at_branch else self.path
        return a_browser(self.app, self.keys.token(role, path=path, person_id=person))


@pytest.fixture(scope="module")
def town(services: Standing, app: Flask, keys: Keys) -> Town:
    return Town(services, app, keys)


def sees(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, headers=HTML)
    assert answer.status_code == 200, (path, answer.text[-2000:])
    return str(answer.text)


def sends(browser: Browser, path: str, *, status: int = 303, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    answer = browser.client.post(path, data=given, headers=HTML)
    assert answer.status_code == status, (path, answer.text[-3000:])
    return answer


def an_inspection(town: Town, officer: Browser, *, words: str = "记录不全") -> tuple[str, str]:
    """Write an inspection down that found one problem; returns the addresses of both."""
    answer = sends(
        officer,
        "/inspections/new",
        organisation=str(town.branch),
        source="spot_check",
        held_on=clock.today(clock.now()).isoformat(),
        inspector="镇党建办检查组",
        kind=["records", "dues"],
        problem=[words, ""],
    )
    page = sees(officer, answer.location)
    found = re.search(r'href="(/problems/[0-9a-f-]{36})"', page)
    assert found, page
    return answer.location, found[1]


def item_in(page: str) -> str:
    found = re.search(r'name="item" value="([0-9a-f-]+)"', page)
    assert found, page
    return found[1]


def test_an_inspection_registers_its_problems_and_takes_its_report(town: Town) -> None:
    officer = town.browser("officer")
    assert "登记检查" in sees(officer, "/inspections/new?q=zz")
    assert "检查人员" in sees(officer, f"/inspections/new?organisation={town.branch}")
    inspection, problem = an_inspection(town, officer)
    given = {"csrf_token": officer.csrf, "idempotency_key": str(uuid4()), "file": (io.BytesIO(PDF), "检查报告.pdf")}
    assert officer.client.post(f"{inspection}/files", data=given, headers=HTML).status_code == 303
    page = sees(officer, inspection)
    address = re.search(r'href="(/api/v1/evidence/[0-9a-f-]+/file)"', page)
    assert address
    assert officer.client.get(address[1]).data == PDF
    bad = {**given, "idempotency_key": str(uuid4()), "file": (io.BytesIO(b"MZ\x00\x01"), "a.pdf")}
    assert officer.client.post(f"{inspection}/files", data=bad, headers=HTML).status_code == 415
    for path in (problem, "/problems", f"/problems?organisation={town.id}&state=unmended", "/inspections"):
        assert "记录不全" in sees(officer, path) or path == "/inspections"
    empty = sends(officer, "/inspections/new", status=422, organisation=str(town.branch), source="spot_check")
    assert "检查人员" in empty.text


def test_a_problem_is_mended_by_the_branch_and_judged_by_the_town(town: Town) -> None:
    officer, secretary = town.browser("officer"), town.browser("secretary", at_branch=True)
    _, problem = an_inspection(town, officer, words="党小组会没有记录")
    day = clock.today(clock.now()).isoformat()
    sends(officer, f"{problem}/rectification", deadline=day)
    assert "党小组会没有记录" in sees(secretary, f"/branches/{town.branch}/problems")
    item = item_in(sees(secretary, problem))
    sends(secretary, f"{problem}/plan", item=item, measures="补记", in_charge="孙组织委员")
    given = {"csrf_token": secretary.csrf, "idempotency_key": str(uuid4()), "item": item}
    file = {"file": (io.BytesIO(PDF), "佐证.pdf")}
    assert secretary.client.post(f"{problem}/files", data={**given, **file}, headers=HTML).status_code == 303
    assert "佐证.pdf" in sees(secretary, problem)
    sends(secretary, f"{problem}/report", item=item, text="已补记")
    assert sends(officer, f"{problem}/return", status=422, item=item).status_code == 422
    sends(officer, f"{problem}/return", item=item, reason="缺一次")
    sends(secretary, f"{problem}/report", item=item, text="已全部补记")
    sends(officer, f"{problem}/trainings", subject="怎样记录", who="支部委员", due_on=day)
    training = re.search(r"/trainings/([0-9a-f-]+)/completion", sees(secretary, problem))
    assert training
    sends(secretary, f"{problem}/trainings/{training[1]}/completion", done_on=day, text="已集中学习")
    sends(officer, f"{problem}/acceptance", item=item)
    page = sees(officer, problem)
    assert "已验收" in page
    assert "缺一次" in page
    _, again = an_inspection(town, officer, words="党小组会又没有记录")
    assert "以前出现过同样的问题" in sees(officer, again)


def test_a_card_goes_up_is_objected_to_and_tells_the_way_back(town: Town) -> None:
    officer, other = town.browser("officer"), town.browser("officer")
    secretary, superior = town.browser("secretary", at_branch=True), town.browser("secretary")
    _, problem = an_inspection(town, officer, words="第三季度没有党课")
    wrong = sends(officer, f"{problem}/card", status=422, ground="lagging", evidence="滞后")
    assert "请填写姓名" in wrong.text
    card = sends(officer, f"{problem}/card", ground="lagging", evidence="滞后", secretary_name="周书记").location
    assert "怎样销牌" in sees(secretary, card)
    sends(officer, f"{card}/escalation", colour="yellow", ground="perfunctory", text="敷衍整改")
    page = sees(superior, card)
    talk = re.search(r"/consequences/([0-9a-f-]+)/proof", page)
    assert talk
    day = clock.today(clock.now()).isoformat()
    sends(superior, f"{card}/consequences/{talk[1]}/proof", done_on=day, proof="镇党委书记约谈，限期整改")
    assert "镇党委书记约谈" in sees(officer, card)
    sends(secretary, f"{card}/objection", objection="材料已按期上报")
    for path in (
        "/cards",
        "/cards?state=objected",
        f"/branches/{town.branch}/problems",
        f"/cards?organisation={town.id}",
    ):
        assert "橙牌" in sees(officer, path)
    sends(other, f"{card}/objection-decision", decision="upheld", reason="属实")
    page = sees(secretary, card)
    assert "异议成立" in page
    assert "黄牌" in page


def test_a_draw_is_announced_drawn_repeated_and_closed(town: Town) -> None:
    officer = town.browser("officer")
    now = clock.now()
    today = clock.today(now)
    asked = {
        "kind": "sampling",
        "name": "第三方抽查",
        "organisation_id": str(town.id),
        "size": "1",
        "from_day": str(today),
        "until_day": str(today + timedelta(days=30)),
        "seed_on": str(today),
        "draw_on": str(today + timedelta(days=1)),
        "third_party": "市委党校调研组",
    }
    announced = sends(officer, "/samples/new", **asked, seed_number=f"川组〔2026〕{uuid4().hex[:6]}号").location
    assert "待抽取" in sees(officer, announced)
    sends(officer, f"{announced}/draw")
    assert "不能提前" in sees(officer, announced)
    assert (
        "须填写实施单位"
        in sends(officer, "/samples/new", status=422, **{**asked, "third_party": ""}, seed_number="无").text
    )
    past = {"seed_on": today - timedelta(days=3), "draw_on": today - timedelta(days=1), "from_day": today}
    given = AnnounceSample(
        **{**asked, **past, "organisation_id": town.id, "size": 1, "until_day": today + timedelta(days=30)},
        seed_number=f"川组〔2026〕{uuid4().hex[:6]}号",
    )
    with town.services.engines["assessment"].begin() as db:
        actor = an_actor(("officer", town.path))
        sample = samples.announce(db, asked=given, actor=actor, at=now - timedelta(days=2))
    address = f"/samples/{sample.id}"
    assert "抽取" in sees(officer, address)
    sends(officer, f"{address}/draw")
    table = officer.client.get(f"{address}/entries.csv", headers=HTML).text
    row = next(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert row["seed"].startswith(f"{sample.seed} ")  # and the key of the draw
    assert digest_of(row["seed"], town.branch) == row["digest"]
    new = sees(officer, f"/inspections/new?sample={sample.id}")
    assert str(town.branch) in new
    assert "第三方" in sees(officer, f"/inspections/new?sample={sample.id}&organisation={town.branch}")
    fields = {"organisation": str(town.branch), "sample": str(sample.id), "source": "sampling", "held_on": str(today)}
    sends(officer, "/inspections/new", **fields, inspector="市委党校调研组", kind="dues", problem="党费收缴不及时")
    twice = sends(officer, "/inspections/new", status=409, **fields, inspector="市委党校调研组")
    assert "已经登记" in twice.text
    assert "点名" in sees(officer, address) or "通报" in sees(officer, address)
    printed = sends(officer, f"{address}/bulletin-print").location
    assert "正在生成" in sees(officer, printed)
    sends(officer, f"{address}/bulletin", bulletin_number="川组通报〔2026〕3号")
    assert "川组通报〔2026〕3号" in sees(officer, address)
    assert "第三方抽查" in sees(officer, "/samples")


def test_the_vocabulary_and_the_days_are_shown(town: Town) -> None:
    assert "黄牌期限" in sees(town.browser("officer"), "/mending-rules")


def test_the_register_is_written_as_a_workbook(town: Town, tmp_path: Path) -> None:
    officer = town.browser("officer")
    an_inspection(town, officer, words="=1+1 台账缺页")
    answer = sends(officer, "/problems/workbook", organisation=str(town.id))
    assert sees(officer, answer.location)
    job_id = UUID(answer.location.rpartition("/")[2])
    with town.services.engines["assessment"].begin() as db:
        params = db.execute(text("SELECT params FROM jobs WHERE id = :id"), {"id": job_id}).scalar_one()
        made = make(db, FileStore(tmp_path), SimpleNamespace(params=params, progress=lambda *_: None), at=clock.now())
    assert made["name"].startswith("问题台账-昆仑镇党委")
