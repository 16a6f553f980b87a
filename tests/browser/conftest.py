"""Debian's Chromium before the started platform.

With KEEP_SCREENS=1 in the environment each screen is kept as a picture under `.run/test/screens/`; otherwise only the
one that a test failed on.
"""

import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

import pytest
from local.clone import TEST_RUN
from local.testing import Platform, platform
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    StorageState,
    ViewportSize,
    expect,
    sync_playwright,
)

SCREENS = TEST_RUN / "screens"
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
WAIT_MS = 300_000  # how long for an element; for a machine that is busy, no measure
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run")

FRAME_MS = 20
TWO_FRAMES = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"

FAILED = pytest.StashKey[bool]()
SIGNED_IN_S = 900.0  # how long a session is used again by later tests; one that nobody renews ends later than that

expect.set_options(timeout=WAIT_MS)


@dataclass
class Someone:
    """A person before a browser. What the browser complains of, and what leaves this host, is remembered."""

    base_url: str
    page: Page
    has_scripts: bool = True
    complaints: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)
    was_cut_off: bool = False

    def __post_init__(self) -> None:
        self.page.on("console", self._remember_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._remember_request)
        self.page.on("response", self._remember_missing)
        self.page.on("requestfinished", self._forget_request)
        self.page.on("requestfailed", self._forget_request)

    def opens(self, path: str) -> Page:
        """Go to a path of the platform and wait until it is drawn and has what it asked for."""
        self.page.goto(self.base_url + path)
        self.settles()
        return self.page

    def settles(self) -> None:
        """Wait until the page has drawn what it asked for: two frames after which no request is under way.

        Playwright's own `networkidle` waits half a second for each page, busy or not.
        """
        self.page.wait_for_load_state()
        until = time.monotonic() + WAIT_MS / 1000
        while self.has_scripts:
            self.page.evaluate(TWO_FRAMES)
            if not self.under_way:
                return
            assert time.monotonic() < until, f"{self.page.url} still asks {[one.url for one in self.under_way]}"
            self.page.wait_for_timeout(FRAME_MS)

    def signs_in(self, username: str) -> None:
        """Sign in as a person of the demonstration."""
        self.opens("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", "demo")
        self.page.get_by_role("main").get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda address: "/sign-in" not in address)

    def loses_network(self) -> None:
        """Cut the browser off; what it says of that is no complaint."""
        self.was_cut_off = True
        self.page.context.set_offline(True)

    def finds_network(self) -> None:
        self.page.context.set_offline(False)

    def keeps_screen(self, name: str) -> None:
        """Keep a picture of the whole page, when pictures are wanted: they take longer than the tests."""
        if os.environ.get("KEEP_SCREENS") == "1":
            self.keeps_picture(name)

    def keeps_picture(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}.png", full_page=True)

    def overflows(self) -> int:
        """Return by how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def _remember_console(self, message: ConsoleMessage) -> None:
        # A page that answers a form with a fault has a status of its own, and the console repeats it.
        if message.type not in ("error", "warning") or "responded with a status of" in message.text:
            return
        if not (self.was_cut_off and "ERR_INTERNET_DISCONNECTED" in message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _remember_missing(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.complaints.append(f"{self.page.url} got {response.status} for {response.url}")

    def _forget_request(self, request: Request) -> None:
        self.under_way.discard(request)

    def _remember_request(self, request: Request) -> None:
        self.under_way.add(request)
        if not request.url.startswith((self.base_url, "data:", "blob:")):
            self.complaints.append(f"{self.page.url} asks {request.url}")


@pytest.fixture(scope="session")
def stack() -> Platform:
    return platform()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed; `make test` installs it"
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *as_root])
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember of a test whether it failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def sessions() -> dict[str, tuple[float, StorageState]]:
    """Who signed in when, and the cookies they got: signing in by the form is dear, and shown once for each person."""
    return {}


@pytest.fixture
def somebody(
    chromium: Browser,
    stack: Platform,
    sessions: dict[str, tuple[float, StorageState]],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Someone]]:
    """Give a function that sets a person before a browser of their own: on a phone, without JavaScript, in English."""
    contexts: list[BrowserContext] = []
    people: list[Someone] = []

    def sit_down(
        username: str | None = None, *, on_phone: bool = False, javascript: bool = True, language: str = "zh-CN"
    ) -> Someone:
        since, cookies = sessions.get(username or "", (0.0, None))
        is_signed_in = cookies is not None and time.monotonic() - since < SIGNED_IN_S
        context = chromium.new_context(
            storage_state=cookies if is_signed_in else None,
            viewport=PHONE if on_phone else DESK,
            has_touch=on_phone,
            java_script_enabled=javascript,
            locale=language,
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        someone = Someone(base_url=stack.base_url, page=context.new_page(), has_scripts=javascript)
        people.append(someone)
        if username and not is_signed_in:
            someone.signs_in(username)
            sessions[username] = (time.monotonic(), context.storage_state())
        return someone

    yield sit_down
    if request.node.stash[FAILED]:
        for number, someone in enumerate(people):
            someone.keeps_picture(f"failed-{request.node.name.replace('/', '-')}-{number}")
    complaints = [complaint for someone in people for complaint in someone.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
