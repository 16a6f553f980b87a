"""Every page of every role: it answers, fits a phone, complains of nothing, and has what a screen reader needs (G1)."""

from collections.abc import Callable

import pytest
from demo.organisations import PUJIA, organisation_id
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Someone

PUJIA_ID = organisation_id(PUJIA)
BRANCH_PAGES = (
    *("members", "members/new", "development", "transfers", "committee", "stocktake", "member-statistics"),
    *("dues", "dues/members", "dues/arrears", "dues/receipts", "dues/sums", "round-reports"),
)
PAGES = {
    None: ("/map", "/sign-in", "/about", "/allocation-rounds", "/publicity"),
    "member": (
        "/",
        "/map",
        "/orders",
        "/branch",
        "/branch/records",
        "/me",
        "/me/data",
        *("/me/light", "/review-votes", "/inbox", "/exemptions"),
        "/me/dues",
        "/me/views",
        "/me/sessions",
        "/dues-tables",
    ),
    "secretary": (
        *("/", "/orders", "/orders?of=mine", "/branch", "/branch/records", "/claims", "/organisations", "/waiting"),
        *("/admissions/new", "/quotas", "/calendar-feeds", "/statistics", "/reports", "/month", "/task-lists"),
        *("/branch/problems", "/my-slips", "/bulletins", "/exemptions", "/inbox", "/my-reviews", "/branch/stars"),
        *("/organisations/files", "/administration/roles", "/administration/roles/new", "/me/second-factor"),
        *(f"/branches/{PUJIA_ID}/{page}" for page in BRANCH_PAGES),
        f"/organisations/{PUJIA_ID}",
        f"/organisations/{PUJIA_ID}/changes",
    ),
    "visitor": ("/", "/branch", "/orders"),
    "steward": ("/", "/desk", "/desk/devices", "/claims", "/sites/kept", "/statistics?by=month", "/reports"),
    "officer": (
        *("/", "/lights", "/lights?light=green", "/funds", "/claims", "/organisations", "/sites/kept?state=open"),
        *(
            "/admissions",
            "/appeals",
            "/holidays",
            "/sites/files",
            "/training-cases",
            "/quotas",
            "/statistics",
            "/policies",
            "/members?q=王",
            "/member-duplicates",
            "/organisations/tree",
            "/organisations/findings",
            "/organisations/rules",
            "/organisations/files",
            "/terms",
            "/terms?status=overdue",
            "/terms/approvals",
            *(f"/organisations/{PUJIA_ID}/changes/{verb}" for verb in ("rename", "merge", "split", "dissolve")),
            "/tasks",
            "/tasks/branches?state=open",
            "/tasks/new",
            "/task-lists",
            "/task-lists/new",
            "/record-rules",
            "/on-site-rounds",
            "/on-site-rounds/new",
            "/round-criteria",
            "/round-criteria/new",
            "/problems",
            "/problems?state=overdue",
            "/inspections",
            "/inspections/new",
            "/samples",
            "/samples/new",
            "/cards",
            "/mending-rules",
            "/lights/board",
            "/daily-list",
            "/bulletins",
            "/bulletins/new",
            "/slips",
            "/reminder-talks",
            "/supervision-rules",
            "/exemptions",
            "/checks",
            "/checks/MonthlyThemeDay",
            "/burden",
            "/burden-rules",
            "/compliance",
            "/star-formulas",
            "/star-formulas/new",
            "/star-ratings",
            "/weak-organisations",
            "/reviews",
            "/review-consequences",
            "/recommendations",
            "/half-year-meetings",
            "/reinspections",
            "/review-rules",
        ),
    ),
    "preparer": (
        *("/", "/claims", "/batches", "/funds", "/ledger", "/ledger/accounts/available", "/payees", "/objections"),
        *("/overpayments", "/reconciliation", "/statistics", "/reports", "/policies/new"),
        *("/fund-settings", "/file-layouts"),
    ),
    "approver": (
        *("/", "/batches", "/ledger", "/payees?pending=1", "/policies", "/fund-settings", "/file-layouts"),
        *("/file-layouts?purpose=statement", "/claim-rules", "/claim-rules/anomalies/month_end_burst"),
    ),
    "payer": ("/", "/batches", "/reconciliation", "/payees"),
    "assessor": ("/", "/lights", "/problems", "/inspections", "/cards", "/on-site-rounds", "/visit-forms"),
    "auditor": (
        "/",
        "/ledger",
        "/ledger/chain",
        "/ledger/exports",
        "/funds/sharing",
        "/batches",
        "/claims",
        "/claim-rules",
        "/administration/audit",
        "/administration/audit/chain",
        "/administration/purges",
    ),
    "admin": (
        "/",
        "/organisations",
        *("/checks", "/checks/MonthlyThemeDay", "/record-rules"),
        "/administration/accounts",
        "/administration/roles?state=all",
        "/administration/tokens?state=all",
        "/administration/sign-in-policy",
        "/administration/audit?who=宋宁",
        "/administration/audit/chain",
        "/administration/purges?list=kept",
        "/me/tokens",
        "/me/identities",
        "/me",
        "/me/password",
    ),
}

