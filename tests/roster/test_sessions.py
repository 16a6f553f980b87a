"""Signing in and out: who gets a token, with which rights, and how long wrong passwords make one wait."""

import threading
import time
from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Grant, NotSignedIn
from chassis.refusals import Refusal
from chassis.tokens import Verifier
from contracts.roster.sessions import OpenSession, TokenView
from roster.domain.attempts import (
    SessionEnded,
    TooManyAttempts,
    WrongCredentials,
    wait_after,
)
from roster.domain.sign_in_policies import DEFAULT
from roster.operations import members, organisations, passwords, sessions
from roster.operations.accounts import NewGrant, grant_all
from roster.operations.members import Appointment
from roster.queries import people
from roster.tables.identity import accounts, sign_in_attempts, sign_ins
from sqlalchemy import Connection, Engine, select, text

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, a_member, an_account, path_of

FORGOTTEN_AFTER, IDLE_MAX, SESSION_MAX = DEFAULT.forgotten_after, DEFAULT.idle_max, DEFAULT.session_max
LONGEST_WAIT, WRONG_MAX = DEFAULT.longest_wait, DEFAULT.wrong_max


def sign_in(db, signer, *, username="wang", password="right", at=NOON, fits=passwords.fits):  # noqa: S107
    return sessions.open_session(db, OpenSession(username, password), signer=signer, at=at, fits=fits)


def outcomes(db: Connection) -> list[str]:
    return list(db.execute(text("SELECT outcome FROM sign_ins ORDER BY id")).scalars())


class TestOpenSession:
    def test_the_right_password_opens_a_session(self, db: Connection, signer, verifier: Verifier):
        person = an_account(db)
        opened = sign_in(db, signer)
        assert (opened.token_type, opened.expires_in) == ("Bearer", 600)
        actor = verifier.actor(opened.access_token, at=NOON)
        assert (actor.person_id, actor.name) == (person, "王建国")
        session = db.execute(
            text("SELECT person_id, started_at FROM sessions WHERE id = :id"), {"id": actor.session_id}
        )
        assert tuple(session.one()) == (person, NOON)
        with pytest.raises(NotSignedIn):
            verifier.actor(opened.access_token, at=NOON + timedelta(seconds=600))

    @pytest.mark.parametrize("typed", ["WANG", " wang ", "ｗａｎｇ"])
    def test_however_the_name_is_typed(self, db: Connection, signer, typed):
        an_account(db)
        assert isinstance(sign_in(db, signer, username=typed), TokenView)

    @pytest.mark.parametrize(
        ("username", "password"), [("wang", "wrong"), ("wang", "Right"), ("nobody", "right"), ("wang", "right\n")]
    )
    def test_a_wrong_password_and_an_unknown_name_are_answered_alike(self, db: Connection, signer, username, password):
        an_account(db)
        refused = sign_in(db, signer, username=username, password=password)
        assert isinstance(refused, WrongCredentials)
        assert refused.params == {}
        assert db.execute(text("SELECT count(*) FROM sessions")).scalar_one() == 0

    def test_passwords_are_not_kept_in_the_clear(self, db: Connection, signer):
        an_account(db, password="not-to-be-seen")
        sign_in(db, signer, username="not-to-be-seen", password="x")
        stored = db.execute(text("SELECT password_hash FROM accounts")).scalar_one()
        assert stored.startswith("$argon2id$")
        for table in (accounts, sign_ins, sign_in_attempts):
            rows = db.execute(select(table)).all()
            assert rows
            assert "not-to-be-seen" not in str(rows)

    def test_each_checked_sign_in_is_kept(self, db: Connection, signer):
        person = an_account(db)
        sign_in(db, signer, password="wrong")
        sign_in(db, signer, username="nobody")
        sign_in(db, signer)
        rows = db.execute(text("SELECT outcome, person_id, session_id IS NOT NULL FROM sign_ins ORDER BY id"))
        assert [tuple(row) for row in rows] == [
            ("wrong", person, False),
            ("wrong", None, False),
            ("opened", person, True),
        ]


