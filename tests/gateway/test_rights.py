"""The rights table at the gateway: every address × every role, without exception."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock
from chassis.tokens import Signer
from contracts.rights import FIRST, NEEDS_FRESH_TOKEN, OF_ONESELF, RIGHTS, ROLES
from flask import Flask
from gateway.identity import PUBLIC, rights_of
from gateway.nouns import Declared
from gateway.pages import MEANWHILE
from werkzeug.routing import Rule

from tests.gateway.conftest import Keys, a_browser


def calls(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(app: Flask, rule: Rule) -> str:
    samples = {"UUIDConverter": uuid4(), "IntegerConverter": 1}

    def sample(converter: Any) -> Any:
        if type(converter).__name__ == "AnyConverter":
            return sorted(converter.items)[0]
        return samples.get(type(converter).__name__, "x")

    values = {name: sample(converter) for name, converter in rule._converters.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def test_every_address_says_who_may_use_it(nobody_behind: Flask) -> None:
    silent = [
        f"{method} {rule.rule}"
        for rule, method in calls(nobody_behind)
        if rights_of(nobody_behind.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


def test_every_right_is_asked_for_by_the_api(nobody_behind: Flask) -> None:
    asked: set[str] = set()
    for rule, _ in calls(nobody_behind):
        declared: Declared | None = getattr(nobody_behind.view_functions[rule.endpoint], "declared", None)
        asked |= declared.needs if declared else set()
    assert asked == set(RIGHTS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_to_what_its_rights_allow_and_to_nothing_else(
    nobody_behind: Flask, keys: Keys, role: str
) -> None:
    browser = a_browser(nobody_behind, keys.token(role))
    wrong = []
    for rule, method in calls(nobody_behind):
        needs = rights_of(nobody_behind.view_functions[rule.endpoint])
        assert needs is not None
        if needs == PUBLIC and role != ROLES[0]:
            continue  # nobody is asked there who they are
        allowed = needs == PUBLIC or any(role in RIGHTS[action] for action in needs)
        # The refusal is asked for as a problem: drawing the same page around it a thousand times would say no more.
        answer = browser.client.open(
            address(nobody_behind, rule),
            method=method,
            headers={"X-CSRF-Token": browser.csrf, "Accept": "application/problem+json"},
        )
        if (answer.status_code == 403) == allowed or answer.status_code in (401, 500):
            wrong.append(f"{role} {method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_who_holds_no_role_can_still_sign_out_and_nothing_else(nobody_behind: Flask, keys: Keys) -> None:
    client, without = nobody_behind.test_client(), {"Authorization": f"Bearer {keys.token()}"}
    let_through = set()
    for rule, method in calls(nobody_behind):
        needs = rights_of(nobody_behind.view_functions[rule.endpoint])
        if rule.rule.startswith("/api/") and needs:
            answer = client.open(address(nobody_behind, rule), method=method, headers=without)
            if answer.status_code != 403:
                let_through |= needs
    assert let_through == OF_ONESELF


@pytest.mark.parametrize("first", sorted(FIRST))
def test_before_the_sign_in_is_complete_only_what_completes_it_is_open(
    nobody_behind: Flask, keys: Keys, first: str
) -> None:
    """Of every address, API and pages alike, whatever roles the person holds: the token says what comes first."""
    token = Signer(keys.private).sign(
        person_id=uuid4(),
        session_id=uuid4(),
        name="x",
        grants=[(role, "1") for role in ROLES],
        at=clock.now(),
        first=first,
    )
    client, browser = nobody_behind.test_client(), a_browser(nobody_behind, token)
    wrong = []
    for rule, method in calls(nobody_behind):
        needs = rights_of(nobody_behind.view_functions[rule.endpoint]) or PUBLIC
        if rule.rule.startswith("/api/"):
            answer = client.open(
                address(nobody_behind, rule), method=method, headers={"Authorization": f"Bearer {token}"}
            )
            is_refused = answer.status_code == 403 and answer.json["code"].endswith("-needed")
            if is_refused == (not needs or not needs.isdisjoint(FIRST[first])):
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
        elif rule.endpoint.startswith("pages.") and rule.endpoint not in MEANWHILE:
            sent = {"X-CSRF-Token": browser.csrf, "Accept": "text/html"}
            answer = browser.client.open(address(nobody_behind, rule), method=method, headers=sent)
            if answer.status_code != 303 or not answer.headers["Location"].startswith(("/me/", "/sign-in/code")):
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_nobody_gets_to_what_is_not_public(nobody_behind: Flask) -> None:
    client = nobody_behind.test_client()
    wrong = []
    for rule, method in calls(nobody_behind):
        needs = rights_of(nobody_behind.view_functions[rule.endpoint])
        if not rule.rule.startswith("/api/"):
            continue
        answer = client.open(address(nobody_behind, rule), method=method)
        if (answer.status_code == 401) == (needs == PUBLIC):
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_pages_send_nobody_to_the_sign_in(nobody_behind: Flask) -> None:
    client = nobody_behind.test_client()
    wrong = []
    for rule, method in calls(nobody_behind):
        needs = rights_of(nobody_behind.view_functions[rule.endpoint])
        if rule.rule.startswith("/api/") or needs == PUBLIC or method != "GET":
            continue
        answer = client.get(address(nobody_behind, rule), headers={"Accept": "text/html"})
        if answer.status_code != 303 or "/sign-in" not in answer.headers["Location"]:
            wrong.append(f"{rule.rule}: {answer.status_code}")
    assert wrong == []


def test_money_takes_only_a_fresh_token(nobody_behind: Flask, keys: Keys) -> None:
    client = nobody_behind.test_client()
    old = {"Authorization": f"Bearer {keys.token(*ROLES, at=clock.now() - timedelta(seconds=61))}"}
    wrong = []
    for rule, method in calls(nobody_behind):
        needs = rights_of(nobody_behind.view_functions[rule.endpoint]) or PUBLIC
        if not rule.rule.startswith("/api/") or not needs:
            continue
        answer = client.open(address(nobody_behind, rule), method=method, headers=old)
        is_too_old = answer.status_code == 401 and answer.json["code"] == "token-too-old"
        if is_too_old != bool(needs & NEEDS_FRESH_TOKEN):
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []
