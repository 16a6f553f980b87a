"""The operator's command for the first administrator, on a database with nothing in it but what the migrations made."""

import getpass
from uuid import uuid4

import pytest
from chassis import clock
from chassis.tokens import Signer
from contracts.roster.sessions import OpenSession
from roster import first_administrator
from roster.operations import sessions
from roster.operations.accounts import NewAccount, open_accounts
from roster.operations.administrators import CannotAppoint, Wanted, appoint
from roster.operations.people import Person, register_all
from roster.queries.people import roles_of
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON
from tests.races import at_once
from tests.roster.factories import a_committee

PASSWORD = "山水之间 有座老城 看看风景"
WORDS = ["--name", "王建国", "--username", "wangjg", "--organisation", "370302", "--organisation-name", "淄川区委"]


def wanted(**more) -> Wanted:
    told = {"name": "王建国", "username": "Wang.JG", "password": PASSWORD, "reason": "x"}
    return Wanted(**{**told, "organisation": "370302", "organisation_name": "淄川区委", **more})


class TestAppointing:
    def test_on_a_fresh_platform(self, db: Connection, signer: Signer):
        done = appoint(db, wanted(), at=NOON)
        assert (done.organisation, done.needs_second_factor) == ("淄川区委", True)
        (role,) = roles_of(db, done.person_id, on=clock.today(NOON))
        assert (role.role, role.path) == ("admin", "370302")
        opened = sessions.open_session(db, OpenSession("wang.jg", PASSWORD), signer=signer, at=NOON)
        assert opened.first == "password"
        db.execute(text("UPDATE accounts SET must_change = false"))
        opened = sessions.open_session(db, OpenSession("wang.jg", PASSWORD), signer=signer, at=NOON)
        assert opened.first == "second_factor"
        # The tree's foundation is told, and what was done is kept.
        assert db.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 1
        assert db.execute(text("SELECT move, by, reason FROM account_moves")).all() == [("open", None, "x")]

    def test_at_the_root_that_is_there(self, db: Connection):
        root = a_committee(db)
        done = appoint(db, wanted(organisation=None), at=NOON)
        (role,) = roles_of(db, done.person_id, on=clock.today(NOON))
        assert role.organisation_id == root
        assert db.execute(text("SELECT count(*) FROM organisations WHERE parent_id IS NULL")).scalar_one() == 1

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"organisation": None}, "no organisation yet"),
            ({"password": "wang.jg-2026-x"}, "name"),
            ({"password": "short"}, "at least 10"),
        ],
    )
    def test_says_what_is_wrong_and_does_nothing(self, db: Connection, more, said):
        with pytest.raises(CannotAppoint, match=said):
            appoint(db, wanted(**more), at=NOON)
        assert db.execute(text("SELECT count(*) FROM accounts")).scalar_one() == 0

    def test_which_root_has_to_be_said(self, db: Connection):
        a_committee(db)
        a_committee(db)
        with pytest.raises(CannotAppoint, match="at which root"):
            appoint(db, wanted(organisation=None), at=NOON)

    def test_not_where_there_is_one(self, db: Connection):
        appoint(db, wanted(), at=NOON)
        with pytest.raises(CannotAppoint, match="1 administrators already"):
            appoint(db, wanted(username="other"), at=NOON)

    def test_a_user_name_that_is_taken(self, db: Connection):
        person = Person(uuid4(), "李明")
        register_all(db, [person])
        open_accounts(db, [NewAccount(person.id, "wang.jg", "x")], at=NOON)
        with pytest.raises(CannotAppoint, match="taken"):
            appoint(db, wanted(), at=NOON)

    def test_two_at_once(self, database: Engine):
        def act() -> str:
            try:
                with database.begin() as db:
                    appoint(db, wanted(), at=NOON)
            except CannotAppoint:
                return "refused"
            return "appointed"

        assert sorted(at_once([act] * 3)) == ["appointed", "refused", "refused"]


class TestRecovering:
    def test_the_account_that_nobody_gets_into(self, db: Connection, signer: Signer):
        first = appoint(db, wanted(), at=NOON)
        db.execute(text("UPDATE accounts SET state = 'locked'"))
        db.execute(
            text("INSERT INTO second_factors (person_id, sealed_secret, made_at) VALUES (:p, 'x', now())"),
            {"p": first.person_id},
        )
        new = "另一座山 另一条河 走走看看"
        done = appoint(db, wanted(password=new, is_recovery=True, reason="手机遗失"), at=NOON)
        assert (done.person_id, done.was_there) == (first.person_id, True)
        opened = sessions.open_session(db, OpenSession("wang.jg", new), signer=signer, at=NOON)
        assert opened.first == "password"
        assert db.execute(text("SELECT count(*) FROM second_factors")).scalar_one() == 0
        moves = db.execute(text("SELECT move, reason FROM account_moves ORDER BY id")).all()
        assert moves[-1] == ("recover", "手机遗失")

    def test_by_somebody_new(self, db: Connection):
        appoint(db, wanted(), at=NOON)
        done = appoint(db, wanted(username="li", name="李明", is_recovery=True), at=NOON)
        assert not done.was_there
        assert [role.role for role in roles_of(db, done.person_id, on=clock.today(NOON))] == ["admin"]


class TestTheCommand:
    @pytest.fixture
    def database_of_its_own(self, database: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
        monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False).replace("+psycopg2", ""))
        return database

    def test_shows_what_it_made_once(self, database_of_its_own: Engine, capsys, signer: Signer):
        assert first_administrator.main([*WORDS, "--generate"]) == 0
        said = capsys.readouterr().out
        password = said.partition("only now: ")[2].split()[0]
        with database_of_its_own.connect() as db:
            opened = sessions.open_session(db, OpenSession("wangjg", password), signer=signer, at=clock.now())
        assert opened.first == "password"
        assert "second factor" in said
        assert first_administrator.main([*WORDS, "--generate"]) == 1
        assert "already" in capsys.readouterr().err
        assert first_administrator.main([*WORDS, "--generate", "--recover"]) == 2
        assert first_administrator.main([*WORDS, "--generate", "--recover", "--reason", "lost"]) == 0

    @pytest.mark.parametrize(("again", "status"), [(PASSWORD, 0), ("another", 1)])
    def test_asks_twice(self, database_of_its_own: Engine, monkeypatch, again, status):
        typed = iter([PASSWORD, again])
        monkeypatch.setattr(getpass, "getpass", lambda _: next(typed))
        assert first_administrator.main(WORDS) == status