class TestTooManyAttempts:
    @pytest.mark.parametrize("username", ["wang", "nobody"])
    def test_after_five_wrong_ones_also_the_right_one_waits(self, db: Connection, signer, username):
        an_account(db)
        answers = [sign_in(db, signer, username=username, password="wrong") for _ in range(WRONG_MAX)]
        assert [type(answer) for answer in answers] == [WrongCredentials] * 4 + [TooManyAttempts]
        assert answers[-1].params == {"wait_s": 60}
        refused = sign_in(db, signer, username=username, at=NOON + timedelta(seconds=59.5))
        assert isinstance(refused, TooManyAttempts)
        assert refused.params == {"wait_s": 1}
        assert outcomes(db) == ["wrong"] * 4 + ["locked"]

    def test_while_waiting_no_password_is_checked(self, db: Connection, signer):
        an_account(db)
        for _ in range(WRONG_MAX):
            sign_in(db, signer, password="wrong")
        assert isinstance(sign_in(db, signer, fits=pytest.fail), TooManyAttempts)

    def test_after_the_wait_the_right_one_opens_and_clears(self, db: Connection, signer):
        an_account(db)
        for _ in range(WRONG_MAX):
            sign_in(db, signer, password="wrong")
        later = NOON + timedelta(seconds=60)
        assert isinstance(sign_in(db, signer, at=later), TokenView)
        assert isinstance(sign_in(db, signer, password="wrong", at=later), WrongCredentials)

    def test_each_further_wrong_one_doubles_the_wait(self, db: Connection, signer):
        an_account(db)
        at, waits = NOON, []
        for _ in range(10):
            refused = sign_in(db, signer, password="wrong", at=at)
            waits.append(refused.params.get("wait_s", 0))
            at += timedelta(seconds=waits[-1])
        assert waits == [0, 0, 0, 0, 60, 120, 240, 480, 900, 900]

    def test_the_wait_has_an_end_for_any_number(self):
        assert wait_after(10**6) == LONGEST_WAIT

    def test_wrong_ones_are_forgotten_after_an_hour(self, db: Connection, signer):
        an_account(db)
        for _ in range(WRONG_MAX - 1):
            sign_in(db, signer, password="wrong")
        later = NOON + FORGOTTEN_AFTER
        assert isinstance(sign_in(db, signer, password="wrong", at=later), WrongCredentials)

    def test_one_name_does_not_lock_another(self, db: Connection, signer):
        an_account(db)
        for _ in range(WRONG_MAX):
            sign_in(db, signer, username="nobody")
        assert isinstance(sign_in(db, signer), TokenView)

    def test_of_many_at_the_same_time_no_more_are_checked(self, database: Engine, signer):
        with database.begin() as db:
            an_account(db)
        checked = []

        def fits(stored, password):
            checked.append(password)
            time.sleep(0.01)  # wide enough for all the others to look at the count
            return passwords.fits(stored, password)

        answers = at_once(database, signer, 8, password="wrong", fits=fits)
        assert len(checked) == WRONG_MAX
        assert sum(isinstance(answer, WrongCredentials) for answer in answers) == WRONG_MAX - 1

    def test_the_right_password_many_times_at_once_is_never_refused(self, database: Engine, signer):
        with database.begin() as db:
            an_account(db)
        answers = at_once(database, signer, 8)
        assert all(isinstance(answer, TokenView) for answer in answers)
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM sessions")).scalar_one() == 8
            assert db.execute(text("SELECT count(*) FROM sign_in_attempts")).scalar_one() == 0

    def test_unknown_names_take_as_long(self, db: Connection, signer):
        """The fastest of each is compared: what is looked for is a hash left out, which would be ten times as fast."""
        an_account(db)
        taken = {"wang": [], "nobody": []}
        for username in ["wang", "nobody"] * 9:
            db.execute(text("DELETE FROM sign_in_attempts"))
            began = time.perf_counter()
            sign_in(db, signer, username=username, password="wrong")
            taken[username].append(time.perf_counter() - began)
        assert min(taken["nobody"]) > min(taken["wang"]) / 2


def at_once(database: Engine, signer, number: int, **how) -> list:
    barrier, answers = threading.Barrier(number), []

    def one():
        barrier.wait()
        with database.begin() as db:
            answer = sign_in(db, signer, **how)
        answers.append(answer)

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert len(answers) == number
    return answers


class TestGrants:
    def grants_of(self, db, signer, verifier):
        return set(verifier.actor(sign_in(db, signer).access_token, at=NOON).grants)

    def test_come_from_the_grant_the_post_and_the_branch(self, db: Connection, signer, verifier):
        person = an_account(db)
        branch, town = a_branch(db), a_committee(db)
        assert self.grants_of(db, signer, verifier) == set()
        grant_all(db, [NewGrant(person, "officer", town)], at=NOON)
        members.admit_all(db, [members.Membership(person, branch, "full")])
        members.appoint(db, Appointment(branch, person, "secretary", date(2026, 1, 1)), at=NOON)
        here = path_of(db, branch)
        assert self.grants_of(db, signer, verifier) == {
            Grant("officer", path_of(db, town)),
            Grant("member", here),
            Grant("secretary", here),
        }

    def test_end_with_the_post(self, db: Connection, signer, verifier):
        person = an_account(db)
        branch = a_branch(db)
        members.admit_all(db, [members.Membership(person, branch, "full")])
        members.appoint(db, Appointment(branch, person, "secretary", date(2026, 1, 1)), at=NOON)
        members.appoint(db, Appointment(branch, a_member(db, branch=branch), "secretary", date(2026, 2, 1)), at=NOON)
        assert self.grants_of(db, signer, verifier) == {Grant("member", path_of(db, branch))}

    def test_move_with_their_node(self, db: Connection, signer, verifier):
        person = an_account(db)
        town, other = a_committee(db), a_committee(db)
        grant_all(db, [NewGrant(person, "officer", town)], at=NOON)
        organisations.move(db, town, parent_id=other, at=NOON)
        assert self.grants_of(db, signer, verifier) == {Grant("officer", path_of(db, town))}

    def test_of_the_token_allow_what_lies_below_and_nothing_beside(self, db: Connection, signer, verifier):
        person = an_account(db)
        town = a_committee(db, code="12")
        below, beside = a_branch(db, parent=town), a_committee(db, code="123")
        grant_all(db, [NewGrant(person, "officer", town)], at=NOON)
        actor = verifier.actor(sign_in(db, signer).access_token, at=NOON)
        assert actor.may("read_findings", organisation=path_of(db, town))
        assert actor.may("read_findings", organisation=path_of(db, below))
        assert not actor.may("read_findings", organisation=path_of(db, beside))

    def test_who_am_i(self, db: Connection):
        person, branch = an_account(db), a_branch(db)
        members.admit_all(db, [members.Membership(person, branch, "full")])
        view = people.me(db, actor=an_actor(person=person), on=NOON.date())
        assert (view.person_id, view.name, view.branch_id) == (person, "王建国", branch)
        (role,) = view.roles
        assert (role.role, role.path, role.organisation_id) == ("member", path_of(db, branch), branch)
        assert role.organisation_name == view.branch_name


