"""The five lists and the tasks of branches, by the pages and by the API, with the real services behind (A1)."""

import io
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import task_making
from chassis import clock
from contracts.assessment.evidence import EVIDENCE_MAX_BYTES
from flask import Flask
from flask.testing import FlaskClient
from gateway.pages.task_lists import items_typed, months_typed
from PIL import Image

from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_committee, path_of

pytestmark = STANDING

HTML = {"Accept": "text/html"}


class Town:
    """A town with one branch, which roster and assessment know; its tasks of this month are made."""

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
        self.make()

    def make(self) -> None:
        with self.services.engines["assessment"].begin() as db:
            task_making.make(db, at=clock.now())
            task_making.make_added(db, at=clock.now())

    def browser(self, role: str, *, person: UUID | None = None) -> Browser:
        path = self.branch_path if role in ("secretary", "member") else self.path
        return a_browser(self.app, self.keys.token(role, path=path, person_id=person))


@pytest.fixture(scope="module")
def town(services: Standing, app: Flask, keys: Keys) -> Town:
    return Town(services, app, keys)


def sees(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, headers=HTML)
    assert answer.status_code == 200, (path, answer.text[-2000:])
    return str(answer.text)


def sends(browser: Browser, path: str, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    return browser.client.post(path, data=given, headers=HTML)


def given_to_the_branch(town: Town, officer: Browser, text: str, **how: Any) -> str:
    """Give the town's branches a task by the page; returns the address of the branch's one."""
    fields = {
        "organisation_id": str(town.id),
        "list_code": "basic_tasks",
        "text": text,
        "due_on": clock.today(clock.now()).isoformat(),
        "doer": "secretary",
        "evidence": "text",
        "is_required": "yes",
        "needs_acceptance": "yes",
        "field_count": "2",
        "minutes": "10",
        **how,
    }
    assert sends(officer, "/tasks/new", **fields).status_code == 303
    town.make()
    page = sees(town.browser("secretary"), f"/branches/{town.branch}/tasks")
    found = re.search(rf'href="(/tasks/[0-9a-f-]+)">{text}<', page)
    assert found, page
    return found[1]


class TestMonthOfABranch:
    def test_shows_the_lists_and_what_they_cost(self, town: Town) -> None:
        page = sees(town.browser("secretary"), f"/branches/{town.branch}/tasks")
        for words in ("活动清单", "开展主题党日", "收缴当月党费", "填写记录", "本月进度", "分钟"):
            assert words in page

    def test_what_only_its_word_shows_is_one_button(self, town: Town) -> None:
        secretary = town.browser("secretary")
        page = sees(secretary, f"/branches/{town.branch}/tasks")
        (address,) = set(re.findall(r'action="(/tasks/[0-9a-f-]+/completion)"', page))
        assert sends(secretary, address, back="month").location.startswith(f"/branches/{town.branch}/tasks")
        assert "已完成：核对党员名册" in sees(secretary, f"/branches/{town.branch}/tasks")
        assert "不能再办理完成" in sends(secretary, address).text

    def test_a_member_reads_and_a_stranger_does_not(self, town: Town, app: Flask, keys: Keys) -> None:
        page = sees(town.browser("member"), f"/branches/{town.branch}/tasks")
        assert "开展主题党日" in page
        assert "/completion" not in page
        stranger = a_browser(app, keys.token("secretary", path="3703.elsewhere"))
        assert stranger.client.get(f"/branches/{town.branch}/tasks", headers=HTML).status_code == 403


class TestOneTask:
    def test_is_given_done_returned_done_again_and_accepted(self, town: Town) -> None:
        officer, secretary = town.browser("officer"), town.browser("secretary")
        address = given_to_the_branch(town, officer, "报送整改情况")
        empty = sends(secretary, f"{address}/completion")
        assert empty.status_code == 422
        assert 'id="text-error"' in empty.text
        assert sends(secretary, f"{address}/completion", text="已整改三项").status_code == 303
        assert "待验收" in sees(officer, f"/tasks/branches?organisation={town.id}&state=waiting")
        assert sends(officer, f"{address}/return", reason="请附上日期").status_code == 303
        assert "请附上日期" in sees(secretary, address)
        sends(secretary, f"{address}/completion", text="三项已于本月10日整改")
        sends(officer, f"{address}/acceptance")
        sends(officer, f"{address}/notes", text="电话核实过")
        page = sees(secretary, address)
        assert "已验收" in page
        assert "电话核实过" in page

    def test_a_document_shows_it_or_the_word_where_it_is(self, town: Town) -> None:
        officer, secretary = town.browser("officer"), town.browser("secretary")
        address = given_to_the_branch(town, officer, "报送整改方案", evidence="file")
        empty = sends(secretary, f"{address}/completion")
        assert (empty.status_code, "请上传能说明情况的文件" in empty.text) == (422, True)
        taken = io.BytesIO()
        exif = Image.Exif()
        exif[0x010F] = "Phone of somebody"
        Image.new("RGB", (40, 30), "green").save(taken, "JPEG", exif=exif)
        for sent, name in ((taken.getvalue(), "现场.jpg"), (b"%PDF-1.7\n", "方案.pdf")):
            assert sends(secretary, f"{address}/files", file=(io.BytesIO(sent), name)).status_code == 303
        again = sends(secretary, f"{address}/files", file=(io.BytesIO(b"%PDF-1.7\n"), "方案.pdf"))
        assert (again.status_code, "这个文件已经上传过" in again.text) == (409, True)
        bomb = io.BytesIO()
        Image.new("1", (8_000, 6_000)).save(bomb, "PNG")  # 48 megapixels in a few kB
        for sent, status in (
            (b"MZ\x00\x01", 415),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
            (b"<!doctype html><script>alert(1)</script>", 415),
            (b"%PDF-" + bytes(EVIDENCE_MAX_BYTES), 413),
            (bomb.getvalue(), 422),
        ):
            bad = sends(secretary, f"{address}/files", file=(io.BytesIO(sent), "方案.pdf"))
            assert (bad.status_code, 'id="file-error"' in bad.text) == (status, True)
        page = sees(secretary, address)
        kept = [secretary.client.get(one) for one in re.findall(r'href="(/api/v1/evidence/[0-9a-f-]+/file)"', page)]
        assert [one.mimetype for one in kept] == ["image/webp", "application/pdf"]
        assert b"Phone of somebody" not in kept[0].data
        removals = re.findall(rf'action="({address}/files/[0-9a-f-]+/removal)"', page)
        assert sends(secretary, removals[0]).status_code == 303
        assert sends(secretary, f"{address}/completion").status_code == 303
        seen = sees(town.browser("member"), address)
        assert ("方案.pdf" in seen, "现场.webp" in seen, "/removal" in seen) == (True, False, False)
        sends(secretary, removals[1])
        assert "方案.pdf" in sees(officer, address)

    def test_is_exempt_and_opened_anew_with_a_reason(self, town: Town) -> None:
        officer = town.browser("officer")
        address = given_to_the_branch(town, officer, "上报防汛值守安排")
        sends(officer, f"{address}/exemption", reason="支部正在换届")
        assert "支部正在换届" in sees(officer, address)
        sends(officer, f"{address}/reopening")
        assert "已免除" in sees(officer, address)
        sends(officer, f"{address}/reopening", reason="换届已完成")
        assert "已重新打开" in sees(officer, address)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"due_on": "2020-01-01"}, "due_on"),
            ({"text": ""}, "text"),
            ({"evidence": "record"}, "record_template"),
            ({"minutes": "many"}, "minutes"),
        ],
    )
    def test_a_fault_stands_at_its_field(self, town: Town, wrong: dict[str, str], field: str) -> None:
        officer = town.browser("officer")
        fields = {
            "organisation_id": str(town.id),
            "list_code": "study",
            "text": "学",
            "due_on": clock.today(clock.now()).isoformat(),
            "doer": "members",
            "evidence": "text",
            "field_count": "1",
            "minutes": "5",
            **wrong,
        }
        answer = sends(officer, "/tasks/new", **fields)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text


