"""Choosing a password: which ones are taken, what ends with the old one, and that a first one opens nothing else."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher
from chassis.actors import Actor, PasswordChangeNeeded
from chassis.refusals import InvalidInput
from chassis.tokens import Signer, Verifier
from contracts.roster.sessions import ChangePassword, EndMySessions, OpenSession, TokenView
from hypothesis import given
from hypothesis import strategies as st
from roster.domain.attempts import SessionEnded, TooManyAttempts, WrongCredentials
from roster.domain.passwords import faults_of
from roster.domain.sign_in_policies import STILL_FOLLOWED
from roster.operations import own_passwords, passwords, sessions
from roster.queries import sessions as session_queries
from roster.queries.sign_in_policies import in_force
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON
from tests.races import at_once
from tests.roster.factories import an_account

ON = date(2026, 11, 10)
NEW = "山水之间 有座老城 看看风景"


class TestRules:
    @pytest.mark.parametrize(
        "password",
        [
            "long river under old bridge",
            "蒲松龄故居门前柳树林",
            "kufw9-2mzqa-77xtp",
            "8492057316",
            "qpwmz dkfie",
            "Tuesday-coffee-4x",
        ],
    )
    def test_take_long_ones_of_whatever_characters(self, password):
        assert faults_of(password, length_min=10, known=["wang", "王晓燕", "wangxiaoyan"], on=ON) == []

    @pytest.mark.parametrize(
        ("password", "says"),
        [
            ("short-9x", "at least 10"),
            ("x" * 201, "at most 200"),
            ("password123", "Many people"),
            ("Password!!2026", "Many people"),
            ("1234567890", "Many people"),
            ("a123456789", "Many people"),
            ("9876543210", "Many people"),
            ("qwertyuiop", "Many people"),
            ("asdfghjkl;", "Many people"),
            ("abcabcabcabc", "Many people"),
            ("woaini1314520", "Many people"),
            ("dangyuan2026", "Many people"),
            ("aaaaaaaaaaaa", "Many people"),
            ("1qaz2wsx3edc", "Many people"),
            ("ｐａｓｓｗｏｒｄ１２３", "Many people"),
            ("secretary-of-x", "name or user name"),
            ("wangxiaoyan!!7k", "name or user name"),
            ("我叫王晓燕，大家好啊", "name or user name"),
            ("river19850214boat", "date"),
            ("river1985-02-14boat", "date"),
            ("call 13853312345 me", "telephone"),
        ],
    )
    def test_refuse_what_others_guess(self, password, says):
        faults = faults_of(password, length_min=10, known=["secretary", "王晓燕", "wangxiaoyan"], on=ON)
        assert any(says in fault for fault in faults), faults

    @given(st.text(min_size=1, max_size=30))
    def test_judge_any_text(self, password):
        faults = faults_of(password, length_min=10, known=["wang"], on=ON)
        assert len(password) >= 10 or faults

    @given(st.dates(min_value=date(1900, 1, 1), max_value=ON))
    def test_find_every_birthday(self, born):
        assert faults_of(f"old river {born:%Y%m%d}", length_min=10, known=[], on=ON)

    def test_know_the_ways_in_which_a_name_is_written(self):
        assert own_passwords.ways_to_write("王晓燕") == ["王晓燕", "wangxiaoyan", "xiaoyanwang", "xiaoyan"]
        assert own_passwords.ways_to_write("李明") == ["李明", "liming", "mingli"]


def signs_in(db: Connection, signer: Signer, verifier: Verifier, *, password="right", at=NOON) -> Actor:  # noqa: S107
    opened = sessions.open_session(db, OpenSession("wang", password), signer=signer, at=at)
    assert isinstance(opened, TokenView), opened
    return verifier.actor(opened.access_token, at=at)


def changes(db: Connection, signer, actor: Actor, *, old="right", new=NEW, at=NOON, command: UUID | None = None):
    asked = ChangePassword(old, new)
    return own_passwords.change(db, asked, actor=actor, signer=signer, command_id=command or uuid4(), at=at)


class TestChange:
    def test_goes_on_in_a_new_session_and_ends_all_others(self, db: Connection, signer, verifier):
        an_account(db)
        other, actor = (signs_in(db, signer, verifier) for _ in range(2))
        fresh = verifier.actor(changes(db, signer, actor).access_token, at=NOON)
        assert fresh.session_id != actor.session_id
        assert sessions.renew(db, actor=fresh, signer=signer, at=NOON)
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=other, signer=signer, at=NOON)
        assert isinstance(
            sessions.open_session(db, OpenSession("wang", "right"), signer=signer, at=NOON), WrongCredentials
        )
        assert signs_in(db, signer, verifier, password=NEW).first is None

    def test_of_the_old_session_only_a_lost_answer_is_forgiven_and_not_for_long(self, db: Connection, signer, verifier):
        an_account(db)
        actor = signs_in(db, signer, verifier)
        fresh = verifier.actor(changes(db, signer, actor).access_token, at=NOON)
        soon = NOON + STILL_FOLLOWED - timedelta(seconds=1)
        renewed = sessions.renew(db, actor=actor, signer=signer, at=soon)
        assert verifier.actor(renewed.access_token, at=soon).session_id == fresh.session_id
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=actor, signer=signer, at=NOON + STILL_FOLLOWED)

    def test_a_retry_of_the_same_command_gets_the_same_session(self, db: Connection, signer, verifier):
        an_account(db)
        actor, command = signs_in(db, signer, verifier), uuid4()
        tokens = [changes(db, signer, actor, command=command) for _ in range(2)]
        assert len({verifier.actor(token.access_token, at=NOON).session_id for token in tokens}) == 1
        with pytest.raises(SessionEnded):
            changes(db, signer, actor)

    def test_needs_the_old_one_and_counts_wrong_ones(self, db: Connection, signer, verifier):
        an_account(db)
        actor = signs_in(db, signer, verifier)
        answers = [changes(db, signer, actor, old="wrong") for _ in range(5)]
        assert [type(answer) for answer in answers] == [WrongCredentials] * 4 + [TooManyAttempts]

    def test_none_of_the_last_five_comes_again(self, db: Connection, signer, verifier):
        an_account(db)
        actor = signs_in(db, signer, verifier)
        used = ["right", *(f"old river, boat no. {number}k" for number in range(5))]
        for old, new in pairwise(used):
            actor = verifier.actor(changes(db, signer, actor, old=old, new=new).access_token, at=NOON)
        for again in used[1:]:
            with pytest.raises(InvalidInput) as refused:
                changes(db, signer, actor, old=used[-1], new=again)
            assert refused.value.errors == {"new_password": [own_passwords.USED_BEFORE]}

    def test_at_once_one_of_two_wins(self, database: Engine, signer, verifier):
        with database.begin() as db:
            an_account(db)
            actors = [signs_in(db, signer, verifier) for _ in range(2)]

        def change(number: int):
            def act():
                with database.begin() as db:
                    return type(changes(db, signer, actors[number], new=f"{NEW} {number}")).__name__

            return act

        ends = at_once([change(0), change(1)])
        assert sorted(ends, key=str) in (["TokenView", "WrongCredentials"], ["TokenView", "session-ended"])


class TestAFirstPassword:
    def first(self, db: Connection, signer, verifier) -> Actor:
        an_account(db)
        db.execute(text("UPDATE accounts SET must_change = true"))
        return signs_in(db, signer, verifier)

    def test_opens_the_change_of_it_alone(self, db: Connection, signer, verifier):
        actor = self.first(db, signer, verifier)
        assert (actor.first, actor.grants) == ("password", ())
        actor.must_be_done_first("change_password")
        for door in ("place_order", "read_my_sessions", "set_up_second_factor", "anything"):
            with pytest.raises(PasswordChangeNeeded):
                actor.must_be_done_first(door)
        # Renewing it changes nothing, changing the password does.
        renewed = sessions.renew(db, actor=actor, signer=signer, at=NOON)
        assert renewed.first == "password"
        assert changes(db, signer, actor).first is None

    def test_an_expired_one_is_changed_first_too(self, db: Connection, signer, verifier):
        an_account(db)
        db.execute(
            text(
                "INSERT INTO sign_in_policies (active_from, length_min, remembered, expires_after_days, wrong_max,"
                " first_wait_s, longest_wait_s, forgotten_after_s, idle_max_s, session_max_s, second_factor_roles,"
                " ground, set_at) SELECT active_from, length_min, remembered, 90, wrong_max, first_wait_s,"
                " longest_wait_s, forgotten_after_s, idle_max_s, session_max_s, second_factor_roles, 'x', set_at"
                " FROM sign_in_policies LIMIT 1"
            )
        )
        assert signs_in(db, signer, verifier, at=NOON + timedelta(days=89)).first is None
        assert signs_in(db, signer, verifier, at=NOON + timedelta(days=90)).first == "password"


class TestRehash:
    def test_a_hash_with_other_parameters_is_made_anew_at_sign_in(self, db: Connection, signer, verifier):
        an_account(db)
        old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash("right")
        db.execute(text("UPDATE accounts SET password_hash = :old"), {"old": old})
        signs_in(db, signer, verifier)
        stored = db.execute(text("SELECT password_hash FROM accounts")).scalar_one()
        assert stored != old
        assert not passwords.is_outdated(stored)
        assert signs_in(db, signer, verifier)
        assert db.execute(text("SELECT password_hash FROM accounts")).scalar_one() == stored

    def test_a_wrong_password_makes_nothing_anew(self, db: Connection, signer):
        an_account(db)
        old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash("right")
        db.execute(text("UPDATE accounts SET password_hash = :old"), {"old": old})
        sessions.open_session(db, OpenSession("wang", "wrong"), signer=signer, at=NOON)
        assert db.execute(text("SELECT password_hash FROM accounts")).scalar_one() == old


class TestMySessions:
    def test_say_from_where_and_which_is_this_one(self, db: Connection, signer, verifier):
        an_account(db)
        opened = sessions.open_session(
            db, OpenSession("wang", "right", device="Firefox", address="203.0.113.0/24"), signer=signer, at=NOON
        )
        phone = verifier.actor(opened.access_token, at=NOON)
        desk = signs_in(db, signer, verifier, at=NOON + timedelta(minutes=1))
        policy = in_force(db, on=ON)
        found = session_queries.mine(db, actor=desk, policy=policy, at=NOON + timedelta(minutes=1)).sessions
        assert [(one.id, one.is_this_one) for one in found] == [(desk.session_id, True), (phone.session_id, False)]
        assert (found[1].device, found[1].address) == ("Firefox", "203.0.113.0/24")

    def test_one_or_all_others_are_ended_and_nobody_elses(self, db: Connection, signer, verifier):
        an_account(db)
        one, two, this = (signs_in(db, signer, verifier) for _ in range(3))
        an_account(db, username="li")
        opened = sessions.open_session(db, OpenSession("li", "right"), signer=signer, at=NOON)
        li = verifier.actor(opened.access_token, at=NOON)
        end = sessions.end_mine
        assert end(db, EndMySessions(li.session_id), actor=this, at=NOON).ended == 0
        assert end(db, EndMySessions(one.session_id), actor=this, at=NOON).ended == 1
        assert end(db, EndMySessions(), actor=this, at=NOON).ended == 1
        for actor, lives in ((one, False), (two, False), (this, True), (li, True)):
            if lives:
                assert sessions.renew(db, actor=actor, signer=signer, at=NOON)
            else:
                with pytest.raises(SessionEnded):
                    sessions.renew(db, actor=actor, signer=signer, at=NOON)
