"""Stars and the list of weak organisations, by the pages and by the API, with the real services behind (A10)."""

import io
import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from assessment.work import WORK
from chassis import clock, jobs
from flask import Flask
from gateway.config import GatewayConfig
from gateway.pages.stars import formula_typed

from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.gateway.test_task_pages import HTML, sees, sends
from tests.roster.factories import a_branch, a_committee, path_of

pytestmark = STANDING


class Town:
    """A town with one branch that both services know, and its rating of the last half-year."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        now = clock.now()
        with services.engines["roster"].begin() as db:
            self.id = a_committee(db)
            self.branch = a_branch(db, parent=self.id, full=4, secretary=True)
            self.path, self.branch_path = path_of(db, self.id), path_of(db, self.branch)
        with services.engines["assessment"].begin() as db:
            a_branch_of_assessment(db, id=self.id, path=self.path, kind="committee", name="昆仑镇党委", at=now)
            a_branch_of_assessment(db, id=self.branch, path=self.branch_path, parent_id=self.id, at=now)
            db.exec_driver_sql("UPDATE organisations SET known_since = '2026-01-01'")
        self.services, self.app, self.keys = services, app, keys

    def work(self) -> None:
        while jobs.run_one(self.services.engines["assessment"], WORK.jobs):
            pass

    def browser(self, role: str) -> Browser:
        path = self.branch_path if role == "secretary" else self.path
        return a_browser(self.app, self.keys.token(role, path=path, person_id=uuid4()))


@pytest.fixture(scope="module")
def town(services: Standing, app: Flask, config: GatewayConfig, keys: Keys) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FILE_STORE", str(config.file_store))
        yield Town(services, app, keys)


@pytest.fixture(scope="module")
def rating(town: Town) -> str:
    """The address of a rating that is shown to the branch."""
    officer = town.browser("officer")
    answer = sends(officer, "/star-ratings", organisation_id=str(town.id), year="2026", half="1")
    assert answer.status_code == 303, answer.text[-2000:]
    town.work()
    address = str(answer.headers["Location"])
    assert sends(officer, f"{address}/showing", days="7").status_code == 303
    return address


def test_an_officer_sees_the_rating_its_branches_and_each_step(town: Town, rating: str) -> None:
    officer = town.browser("officer")
    assert "征求意见" in sees(officer, rating)
    assert "蒲家庄党支部" in sees(officer, f"{rating}/results")
    assert "蒲家庄党支部" in sees(officer, f"{rating}/results?level=lagging")
    assert 'value="points"' not in sees(officer, f"{rating}/results")
    assert officer.client.get(f"{rating}/results?order=points", headers=HTML).status_code == 409
    page = sees(officer, f"{rating}/results/{town.branch}")
    assert "总分居 1 个支部中第 1 位" in page
    assert rating in sees(officer, "/star-ratings")


def test_the_branch_sees_its_own_objects_and_is_answered(town: Town, rating: str) -> None:
    secretary, officer = town.browser("secretary"), town.browser("officer")
    assert "2026年上半年" in sees(secretary, f"/branches/{town.branch}/stars")
    own = f"{rating}/results/{town.branch}"
    page = sees(secretary, own)
    assert "第 1 位" not in page
    assert "每月 3 次为满分" in page
    refused = sends(secretary, f"{own}/objection")
    assert (refused.status_code, "请填写此项" in refused.text or "必填" in refused.text) == (422, True)
    assert sends(secretary, f"{own}/objection", text="漏记两次党课").status_code == 303
    (answer,) = re.findall(rf"{rating}/objections/[-0-9a-f]+/answer", sees(officer, rating))
    fields = {"answer": "upheld", "text": "已核实", "measure": "records_held", "value": "1.5"}
    assert sends(officer, answer, **fields).status_code == 303
    town.work()
    assert "50.00" in sees(secretary, own)


def test_it_is_calculated_again_and_its_files_are_made(town: Town, rating: str) -> None:
    officer = town.browser("officer")
    trial = sends(officer, f"{rating}/trials").headers["Location"]
    assert "正在计算" in sees(officer, trial)
    sheet = sends(officer, f"{rating}/files", organisation_id=str(town.branch)).headers["Location"]
    whole = sends(officer, f"{rating}/files").headers["Location"]
    town.work()
    assert "一致：1 个支部" in sees(officer, trial)
    for page, start in ((sheet, b"%PDF-"), (whole, b'{"rating"')):
        (address,) = re.findall(r"/api/v1/star-files/[-0-9a-f]+/file", sees(officer, page))
        fetched = officer.client.get(address)
        assert fetched.status_code == 200
        assert fetched.data.startswith(start)


def test_a_formula_is_drafted_from_what_is_in_force_and_faults_are_told(town: Town) -> None:
    officer = town.browser("officer")
    page = sees(officer, "/star-formulas/new")
    fields = dict(re.findall(r'<input[^>]* name="([a-z_0-9.]+)"[^>]* value="([^"]*)"', page))
    for name, inner in re.findall(r'<select[^>]* name="([a-z_0-9.]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        fields[name] = chosen[1] if chosen else ""
    fields |= {"citation": "区委组织部", "from_day": "2199-01-01", "organisation_id": str(town.id)}
    fields.pop("csrf_token", None)
    fields.pop("idempotency_key", None)
    wrong = sends(officer, "/star-formulas/new", **{**fields, "parts.0.weight": "41"})
    assert (wrong.status_code, "各项权重之和应为 100" in wrong.text) == (422, True)
    drafted = sends(officer, "/star-formulas/new", **fields)
    assert drafted.status_code == 303, re.findall(r"field-error.*", drafted.text)
    shown = sees(officer, drafted.headers["Location"])
    assert "现场评估得分" in shown
    own = sends(officer, f"{drafted.headers['Location']}/adoption")
    assert "起草人不能批准" in sees(officer, own.headers["Location"])
    adopted = sends(town.browser("officer"), f"{drafted.headers['Location']}/adoption")
    assert "第 1 版" in sees(officer, adopted.headers["Location"])


def test_rows_that_are_left_empty_are_none() -> None:
    typed = {"parts.0.measure": "round_score", "parts.0.weight": "100", "parts.1.measure": "", "parts.1.weight": ""}
    typed |= {"shares.0.grade": "5", "shares.0.percent": "30", "stars_min.1": "x", "lagging_is_weak": "yes"}
    found = formula_typed(typed)
    assert found["parts"] == [{"measure": "round_score", "weight": 100}]
    assert found["shares"] == [{"grade": "5", "percent": 30}]
    assert (found["stars_min"], found["vetoes"], found["lagging_is_weak"]) == (["x", None, None, None, None], [], True)


def test_a_weak_organisation_is_proposed_listed_mended_and_released(town: Town) -> None:
    officer, secretary = town.browser("officer"), town.browser("secretary")
    proposed = sends(officer, f"/branches/{town.branch}/weak-entries", text="班子不团结")
    entry = proposed.headers["Location"]
    assert "班子不团结" in sees(officer, "/weak-organisations")
    fields = {"plan": "整顿方案", "in_charge": "李镇长", "contact": "组织部", "due_on": "2199-06-30"}
    refused = sends(officer, f"{entry}/listing", **fields)
    assert refused.status_code == 422
    listed = sends(officer, f"{entry}/listing", **fields, **{"items.0.text": "选好书记"})
    assert listed.status_code == 303, refused.text[-500:]
    assert "选好书记" in sees(secretary, f"/branches/{town.branch}/stars")
    (done,) = re.findall(rf"{entry}/items/[-0-9a-f]+/completion", sees(secretary, entry))
    files = done.replace("completion", "files")
    bad = sends(secretary, files, file=(io.BytesIO(b"MZ"), "a.pdf"))
    assert (bad.status_code, "field-error" in bad.text) == (415, True)
    assert sends(secretary, files, file=(io.BytesIO(b"%PDF-1.7\n"), "选举结果.pdf")).status_code == 303
    assert "选举结果.pdf" in sees(officer, entry)
    assert sends(secretary, done, evidence="已选出").status_code == 303
    assert sends(officer, done.replace("completion", "acceptance")).status_code == 303
    own = sends(officer, f"{entry}/release", reason="到位")
    assert "验收过其中事项的人不能批准销号" in sees(officer, own.headers["Location"])
    assert sends(town.browser("officer"), f"{entry}/release", reason="到位").status_code == 303
    assert "已销号" in sees(officer, entry)


def test_a_retried_request_does_it_once(town: Town) -> None:
    officer = town.browser("officer")
    with town.services.engines["assessment"].begin() as db:
        path = f"{town.path}.{uuid4().hex[:8]}"
        other: UUID = a_branch_of_assessment(db, path=path, parent_id=town.id, at=clock.now())
    key = str(uuid4())
    told = [
        sends(officer, f"/branches/{other}/weak-entries", text="同一请求", idempotency_key=key).headers["Location"]
        for _ in range(2)
    ]
    assert told[0] == told[1]


def test_a_member_sees_neither(town: Town, rating: str) -> None:
    member = town.browser("member")
    for path in ("/star-ratings", rating, "/weak-organisations", f"/branches/{town.branch}/stars"):
        assert member.client.get(path, headers=HTML).status_code == 403
