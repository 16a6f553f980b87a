"""The inbox joins what the services tell; whichever is away is said to be, and the rest is shown (G5)."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import notices
from chassis import clock
from chassis.refusals import ServiceUnavailable
from flask import Flask
from gateway.clients import assessment, sites

from tests.assessment.articles import a_branch as a_branch_of_assessment
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_member, path_of

pytestmark = STANDING

HTML = {"Accept": "text/html"}


class Branch:
    """A branch that roster and assessment know; the assessment has told it of two slips."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        with services.engines["roster"].begin() as db:
            self.id = a_branch(db, full=4, secretary=True)
            self.path = path_of(db, self.id)
            self.person, self.other = a_member(db, branch=self.id), a_member(db, branch=self.id, name="李建设")
        with services.engines["assessment"].begin() as db:
            a_branch_of_assessment(db, id=self.id, path=self.path, at=clock.now())
        self.services, self.app, self.keys = services, app, keys
        self.tell("督办〔2026〕1号")
        self.tell("督办〔2026〕2号")

    def tell(self, number: str) -> None:
        with self.services.engines["assessment"].begin() as db:
            facts = {"number": number, "branch": "蒲家庄党支部", "subject": "红灯", "due_on": "2026-11-30"}
            notices.tell(
                db,
                kind="slip_issued",
                subject_id=uuid4(),
                organisation_id=self.id,
                facts=facts,
                at=clock.now(),
            )

    def browser(self, person: UUID | None = None) -> Browser:
        return a_browser(self.app, self.keys.token("secretary", path=self.path, person_id=person or self.person))


@pytest.fixture
def branch(services: Standing, app: Flask, keys: Keys) -> Branch:
    return Branch(services, app, keys)


def sees(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, headers=HTML)
    assert answer.status_code == 200, (path, answer.text[-2000:])
    return str(answer.text)


def sends(browser: Browser, path: str, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    return browser.client.post(path, data=given, headers=HTML)


def unread_on(page: str) -> int:
    """Return how many are unread: late in a month the light of a new branch is red, and its slip has told of it too."""
    found = re.search(r"(\d+)条未读", page)
    assert found
    return int(found[1])


def away(*_: Any, **__: Any) -> Any:
    raise ServiceUnavailable(service="assessment")


def test_a_notice_is_a_sentence_and_is_read_when_it_is_opened(branch: Branch) -> None:
    browser = branch.browser()
    page = sees(browser, "/inbox")
    assert "督办〔2026〕1号已发给蒲家庄党支部：红灯。请于2026年11月30日前回复。" in page
    unread = unread_on(page)
    assert unread >= 2
    (first, *_) = re.findall(r'action="(/inbox/[0-9a-f-]+/opening)"', page)
    assert sends(browser, first).status_code == 303
    assert unread_on(sees(browser, "/inbox")) == unread - 1
    assert len(re.findall("/opening", sees(browser, "/inbox?unread=1"))) == unread - 1
    assert sends(browser, "/inbox/readings").location.endswith("/inbox")
    assert "没有未读通知" in sees(browser, "/inbox?unread=1")
    assert unread_on(sees(branch.browser(branch.other), "/inbox")) == unread  # another person of the same branch


def test_home_says_how_many_wait(branch: Branch) -> None:
    unread = unread_on(sees(branch.browser(), "/inbox"))
    assert f'<span class="task-count">{unread}</span>' in sees(branch.browser(), "/")


@pytest.mark.parametrize(
    ("door", "missing", "there"),
    [
        ((sites.calendars, "order_notices"), "活动点的通知", "督办〔2026〕1号"),
        ((assessment.notices, "inbox"), "考核的通知", "收件箱"),
    ],
)
def test_when_one_service_is_away_the_other_is_shown(
    branch: Branch, monkeypatch: pytest.MonkeyPatch, door: tuple[Any, str], missing: str, there: str
) -> None:
    monkeypatch.setattr(*door, away)
    page = sees(branch.browser(), "/inbox")
    assert f"“{missing}”暂时不可用" in page
    assert there in page


def test_the_count_says_that_it_may_be_more_while_one_is_away(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    unread = unread_on(sees(branch.browser(), "/inbox"))
    monkeypatch.setattr(sites.calendars, "order_notices", away)
    assert f'<span class="task-count">{unread}+</span>' in sees(branch.browser(), "/")
