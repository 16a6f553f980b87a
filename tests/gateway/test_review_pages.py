"""Annual reviews, half-yearly meetings, re-inspections and the burden meter by pages and API (A13)."""

import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import burden
from chassis import clock
from flask import Flask

from tests.assessment.articles import a_branch
from tests.assessment.reviewed import a_town, branch_path, person
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser

pytestmark = STANDING

HTML = {"Accept": "text/html"}


class Reviewed:
    """A town of three branches, known to the assessment, and those who work on their reviews."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        self.app, self.keys, self.engine = app, keys, services.engines["assessment"]
        with self.engine.begin() as db:
            town = a_town(db)
            a_branch(
                db, path="3703.370304", kind="committee", name="中共博山区委员会"
            )  # the tree has more than the district
            self.id, self.branches = town.id, town.branches
            self.voters = [str(one) for one in town.voters(4)]
            burden.count(db, at=clock.now())
        self.year = clock.today(clock.now()).year

    def browser(self, role: str, path: str, *, person_id: UUID | None = None) -> Browser:
        return a_browser(self.app, self.keys.token(role, path=path, person_id=person_id))

    @property
    def officer(self) -> Browser:
        return self.browser("officer", "3703.370302")

    def secretary(self, number: int) -> Browser:
        return self.browser("secretary", branch_path(number), person_id=person(branch_path(number)))


@pytest.fixture(scope="module")
def town(services: Standing, app: Flask, keys: Keys) -> Reviewed:
    return Reviewed(services, app, keys)


def sees(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, headers=HTML)
    assert answer.status_code == 200, (path, answer.text[-2000:])
    return str(answer.text)


def sends(browser: Browser, path: str, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    return browser.client.post(path, data=given, headers=HTML)


def test_a_review_from_its_opening_to_the_acknowledgement(town: Reviewed) -> None:
    officer, secretary = town.officer, town.secretary(0)
    assert "还没有启动述职评议" in sees(officer, f"/reviews?organisation={town.id}&year={town.year}")
    opened = sends(officer, f"/organisations/{town.id}/reviews", year=str(town.year))
    assert opened.status_code == 303
    board = sees(officer, opened.location)
    assert "第0村党支部" in board
    assert "不作排名" in board
    mine = sees(secretary, "/my-reviews")
    (address,) = set(re.findall(r'href="(/reviews/[0-9a-f-]{36})"', mine))
    page = sees(secretary, address)
    assert "不需填写" in page
    empty = sends(secretary, f"{address}/report")
    assert empty.status_code == 422
    assert 'id="report-error"' in empty.text
    key = str(uuid4())
    for _again in range(2):  # a second click of the same form hands in once
        assert sends(secretary, f"{address}/report", idempotency_key=key, report="一年来……").status_code == 303
    page = sees(officer, address)
    assert page.count("已提交述职报告") == 2  # the state and one step
    wrong = sends(officer, f"{address}/checks", place="村部", checked_on="2020-01-01", score="101")
    assert wrong.status_code == 422
    assert 'id="score-error"' in wrong.text
    check = {"checked_on": clock.today(clock.now()).isoformat(), "place": "村部", "checkers": "李建平", "found": "齐全"}
    assert sends(officer, f"{address}/checks", score="92", superior_joined="yes", **check).status_code == 303
    assert sends(officer, f"{address}/comments", text="整改要到底").status_code == 303
    assert "整改要到底" not in sees(secretary, address)
    form = sees(officer, f"/organisations/{town.id}/review-meetings/new?year={town.year}")
    assert "书记" in form
    called = sends(
        officer,
        f"/organisations/{town.id}/review-meetings/new",
        year=str(town.year),
        held_on=check["checked_on"],
        review_ids=[address.rpartition("/")[2]],
        person_ids=town.voters,
    )
    assert called.status_code == 303, called.text[-3000:]
    member = town.browser("member", branch_path(0), person_id=UUID(town.voters[0]))
    assert "第0村党支部" in sees(member, "/review-votes")
    assert sends(member, f"{address}/votes", vote="good", salt="x" * 16).location == "/review-votes"
    assert "您已投票" in sees(member, "/review-votes")
    sends(member, f"{address}/votes", vote="poor", salt="y" * 16)
    assert "您已对这份述职投过票" in sees(member, "/review-votes")
    review_id = address.rpartition("/")[2]
    few = sends(officer, f"{called.location}/count", review_ids=[review_id])
    assert few.status_code == 409
    assert "至少应有 3 票" in few.text
    assert sends(officer, f"{called.location}/count", review_ids=[review_id], **{f"{review_id}.good": "3"})
    assert sends(officer, f"{address}/proposal", marks="95", comment="抓得实").status_code == 303
    assert "得分构成" in sees(officer, address)
    assert sends(officer, f"{address}/decision", grade="good", reason="会议研究").status_code == 303
    sent = {"sent_up_on": check["checked_on"], "document_number": "昆委〔2026〕9号"}
    assert sends(officer, f"{address}/sending-up", **sent).status_code == 303
    assert "得分构成" not in sees(secretary, address)
    assert sends(officer, f"{address}/publication").status_code == 303
    assert "得分构成" in sees(secretary, address)
    assert "述职评议结果已反馈" in sees(secretary, "/inbox")
    assert sends(secretary, f"{address}/acknowledgement", word="知悉").status_code == 303
    assert sends(officer, f"{address}/recommendation", reason="实绩突出").status_code == 303
    assert "第 1 名" in sees(officer, "/recommendations" + f"?year={town.year}")
    corrected = sends(officer, f"{address}/correction", grade="average", reason="复核")
    assert corrected.status_code == 303
    listed = sees(officer, "/review-consequences?state=due")
    assert "约谈书记" in listed
    (talk,) = re.findall(r'action="(/review-consequences/[0-9a-f-]+)"', listed.partition("约谈书记")[2])[:1]
    bad = sends(officer, f"{talk}/files", file=(io.BytesIO(b"MZ"), "a.pdf"))
    assert (bad.status_code, "field-error" in bad.text) == (415, True)
    for name in ("谈话提纲.pdf", "谈话记录.pdf"):
        sent = (io.BytesIO(b"%PDF-1.7\n" + name.encode()), name)
        assert sends(officer, f"{talk}/files", file=sent).status_code == 303
    (outline, _minutes) = re.findall(
        rf'action="({talk}/files/[0-9a-f-]+/removal)"', sees(officer, "/review-consequences")
    )
    assert sends(officer, outline).status_code == 303
    assert sends(officer, talk, done_on=check["checked_on"], proof="约谈记录").status_code == 303
    assert "谈话记录.pdf" in sees(secretary, address)
    assert "约谈记录" in sees(officer, "/review-consequences?state=done")
    drawn = sends(officer, f"{address}/papers")
    assert "正在生成" in sees(officer, drawn.location) or drawn.status_code == 303
    api = officer.client.get("/api/v1/reviews?by_score=true", headers={"Accept": "application/json"})
    assert api.json["code"] == "ranking-switched-off"


def test_a_stranger_sees_no_review(town: Reviewed) -> None:
    sends(town.officer, f"/organisations/{town.id}/reviews", year=str(town.year))
    page = sees(town.secretary(1), "/my-reviews")
    (address,) = set(re.findall(r'href="(/reviews/[0-9a-f-]{36})"', page))
    assert town.secretary(2).client.get(address, headers=HTML).status_code == 403
    assert sends(town.secretary(1), f"{address}/decision", grade="good", reason="自己").status_code == 403


def test_a_half_year_has_one_meeting_with_its_paper(town: Reviewed) -> None:
    officer = town.officer
    today = clock.today(clock.now())
    half = f"{today.year}-H{1 if today.month < 7 else 2}"
    plan = {"organisation_id": str(town.id), "period": half, "planned_on": today.isoformat(), "agenda": "通报评估情况"}
    made = sends(officer, "/half-year-meetings", **plan)
    page = sees(officer, made.location)
    assert "第1村党支部" in page
    again = sends(officer, "/half-year-meetings", **plan)
    assert again.status_code == 409
    assert "已经安排" in again.text
    held = {"held_on": today.isoformat(), "minutes": "研究整改措施"}
    assert sends(officer, f"{made.location}/holding", **held).status_code == 303
    assert "研究整改措施" in sees(officer, made.location)
    offered = sees(officer, "/half-year-meetings")
    assert f'value="{half}"' in offered  # for the organisation above
    (above,) = re.findall(r'name="organisation_id" value="([0-9a-f-]{36})"', offered)
    assert sends(officer, "/half-year-meetings", **{**plan, "organisation_id": above}).status_code == 303
    assert f'value="{half}"' not in sees(officer, "/half-year-meetings")


def test_branches_are_looked_at_again_every_two_years(town: Reviewed) -> None:
    officer = town.officer
    for told in ("已安排 3 个", "已安排 0 个"):
        assert sends(officer, f"/organisations/{town.id}/reinspections", year=str(town.year)).status_code == 303
        assert told in sees(officer, "/reinspections")
    (address, *_) = re.findall(r'href="(/reinspections/[0-9a-f-]{36})"', sees(officer, "/reinspections"))
    assert "均未曾出现过" in sees(officer, address)
    done = {"done_on": clock.today(clock.now()).isoformat(), "found": "整改到位"}
    assert sends(officer, f"{address}/record", **done).status_code == 303
    assert "整改到位" in sees(officer, address)


def test_the_burden_is_shown_to_branch_and_officer(town: Reviewed) -> None:
    page = sees(town.secretary(2), f"/branches/{town.branches[2]}/burden")
    assert "上限 480 分钟" in page
    assert "第0村党支部" in sees(town.officer, f"/burden?organisation={town.id}")
    assert "每填一项" in sees(town.officer, "/burden-rules")


def test_numbers_are_entered_by_nobody_below_the_root(town: Reviewed) -> None:
    for address in ("/review-rules", "/burden-rules", "/compliance"):
        assert 'type="submit">录入' not in sees(town.officer, address)
        typed = {"effective_from": "2099-01-01", "active_from": "2099-01-01", "citation": "区委〔2099〕1号"}
        answer = sends(town.officer, address, is_on="off", reason="试", ceiling_minutes="9", **typed)
        assert answer.status_code in (403, 422)
        assert "2099" not in sees(town.officer, address)
