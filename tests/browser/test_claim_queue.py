"""Finance works through its queue by keyboard, and without JavaScript; a site and a branch see theirs (S11)."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.database import connect
from cryptography.fernet import Fernet
from local.testing import Platform
from playwright.sync_api import expect
from sqlalchemy import text

from tests.browser.conftest import DESK, PHONE, Someone
from tests.browser.test_every_page import faults_of
from tests.sites.articles import a_branch, a_site
from tests.sites.money import CLOSED, VISIT, a_visit, confirmed, disputed, the_id

TOWN = "试验镇"


@pytest.fixture
def queue(stack: Platform, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Four visits of a month to a site of a town of its own wait for finance; returns the ids of their claims.

    One was checked in far away, one is disputed. The site is on no map afterwards.
    """
    monkeypatch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("VOUCHER_SECRET", "for these tests alone")
    engine = connect(stack.service_url("sites"), service="sites")
    with engine.begin() as db:
        mark = uuid4().hex[:6]
        site = a_site(db, name=f"试验馆{mark}", town=f"{TOWN}{mark}")
        visits = [
            a_visit(
                db,
                site=site,
                branch=a_branch(db, name=f"试验{mark}第{nth}党支部"),
                visit_at=VISIT + timedelta(hours=nth),
            )
            for nth in range(4)
        ]
        db.execute(text("UPDATE check_ins SET distance_m = 4200 WHERE order_id = :id"), {"id": visits[1].order_id})
        for nth, visit in enumerate(visits[:3]):
            confirmed(db, visit, at=CLOSED + timedelta(minutes=nth))
        disputed(db, visits[3], headcount=15, at=CLOSED + timedelta(minutes=3))
        db.execute(text("UPDATE sites SET state = 'withdrawn' WHERE id = :id"), {"id": site.id})
        for visit in visits:
            db.execute(text("UPDATE organisations SET dissolved = true WHERE id = :id"), {"id": visit.branch.id})
    engine.dispose()
    return [f"/claims/queue?town={TOWN}{mark}", *(str(the_id(visit)) for visit in visits)]


def looks_right(someone: Someone, name: str) -> None:
    page = someone.page
    assert faults_of(page) == []
    for size, screen in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        assert someone.overflows() <= 0, f"{name} is wider than a {screen}'s screen"
        someone.keeps_screen(f"{name}-{screen}")
    page.set_viewport_size(DESK)


def test_the_queue_by_keyboard(somebody: Callable[..., Someone], queue: list[str]) -> None:
    address, *ids = queue
    preparer = somebody("preparer")
    page = preparer.opens(address)
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(4)
    expect(page.locator(".questions")).to_contain_text("签到位置离活动点太远")
    looks_right(preparer, "claims-queue")

    page.locator("#queue-reason").fill("jxa?")  # typed, not obeyed
    expect(page.locator("[data-count]")).to_have_text("已选 0 笔")
    page.locator("#queue-reason").fill("")
    page.locator("#queue-reason").blur()

    page.keyboard.press("?")
    expect(page.locator(".keys-help dl")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_class("is-ticked is-here")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("已选 2 笔")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="通过选中的补单")).to_be_focused()
    expect(rows).to_have_count(4)  # nothing is approved before Enter
    page.keyboard.press("Enter")
    told = page.locator(".notice[role=status]")
    expect(told).to_contain_text("2 笔中已通过 1 笔")
    expect(told).to_contain_text("有异议的补单须写明审核理由")
    expect(page.locator("tr[data-row]")).to_have_count(3)
    looks_right(preparer, "claims-queue-answered")

    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(lambda url: any(claim in url for claim in ids))
    looks_right(preparer, "claim-to-decide")


def test_questions_and_a_claim_without_javascript(somebody: Callable[..., Someone], queue: list[str]) -> None:
    address, _, far, *_ = queue
    preparer = somebody("preparer", javascript=False)
    page = preparer.opens(address)
    page.locator(".questions").get_by_role("link", name="签到位置离活动点太远").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.goto(f"{preparer.base_url}/claims/{far}")
    expect(page.locator("main")).to_contain_text("4.2公里")
    page.locator("details", has_text="写明理由，或核减金额").locator("summary").first.click()
    page.fill("#approved_fen", "300")
    page.get_by_role("button", name="审核通过").click()
    expect(page.locator("#error-summary")).to_contain_text("请填写")
    page.select_option("#code-approve", "headcount_doubtful")
    page.get_by_role("button", name="审核通过").click()
    expect(page.locator(".messages")).to_contain_text("已审核")
    expect(page.locator("main")).to_contain_text("财务核减")
    page.goto(preparer.base_url + address)
    page.locator("input[name=claim_ids]").last.check()
    page.fill("#queue-reason", "以签到表为准")
    page.get_by_role("button", name="通过选中的补单").click()
    expect(page.locator(".notice[role=status]")).to_contain_text("1 笔中已通过 1 笔")


@pytest.mark.parametrize(
    ("username", "paths"),
    [
        ("steward", ("/claims/mine", "/claims/missing-papers")),
        ("secretary", ("/claims/waiting",)),
        ("officer", ("/review-draws", "/field-reviews", "/claims/queue")),
        ("assessor", ("/field-reviews",)),
        ("approver", ("/claim-appeals", "/claims/queue")),
    ],
)
def test_the_other_pages(somebody: Callable[..., Someone], username: str, paths: tuple[str, ...]) -> None:
    someone = somebody(username)
    for path in paths:
        page = someone.opens(path)
        assert "暂时不可用" not in (page.text_content("main") or ""), path
        looks_right(someone, f"{username}{path.replace('/', '-')}")
