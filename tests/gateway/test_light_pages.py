"""Lights, exemptions and checks, by the pages and by the API, with the real services behind (A3, A4)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import lights, rolls
from chassis import clock
from contracts.roster.rolls import RollChanged, RollMember
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.assessment.articles import an_event
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_committee, path_of

pytestmark = STANDING

HTML = {"Accept": "text/html"}


class Town:
    """A town with two branches, which roster and assessment know; the first has a member on its roll."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        now = clock.now()
        with services.engines["roster"].begin() as db:
            self.id = a_committee(db)
            self.branch, self.other = (a_branch(db, parent=self.id, full=4, secretary=True) for _ in range(2))
            self.path, self.branch_path = path_of(db, self.id), path_of(db, self.branch)
            other_path = path_of(db, self.other)
            self.person: UUID = db.execute(
                text("SELECT person_id FROM members WHERE branch_id = :id LIMIT 1"), {"id": self.branch}
            ).scalar_one()
        with services.engines["assessment"].begin() as db:
            a_branch_of_assessment(db, id=self.id, path=self.path, kind="committee", name="昆仑镇党委", at=now)
            for branch, path in ((self.branch, self.branch_path), (self.other, other_path)):
                a_branch_of_assessment(db, id=branch, path=path, parent_id=self.id, at=now)
            told = RollChanged(self.branch, [RollMember(self.person, "蒲一", "full", "active")])
            rolls.remember(db, event=an_event(told, version=10_000), at=now)
            lights.freeze(db, at=now)
        self.app, self.keys = app, keys

    def token(self, role: str, **who: Any) -> str:
        return self.keys.token(role, path=self.branch_path if role in ("secretary", "member") else self.path, **who)

    def browser(self, role: str, **who: Any) -> Browser:
        return a_browser(self.app, self.token(role, **who))


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


def this_month() -> str:
    return clock.month_of(clock.now())


class TestBoard:
    def test_counts_by_part_and_field_and_leads_on(self, town: Town) -> None:
        officer = town.browser("officer")
        page = sees(officer, "/lights/board")
        for words in ("昆仑镇党委", "绿灯率", "按领域", "农村", "99%"):
            assert words in page
        assert f"organisation={town.branch}" in page or f"/branches/{town.branch}" in page
        assert "蒲家庄党支部" in sees(officer, f"/lights?organisation={town.id}&field=rural")
        assert "蒲家庄党支部" not in sees(officer, f"/lights?organisation={town.id}&field=school")

    def test_of_another_part_is_not_shown(self, town: Town, app: Flask, keys: Keys) -> None:
        stranger = a_browser(app, keys.token("officer", path="3703.elsewhere"))
        assert stranger.client.get(f"/lights/board?organisation={town.id}", headers=HTML).status_code == 403
        assert stranger.client.get(f"/lights?organisation={town.id}", headers=HTML).status_code == 403


class TestBranch:
    def test_shows_why_and_the_months_before(self, town: Town) -> None:
        page = sees(town.browser("secretary"), f"/branches/{town.branch}")
        for words in ("每月开展主题党日", "以前各月", "本月应办任务", "党员亮灯"):
            assert words in page

    def test_a_closed_month_is_corrected_by_those_above(self, town: Town) -> None:
        officer = town.browser("officer")
        month = clock.month_of(clock.now().replace(day=1) - timedelta(days=2))
        page = sees(officer, f"/branches/{town.branch}?month={month}")
        assert "更正本月亮灯" in page
        address = f"/branches/{town.branch}/light-corrections"
        empty = sends(officer, address, month=month, light="green")
        assert "green" not in empty.location
        assert sends(officer, address, month=month, light="green", reason="活动点漏报").status_code == 303
        corrected = sees(town.browser("secretary"), f"/branches/{town.branch}?month={month}")
        assert "活动点漏报" in corrected
        assert "更正本月亮灯" not in corrected


class TestExemption:
    def test_goes_from_the_member_over_the_branch_to_the_next_level(self, town: Town) -> None:
        secretary, officer = town.browser("secretary"), town.browser("officer")
        address = f"/branches/{town.branch}/exemptions"
        wanted = {"ground": "ill", "from_month": this_month(), "months": "2"}
        assert sends(secretary, address, **wanted).status_code == 422
        one = sends(secretary, address, **wanted, person_id=str(town.person), reason="长期住院").location
        assert "等待支委会同意" in sees(secretary, one)
        assert (
            "其中有的月份已有豁免"
            in sends(secretary, address, **wanted, person_id=str(town.person), reason="长期住院").text
        )
        day = clock.today(clock.now()).isoformat()
        assert sends(secretary, f"{one}/consent", consented_on=day, minutes="全体同意").status_code == 303
        assert "蒲一" in sees(officer, "/exemptions")
        assert sends(officer, f"{one}/approval").status_code == 303
        assert "已批准" in sees(secretary, one)
        assert sends(officer, f"{one}/ending", reason="康复").status_code == 303
        assert "康复" in sees(secretary, one)

    def test_ones_own_page_offers_it(self, town: Town) -> None:
        member = town.browser("member", person_id=town.person)
        assert "我的亮灯" in sees(member, "/me/light")

    def test_a_repeated_request_applies_once(self, town: Town, client: FlaskClient) -> None:
        headers = {"Authorization": f"Bearer {town.token('secretary')}", "Idempotency-Key": str(uuid4())}
        body = {
            "branch_id": str(town.branch),
            "ground": "unsuited",
            "reason": "驻外施工",
            "from_month": this_month(),
            "months": 1,
        }
        first, again = (client.post("/api/v1/exemptions", json=body, headers=headers) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json == again.json
        assert first.headers["Location"] == f"/api/v1/exemptions/{first.json['id']}"
        withdrawn = client.post(
            f"/api/v1/exemptions/{first.json['id']}/withdrawal",
            headers={**headers, "Idempotency-Key": str(uuid4())},
        )
        assert withdrawn.json["state"] == "withdrawn"


class TestChecks:
    def test_are_shown_with_their_numbers_and_what_they_rest_on(self, town: Town) -> None:
        page = sees(town.browser("officer"), "/checks")
        for words in ("每月开展主题党日", "党员检查项目", "绿灯率目标", "池西党群发"):
            assert words in page
        assert "每月截止日" in sees(town.browser("secretary"), "/checks/MonthlyThemeDay")
        assert town.browser("officer").client.get("/checks/NoSuchCheck", headers=HTML).status_code == 404

    def test_others_are_tried_as_a_job(self, town: Town) -> None:
        officer = town.browser("officer")
        address = "/checks/MonthlyThemeDay/simulations"
        wrong = sends(officer, address, **{"numbers.due_day": "40", "numbers.yellow_from_day": "20"})
        assert (wrong.status_code, "应在 1 至 31 之间" in wrong.text) == (422, True)
        for typed in ({}, {"numbers.due_day": "28", "numbers.yellow_from_day": "x"}):
            assert 'id="error-summary"' in sends(officer, address, **typed).text
        asked = sends(officer, address, **{"numbers.due_day": "28", "numbers.yellow_from_day": "20"})
        assert asked.status_code == 303
        assert "规则试算" in sees(officer, asked.location)
        stranger = town.browser("officer")
        assert stranger.client.get(asked.location, headers=HTML).status_code == 404

    def test_numbers_left_empty_set_nothing_aside(self, town: Town) -> None:
        officer = town.browser("officer")
        address = "/checks/YearlyAppraisal/numbers"
        empty = sends(officer, address, from_month="2099-01", citation="试行")
        assert (empty.status_code, "请填写数值" in empty.text) == (422, True)