class TestRenew:
    def opened(self, db, signer, verifier):
        an_account(db)
        return verifier.actor(sign_in(db, signer).access_token, at=NOON)

    def test_gives_the_grants_of_now(self, db: Connection, signer, verifier):
        actor = self.opened(db, signer, verifier)
        town = a_committee(db)
        grant_all(db, [NewGrant(actor.person_id, "officer", town)], at=NOON)
        later = NOON + timedelta(minutes=9)
        fresh = verifier.actor(sessions.renew(db, actor=actor, signer=signer, at=later).access_token, at=later)
        assert fresh.session_id == actor.session_id
        assert fresh.grants == (Grant("officer", path_of(db, town)),)
        assert fresh.issued_at == later

    def test_not_after_signing_out(self, db: Connection, signer, verifier):
        actor = self.opened(db, signer, verifier)
        sessions.close(db, actor=actor, at=NOON)
        sessions.close(db, actor=actor, at=NOON)  # again: nothing more happens
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=actor, signer=signer, at=NOON)

    def test_signing_out_ends_one_session_alone(self, db: Connection, signer, verifier):
        actor = self.opened(db, signer, verifier)
        other = verifier.actor(sign_in(db, signer).access_token, at=NOON)
        sessions.close(db, actor=actor, at=NOON)
        assert sessions.renew(db, actor=other, signer=signer, at=NOON)

    def test_not_when_idle_for_long(self, db: Connection, signer, verifier):
        actor = self.opened(db, signer, verifier)
        sessions.renew(db, actor=actor, signer=signer, at=NOON + IDLE_MAX / 2)
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=actor, signer=signer, at=NOON + IDLE_MAX * 1.5)

    def test_not_for_ever(self, db: Connection, signer, verifier):
        actor = self.opened(db, signer, verifier)
        at = NOON
        while (at := at + IDLE_MAX / 2) < NOON + SESSION_MAX:
            sessions.renew(db, actor=actor, signer=signer, at=at)
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=actor, signer=signer, at=at)

    @pytest.mark.parametrize("strange", ["session", "person"])
    def test_not_for_a_session_of_nobody_or_of_another(self, db: Connection, signer, verifier, strange):
        actor = self.opened(db, signer, verifier)
        ids = {"session": actor.session_id, "person": actor.person_id, strange: uuid4()}
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=an_actor(**ids), signer=signer, at=NOON)


class TestSweep:
    def test_ends_the_idle_and_forgets_the_old(self, db: Connection, signer, verifier):
        an_account(db)
        actor = verifier.actor(sign_in(db, signer).access_token, at=NOON)
        sign_in(db, signer, username="nobody")
        later = NOON + IDLE_MAX
        alive = verifier.actor(sign_in(db, signer, at=later).access_token, at=later)
        sessions.sweep(db, at=later)
        ended = dict(db.execute(text("SELECT id, ended_at IS NOT NULL FROM sessions")).all())
        assert ended == {actor.session_id: True, alive.session_id: False}
        assert db.execute(text("SELECT count(*) FROM sign_in_attempts")).scalar_one() == 0
        sessions.sweep(db, at=later + SESSION_MAX)
        assert list(db.execute(text("SELECT id FROM sessions")).scalars()) == [alive.session_id]
        assert len(outcomes(db)) == 3  # the record stays

    def test_leaves_those_who_wait(self, db: Connection, signer):
        an_account(db)
        for _ in range(WRONG_MAX):
            sign_in(db, signer, password="wrong")
        sessions.sweep(db, at=NOON + timedelta(seconds=30))
        assert isinstance(sign_in(db, signer, at=NOON + timedelta(seconds=30)), TooManyAttempts)


def test_refusals_of_signing_in_are_told_as_401_and_429():
    refusals: list[Refusal] = [WrongCredentials(), SessionEnded(), TooManyAttempts(wait_s=60)]
    assert [refusal.status for refusal in refusals] == [401, 401, 429]
