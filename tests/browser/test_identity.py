"""An administrator opens an account; its holder chooses a password and sets up a second factor."""

import base64
from collections.abc import Callable
from uuid import uuid4

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from local.testing import Platform
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, Someone
from tests.browser.test_every_page import faults_of

PASSWORD = "山水之间 有座老城 看看风景"


def looks_right(someone: Someone, name: str) -> None:
    """The page is sound, and fits a desk's screen and a phone's."""
    assert faults_of(someone.page) == [], name
    for size, screen in ((DESK, "desk"), (PHONE, "phone")):
        someone.page.set_viewport_size(size)
        assert someone.overflows() <= 0, f"{name} is wider than a {screen}'s screen"
        someone.keeps_screen(f"identity-{name}-{screen}")
    someone.page.set_viewport_size(DESK)


def digits(secret: str, stack: Platform, *, steps: int = 0) -> str:
    at = int(stack.now().timestamp()) + 30 * steps
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(at).decode()  # noqa: S303


def presses(page: Page, text: str) -> None:
    page.get_by_role("main").get_by_role("button", name=text, exact=True).first.click()
    page.wait_for_load_state()


def test_from_the_first_password_to_the_second_factor(somebody: Callable[..., Someone], stack: Platform) -> None:
    username = f"zhang{uuid4().hex[:8]}"
    admin = somebody("admin")
    page = admin.opens("/administration/accounts?q=张")
    looks_right(admin, "search")
    # The first person who has no account yet.
    closed = page.locator("details", has_text="开通账号").first
    closed.locator("summary").click()
    closed.get_by_label("用户名").fill(username)
    closed.get_by_label("原因").fill("新任支部管理员")
    closed.get_by_role("button", name="开通并显示初始密码").click()
    first = page.locator(".voucher-code code").text_content() or ""
    looks_right(admin, "first-password")
    page.get_by_role("link", name="查看账号").click()
    looks_right(admin, "account")

    clerk = somebody()
    page = clerk.opens("/sign-in")
    page.fill("#username", username)
    page.fill("#password", first)
    presses(page, "登录")
    assert "/me/password" in page.url
    looks_right(clerk, "password")
    page.fill("#password", first)
    page.fill("#new_password", "1234567890")
    page.fill("#again", "1234567890")
    presses(page, "修改密码")
    assert "这个密码太常见" in (page.text_content("main") or "")
    looks_right(clerk, "password-refused")
    for field, text in (("#password", first), ("#new_password", PASSWORD), ("#again", PASSWORD)):
        page.fill(field, text)
    presses(page, "修改密码")
    assert page.url.endswith(("/", "/me")), page.url

    page = clerk.opens("/me/second-factor")
    looks_right(clerk, "second-factor-off")
    page.fill("#password", PASSWORD)
    presses(page, "显示二维码")
    secret = page.locator("input[name=secret]").input_value()
    looks_right(clerk, "second-factor-scan")
    page.fill("#code", digits(secret, stack))
    presses(page, "启用")
    assert page.locator(".codes li").count() == 10
    looks_right(clerk, "recovery-codes")
    clerk.opens("/me/second-factor")
    looks_right(clerk, "second-factor-on")

    again = somebody(on_phone=True)
    page = again.opens("/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    presses(page, "登录")
    assert "/sign-in/code" in page.url
    looks_right(again, "code")
    page.fill("#code", digits(secret, stack, steps=1))
    presses(page, "登录")
    again.opens("/me")
    looks_right(again, "me")
    again.opens("/me/sessions")
    looks_right(again, "sessions")
    assert page.get_by_text("本次登录").count() == 1


def test_roles_and_the_policy_are_administered(somebody: Callable[..., Someone]) -> None:
    admin = somebody("admin")
    page = admin.opens("/administration/roles")
    looks_right(admin, "roles")
    page = admin.opens("/administration/roles/new?q=visitor")
    looks_right(admin, "new-role")
    page.select_option("#role", "assessor")
    page.fill("#organisation", "没有这个组织")
    page.fill("#ground", "〔2026〕8号")
    presses(page, "授予")
    assert "没有" in (page.locator("#organisation-error").text_content() or "")
    looks_right(admin, "new-role-refused")
    admin.opens("/administration/sign-in-policy")
    looks_right(admin, "policy")
