"""The roster as its callers meet it: a process of its own, over AMQP, with a database whose commits are real."""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis import clock
from chassis.caller import Caller
from chassis.database import connect
from chassis.refusals import ServiceUnavailable
from chassis.tokens import Signer, Verifier, make_key, write_public_keys
from contracts.envelope import Outcome
from demo import load, organisations
from demo.organisations import CITY, DAKUNLUN, PUJIA, VISITORS, ZICHUAN, organisation_id
from local.clone import CLONE
from local.processes import Program, start, stop
from local.testing import Servers
from sqlalchemy import text

from tests.roster.registers import an_identity_number

TREE = (CITY, ZICHUAN, "370302115", "370302102", PUJIA, DAKUNLUN, "370302-organs", "370302-finance", "370303", VISITORS)
SITES = ("site-pusongling", "site-zibomeikuang")


@dataclass
class Roster:
    """Calls the doors and tells how it ended."""

    caller: Caller
    verifier: Verifier
    signer: Signer
    engine: Any
    log: Path

    def ask(self, method: str, *, token: str | None = None, **fields: Any) -> tuple[str, Any]:
        answer = self.caller.call(
            "roster", method, json.dumps(fields).encode(), timeout_s=120, token=token, command_id=str(uuid4())
        )
        body = json.loads(answer.body)
        return (body["code"] if answer.outcome == Outcome.REFUSAL else answer.outcome), body

    def signs_in(self, username: str) -> str:
        outcome, body = self.ask("open_session", username=username, password="demo")
        assert outcome == "ok", body
        return body["access_token"]


@pytest.fixture(scope="module")
def roster(servers: Servers, clone_of: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roster]:
    database, folder = clone_of("roster"), tmp_path_factory.mktemp("roster")
    path, entry = make_key(folder, key_id="test")
    write_public_keys(folder / "public.json", [entry])
    engine = connect(database.url, service="roster")
    with engine.begin() as db:
        part = [founding for founding in organisations.foundings() if founding.code in (*TREE, *SITES)]
        load.load_roster(db, part, at=clock.now())
    vhost = os.environ.get("PYTEST_XDIST_WORKER")
    amqp_url = servers.amqp_url_of(vhost) if vhost else servers.amqp_url
    program = Program(
        name="roster-serve",
        folder=folder,
        argv=(sys.executable, "-m", "chassis.serve", "roster"),
        cwd=CLONE,
        env={
            **os.environ,
            "DATABASE_URL": database.url,
            "AMQP_URL": amqp_url,
            "TOKEN_PUBLIC_KEYS": str(folder / "public.json"),
            "TOKEN_PRIVATE_KEY": str(path),
            "METRICS_PORT": str(a_free_port()),
        },
    )
    process = start(program, dies_with_parent=True)
    caller = Caller(amqp_url)
    made = Roster(caller, Verifier(folder / "public.json"), Signer(path), engine, program.log)
    wait_for(made, log=program.log)
    yield made
    caller.close()
    stop([process.pid])
    process.wait()
    engine.dispose()


