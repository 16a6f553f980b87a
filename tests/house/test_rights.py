"""The table of rights and the doors agree: each right is asked for by a service, and each asked for is in the table."""

import ast
import functools
import inspect
import textwrap
from typing import Any

import pytest
from contracts.rights import FIRST, MAY_GRANT, NEEDS_FRESH_TOKEN, OF_ONESELF, RIGHTS, ROLES
from gateway.pages.words import VOCABULARIES

from tests.house.tree import CLONE, SERVICES, sources

SCOPES = {"branch", "site", "organisation", "fund", "person", "anywhere"}


@functools.cache
def words_in(package: str) -> set[str]:
    """All text constants of a package's code, docstrings left out; read once, for the tests of a hundred rights."""
    found = set()
    for path in sources(package):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_each_right_names_known_roles_and_scopes() -> None:
    for action, scopes in RIGHTS.items():
        assert scopes, f"nobody may {action}"
        assert set(scopes) <= set(ROLES)
        assert set(scopes.values()) <= SCOPES


def test_what_is_done_first_are_doors_of_ones_own_account() -> None:
    for doors in FIRST.values():
        assert doors < OF_ONESELF
        assert {"renew_token", "close_session"} <= doors


def test_nobody_gives_what_they_would_not_stand_above() -> None:
    assert set(MAY_GRANT) <= set(RIGHTS["grant_role"])
    given = set().union(*MAY_GRANT.values())
    assert given <= set(ROLES) - {"member"}
    # Only an administrator of the system gives what handles money or administers; nobody else's gift leads there.
    for granter, roles in MAY_GRANT.items():
        if granter != "admin":
            assert roles.isdisjoint({"admin", "officer", "preparer", "approver", "payer", "auditor"})


def test_fresh_tokens_are_asked_for_actions_that_exist() -> None:
    assert set(RIGHTS) >= NEEDS_FRESH_TOKEN


@pytest.mark.parametrize("action", sorted(RIGHTS))
def test_a_service_asks_for_the_right_itself(action: str) -> None:
    # Who one is, one's token and one's session are one's own: holding the token is the right.
    if action in OF_ONESELF:
        assert any(action in dir(door) for door in _services())
        return
    # What every service answers alike, the chassis asks for.
    assert any(action in words_in(package) for package in (*SERVICES, "chassis")), f"no service asks for {action}"


def _services() -> list[Any]:
    from assessment.service import SERVICE as assessment
    from roster.service import SERVICE as roster
    from sites.service import SERVICE as sites

    return [roster, assessment, sites]


def test_what_is_asked_for_stands_in_the_table() -> None:
    strangers = []
    for package in (*SERVICES, "gateway"):
        for path in sources(package):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                    continue
                first = node.args[0]
                if node.func.attr in ("may", "must") and isinstance(first, ast.Constant) and first.value not in RIGHTS:
                    strangers.append(f"{path.relative_to(CLONE)}:{node.lineno} {first.value!r}")
    assert strangers == []


def test_the_audit_has_a_word_for_each_door_that_it_keeps() -> None:
    kept = {
        name
        for service in _services()
        for name in dir(service)
        if (door := getattr(getattr(service, name), "door", None)) and (door.recorded or door.kind == "command")
    }
    assert kept <= set(VOCABULARIES["door"])


def test_every_door_is_public_or_asks_who_may() -> None:
    """A door's operations take the actor; one that is not public and hands nobody on asks for nothing."""
    silent = []
    for service in _services():
        for name in dir(service):
            door = getattr(getattr(service, name), "door", None)
            if door and not door.public:
                node = ast.parse(textwrap.dedent(inspect.getsource(getattr(service, name))))
                if "actor" not in {word.id for word in ast.walk(node) if isinstance(word, ast.Name)}:
                    silent.append(f"{service.name}.{name}")
    assert silent == []