# What WCAG asks of every page and can be read off the tree: names, labels, one heading, landmarks, unique ids.
FAULTS = """() => {
  const faults = [];
  const named = (element) => element.getAttribute("aria-label") || element.getAttribute("aria-labelledby")
    || element.textContent.trim() || element.title || element.querySelector("img[alt]");
  for (const element of document.querySelectorAll("a[href], button")) {
    if (!named(element)) faults.push(`no name: ${element.outerHTML.slice(0, 120)}`);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const label = field.labels.length || field.getAttribute("aria-label");
    if (!label) faults.push(`no label: ${field.outerHTML.slice(0, 120)}`);
  }
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  for (const landmark of ["header", "main", "footer", ".skip-link"]) {
    if (!document.querySelector(landmark)) faults.push(`no ${landmark}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) faults.push(`id twice: ${id}`);
  if (!document.documentElement.lang) faults.push("no language");
  for (const element of document.querySelectorAll("[style]")) {
    if (!element.closest(".folium-map, .place-map")) faults.push(`inline style: ${element.outerHTML.slice(0, 120)}`);
  }
  return faults;
}"""


def faults_of(page: Page) -> list[str]:
    page.wait_for_load_state()
    return [str(fault) for fault in page.evaluate(FAULTS)]


@pytest.mark.parametrize("username", PAGES, ids=str)
def test_pages_of(somebody: Callable[..., Someone], username: str | None) -> None:
    someone = somebody(username)
    for path in PAGES[username]:
        page = someone.opens(path)
        assert "暂时不可用" not in (page.text_content("main") or ""), path
        assert faults_of(page) == [], path
        name = f"{username or 'visitor'}{path.replace('/', '-').replace('?', '-')}"
        for size, screen in ((DESK, "desk"), (PHONE, "phone")):
            page.set_viewport_size(size)
            assert someone.overflows() <= 0, f"{path} is wider than a {screen}'s screen"
            someone.keeps_screen(f"{name}-{screen}")


@pytest.mark.parametrize(
    ("username", "paths"),
    [
        ("officer", {"/sites/kept", "/admissions", "/training-cases", "/holidays", "/appeals", "/sites/files"}),
        ("steward", {"/sites/kept", "/desk", "/desk/devices", "/door"}),
    ],
)
def test_home_leads_to_the_pages_of_a_role(somebody: Callable[..., Someone], username: str, paths: set[str]) -> None:
    page = somebody(username).opens("/")
    leads = page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'))")
    assert paths <= set(leads)


def test_the_same_in_english(somebody: Callable[..., Someone]) -> None:
    officer = somebody(language="en-GB")
    page = officer.opens("/map")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.get_by_role("heading", level=1).text_content() == "开放式组织生活点"


def test_the_keyboard_reaches_the_content_first(somebody: Callable[..., Someone]) -> None:
    visitor = somebody()
    page = visitor.opens("/about")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