def wait_for(roster: Roster, *, log: Path) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        try:
            if roster.ask("ping")[0] == "ok":
                return
        except ServiceUnavailable:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TestSessions:
    def test_sign_in_renew_sign_out(self, roster: Roster):
        token = roster.signs_in("secretary")
        outcome, me = roster.ask("me", token=token)
        assert outcome == "ok"
        assert me["branch_id"] == str(organisation_id(PUJIA))
        assert {role["role"] for role in me["roles"]} == {"secretary", "member"}
        outcome, renewed = roster.ask("renew_token", token=token)
        assert (outcome, renewed["expires_in"]) == ("ok", 600)
        assert roster.ask("close_session", token=renewed["access_token"]) == ("ok", {"provider_sign_out": None})
        assert roster.ask("renew_token", token=token)[0] == "session-ended"

    @pytest.mark.parametrize(("minutes_ago", "outcome"), [(11, "ok"), (39, "ok"), (41, "not-signed-in")])
    def test_who_fills_in_a_long_form_stays_signed_in(self, roster: Roster, minutes_ago, outcome):
        actor = roster.verifier.actor(roster.signs_in("secretary"), at=clock.now())
        old = roster.signer.sign(
            person_id=actor.person_id,
            session_id=actor.session_id,
            name=actor.name,
            grants=[],
            at=clock.now() - timedelta(minutes=minutes_ago),
        )
        assert roster.ask("me", token=old)[0] == "not-signed-in"
        assert roster.ask("renew_token", token=old)[0] == outcome

    def test_the_audit_keeps_who_signed_in_and_whom_wrong_passwords_were_tried_for(self, roster: Roster):
        person = roster.verifier.actor(roster.signs_in("officer"), at=clock.now()).person_id
        assert roster.ask("open_session", username="officer", password="wrong")[0] == "wrong-credentials"
        with roster.engine.connect() as db:
            kept = db.execute(text("SELECT record FROM audit_waiting ORDER BY id DESC LIMIT 1")).scalar_one()
            refused = db.execute(
                text("SELECT record FROM audit_refusals WHERE record ->> 'outcome' = 'wrong-credentials'")
            ).scalars()
            about = [one["targets"] for one in refused]
        assert (kept["door"], kept["person_id"], kept["outcome"]) == ("open_session", str(person), "done")
        assert kept["place"] is not None
        assert "wrong" not in str(kept["fields"])
        assert [str(person)] in about

    def test_no_token_is_stored(self, roster: Roster):
        roster.ask("renew_token", token=roster.signs_in("secretary"))
        with roster.engine.connect() as db:
            assert db.execute(text("SELECT count(*) FROM commands")).scalar_one() == 0

    @pytest.mark.parametrize("username", ["auditor", "nobody-has-this-name"])
    def test_wrong_passwords_are_counted_though_they_are_refused(self, roster: Roster, username):
        answers = [roster.ask("open_session", username=username, password="wrong") for _ in range(6)]
        assert [code for code, _ in answers] == ["wrong-credentials"] * 4 + ["too-many-attempts"] * 2
        assert answers[4][1]["params"] == {"wait_s": 60}
        assert roster.ask("open_session", username=username, password="demo")[0] == "too-many-attempts"

    @pytest.mark.parametrize("fields", [{}, {"username": "x"}, {"username": "", "password": "x"}, {"username": 1}])
    def test_what_is_no_sign_in(self, roster: Roster, fields):
        code, body = roster.ask("open_session", **fields)
        assert code == "invalid-input"
        assert body["errors"]

    def test_only_the_signed_in_ask(self, roster: Roster):
        for method in ("me", "renew_token", "close_session", "organisations", "organisation", "findings", "members"):
            assert roster.ask(method)[0] == "not-signed-in"
            assert roster.ask(method, token="forged")[0] == "not-signed-in"


class TestAsked:
    def test_everybody_reads_the_tree(self, roster: Roster):
        token = roster.signs_in("member")
        outcome, page = roster.ask("organisations", token=token, q="村党支部", limit=1)
        assert outcome == "ok"
        assert page["items"][0]["name"] == "大昆仑村党支部"
        outcome, rest = roster.ask("organisations", token=token, q="村党支部", limit=1, cursor=page["next"])
        assert (rest["items"][0]["name"], rest["next"]) == ("蒲家村党支部", None)
        assert roster.ask("organisation", token=token, organisation_id=page["items"][0]["id"])[1] == page["items"][0]

    def test_each_within_their_part_of_the_tree(self, roster: Roster):
        pujia, dakunlun = ({"organisation_id": str(organisation_id(code))} for code in (PUJIA, DAKUNLUN))
        secretary, member, officer = (roster.signs_in(name) for name in ("secretary", "member", "officer"))
        ends = {
            (name, door, place): roster.ask(door, token=token, **where)[0]
            for name, token in (("secretary", secretary), ("member", member), ("officer", officer))
            for door in ("findings", "members")
            for place, where in (("own", pujia), ("other", dakunlun))
        }
        assert {key for key, end in ends.items() if end == "ok"} == {
            ("secretary", "findings", "own"),
            ("secretary", "members", "own"),
            *((("officer", door, place)) for door in ("findings", "members") for place in ("own", "other")),
        }
        assert set(ends.values()) == {"ok", "forbidden"}

    def test_what_is_not_there(self, roster: Roster):
        token = roster.signs_in("officer")
        for door in ("organisation", "findings", "members"):
            assert roster.ask(door, token=token, organisation_id=str(uuid4()))[0] == "not-found"
            assert roster.ask(door, token=token, organisation_id="nonsense")[0] == "invalid-input"


