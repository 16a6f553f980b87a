"""The demonstration's roster: the real divisions, made-up members, the same in every load."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from chassis import database as chassis_database
from contracts.roster.organisations import OrganisationsAsked
from contracts.roster.sessions import OpenSession
from contracts.roster.terms import CommitteeAsked, TermCountsAsked
from cryptography.fernet import Fernet
from demo import load, organisations, people
from demo.files import rows_of
from demo.organisations import DAKUNLUN, PUJIA, ZICHUAN, organisation_id, place_name
from roster.operations import members, sessions
from roster.operations import organisations as tree
from roster.operations.members import Appointment
from roster.operations.organisations import keep_crosswalk
from roster.queries import findings, terms
from roster.queries import organisations as asked
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from tests.articles import NOON, an_actor
from tests.roster.factories import told_of

OFFICER = an_actor(("officer", "3703"))


@pytest.fixture(scope="module")
def loaded(clone_of: Callable) -> Iterator[Engine]:
    """A database with the whole demonstration in it."""
    engine = chassis_database.connect(clone_of("roster").url, service="roster")
    with engine.begin() as db:
        load.load_roster(db, organisations.foundings(), at=NOON)
    yield engine
    engine.dispose()


@pytest.fixture
def demo(loaded: Engine) -> Iterator[Connection]:
    with loaded.connect() as db:
        yield db


def everything(db: Connection) -> dict[str, int]:
    """Count the rows of each table, with the versions and the events."""
    tables = ("organisations", "organisation_history", "people", "members", "posts", "accounts", "grants", "outbox")
    tables += ("dues_bases", "dues_obligations", "dues_receipts", "dues_payments")
    tables += ("terms", "term_notices")
    counts = {table: db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}  # noqa: S608
    return {**counts, "versions": db.execute(text("SELECT sum(version) FROM organisations")).scalar_one()}


class TestDivisions:
    def test_thirteen_towns_and_474_villages_and_communities(self):
        kinds = Counter(row["kind"] for row in rows_of("zichuan_divisions.csv") if row["level"] in "45")
        assert kinds == {"街道": 4, "镇": 9, "村民委员会": 415, "居民委员会": 59}

    def test_the_crosswalk_knows_every_town_by_both_codes(self):
        towns = {row["code"]: row["name"] for row in rows_of("zichuan_divisions.csv") if row["level"] == "4"}
        rows = rows_of("zichuan_town_codes_crosswalk.csv")
        assert {row["nbs_code"]: row["name"] for row in rows} == towns
        assert len({row["mca_code"] for row in rows}) == 13

    @pytest.mark.parametrize(
        ("division", "place"),
        [
            ("蒲家村委会", "蒲家村"),
            ("十里村村民委员会", "十里村"),
            ("小田庄村村委会", "小田庄村"),
            ("巩家坞村民委员会", "巩家坞村"),
            ("北工社区居委会", "北工社区"),
            ("淄矿社区居民委员会", "淄矿社区"),
            ("洪五社区居民居委会", "洪五社区"),
            ("天晟社区", "天晟社区"),
        ],
    )
    def test_a_branch_is_named_after_its_place(self, division, place):
        assert place_name(division) == place

    def test_every_file_has_its_source_and_licence(self):
        folder = resources.files("demo").joinpath("data")
        told = folder.joinpath("SOURCES.md").read_text()
        named = set(re.findall(r"^\| `([^`]+)` \|", told, re.MULTILINE))
        assert named == {entry.name for entry in folder.iterdir()} - {"SOURCES.md"}

    def test_no_two_organisations_share_code_or_name(self):
        foundings = organisations.foundings()
        assert len({founding.code for founding in foundings}) == len(foundings)
        assert [name for name, count in Counter(f.name for f in foundings).items() if count > 1] == []


def test_one_town_is_loaded_with_its_villages_and_the_branches_of_those_who_sign_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = organisations.foundings()
    monkeypatch.setenv("DEMO_TOWNS", "370302115")
    some = organisations.foundings.__wrapped__()
    left_out = {one.code for one in every} - {one.code for one in some}
    in_town = {one.code for one in every if one.parent_id == organisation_id("370302115")}
    assert (len(in_town), len(left_out)) == (26, 474 - 26 - 1)
    assert left_out.isdisjoint(in_town | {user.branch for user in people.USERS})


class TestPeople:
    def test_are_the_same_in_any_order_and_in_part(self):
        branches = [founding for founding in organisations.foundings() if founding.kind == "branch"]
        whole = people.roll_of(branches, on=date(2026, 11, 10))
        one = people.roll_of([branches[100]], on=date(2026, 11, 10))
        assert one.memberships
        assert set(one.memberships) <= set(whole.memberships)
        assert set(one.people) <= set(whole.people)

    def test_full_members_joined_over_a_year_ago_probationary_ones_since(self):
        on = date(2026, 11, 10)
        roll = people.roll_of([f for f in organisations.foundings() if f.kind == "branch"], on=on)
        for member in roll.memberships:
            days = (on - member.joined_on).days
            assert days < 365 if member.status == "probationary" else days > 365

    def test_each_user_is_another_person(self):
        assert len({user.id for user in people.USERS}) == len({user.name for user in people.USERS}) == len(people.USERS)


class TestTerms:
    def test_some_end_soon_some_are_over_and_each_branch_has_one(self, demo: Connection):
        counted = terms.counts(demo, TermCountsAsked(), actor=OFFICER, today=date(2026, 11, 10))
        branches = [founding for founding in organisations.foundings() if founding.kind == "branch"]
        assert counted.organisations - counted.without == len([f for f in branches if not f.is_external])
        assert 5 < counted.overdue < 60
        assert 15 < counted.ending < 120

    def test_the_secretarys_own_ends_in_three_months_and_another_is_over(self, demo: Connection):
        for code, status in ((PUJIA, "ending"), (DAKUNLUN, "overdue")):
            view = terms.committee(demo, CommitteeAsked(organisation_id(code)), actor=OFFICER, today=date(2026, 11, 10))
            assert (view.status, [notice.kind for notice in view.notices]) == (status, [status])
            assert view.term.seats == len({held.person_id for held in view.posts})


class TestLoad:
    def test_as_many_as_the_district_has(self, demo: Connection):
        branches = asked.page(
            demo,
            OrganisationsAsked(parent_id=organisation_id(ZICHUAN), q="37030", kind="branch", limit=1000),
            actor=OFFICER,
        )
        assert sum(1 for branch in branches.items if branch.division_code) == 474
        sizes = [branch.members_full + branch.members_probationary for branch in branches.items if branch.division_code]
        assert 11_000 < sum(sizes) < 13_000
        assert all(branch.secretary_name and branch.synthetic for branch in branches.items)
        assert max(sizes) <= 60
        assert 3 <= sum(size < 3 for size in sizes) <= 10

    def test_every_made_up_person_says_so(self, demo: Connection):
        for table in ("people", "members"):
            assert demo.execute(text(f"SELECT bool_and(synthetic) FROM {table}")).scalar_one()  # noqa: S608

    def test_everybody_signs_in_with_their_roles(self, demo: Connection, signer, verifier):
        roles = {}
        for user in people.USERS:
            token = sessions.open_session(demo, OpenSession(user.username, "demo"), signer=signer, at=NOON)
            actor = verifier.actor(token.access_token, at=NOON)
            roles[user.username] = {(grant.role, grant.path) for grant in actor.grants if grant.role != "member"}
            assert [grant.path for grant in actor.grants if grant.role == "member"] == [path_of_branch(user)]
        pujia, dakunlun = f"3703.370302.370302115.{PUJIA}", "3703.370302.370302102.370302102202"
        assert roles == {
            "secretary": {("secretary", pujia)},
            "administrator": {("administrator", pujia)},
            "member": set(),
            "secretary2": {("secretary", dakunlun)},
            "visitor": {("secretary", "3703.370303.370303-visitors")},
            "steward": {("steward", "3703.370302.site-pusongling")},
            "steward2": {("steward", "3703.370302.site-zibomeikuang")},
            "officer": {("officer", "3703.370302")},
            "officer2": {("officer", "3703.370302")},
            "assessor": {("assessor", "3703.370302")},
            "auditor": {("auditor", "3703.370302")},
            "preparer": {("preparer", "3703.370302")},
            "approver": {("approver", "3703.370302")},
            "payer": {("payer", "3703.370302")},
            "admin": {("admin", "3703")},
        }

    def test_every_town_is_led_by_a_member_of_one_of_its_branches(self, demo: Connection):
        led = demo.execute(
            text(
                "SELECT t.id, t.path, b.path AS of_branch, m.status, count(*) OVER (PARTITION BY h.person_id) AS posts"
                " FROM posts h JOIN organisations t ON t.id = h.organisation_id AND t.kind <> 'branch'"
                " JOIN members m ON m.person_id = h.person_id JOIN organisations b ON b.id = m.branch_id"
                " WHERE h.post = 'secretary' AND h.held_until IS NULL"
            )
        ).all()
        towns = {f.id for f in organisations.foundings() if len(f.code) == 9 and f.code.isdigit()}
        assert len(led) == 13
        assert {row.id for row in led} == towns
        for row in led:
            assert row.of_branch.startswith(f"{row.path}.")
            assert (row.status, row.posts) == ("full", 1)

    def test_each_organisation_is_told_once_with_its_members(self, demo: Connection):
        count = demo.execute(text("SELECT count(*) FROM organisations")).scalar_one()
        told = text("SELECT count(*), max(version) FROM outbox WHERE aggregate = :aggregate")
        assert demo.execute(told, {"aggregate": "organisation"}).one() == (count, 1)
        branches = demo.execute(text("SELECT count(*) FROM organisations WHERE kind = 'branch'")).scalar_one()
        assert demo.execute(told, {"aggregate": "roll"}).one() == (branches, 1)
        (event,) = told_of(demo, organisation_id(PUJIA))
        assert event["members_full"] + event["members_probationary"] == people.PUJIA_MEMBERS
        assert event["secretary_id"] == str(people.person_id("user:secretary"))

    def test_every_rule_but_the_largest_is_broken_somewhere_and_not_in_the_secretarys_branch(self, demo: Connection):
        broken = Counter()
        for (branch,) in demo.execute(text("SELECT id FROM organisations WHERE length(division_code) = 12")):
            broken.update(f.rule for f in findings.of(demo, branch, actor=OFFICER).findings)
        assert set(broken) == {
            *("enough-full-members", "branch-committee", "party-groups", "general-branch", "term-overdue")
        }
        assert max(broken.values()) < 30
        assert findings.of(demo, organisation_id(PUJIA), actor=OFFICER).findings == []

    def test_a_second_load_changes_nothing(self, demo: Connection):
        before = everything(demo)
        load.load_roster(demo, organisations.foundings(), at=NOON)
        assert everything(demo) == before

    def test_what_people_changed_meanwhile_stays(self, demo: Connection):
        secretary, branch = people.person_id("user:secretary"), organisation_id(PUJIA)
        other = people.person_id("user:member")
        tree.rename(demo, branch, name="蒲家庄党支部", at=NOON)
        members.appoint(demo, Appointment(branch, other, "secretary", NOON.date()), at=NOON)
        members.transfer(demo, secretary, branch_id=organisation_id(organisations.DAKUNLUN), at=NOON)
        demo.execute(text("DELETE FROM grants WHERE role = 'admin'"))
        before = everything(demo)
        load.load_roster(demo, organisations.foundings(), at=NOON)
        assert everything(demo) == before
        assert asked.one(demo, branch, actor=OFFICER).name == "蒲家庄党支部"


class TestCopies:
    def test_are_there(self, loaded: Engine, capsys):
        assert load.wait_for_copies(dict.fromkeys(load.SERVICES, loaded))
        assert "511 of 511" in capsys.readouterr().out

    def test_never_come(self, loaded: Engine, database: Engine, monkeypatch: pytest.MonkeyPatch, capsys):
        monkeypatch.setattr(load, "STANDSTILL_MAX_S", 0.5)
        assert not load.wait_for_copies({"roster": loaded, "sites": loaded, "assessment": database})
        assert "heard of only 0 of 511 organisations" in capsys.readouterr().out


class TestContention:
    def test_what_the_services_hold_is_loaded_once_they_let_go(self, database: Engine):
        tries: list[int] = []
        with database.connect() as service:
            service.execute(text("LOCK TABLE findings IN ROW EXCLUSIVE MODE"))

            def keeps_and_holds(db: Connection) -> None:
                keep_crosswalk(db, organisations.crosswalk())
                tries.append(1)
                if len(tries) > 1:
                    service.rollback()
                db.execute(text("LOCK TABLE findings IN SHARE ROW EXCLUSIVE MODE NOWAIT"))

            load.in_one_transaction(database, keeps_and_holds)
        with database.connect() as db:
            kept = db.scalar(text("SELECT count(*) FROM division_crosswalk"))
        assert (len(tries), kept) == (2, len(list(organisations.crosswalk())))

    def test_what_is_never_let_go_is_given_up(self, database: Engine):
        with database.connect() as service:
            service.execute(text("LOCK TABLE findings IN ROW EXCLUSIVE MODE"))
            with pytest.raises(OperationalError, match="could not obtain lock"):
                load.in_one_transaction(
                    database, lambda db: db.execute(text("LOCK TABLE findings IN SHARE ROW EXCLUSIVE MODE NOWAIT"))
                )


class TestMain:
    def test_says_what_is_missing(self, monkeypatch: pytest.MonkeyPatch, capsys):
        for name in ("ROSTER_DATABASE_URL", "SITES_DATABASE_URL", "PERSONAL_DATA_KEYS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("ASSESSMENT_DATABASE_URL", "postgresql://127.0.0.1/assessment")
        assert load.main() == 2
        assert "Not set: ROSTER_DATABASE_URL, SITES_DATABASE_URL, PERSONAL_DATA_KEYS." in capsys.readouterr().err

    def test_loads_every_service_once(
        self, clone_of: Callable, monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path
    ) -> None:
        """Nobody relays the events here, so the loader also says that the copies have not arrived."""
        monkeypatch.setattr(load, "STANDSTILL_MAX_S", 0.2)
        monkeypatch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
        for service in load.SERVICES:
            monkeypatch.setenv(f"{service.upper()}_DATABASE_URL", clone_of(service).url)
        monkeypatch.setenv("FILE_STORE", str(tmp_path))
        assert load.main() == 0
        first = capsys.readouterr().out
        assert load.main() == 0
        second = capsys.readouterr().out
        assert (first.count(" new "), first.count("nothing new")) == (7, 0)
        assert second.count("nothing new") == 7
        for told in (first, second):
            assert "474 villages and communities (447 in the text of 2020)" in told
            assert "heard of only 0 of 511" in told


def path_of_branch(user: people.DemoUser) -> str:
    founding = {f.id: f for f in organisations.foundings()}
    node, codes = founding[organisation_id(user.branch)], []
    while node:
        codes.append(node.code)
        node = founding.get(node.parent_id)
    return ".".join(reversed(codes))


class TestDues:
    def test_most_of_three_months_are_paid_and_the_books_agree(self, demo: Connection):
        months = demo.execute(
            text(
                "SELECT month, sum(members) AS members, sum(settled) AS settled, sum(paid_fen) AS paid_fen"
                " FROM dues_months GROUP BY month ORDER BY month"
            )
        ).all()
        assert [row.month for row in months] == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
        assert months[2].members > 5 * months[1].members > 5_000
        assert all(row.settled / row.members > 0.9 for row in months[:2])
        paid = demo.execute(text("SELECT sum(amount_fen) FROM dues_payments")).scalar_one()
        cash = demo.execute(text("SELECT sum(cash_fen) FROM dues_books")).scalar_one()
        assert paid == cash == sum(row.paid_fen for row in months)
        gaps = demo.execute(
            text(
                "SELECT count(*) FROM (SELECT max(number) - count(*) AS gap FROM dues_receipts GROUP BY branch_id) g"
                " WHERE gap <> 0"
            )
        )
        assert gaps.scalar_one() == 0
