"""The rights walk: every call of the API × every role, inside and outside of its part of the tree.

The gateway tells which door a call opens, with which body; then the door itself is asked by each role, past the
gateway: it has to say by itself exactly what `contracts.rights` says. A new call is walked by itself.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from chassis import clock
from chassis.actors import Actor
from chassis.tokens import Signer, Verifier
from contracts.rights import OF_ONESELF, RIGHTS, ROLES
from cryptography.fernet import Fernet
from flask import Flask
from gateway.app import create_app
from gateway.config import GatewayConfig
from gateway.nouns import Declared
from sqlalchemy import text

from tests.conftest import TestDatabase
from tests.gateway.conftest import Keys
from tests.gateway.walking import Called, InProcess, Samples, a_world, code_of, ids_in, is_refused

ROOT, INSIDE, OUTSIDE = "3703", "3703.370302", "3703.370399"


@dataclass(frozen=True)
class Step:
    """One call of the API, the rights that it asks for, and what it makes of a service."""

    address: str
    needs: frozenset[str]
    called: Called
    is_command: bool


@dataclass
class Walk:
    """The world, and all steps through it."""

    world: InProcess
    app: Flask
    person_id: UUID
    ids: dict[str, dict[str, str]]
    steps: list[Step]
    silent: list[str]

    def token(self, role: str, path: str, *, person_id: UUID | None = None) -> str:
        return self.world.signer.sign(
            person_id=person_id or self.person_id,
            session_id=uuid4(),
            name="某人",
            grants=[(role, path)],
            at=clock.now(),
        )

    def ask(self, step: Step, token: str) -> Any:
        called = step.called
        return self.world.call(
            called.service, called.door, called.body, timeout_s=1, token=token, command_id=str(uuid4())
        )


@pytest.fixture(scope="module")
def walk(
    clone_of: Callable[[str], TestDatabase], keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walk]:
    patch = pytest.MonkeyPatch()
    if not os.environ.get("PERSONAL_DATA_KEYS"):
        patch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    patch.setenv("VOUCHER_SECRET", "for these tests alone")
    folder: Path = tmp_path_factory.mktemp("files")
    patch.setenv("FILE_STORE", str(folder))
    world = a_world(clone_of, signer=Signer(keys.private), verifier=Verifier(keys.public), folder=folder)
    first = peopled(world)
    config = GatewayConfig(
        amqp_url="amqp://nobody@127.0.0.1/none",
        token_public_keys=keys.public,
        secret_key="for these tests alone, and nothing else",
        file_store=folder,
        log_level="WARNING",
    )
    app = create_app(config, caller=world)  # type: ignore[arg-type]
    made = Walk(world, app, first["person_id"], {}, [], [])
    # Twice all that makes something new, so that there is something of most nouns below INSIDE.
    for world.is_kept in (True, True, False):
        made.ids = {name: ids_in(engine) for name, engine in world.engines.items()}
        made.ids["roster"] |= {name: str(one) for name, one in first.items()}
        find_steps(made)
    yield made
    for engine in world.engines.values():
        engine.dispose()
    patch.undo()


def peopled(world: InProcess) -> dict[str, UUID]:
    """Fill the databases with the first rows, below INSIDE; return the ids that the calls shall name."""
    from assessment.operations.organisations import remember as remember_in_assessment
    from sites.operations.organisations import remember

    from tests.articles import NOON
    from tests.roster.factories import a_member, an_account, an_organisation
    from tests.sites.articles import Branch, a_branch, a_change, a_placed_order, a_site, a_slot, money_in_the_fund
    from tests.sites.money import a_visit, submitted

    with world.engines["roster"].begin() as db:
        root = an_organisation(db, code="3703", kind="committee")
        district = an_organisation(db, code="370302", kind="committee", parent=root)
        branch = an_organisation(db, code="b1", parent=district)
        other = an_organisation(db, code="b2", parent=an_organisation(db, code="370399", kind="committee", parent=root))
        receiving = an_organisation(db, code="b3", parent=district)
        person_id = a_member(db, branch=branch, name="王建国")
        a_member(db, branch=other, name="李外人")
        an_account(db, username="insider", name="赵账号")
        db.execute(text("UPDATE organisations SET version = version"))
    branch_event = a_change(Branch(id=branch, path=f"{INSIDE}.b1", name="甲支部"), version=1)
    with world.engines["assessment"].begin() as db:
        remember_in_assessment(db, event=branch_event, at=NOON)
    with world.engines["sites"].begin() as db:
        remember(db, event=branch_event)
        money_in_the_fund(db, path=INSIDE)
        site = a_site(db)
        visit = a_visit(db, site=site, branch=Branch(id=branch, path=f"{INSIDE}.b1", name="甲支部"))
        submitted(db, visit)
        a_placed_order(db, slot=a_slot(db, site=a_site(db)), branch=a_branch(db, path=f"{INSIDE}.b2"))
    return {"person_id": person_id, "branch_id": branch, "organisation_id": branch, "to_branch_id": receiving}


MAKES = re.compile(r"/api/v1/(?!purge|sign-in|grants)([a-z-]+|(sites|funds|orders|members)/<uuid:[a-z_]+>/[a-z-]+s)$")
"""The addresses that something new is posted to."""


def find_steps(walk: Walk) -> None:
    """Ask the gateway each call once, as somebody with all rights, and keep which door it opened with which body."""
    token = walk.world.signer.sign(
        person_id=walk.person_id,
        session_id=uuid4(),
        name="某人",
        grants=[(role, ROOT) for role in ROLES],
        at=clock.now(),
    )
    walk.steps.clear()
    walk.silent.clear()
    client = walk.app.test_client()
    ids = {**walk.ids["assessment"], **walk.ids["sites"], **walk.ids["roster"]}
    samples = Samples(ids)
    for rule in walk.app.url_map.iter_rules():
        declared: Declared | None = getattr(walk.app.view_functions[rule.endpoint], "declared", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if declared is None or not declared.needs:
                continue
            if walk.world.is_kept and (method != "POST" or not MAKES.search(rule.rule)):
                continue
            values = {name: sample(name, converter, ids) for name, converter in rule._converters.items()}
            body = samples.body_of(declared.takes) if declared.takes else {}
            path = walk.app.url_map.bind("localhost").build(rule.endpoint, values)
            known = {name: value for name, value in body.items() if name not in values}
            named = {inner: outer for outer, inner in declared.query_names.items()}
            how: dict[str, Any] = (
                {"query_string": {named.get(name, name): value for name, value in known.items()}}
                if method == "GET"
                else {"json": known}
            )
            walk.world.calls.clear()
            headers = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
            client.open(path, method=method, headers=headers, **how)
            if not walk.world.calls:
                walk.silent.append(f"{method} {rule.rule}")
                continue
            called = walk.world.calls[0]
            door = getattr(walk.world.services[called.service], called.door).door
            walk.steps.append(Step(f"{method} {rule.rule}", declared.needs, called, door.kind == "command"))


def sample(name: str, converter: Any, ids: dict[str, str]) -> Any:
    """Return what stands in the address for one of its parts."""
    kind = type(converter).__name__
    if kind == "AnyConverter":
        return sorted(converter.items)[0]
    return {"UUIDConverter": ids.get(name, str(uuid4())), "IntegerConverter": 2026}.get(kind, "1")


def scopes_of(step: Step, role: str) -> set[str]:
    return {RIGHTS[action][role] for action in step.needs if role in RIGHTS[action]}


def told(step: Step, code: str) -> str:
    return f"{step.address} ({step.called.service}.{step.called.door}): {code}"


def refuses_each(step: Step, answer: Any) -> bool:
    """Say whether each of several things that were asked for at once is refused, or the body was none to be judged."""
    if step.called.door in UNREADABLE:
        return code_of(answer) == "invalid-input"
    return step.called.door in FOR_EACH and all(one["code"] for one in orjson.loads(answer.body)["items"])


UNREADABLE = ("preview_site_import", "announce_round")
"""Doors whose bodies no sampling finds: a form with a file, dates that must agree. Nobody gets past their schema."""
FOR_EACH = ("place_series", "confirm_headcounts", "approve_claims", "record_check_ins")
# Files come as forms: the gateway refuses what is none, and asks nobody.
FORMS = ("attachments", "pictures", "bank-results", "bank-statements", "imports", "file-layouts", "papers", "check-ins")


def test_every_call_is_walked(walk: Walk) -> None:
    assert [address for address in walk.silent if not any(part in address for part in FORMS)] == []
    assert len(walk.steps) > 200


@pytest.mark.parametrize("role", ROLES)
def test_who_has_no_right_to_it_is_refused_by_the_service_itself(walk: Walk, role: str) -> None:
    token = walk.token(role, ROOT, person_id=uuid4())
    let_in = [
        told(step, code_of(answer))
        for step in walk.steps
        if not scopes_of(step, role) and not step.needs & OF_ONESELF
        for answer in [walk.ask(step, token)]
        if not is_refused(code_of(answer)) and not refuses_each(step, answer)
    ]
    assert "\n".join(let_in) == ""


@pytest.mark.parametrize("role", ROLES)
def test_who_has_the_right_elsewhere_is_refused_and_sees_nothing(walk: Walk, role: str) -> None:
    token = walk.token(role, OUTSIDE, person_id=uuid4())
    secret = {one.encode() for ids in walk.ids.values() for name, one in ids.items() if name in SUBJECTS}
    anothers = {one.encode() for ids in walk.ids.values() for name, one in ids.items() if name in OF_SOMEBODY}
    let_in = []
    for step in walk.steps:
        scopes = scopes_of(step, role)
        if not scopes or "anywhere" in scopes or step.needs & OF_ONESELF or step.called.door in ITS_OWN_PART:
            continue
        answer = walk.ask(step, token)
        code = code_of(answer)
        if is_refused(code) or refuses_each(step, answer):
            continue
        # About oneself, everybody asks everywhere; what is another's stays so.
        if "person" in scopes and (code != "ok" or not any(one in step.called.body for one in anothers)):
            continue
        if step.is_command or code != "ok" or any(one in answer.body for one in secret):
            let_in.append(told(step, code))
    assert "\n".join(let_in) == ""


SUBJECTS = ("person_id", "order_id", "claim_id", "fund_id", "site_id", "branch_id")
OF_SOMEBODY = ("person_id", "order_id", "claim_id", "fund_id", "branch_id")
ITS_OWN_PART = ("verify_ledger", "make_batch", "look_up_member")
"""Doors that do something for the asker's own part of the tree, whatever that is, and for no other."""


@pytest.mark.parametrize("role", ROLES)
def test_who_has_the_right_here_is_let_in(walk: Walk, role: str) -> None:
    token = walk.token(role, ROOT)
    kept_out = []
    for step in walk.steps:
        if not scopes_of(step, role) - {"person"}:
            continue
        code = code_of(walk.ask(step, token))
        if code in ("forbidden", "not-signed-in", "fault"):
            kept_out.append(told(step, code))
    assert "\n".join(kept_out) == ""


def test_the_walk_finds_doors_that_ask_nobody(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Actor, "may", lambda *_, **__: True)
    token = walk.token("member", OUTSIDE, person_id=uuid4())
    codes = [code_of(walk.ask(step, token)) for step in walk.steps if not scopes_of(step, "member")]
    assert sum(not is_refused(code) for code in codes) > 50