class TestARush:
    def test_of_many_who_sign_in_at_once_each_is_let_in_or_told_to_come_back(self, roster: Roster):
        ends: list[str] = []

        def sign_in() -> None:
            ends.append(roster.ask("open_session", username="assessor", password="demo")[0])

        threads = [threading.Thread(target=sign_in) for _ in range(60)]
        for thread in threads:
            thread.start()
        assert roster.ask("ping")[0] == "ok"
        let_in_before_the_ping = ends.count("ok")
        for thread in threads:
            thread.join(timeout=240)
        assert len(ends) == 60
        assert set(ends) <= {"ok", "busy"}
        assert ends.count("ok") >= 34  # two at the counter, 32 in the queue
        assert let_in_before_the_ping < ends.count("ok")  # whoever does not sign in need not wait for those who do


class TestMembers:
    def test_nothing_personal_is_told_logged_or_remembered(self, roster: Roster):
        number, phone = an_identity_number(sequence=998), "13805339876"
        token = roster.signs_in("secretary")
        form = {"branch_id": str(organisation_id(PUJIA)), "name": "测试人", "status": "full"}
        secret = {"identity_number": number, "phone": phone}
        outcome, done = roster.ask("register_member", token=token, **form, **secret)
        assert outcome == "ok", done
        said = [done]
        outcome, refused = roster.ask("register_member", token=token, **{**form, "name": "另一人"}, **secret)
        assert outcome == "identity-number-taken"
        said.append(refused)
        wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
        outcome, refused = roster.ask("register_member", token=token, **form, identity_number=wrong)
        assert (outcome, set(refused["errors"])) == ("invalid-input", {"identity_number"})
        said.append(refused)
        opening = {"person_id": done["id"], "fields": ["identity_number", "phone"], "purpose": "file_check"}
        outcome, opened = roster.ask("open_personal_data", token=token, **opening)
        assert (outcome, opened["identity_number"], opened["phone"]) == ("ok", number, phone)
        said.append(roster.ask("member", token=token, person_id=done["id"])[1])
        said.append(roster.ask("members", token=token, organisation_id=form["branch_id"])[1])
        with roster.engine.connect() as db:
            for table in ("outbox", "people", "personal_views", "member_moves", "jobs", "sign_ins"):
                rows = text(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # noqa: S608 - made of constants
                said.append(db.execute(rows).scalar())
            said.append(db.execute(text("SELECT string_agg(convert_from(answer, 'UTF8'), ' ') FROM commands")).scalar())
        said.append(roster.log.read_text())
        everything = json.dumps(said, ensure_ascii=False)
        for secret_value in (number, wrong, number[:17], phone):
            assert secret_value not in everything

    def test_another_branch_gets_nothing_by_id(self, roster: Roster):
        with roster.engine.connect() as db:
            person = db.execute(
                text("SELECT person_id FROM members WHERE branch_id = :id LIMIT 1"), {"id": organisation_id(PUJIA)}
            ).scalar_one()
        token = roster.signs_in("secretary2")
        for door, more in (
            ("member", {}),
            ("development", {}),
            ("edit_member", {"name": "改名", "version": 0}),
            ("change_member_state", {"state": "lost", "happened_on": "2026-01-01", "reason": "x"}),
            ("end_membership", {"ended_by": "left", "happened_on": "2026-01-01", "reason": "x"}),
            ("issue_transfer", {"letter_number": "1", "reason": "x", "to_branch_id": str(organisation_id(DAKUNLUN))}),
            ("open_personal_data", {"fields": ["phone"], "purpose": "contact"}),
            ("record_step", {"step": "talk", "done_on": "2026-01-01"}),
        ):
            assert roster.ask(door, token=token, person_id=str(person), **more)[0] == "not-found", door
        for door in ("members", "transfers", "developments", "member_statistics"):
            outcome = roster.ask(door, token=token, organisation_id=str(organisation_id(PUJIA)))[0]
            assert outcome == "forbidden", door