class TestLists:
    def a_version(self, month: str = "2199-01") -> dict[str, str]:
        return {
            "from_month": month,
            "citation": "川组〔2026〕40号",
            "items.0.text": "读一本书",
            "items.0.evidence": "text",
            "items.0.doer": "members",
            "items.0.months": "3、6-7",
            "items.0.due_day": "20",
            "items.0.field_count": "1",
            "items.0.minutes": "5",
            "items.0.is_required": "yes",
            "items.1.text": "",
        }

    def test_is_drafted_and_adopted_by_somebody_else(self, town: Town) -> None:
        drafter, other = (town.browser("officer", person=uuid4()) for _ in "ab")
        whole = {"list_code": "study", "name": f"本镇清单{uuid4().hex[:6]}", "organisation_id": str(town.id)}
        made = sends(drafter, "/task-lists/new", **whole, **self.a_version())
        assert made.status_code == 303, made.text[-3000:]
        page = sees(drafter, made.location)
        assert "读一本书" in page
        assert "3、6、7月" in page
        (adoption,) = re.findall(r'action="(/task-lists/[^"]+/adoption)"', page)
        sends(drafter, adoption)
        assert "起草人不能批准自己起草的版本" in sees(drafter, made.location)
        sends(other, adoption)
        assert "已批准" in sees(other, made.location)
        form = sees(drafter, f"{made.location}/versions/new")
        assert 'name="items.0.text"' in form

    def test_a_fault_is_told_at_its_row(self, town: Town) -> None:
        officer = town.browser("officer")
        whole = {"list_code": "study", "name": "本镇清单", "organisation_id": str(town.id)}
        answer = sends(officer, "/task-lists/new", **whole, **{**self.a_version(), "items.0.evidence": "record"})
        assert answer.status_code == 422
        assert 'id="items.0.record_template-error"' in answer.text
        early = sends(officer, "/task-lists/new", **whole, **self.a_version("2020-01"))
        assert 'id="from_month-error"' in early.text
        assert "读一本书" in early.text

    def test_what_is_for_everybody_is_not_for_a_town_to_write(self, town: Town) -> None:
        with town.services.engines["assessment"].begin() as db:
            a_branch_of_assessment(db, id=uuid4(), path=f"3703.elsewhere.{uuid4().hex[:8]}", at=clock.now())
        officer = town.browser("officer")
        assert sends(officer, "/task-lists/new", list_code="study", name="全部", **self.a_version()).status_code == 403
        assert "党支部活动清单" in sees(town.browser("secretary"), "/task-lists")

    def test_rows_and_months_as_they_are_typed(self) -> None:
        assert months_typed("1-3，12") == [1, 2, 3, 12]
        assert months_typed("  ") is None
        assert months_typed("春季") == ["春季"]
        (item,) = items_typed({"items.1.text": "学", "items.0.text": " ", "items.1.minutes": "x", "other": "1"})
        assert (item["text"], item["minutes"], item["is_required"]) == ("学", "x", False)


