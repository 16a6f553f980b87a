"""Bulletins, slips and talks by the pages and the API, with the real services behind (A5)."""

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.months import Month
from assessment.domain.slips import STEPS
from assessment.operations import posts, slips, supervision_papers, talks
from assessment.work import WORK
from chassis import clock, jobs
from contracts.assessment.bulletins import BULLETIN_STATES
from contracts.assessment.slips import SLIP_FILTERS, SLIP_STATES
from contracts.assessment.talks import TALK_FILTERS
from contracts.roster.posts import PostHolder, PostsChanged
from flask import Flask
from gateway.config import GatewayConfig
from gateway.pages.words import VOCABULARIES
from sqlalchemy import text

from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.assessment.articles import an_event
from tests.assessment.test_slips import a_member as stands_on_the_roll
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_committee, path_of

pytestmark = STANDING

HTML = {"Accept": "text/html"}
PDF_BYTES = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


class Town:
    """A town with a red branch, which roster and assessment know; its slip is open, a reminder talk is due."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        now = clock.now()
        with services.engines["roster"].begin() as db:
            self.id = a_committee(db)
            self.branch = a_branch(db, parent=self.id, full=4, secretary=True)
            self.path, self.branch_path = path_of(db, self.id), path_of(db, self.branch)
        month = Month.at(now)
        with services.engines["assessment"].begin() as db:
            a_branch_of_assessment(db, id=self.id, path=self.path, kind="committee", name="昆仑镇党委", at=now)
            a_branch_of_assessment(db, id=self.branch, path=self.branch_path, parent_id=self.id, at=now)
            reading = (
                '[{"check": "MonthlyThemeDay", "light": "red", "title_zh": "每月开展主题党日", "title_en": "x",'
                ' "why_zh": "没有主题党日记录", "why_en": "No theme day is recorded", "mend_zh": "", "mend_en": ""}]'
            )
            for one, frozen in ((month, None), (month.previous, now), (month.previous.previous, now)):
                db.execute(
                    text(
                        "INSERT INTO lights (branch_id, month, light, readings, computed_at, frozen_at)"
                        " VALUES (:branch, :month, 'red', CAST(:reading AS jsonb), :now, :frozen)"
                        " ON CONFLICT (branch_id, month) DO UPDATE SET light = 'red', readings = EXCLUDED.readings,"
                        " frozen_at = EXCLUDED.frozen_at"
                    ),
                    {"branch": self.branch, "month": str(one), "reading": reading, "now": now, "frozen": frozen},
                )
            slips.open_for_red(db, [self.branch], month=month, at=now)
            talks.open_after(db, month.previous, at=now)
        self.services, self.app, self.keys = services, app, keys
        self.secretary, self.officer, self.chief = uuid4(), uuid4(), uuid4()

    def browser(self, role: str, *, person: UUID | None = None) -> Browser:
        path = self.branch_path if role in ("secretary", "member") else self.path
        person = person or {"secretary": self.secretary, "officer": self.officer}.get(role)
        return a_browser(self.app, self.keys.token(role, path=path, person_id=person))

    def work(self) -> None:
        """Do what *work* would: the jobs that were asked for."""
        engine = self.services.engines["assessment"]
        while jobs.run_one(engine, {supervision_papers.JOB: WORK.jobs[supervision_papers.JOB]}):
            pass


@pytest.fixture
def town(services: Standing, app: Flask, keys: Keys, config: GatewayConfig, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("FILE_STORE", str(config.file_store))
    return Town(services, app, keys)


def sees(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, headers=HTML)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
    return str(answer.text)


def sends(browser: Browser, path: str, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    return browser.client.post(path, data=given, headers=HTML)


def goes(answer: Any) -> str:
    assert answer.status_code == 303, answer.text[-2000:]
    return str(answer.location)


class TestBulletin:
    def test_is_drafted_edited_signed_by_another_sent_and_signed_for(self, town: Town) -> None:
        officer, chief, secretary = (
            town.browser("officer"),
            town.browser("officer", person=town.chief),
            town.browser("secretary"),
        )
        assert "今日红黄灯" in sees(officer, "/daily-list")
        address = goes(sends(officer, "/bulletins/new", kind="daily"))
        page = sees(officer, address)
        for words in ("没有主题党日记录", "绿灯率", "智能体检当前灯色", "由您起草的通报须由另一人签发"):
            assert words in page
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version
        words = {"version": version[1], "title": "红灯日通报", "opening": "各党支部：", "closing": "抓紧整改。"}
        goes(sends(officer, f"{address}/words", **words))
        line = {"cause": "书记外出", "plan": "月底补课", "plan_on": "2027-01-31", "remark": "已约谈"}
        goes(sends(officer, f"{address}/branches/{town.branch}", **line))
        page = sees(chief, address)
        assert "书记外出" in page
        stale = sends(chief, f"{address}/signature", version="1")
        assert "日通报〔" not in sees(chief, goes(stale))
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version
        goes(sends(chief, f"{address}/signature", version=version[1]))
        assert "日通报〔" in sees(chief, address)
        assert secretary.client.get(address, headers=HTML).status_code == 404
        goes(sends(chief, f"{address}/dispatch"))
        assert "红灯日通报" in sees(secretary, "/bulletins")
        assert "已阅，签收" in sees(secretary, address)
        goes(sends(secretary, f"{address}/acknowledgement"))
        assert "tag-warn" not in sees(officer, f"{address}/receipts")
        correction = goes(sends(officer, f"{address}/correction"))
        assert "本通报更正《红灯日通报》" in sees(officer, correction)
        assert "红灯日通报" in sees(officer, address)

    def test_what_is_missing_is_told_at_its_field(self, town: Town) -> None:
        officer = town.browser("officer")
        answer = sends(officer, "/bulletins/new", kind="monthly", month="2199-01")
        assert answer.status_code == 422
        assert 'id="month-error"' in answer.text
        goes(sends(officer, "/bulletins/new", kind="daily"))
        assert "已经存在" in sends(officer, "/bulletins/new", kind="daily").text

    def test_a_repeated_form_drafts_once(self, town: Town) -> None:
        officer, key = town.browser("officer"), str(uuid4())
        first, again = (sends(officer, "/bulletins/new", kind="daily", idempotency_key=key) for _ in range(2))
        assert goes(first) == goes(again)

    @pytest.mark.parametrize("format", ["pdf", "xlsx"])
    def test_is_made_as_a_document(self, town: Town, format: str) -> None:
        officer = town.browser("officer")
        address = goes(sends(officer, "/bulletins/new", kind="daily"))
        asked = {"paper": "bulletin", "format": format, "subject_id": address.rpartition("/")[2]}
        waiting = goes(sends(officer, "/supervision-papers", **asked))
        assert "正在生成" in sees(officer, waiting)
        town.work()
        page = sees(officer, waiting)
        found = re.search(r'href="(/api/v1/supervision-papers/[0-9a-f-]+/file)"', page)
        assert found
        content = officer.client.get(found[1]).data
        assert content.startswith(b"%PDF" if format == "pdf" else b"PK")
        assert town.browser("officer", person=uuid4()).client.get(found[1]).status_code == 404


class TestSlip:
    def test_of_a_red_light_is_answered_with_a_file_and_accepted(self, town: Town) -> None:
        secretary, officer = town.browser("secretary"), town.browser("officer")
        found = re.search(r'href="(/slips/[0-9a-f-]+)"', sees(secretary, "/my-slips"))
        assert found
        address = found[1]
        assert "没有主题党日记录" in sees(secretary, address)
        empty = sends(secretary, f"{address}/reply")
        assert empty.status_code == 422
        assert 'id="text-error"' in empty.text
        wrong = sends(secretary, f"{address}/reply", text="x", files=(io.BytesIO(b"MZ\x00"), "a.exe"))
        assert wrong.status_code == 415
        assert 'id="files-error"' in wrong.text
        goes(sends(secretary, f"{address}/reply", text="已补开主题党日", files=(io.BytesIO(PDF_BYTES), "证明.pdf")))
        page = sees(officer, address)
        link = re.search(rf'href="(/api/v1{address}/attachments/[0-9a-f]+)" download>证明.pdf', page)
        assert link
        assert officer.client.get(link[1]).data == PDF_BYTES
        assert town.browser("member").client.get(link[1]).status_code == 403
        assert "待验收" in sees(officer, "/slips?state=waiting")
        back = sends(officer, f"{address}/return", reason="缺签到表", due_on="2000-01-01")
        assert back.status_code == 422
        later = clock.today(clock.now()).isoformat()
        goes(sends(officer, f"{address}/return", reason="缺签到表", due_on=later))
        assert "缺签到表" in sees(secretary, "/inbox")
        goes(sends(secretary, f"{address}/reply", text="已补"))
        goes(sends(officer, f"{address}/acceptance"))
        assert "已办结" in sees(secretary, address)
        assert "不能再" in sees(officer, goes(sends(officer, f"{address}/withdrawal", reason="x")))

    def test_is_issued_by_hand_to_the_branch(self, town: Town) -> None:
        officer = town.browser("officer")
        assert "请先选择党支部" in sees(officer, "/slips/new")
        assert "督办要求" in sees(officer, f"/slips/new?branch={town.branch}")
        fields = {"branch_id": str(town.branch), "subject_kind": "other", "subject": "会议记录不全"}
        today = clock.today(clock.now()).isoformat()
        assert sends(officer, "/slips/new", **fields, due_on=today).status_code == 422
        address = goes(sends(officer, "/slips/new", **fields, due_on=today, demand="补齐"))
        assert "会议记录不全" in sees(town.browser("secretary"), address)

    def test_goes_to_whoever_holds_a_post_or_is_named(self, town: Town) -> None:
        officer = town.browser("officer")
        deputy, twins = uuid4(), [uuid4(), uuid4()]
        with town.services.engines["assessment"].begin() as db:
            held = PostHolder(uuid4().int % 10**9, deputy, "钱副书记", "deputy_secretary", date(2024, 3, 1), None)
            told = PostsChanged(town.branch, [held])
            posts.remember(db, event=an_event(told, version=1))
            for person, name in ((twins[0], "郑双"), (twins[1], "郑双"), (uuid4(), "郑一")):
                stands_on_the_roll(db, town.branch, person, name)
        page = sees(officer, f"/slips/new?branch={town.branch}")
        assert f'<option value="{deputy}">钱副书记 · 副书记</option>' in page
        today = clock.today(clock.now()).isoformat()
        fields = {"branch_id": str(town.branch), "subject_kind": "other", "subject": "台账", "demand": "补齐"}
        fields["due_on"] = today
        for whom, name in (({"person_id": str(deputy)}, "钱副书记"), ({"person_name": "郑一"}, "郑一")):
            assert name in sees(officer, goes(sends(officer, "/slips/new", **fields, **whom)))
        nobody = sends(officer, "/slips/new", **fields, person_name="查无此人")
        assert (nobody.status_code, 'id="person_name-error"' in nobody.text) == (422, True)
        several = sends(officer, "/slips/new", **fields, person_name="郑双")
        assert (several.status_code, all(str(one) in several.text for one in twins)) == (422, True)
        goes(sends(officer, "/slips/new", **fields, person_name="郑双", person_id=str(twins[1])))

    def test_the_api_stores_a_file_and_takes_the_reference(
        self, town: Town, bearer: Callable[..., dict[str, str]]
    ) -> None:
        who = bearer("secretary", path=town.branch_path)
        client = town.app.test_client()
        slip = client.get("/api/v1/slips?mine=true", headers=who).json["items"][0]
        stored = client.post(
            f"/api/v1/slips/{slip['id']}/attachments", data={"file": (io.BytesIO(PDF_BYTES), "a.pdf")}, headers=who
        )
        assert stored.status_code == 201, stored.text
        reply = {"text": "见附件", "files": [stored.json]}
        key = {"Idempotency-Key": str(uuid4())}
        first, again = (
            client.post(f"/api/v1/slips/{slip['id']}/replies", json=reply, headers={**who, **key}) for _ in range(2)
        )
        assert (first.status_code, first.json["state"]) == (201, "replied")
        assert again.json == first.json
        assert [one["name"] for one in first.json["steps"][-1]["files"]] == ["a.pdf"]
        third = client.post(f"/api/v1/slips/{slip['id']}/replies", json=reply, headers=who)
        assert (third.status_code, third.json["code"]) == (409, "slip-not-movable")


class TestDailyList:
    def test_an_entry_is_written_and_somebody_assigned(self, town: Town) -> None:
        officer = town.browser("officer")
        address = f"/branches/{town.branch}/follow-ups"
        assert sends(officer, address).status_code == 422
        goes(sends(officer, address, text="已电话催办"))
        assert "已电话催办" in sees(officer, "/daily-list")
        assert "没有找到" in sees(officer, f"/organisations/{town.branch}/follower?name=无此人")
        goes(sends(officer, f"/organisations/{town.branch}/follower"))


class TestTalk:
    def test_is_recorded_and_closed(self, town: Town) -> None:
        officer = town.browser("officer")
        found = re.search(r'href="(/reminder-talks/[0-9a-f-]+)"', sees(officer, "/reminder-talks"))
        assert found
        page = sees(officer, found[1])
        assert "登记谈话" in page
        assert "由上级党组织谈话" in sees(town.browser("secretary"), found[1])
        record = {"held_on": clock.today(clock.now()).isoformat(), "held_by": "李部长", "with_name": "王书记"}
        missing = sends(officer, found[1], **record)
        assert missing.status_code == 422
        goes(sends(officer, found[1], **record, said="连续两月红灯", promised="十日内补齐"))
        assert "十日内补齐" in sees(town.browser("secretary"), found[1])
        assert "已谈话" in sees(officer, "/reminder-talks?state=held")


def test_the_numbers_are_shown_and_not_set_from_a_town(town: Town) -> None:
    officer = town.browser("officer")
    assert "督办和谈话时限" in sees(officer, "/supervision-rules")
    fields = {
        "effective_from": "2199-01-01",
        "slip_days": "5",
        "talk_days": "10",
        "escalate_days": "3",
        "citation": "x",
    }
    assert sends(officer, "/supervision-rules", **fields).status_code == 403


def test_each_state_has_a_word_and_a_look() -> None:
    for vocabulary, codes in (
        ("slip_state", SLIP_STATES),
        ("slip_filter", SLIP_FILTERS),
        ("slip_move", STEPS),
        ("bulletin_state", BULLETIN_STATES),
        ("talk_state", TALK_FILTERS),
    ):
        assert set(VOCABULARIES[vocabulary]) == set(codes)
