"""Changing the tree by a document: what goes along, what stands in the way, what is known before, who comes first."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.roster.elections import ApproveElectionStep
from contracts.roster.organisations import OrganisationOnDay, TreeAsked
from contracts.roster.structure import ChangeStructure, SplitPart, StructureChangesAsked
from contracts.roster.terms import AppointToPost, RecordTerm, TermCountsAsked
from contracts.roster.transfers import ConfirmTransfer, IssueTransfer
from hypothesis import given
from hypothesis import strategies as st
from roster.domain.members import BeforeItBegan, NotYet
from roster.domain.organisations import CodeTaken, NoPlaceInTree, OrganisationDissolved
from roster.domain.structure import AsItIs, HasMembers, HasOrganisationsBelow, NotAlike, TooLongAgo
from roster.operations import elections, members, structure, terms, transfers
from roster.operations.members import Appointment, MemberElsewhere
from roster.queries import structure as asked
from roster.queries import terms as terms_asked
from roster.queries import tree
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from tests.articles import NOON, an_actor
from tests.roster.committees import Place, a_term, asked_for, to_the_report
from tests.roster.factories import ENDINGS, a_branch, a_committee, a_member, an_organisation, path_of, told_of
from tests.roster.test_members import run_all

TODAY = date(2026, 11, 10)
LATER = NOON + timedelta(days=5)
LAST = TODAY + timedelta(days=5)


def an_officer(*paths: str):
    return an_actor(*(("officer", path) for path in paths), name="李建平")


def change(db: Connection, verb: str, *, at=LATER, officer=None, **fields):
    roots = db.execute(text("SELECT path FROM organisations WHERE parent_id IS NULL")).scalars().all()
    form = ChangeStructure(verb=verb, document_number="淄组〔2026〕8号", reason="布局调整", **fields)
    return structure.change(db, asked=form, actor=officer or an_officer(*roots), at=at)


def row_of(db: Connection, organisation):
    return db.execute(text("SELECT * FROM organisations WHERE id = :id"), {"id": organisation}).one()


def branch_of(db: Connection, person):
    return db.execute(text("SELECT branch_id FROM members WHERE person_id = :id"), {"id": person}).scalar_one_or_none()


def groups_in(db: Connection, branch) -> dict[str | None, int]:
    rows = db.execute(
        text("SELECT party_group, count(*) FROM members WHERE branch_id = :id GROUP BY 1"), {"id": branch}
    )
    return dict(tuple(row) for row in rows)


def rules_of(db: Connection, organisation) -> set[str]:
    return set(
        db.execute(
            text("SELECT rule FROM findings WHERE organisation_id = :id AND closed_on IS NULL"), {"id": organisation}
        ).scalars()
    )


class TestMerge:
    def test_everything_goes_along_and_what_ended_stays_readable(self, db: Connection):
        town = a_committee(db)
        into = a_branch(db, parent=town, full=3, secretary=True, groups=(3,))
        source = a_branch(db, parent=town, full=2, probationary=1, secretary=True, groups=(2,))
        applicant = uuid4()
        db.execute(text("INSERT INTO people (id, name) VALUES (:id, '申请人')"), {"id": applicant})
        db.execute(
            text("INSERT INTO developments (person_id, branch_id, stage, applied_on) VALUES (:p, :b, 'applicant', :d)"),
            {"p": applicant, "b": source, "d": TODAY},
        )
        db.execute(
            text(
                "INSERT INTO grants (id, person_id, role, organisation_id, active_from, ground, granted_at)"
                " VALUES (:id, :person, 'administrator', :branch, :day, '', :at)"
            ),
            {"id": uuid4(), "person": applicant, "branch": source, "day": TODAY, "at": NOON},
        )
        done = change(db, "merge", organisation_id=into, source_ids=[source])
        counts = done.counts
        assert (counts.members, counts.developments, counts.posts, counts.grants) == (3, 1, 1, 1)
        assert {(each.id, each.part) for each in done.organisations} == {(into, "took_in"), (source, "ended")}
        # Both had a 1组: the one that came is led by the branch it came from.
        assert groups_in(db, into) == {"1组": 3, row_of(db, source).name + "1组": 2, None: 1}
        assert groups_in(db, source) == {}
        assert row_of(db, source).dissolved_on == LAST
        assert told_of(db, source)[-1]["dissolved"] is True
        assert told_of(db, source)[-1]["secretary_id"] is None
        assert told_of(db, into)[-1]["members_full"] == 5
        assert rules_of(db, source) == set()
        assert "one-group-each" in rules_of(db, into)
        then = tree.as_at(db, OrganisationOnDay(source, TODAY), actor=an_officer("x"))
        assert (then.dissolved, then.members_full, then.members_probationary) == (False, 2, 1)
        assert tree.as_at(db, OrganisationOnDay(source, LAST), actor=an_officer("x")).dissolved
        moves = db.execute(text("SELECT verb, document_number FROM member_moves WHERE branch_id = :id"), {"id": into})
        assert [tuple(row) for row in moves] == [("moved_with_branch", "淄组〔2026〕8号")] * 3

    def test_letters_out_of_and_into_what_ends_are_withdrawn(self, db: Connection):
        into, source, third = (a_branch(db, full=1) for _ in range(3))
        out, coming, other = (a_member(db, branch=branch) for branch in (source, third, third))
        administrator = an_actor(*(("administrator", path_of(db, each)) for each in (source, third)))
        for number, (person, to) in enumerate(((out, third), (coming, source), (other, into))):
            form = IssueTransfer(person, f"{number}号", "调动", to_branch_id=to)
            transfers.issue(db, asked=form, actor=administrator, at=NOON)
        assert change(db, "merge", organisation_id=into, source_ids=[source]).counts.letters == 2
        states = db.execute(text("SELECT person_id, state FROM transfers"))
        assert dict(tuple(row) for row in states) == {out: "withdrawn", coming: "withdrawn", other: "issued"}

    def test_a_committee_takes_in_what_stands_under_another(self, db: Connection):
        city = a_committee(db)
        into, source = a_committee(db, parent=city), a_committee(db, parent=city)
        branch = a_branch(db, parent=source, full=3)
        change(db, "merge", organisation_id=into, source_ids=[source])
        assert row_of(db, branch).parent_id == into
        assert path_of(db, branch) == f"{path_of(db, into)}.{row_of(db, branch).code}"
        assert row_of(db, source).dissolved_on == LAST
        with pytest.raises(NotAlike):
            change(db, "merge", organisation_id=into, source_ids=[branch])

    def test_not_into_itself_and_not_twice(self, db: Connection):
        into, source = a_branch(db), a_branch(db)
        for sources in ([], [into], [source, source]):
            with pytest.raises(InvalidInput):
                change(db, "merge", organisation_id=into, source_ids=sources)
        change(db, "merge", organisation_id=into, source_ids=[source])
        with pytest.raises(OrganisationDissolved):
            change(db, "merge", organisation_id=into, source_ids=[source])


class TestSplit:
    def test_groups_and_named_members_go_into_the_parts(self, db: Connection):
        branch = a_branch(db, full=8, groups=(3, 3))
        loose = db.execute(
            text("SELECT person_id FROM members WHERE branch_id = :id AND party_group IS NULL LIMIT 1"), {"id": branch}
        ).scalar_one()
        done = change(
            db,
            "split",
            organisation_id=branch,
            parts=[SplitPart("s1", "一号院党支部", groups=["1组"], person_ids=[loose])],
        )
        (part,) = (each.id for each in done.organisations if each.part == "founded")
        assert groups_in(db, part) == {"1组": 3, None: 1}
        assert groups_in(db, branch) == {"2组": 3, None: 1}
        assert row_of(db, part).parent_id == row_of(db, branch).parent_id

    def test_a_branch_is_raised_above_its_parts(self, db: Connection):
        branch = a_branch(db, full=60, secretary=True, groups=(30, 30))
        assert "general-branch" in rules_of(db, branch)
        parts = [SplitPart(f"r{n}", f"{n}号院党支部", groups=[f"{n}组"]) for n in (1, 2)]
        with pytest.raises(InvalidInput):
            change(db, "split", organisation_id=branch, kind="general_branch", parts=parts[:1])
        change(db, "split", organisation_id=branch, kind="general_branch", name="大院党总支", parts=parts)
        raised = row_of(db, branch)
        assert (raised.kind, raised.name) == ("general_branch", "大院党总支")
        below = db.execute(text("SELECT path FROM organisations WHERE parent_id = :id ORDER BY path"), {"id": branch})
        assert below.scalars().all() == [f"{raised.path}.r1", f"{raised.path}.r2"]
        assert rules_of(db, branch) == set()

    def test_nobody_goes_into_two_and_no_stranger_into_one(self, db: Connection):
        branch = a_branch(db, full=3, groups=(3,))
        stranger = a_member(db, branch=a_branch(db))
        for parts in (
            [SplitPart("a1", "甲院党支部", groups=["1组"]), SplitPart("a2", "乙院党支部", groups=["1组"])],
            [SplitPart("a1", "甲院党支部", person_ids=[stranger])],
            [],
        ):
            with pytest.raises(InvalidInput):
                change(db, "split", organisation_id=branch, parts=parts)


class TestOthers:
    def test_dissolving_asks_where_the_members_go(self, db: Connection):
        town = a_committee(db)
        branch, other = a_branch(db, parent=town, full=2), a_branch(db, parent=town)
        with pytest.raises(HasMembers):
            change(db, "dissolve", organisation_id=branch)
        with pytest.raises(HasOrganisationsBelow):
            change(db, "dissolve", organisation_id=town)
        change(db, "dissolve", organisation_id=branch, members_to=other)
        assert groups_in(db, other) == {None: 2}
        change(db, "dissolve", organisation_id=other, members_to=a_branch(db))
        change(db, "dissolve", organisation_id=town)
        assert row_of(db, town).dissolved_on == LAST

    def test_nothing_is_put_into_what_is_dissolved(self, db: Connection):
        branch, other = a_branch(db), a_branch(db, full=1)
        change(db, "dissolve", organisation_id=branch)
        with pytest.raises(OrganisationDissolved):
            a_member(db, branch=branch)
        with pytest.raises(OrganisationDissolved):
            change(db, "rename", organisation_id=branch, name="再来党支部")
        nested = db.begin_nested()
        with pytest.raises(IntegrityError, match="do not belong"):
            db.execute(text("UPDATE members SET branch_id = :to WHERE branch_id = :of"), {"to": branch, "of": other})
        nested.rollback()

    def test_the_database_itself_keeps_members_in_standing_branches(self, db: Connection):
        branch = a_branch(db, full=1)
        for wrong in ("dissolved_on = '2026-11-11'", "kind = 'general_branch'"):
            nested = db.begin_nested()
            with pytest.raises(IntegrityError, match="has members is ended"):
                db.execute(text(f"UPDATE organisations SET {wrong} WHERE id = :id"), {"id": branch})  # noqa: S608
            nested.rollback()

    def test_founding_names_its_place_and_division(self, db: Connection):
        town = a_committee(db)
        fields = {"parent_id": town, "name": "新村党支部", "code": "n1", "kind": "branch", "field": "rural"}
        with pytest.raises(InvalidInput):
            change(db, "found", **fields, division_code="370302102")
        change(db, "found", **fields, division_code="370302102", division_code_system="mca")
        with pytest.raises(CodeTaken):
            change(db, "found", **fields)
        with pytest.raises(NoPlaceInTree):
            change(db, "found", **{**fields, "code": "n2", "kind": "committee", "parent_id": a_branch(db)})
        with pytest.raises(InvalidInput) as missing:
            change(db, "found", parent_id=town)
        assert set(missing.value.errors) == {"name", "code", "kind", "field"}

    def test_a_kind_fits_its_place_and_what_stands_below(self, db: Connection):
        town = a_committee(db)
        branch = a_branch(db, parent=town, full=1)
        with pytest.raises(HasMembers):
            change(db, "change_kind", organisation_id=branch, kind="general_branch")
        with pytest.raises(NoPlaceInTree):
            change(db, "change_kind", organisation_id=town, kind="branch")
        with pytest.raises(AsItIs):
            change(db, "change_kind", organisation_id=branch, kind="branch")
        change(db, "change_kind", organisation_id=branch, kind="joint_branch", units=["甲公司", "乙公司"])
        assert "joint-units" not in rules_of(db, branch)
        assert "name-ending" in rules_of(db, branch)

    def test_a_subtree_moves_with_its_findings(self, db: Connection):
        city = a_committee(db)
        one, other = a_committee(db, parent=city), a_committee(db, parent=city)
        branch = a_branch(db, parent=one, full=1)
        change(db, "move", organisation_id=one, parent_id=other)
        paths = db.execute(text("SELECT DISTINCT path FROM findings WHERE organisation_id = :id"), {"id": branch})
        assert paths.scalars().all() == [path_of(db, branch)]
        with pytest.raises(NoPlaceInTree, match="under itself"):
            change(db, "move", organisation_id=other, parent_id=one)
        with pytest.raises(AsItIs):
            change(db, "move", organisation_id=one, parent_id=other)

    def test_only_an_officer_of_both_places(self, db: Connection):
        here, there = a_committee(db), a_committee(db)
        branch, town = a_branch(db, parent=here), a_committee(db, parent=there)
        for officer in (
            an_officer(path_of(db, here)),
            an_officer(path_of(db, there)),
            an_actor(("secretary", path_of(db, here)), ("secretary", path_of(db, there))),
            an_actor(("admin", path_of(db, here)), ("admin", path_of(db, there))),
        ):
            with pytest.raises(Forbidden):
                change(db, "move", organisation_id=branch, parent_id=town, officer=officer)
        done = change(db, "move", organisation_id=branch, parent_id=town)
        with pytest.raises(NotFound):
            asked.one(db, done.id, actor=an_officer("elsewhere"))
        page = asked.page(db, StructureChangesAsked(there), actor=an_actor(("auditor", path_of(db, there))))
        assert [each.id for each in page.items] == [done.id]


class TestDays:
    def test_not_before_what_others_wrote(self, db: Connection):
        branch = a_branch(db)  # founded on TODAY
        with pytest.raises(BeforeItBegan, match="2026-11-10"):
            change(db, "rename", organisation_id=branch, name="新名党支部", on=TODAY - timedelta(days=1))
        change(db, "rename", organisation_id=branch, name="新名党支部", on=TODAY + timedelta(days=2))
        with pytest.raises(BeforeItBegan):
            change(db, "rename", organisation_id=branch, name="旧名党支部", on=TODAY + timedelta(days=1))
        with pytest.raises(NotYet):
            change(db, "rename", organisation_id=branch, name="旧名党支部", on=LAST + timedelta(days=1))
        with pytest.raises(TooLongAgo):
            change(db, "rename", organisation_id=branch, name="旧名党支部", on=LAST - timedelta(days=400))

    def test_not_before_the_members_came(self, db: Connection):
        into, source = a_branch(db), a_branch(db)
        person = a_member(db, branch=a_branch(db))
        members.transfer(db, person, branch_id=source, at=NOON + timedelta(days=3))
        with pytest.raises(BeforeItBegan, match="2026-11-13"):
            change(db, "merge", organisation_id=into, source_ids=[source], on=TODAY + timedelta(days=2))
        change(db, "merge", organisation_id=into, source_ids=[source], on=TODAY + timedelta(days=3))
        assert branch_of(db, person) == into

    def test_not_into_what_was_not_there_yet(self, db: Connection):
        source = a_branch(db)
        town = a_committee(db)
        into = an_organisation(db, parent=town, at=LATER)
        with pytest.raises(BeforeItBegan):
            change(db, "merge", organisation_id=into, source_ids=[source], on=TODAY + timedelta(days=1))

    def test_a_finding_opens_on_the_day_of_the_change(self, db: Connection):
        branch = a_branch(db, full=3, secretary=True)
        change(db, "rename", organisation_id=branch, name="党支部", on=TODAY + timedelta(days=1))
        opened = db.execute(
            text("SELECT rule, opened_on FROM findings WHERE organisation_id = :id AND closed_on IS NULL"),
            {"id": branch},
        )
        assert [tuple(row) for row in opened] == [("name-beginning", TODAY + timedelta(days=1))]


class TestPreview:
    def test_says_what_will_be_and_keeps_nothing(self, db: Connection):
        into, source = a_branch(db, full=2, secretary=True), a_branch(db, full=1, secretary=True)
        roots = db.execute(text("SELECT path FROM organisations WHERE parent_id IS NULL")).scalars().all()
        form = ChangeStructure("merge", "8号", "调整", organisation_id=into, source_ids=[source])
        before = everything(db)
        seen = structure.preview(db, asked=form, actor=an_officer(*roots), at=LATER)
        assert everything(db) == before
        assert seen.opens == []
        assert {(each.organisation_id, each.finding.rule) for each in seen.closes} == {
            (into, "enough-full-members"),
            (source, "enough-full-members"),
        }
        done = structure.change(db, asked=form, actor=an_officer(*roots), at=LATER)
        assert replace(seen.change, id=done.id) == done
        assert rules_of(db, into) == set()

    def test_refuses_what_the_change_refuses(self, db: Connection):
        branch = a_branch(db, full=1)
        form = ChangeStructure("dissolve", "8号", "调整", organisation_id=branch)
        with pytest.raises(HasMembers):
            structure.preview(db, asked=form, actor=an_officer(path_of(db, branch).split(".")[0]), at=LATER)
        assert row_of(db, branch).dissolved_on is None


def everything(db: Connection) -> list:
    tables = ("organisations", "organisation_history", "members", "membership_periods", "posts", "findings", "outbox")
    return [db.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all() for table in tables]  # noqa: S608


# ---- as at any day ---------------------------------------------------------------------------------------------------

STEP = st.tuples(
    st.sampled_from(["found", "rename", "move", "merge", "split", "dissolve", "kind", "transfer"]),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 2),  # days that pass before
    st.integers(0, 3),  # days that the change is dated back
)


class TestAsAt:
    @given(steps=st.lists(STEP, min_size=4, max_size=9))
    def test_every_past_state_is_told_again_and_every_member_is_in_one_branch(self, engine: Engine, steps):
        with engine.connect() as db:
            root = a_committee(db)
            towns = [a_committee(db, parent=root) for _ in range(2)]
            people = {
                a_member(db, branch=branch, name=f"党员{number}")
                for number in range(6)
                for branch in [a_branch(db, parent=towns[number % 2])]
            }
            day, days = 0, {TODAY: state_of(db, root)}
            for number, (verb, first, second, passed, back) in enumerate(steps):
                day += passed
                today = TODAY + timedelta(days=day)
                for gap in range(1, passed + 1):
                    days[TODAY + timedelta(days=day - passed + gap)] = state_of(db, root)
                before = state_of(db, root)
                on = today if verb == "transfer" else today - timedelta(days=back)
                undone = db.begin_nested()
                try:
                    act(
                        db,
                        verb,
                        number=number,
                        first=first,
                        second=second,
                        root=root,
                        on=on,
                        at=NOON + timedelta(days=day),
                    )
                except Refusal:
                    undone.rollback()
                    continue
                after = state_of(db, root)
                changed = {key for key in before | after if before.get(key) != after.get(key)}
                for past, state in days.items():
                    if past >= on:
                        for key in changed:
                            state.pop(key, None)
                            state.update({key: after[key]} if key in after else {})
                check(db, root, people)
            for past, state in days.items():
                assert state_as_at(db, root, past) == state


def state_of(db: Connection, root):
    rows = db.execute(
        text(
            "SELECT id, name, kind, parent_id, path FROM organisations"
            " WHERE starts_with(path, :path) AND dissolved_on IS NULL"
        ),
        {"path": path_of(db, root)},
    )
    return {row.id: (row.name, row.kind, row.parent_id, row.path) for row in rows}


def state_as_at(db: Connection, root, on: date):
    """Walk the tree of a day from the root down, as a page does, and compare each node with what one of them tells."""
    found, waiting = {}, [root]
    officer = an_officer("x")
    top = tree.as_at(db, OrganisationOnDay(root, on), actor=officer)
    found[root] = (top.name, top.kind, None, top.path)
    far_ahead = on + timedelta(days=400)
    while waiting:
        parent = waiting.pop()
        for node in tree.under(db, TreeAsked(parent, on=on), actor=officer, today=far_ahead).items:
            found[node.id] = (node.name, node.kind, node.parent_id, node.path)
            one = tree.as_at(db, OrganisationOnDay(node.id, on), actor=officer)
            assert (one.name, one.kind, one.path, one.dissolved) == (node.name, node.kind, node.path, False)
            assert one.line[-1].id == node.parent_id
            waiting.append(node.id)
    return found


def act(db: Connection, verb: str, *, number: int, first: int, second: int, root, on: date, at):
    nodes = sorted(state_of(db, root).items(), key=lambda item: item[1][3])
    one, other = nodes[first % len(nodes)][0], nodes[second % len(nodes)][0]
    kinds = list(ENDINGS)
    if verb == "found":
        kind = kinds[second % len(kinds)]
        change(db, "found", parent_id=one, name=f"{number}村{ENDINGS[kind]}", code=f"f{number}-{root.hex[:6]}",
               kind=kind, field="rural", on=on, at=at)  # fmt: skip
    elif verb == "rename":
        change(db, "rename", organisation_id=one, name=f"{number}号党支部", on=on, at=at)
    elif verb == "move":
        change(db, "move", organisation_id=one, parent_id=other, on=on, at=at)
    elif verb == "merge":
        change(db, "merge", organisation_id=one, source_ids=[other], on=on, at=at)
    elif verb == "split":
        persons = db.execute(text("SELECT person_id FROM members WHERE branch_id = :id"), {"id": one}).scalars().all()
        part = SplitPart(f"p{number}-{root.hex[:6]}", f"{number}院党支部", person_ids=list(persons))
        kind = "general_branch" if second % 2 else None
        change(db, "split", organisation_id=one, parts=[part], kind=kind, on=on, at=at)
    elif verb == "dissolve":
        change(db, "dissolve", organisation_id=one, members_to=other if second % 3 else None, on=on, at=at)
    elif verb == "kind":
        change(db, "change_kind", organisation_id=one, kind=kinds[second % len(kinds)], on=on, at=at)
    else:
        person = db.execute(text("SELECT person_id FROM members ORDER BY person_id LIMIT 1")).scalar_one()
        members.transfer(db, person, branch_id=other, at=at)


def check(db: Connection, root, people) -> None:
    """What must be true of the tree after each step."""
    wrong = db.execute(
        text(
            "SELECT count(*) FROM organisations o LEFT JOIN organisations p ON p.id = o.parent_id"
            " WHERE o.path IS DISTINCT FROM coalesce(p.path || '.', '') || o.code"
            " OR (o.dissolved_on IS NULL AND p.dissolved_on IS NOT NULL)"
            " OR o.members_full <> (SELECT count(*) FROM members WHERE branch_id = o.id AND status = 'full')"
            " OR o.members_full + o.members_probationary <> (SELECT count(*) FROM members WHERE branch_id = o.id)"
        )
    ).scalar_one()
    assert wrong == 0
    homes = db.execute(
        text(
            "SELECT m.person_id FROM members m JOIN organisations o ON o.id = m.branch_id"
            " WHERE m.person_id = ANY(:people) AND o.dissolved_on IS NULL AND o.kind IN ('branch', 'joint_branch')"
        ),
        {"people": list(people)},
    ).scalars()
    assert sorted(homes) == sorted(people)
    open_periods = db.execute(
        text(
            "SELECT count(*) FROM membership_periods t JOIN members m USING (person_id, branch_id)"
            " WHERE t.active_until IS NULL AND t.person_id = ANY(:people)"
        ),
        {"people": list(people)},
    ).scalar_one()
    assert open_periods == len(people)


# ---- races -----------------------------------------------------------------------------------------------------------


class TestRaces:
    def test_two_mergers_of_one_branch(self, database: Engine):
        with database.begin() as db:
            town = a_committee(db)
            source, one, other = (a_branch(db, parent=town, full=2) for _ in range(3))
        ends = at_once(
            database,
            lambda db: change(db, "merge", organisation_id=one, source_ids=[source]),
            lambda db: change(db, "merge", organisation_id=other, source_ids=[source]),
        )
        assert sorted(ends) == ["OrganisationDissolved", "done"]
        with database.connect() as db:
            assert sorted(row_of(db, each).members_full for each in (one, other)) == [2, 4]

    def test_two_that_would_stand_under_each_other(self, database: Engine):
        with database.begin() as db:
            city = a_committee(db)
            one, other = a_committee(db, parent=city), a_committee(db, parent=city)
        ends = at_once(
            database,
            lambda db: change(db, "move", organisation_id=one, parent_id=other),
            lambda db: change(db, "move", organisation_id=other, parent_id=one),
        )
        assert sorted(ends) == ["NoPlaceInTree", "done"]

    @pytest.mark.parametrize("ends_first", ["from", "to"])
    def test_a_letter_is_confirmed_while_its_branch_ends(self, database: Engine, ends_first: str):
        with database.begin() as db:
            here, there, third = (a_branch(db, full=1) for _ in range(3))
            person = a_member(db, branch=here)
            both = an_actor(("administrator", path_of(db, here)), ("administrator", path_of(db, there)))
            form = IssueTransfer(person, "1号", "调动", to_branch_id=there)
            letter = transfers.issue(db, asked=form, actor=both, at=NOON)
        gone = here if ends_first == "from" else there
        ends = at_once(
            database,
            lambda db: transfers.confirm(db, asked=ConfirmTransfer(letter.id), actor=both, at=LATER),
            lambda db: change(db, "dissolve", organisation_id=gone, members_to=third),
        )
        assert ends.count("done") >= 1
        with database.connect() as db:
            state = db.execute(text("SELECT state FROM transfers")).scalar_one()
            home = branch_of(db, person)
            assert row_of(db, home).dissolved_on is None
            expected = {("from", "confirmed"): there, ("to", "confirmed"): third}
            assert home == expected.get((ends_first, state), third if ends_first == "from" else here)

    def test_members_come_while_their_branch_ends(self, database: Engine):
        with database.begin() as db:
            branch, other = a_branch(db, full=1), a_branch(db, full=1)
        ends = at_once(
            database,
            *(lambda db: a_member(db, branch=branch) for _ in range(3)),
            lambda db: change(db, "dissolve", organisation_id=branch, members_to=other),
        )
        assert "done" in ends
        with database.connect() as db:
            assert row_of(db, branch).members_full == 0
            came = 3 - ends.count("OrganisationDissolved")
            assert row_of(db, other).members_full == 2 + came

    def test_two_leave_the_branches_of_one_general_branch(self, database: Engine):
        with database.begin() as db:
            above = an_organisation(db, parent=a_committee(db), kind="general_branch")
            one, other = a_branch(db, parent=above, full=50), a_branch(db, parent=above, full=51)
            outside = [a_branch(db), a_branch(db)]
            persons = [
                db.execute(
                    text("SELECT person_id FROM members WHERE branch_id = :id LIMIT 1"), {"id": each}
                ).scalar_one()
                for each in (one, other)
            ]
            assert "committee" in rules_of(db, above)
        at_once(
            database,
            *(
                lambda db, person=person, to=to: members.transfer(db, person, branch_id=to, at=LATER)
                for person, to in zip(persons, outside, strict=True)
            ),
        )
        with database.connect() as db:
            assert "committee" not in rules_of(db, above)


def at_once(database: Engine, *acts):
    barrier, ends = threading.Barrier(len(acts)), []

    def run(one):
        with database.connect() as db:
            barrier.wait()
            try:
                one(db)
                db.commit()
                ends.append("done")
            except (Refusal, MemberElsewhere) as refused:
                ends.append(type(refused).__name__)

    run_all([lambda one=one: run(one) for one in acts])
    return ends


def test_a_post_in_what_ended_ends_too(db: Connection):
    branch, other = a_branch(db, full=1), a_branch(db)
    person = db.execute(text("SELECT person_id FROM members WHERE branch_id = :id"), {"id": branch}).scalar_one()
    members.appoint(db, Appointment(branch, person, "secretary", TODAY), at=NOON)
    change(db, "dissolve", organisation_id=branch, members_to=other)
    held = db.execute(text("SELECT held_until FROM posts WHERE organisation_id = :id"), {"id": branch}).scalar_one()
    assert held == LAST
    ended_by = db.execute(text("SELECT ended_by FROM posts WHERE organisation_id = :id"), {"id": branch}).scalar_one()
    assert ended_by == "moved"


def counted(db: Connection, place: Place):
    return terms_asked.counts(db, TermCountsAsked(place.superior), actor=place.officer, today=LAST)


class TestTermsOfWhatEnds:
    def test_an_election_ends_with_its_branch_and_puts_nobody_into_office(self, db: Connection):
        place = Place(db, full=7)
        election, _ = to_the_report(db, place)
        into = a_branch(db, parent=place.superior, full=1)
        change(db, "merge", organisation_id=into, source_ids=[place.branch])
        result = ApproveElectionStep(election, "result", "批复9号", LAST)
        with pytest.raises(Refusal, match="cancelled"):
            elections.approve(db, asked=result, actor=place.officer, at=LATER)
        state = db.execute(text("SELECT state FROM elections WHERE id = :id"), {"id": election}).scalar_one()
        last = db.execute(text("SELECT step, note FROM election_steps ORDER BY id DESC LIMIT 1")).one()
        assert (state, last.step, "布局调整" in last.note) == ("cancelled", "cancel", True)

    def test_a_term_ends_with_its_branch_and_none_begins_in_it(self, db: Connection):
        place = Place(db, full=3, secretary=True)
        a_term(db, place)
        into = a_branch(db, parent=place.superior, full=1)
        before = counted(db, place)
        change(db, "dissolve", organisation_id=place.branch, members_to=into)
        ended = db.execute(text("SELECT ended_on FROM terms WHERE organisation_id = :id"), {"id": place.branch})
        assert ended.scalar_one() == LAST
        after = counted(db, place)
        assert (after.organisations, after.without) == (before.organisations - 1, before.without)
        person = db.execute(text("SELECT person_id FROM members LIMIT 1")).scalar_one()
        for act in (
            lambda: terms.record(db, asked=RecordTerm(place.branch, TODAY, 3), actor=place.officer, at=LATER),
            lambda: terms.appoint_to_post(
                db,
                asked=AppointToPost(place.branch, person, "secretary", TODAY, "任1号"),
                actor=place.officer,
                at=LATER,
            ),
            lambda: asked_for(db, place, at=LATER),
        ):
            with pytest.raises(OrganisationDissolved):
                act()

    def test_who_moves_with_the_branch_leaves_what_stood_above_it(self, db: Connection):
        root = a_committee(db)
        here, there = (an_organisation(db, parent=root, kind="general_branch") for _ in range(2))
        source, into = a_branch(db, parent=here, full=1), a_branch(db, parent=there, full=1)
        person = db.execute(text("SELECT person_id FROM members WHERE branch_id = :id"), {"id": source}).scalar_one()
        for organisation in (here, root):
            members.appoint(db, Appointment(organisation, person, "secretary", TODAY), at=NOON)
        change(db, "merge", organisation_id=into, source_ids=[source])
        held = dict(
            tuple(row)
            for row in db.execute(
                text("SELECT organisation_id, ended_by FROM posts WHERE person_id = :id"), {"id": person}
            )
        )
        assert held == {here: "moved", root: None}
        assert told_of(db, here)[-1]["secretary_id"] is None