def test_the_overview_leads_from_the_town_to_the_branch(town: Town) -> None:
    officer = town.browser("officer")
    page = sees(officer, f"/tasks?organisation={town.id}")
    assert f'href="/branches/{town.branch}/tasks?month=' in page
    assert "任务完成情况" in page
    sees(officer, f"/tasks?organisation={town.id}&list=study&month=2026-01")
    assert town.browser("secretary").client.get("/tasks", headers=HTML).status_code == 403


def test_the_api_tells_the_same(town: Town, client: FlaskClient, bearer: Callable[..., dict[str, str]]) -> None:
    headers = bearer("officer", path=town.path)
    found = client.get(f"/api/v1/tasks?branch_id={town.branch}&limit=2", headers=headers).json
    assert len(found["items"]) == 2
    more = client.get(f"/api/v1/tasks?branch_id={town.branch}&limit=2&cursor={found['next']}", headers=headers).json
    assert {task["id"] for task in found["items"]}.isdisjoint(task["id"] for task in more["items"])
    whole = client.get(f"/api/v1/task-overview?organisation_id={town.id}", headers=headers).json
    assert whole["whole"]["branches"] == 1
    burden = client.get(f"/api/v1/branches/{town.branch}/task-burden", headers=headers).json
    assert burden["field_count"] == sum(one["field_count"] for one in burden["lists"]) > 0
