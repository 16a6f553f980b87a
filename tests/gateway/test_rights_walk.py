"""The rights walk: every call of the API × every role, inside and outside of its part of the tree.

The gateway tells which door a call opens, with which body; then the door itself is asked by each role, past the
gateway: it has to say by itself exactly what `contracts.rights` says. A new call is walked by itself.
"""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from chassis.actors import Actor
from contracts.rights import OF_ONESELF, RIGHTS, ROLES
from gateway.pages.words.audit import WORDS

from tests.walking import OUTSIDE, ROOT, Step, Walk, code_of, is_refused

pytestmark = pytest.mark.xdist_group("rights walk")


def scopes_of(step: Step, role: str) -> set[str]:
    return {RIGHTS[action][role] for action in step.needs if role in RIGHTS[action]}


def told(step: Step, code: str) -> str:
    return f"{step.address} ({step.called.service}.{step.called.door}): {code}"


def refuses_each(step: Step, answer: Any) -> bool:
    """Say whether each of several things that were asked for at once is refused, or the body was none to be judged."""
    if step.called.door in UNREADABLE:
        return code_of(answer) == "invalid-input"
    return step.called.door in FOR_EACH and all(one["code"] for one in orjson.loads(answer.body)["items"])


UNREADABLE = ("preview_site_import", "announce_round", "start_import", "make_supervision_paper", "hand_in_review")
"""Doors whose bodies no sampling finds: a form with a file, dates that must agree, a document of something. Nobody gets
past what they check first."""
FOR_EACH = ("place_series", "confirm_headcounts", "approve_claims", "record_check_ins")
# Files come as forms: the gateway refuses what is none, and asks nobody.
FORMS = (
    "attachments",
    "pictures",
    "bank-results",
    "bank-statements",
    "imports",
    "file-layouts",
    "papers",
    "check-ins",
    "files",
)


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
ITS_OWN_PART = ("verify_ledger", "make_batch", "look_up_member", "set_dues_table")
"""Doors that do something for the asker's own part of the tree, whatever that is, and for no other; and the one table
of the dues, which the officer of any district may set."""


@pytest.mark.parametrize("role", ROLES)
def test_who_has_the_right_here_is_let_in(walk: Walk, role: str) -> None:
    token = walk.token(role, ROOT)
    kept_out = []
    for step in walk.steps:
        if not scopes_of(step, role) - {"person"}:
            continue
        code = code_of(walk.ask(step, token))
        if step.called.door in THE_BRANCH_ALONE and code == "forbidden":
            continue
        if code in ("forbidden", "not-signed-in", "fault"):
            kept_out.append(told(step, code))
    assert "\n".join(kept_out) == ""


THE_BRANCH_ALONE = ("open_dues_base",)
"""Doors that a right from above does not open: the branch's own officers alone need to know."""


def test_the_walk_finds_doors_that_ask_nobody(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Actor, "may", lambda *_, **__: True)
    token = walk.token("member", OUTSIDE, person_id=uuid4())
    codes = [code_of(walk.ask(step, token)) for step in walk.steps if not scopes_of(step, "member")]
    assert sum(not is_refused(code) for code in codes) > 50


def test_whatever_the_audit_keeps_has_a_word_for_people(walk: Walk) -> None:
    """A door that has none is shown by its code."""
    doors = (getattr(service, name) for service in walk.world.services.values() for name in dir(service))
    kept = {one.__name__ for one in doors if hasattr(one, "door") and one.door.recorded}
    assert sorted(kept - set(WORDS["door"])) == []
