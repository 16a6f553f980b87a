"""The tree: what stands where, what is told and kept when it changes, how it is listed."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import BadRequest, NotFound
from contracts.envelope import load
from contracts.roster.organisations import KINDS, OrganisationChanged, OrganisationsAsked
from hypothesis import given
from hypothesis import strategies as st
from roster.domain.organisations import (
    STANDS_UNDER,
    CodeNotUsable,
    CodeTaken,
    NoPlaceInTree,
    check_place,
    moved,
    path_under,
)
from roster.operations import organisations
from roster.operations.organisations import Founding, found_all
from roster.queries import organisations as asked
from roster.tables import organisations as tables
from sqlalchemy import Connection, Engine, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.articles import NOON, an_actor
from tests.roster.factories import (
    a_branch,
    a_committee,
    a_member,
    an_organisation,
    path_of,
    told_of,
    version_of,
)

ANYBODY = an_actor(("member", "3703"))


class TestPlaces:
    @pytest.mark.parametrize("parent_kind", [None, *KINDS])
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_under_every_kind(self, kind, parent_kind):
        if parent_kind in STANDS_UNDER[kind]:
            check_place(kind=kind, path="a.b", parent_kind=parent_kind)
        else:
            with pytest.raises(NoPlaceInTree):
                check_place(kind=kind, path="a.b", parent_kind=parent_kind)

    def test_nothing_stands_under_a_branch(self):
        assert not any(parents & {"branch", "joint_branch", "leading_group"} for parents in STANDS_UNDER.values())

    def test_only_committees_stand_alone(self):
        assert {kind for kind, parents in STANDS_UNDER.items() if None in parents} == {"committee", "working_committee"}

    def test_the_tree_has_a_depth(self):
        check_place(kind="branch", path=".".join("abcdefghij"), parent_kind="committee")
        with pytest.raises(NoPlaceInTree, match="10 deep"):
            check_place(kind="branch", path=".".join("abcdefghijk"), parent_kind="committee")

    @pytest.mark.parametrize("code", ["", "a.b", "a b", "支部", "a/b", "x" * 41, "a\n"])
    def test_a_code_is_one_step_of_a_path(self, code):
        with pytest.raises(CodeNotUsable):
            path_under("3703", code)

    @given(
        below=st.lists(st.sampled_from("abc"), max_size=3),
        was=st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
        to=st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
    )
    def test_what_is_below_moves_along(self, below, was, to):
        assert moved(".".join(was + below), below=".".join(was), to=".".join(to)) == ".".join(to + below)


class TestFound:
    def test_a_node_knows_its_place(self, db: Connection):
        city = a_committee(db, code="t1")
        branch = an_organisation(db, parent=city, code="t2")
        assert path_of(db, branch) == "t1.t2"

    def test_it_is_told_with_its_whole_state(self, db: Connection):
        city = a_committee(db, code="t1")
        branch = an_organisation(db, parent=city, code="t2", name="蒲家村党支部")
        (event,) = told_of(db, branch)
        assert (event.pop("event"), event.pop("version")) == ("organisation_changed", 1)
        assert load(OrganisationChanged, event) == OrganisationChanged(
            id=branch,
            code="t2",
            name="蒲家村党支部",
            kind="branch",
            field="rural",
            path="t1.t2",
            parent_id=city,
            division_code=None,
            secretary_id=None,
            members_full=0,
            members_probationary=0,
        )

    def test_a_taken_code_is_refused(self, db: Connection):
        a_committee(db, code="t1")
        with pytest.raises(CodeTaken, match="t1"):
            a_committee(db, code="t1")

    def test_a_parent_must_be_there(self, db: Connection):
        with pytest.raises(NotFound):
            an_organisation(db, parent=uuid4())

    def test_nothing_is_founded_under_a_branch(self, db: Connection):
        with pytest.raises(NoPlaceInTree, match="above it stands a branch"):
            an_organisation(db, parent=a_branch(db))

    def test_many_at_once_parents_first_and_a_second_time_nothing(self, db: Connection):
        city, district, branch = uuid4(), uuid4(), uuid4()
        tree = [
            Founding(city, "t1", "市委", "committee", "government", None),
            Founding(district, "t2", "区委", "committee", "government", city),
            Founding(branch, "t3", "支部", "branch", "rural", district),
        ]
        assert found_all(db, tree) == [city, district, branch]
        assert path_of(db, branch) == "t1.t2.t3"
        assert found_all(db, tree) == []

    @pytest.mark.parametrize(
        ("column", "value"),
        [("path", "elsewhere"), ("path", "x.wrong"), ("kind", "club"), ("code", "a.b"), ("division_code", "370302")],
    )
    def test_the_database_refuses_what_must_not_be(self, db: Connection, column, value):
        branch = a_branch(db)
        with pytest.raises(IntegrityError):
            db.execute(update(tables.organisations).where(tables.organisations.c.id == branch).values({column: value}))


class TestChange:
    def test_names_and_parents_are_kept(self, db: Connection):
        city, other = a_committee(db, code="t1"), a_committee(db, code="t2")
        branch = an_organisation(db, parent=city, code="t3", name="旧名党支部")
        organisations.rename(db, branch, name="新名党支部", at=NOON + timedelta(days=1))
        a_member(db, branch=branch)  # changes the state, but neither name nor place
        organisations.move(db, branch, parent_id=other, at=NOON + timedelta(days=2))
        rows = db.execute(
            text("SELECT version, name, path FROM organisation_history WHERE organisation_id = :id ORDER BY version"),
            {"id": branch},
        )
        assert [tuple(row) for row in rows] == [
            (1, "旧名党支部", "t1.t3"),
            (2, "新名党支部", "t1.t3"),
            (4, "新名党支部", "t2.t3"),
        ]

    @pytest.mark.parametrize("change", ["UPDATE organisation_history SET name = 'x'", "DELETE FROM sign_ins"])
    def test_what_was_kept_does_not_change(self, db: Connection, change):
        a_branch(db)
        with pytest.raises(DBAPIError, match="permission denied"):
            db.execute(text(change))

    def test_all_below_moves_along_and_is_told(self, db: Connection):
        city, other = a_committee(db, code="t1"), a_committee(db, code="t2")
        town = a_committee(db, parent=city, code="t3")
        branch = an_organisation(db, parent=town, code="t4")
        neighbour = a_committee(db, parent=city, code="t33")
        organisations.move(db, town, parent_id=other, at=NOON)
        assert (path_of(db, town), path_of(db, branch)) == ("t2.t3", "t2.t3.t4")
        assert path_of(db, neighbour) == "t1.t33"
        last = told_of(db, branch)[-1]
        assert (last["path"], last["parent_id"], last["version"]) == ("t2.t3.t4", str(town), version_of(db, branch))
        assert len(told_of(db, neighbour)) == 1

    def test_nothing_moves_under_itself(self, db: Connection):
        city = a_committee(db, code="t1")
        town = a_committee(db, parent=city, code="t3")
        for place in (city, town):
            with pytest.raises(NoPlaceInTree, match="under itself"):
                organisations.move(db, city, parent_id=place, at=NOON)

    def test_two_that_move_under_each_other_at_the_same_time_make_no_ring(self, database: Engine):
        with database.begin() as db:
            city = a_committee(db, code="t1")
            left, right = a_committee(db, parent=city, code="t2"), a_committee(db, parent=city, code="t3")
        barrier, refused = threading.Barrier(2), []

        def move(what, to):
            with database.connect() as db:
                barrier.wait()
                try:
                    organisations.move(db, what, parent_id=to, at=NOON)
                except NoPlaceInTree as refusal:
                    refused.append(refusal)
                else:
                    db.commit()

        threads = [threading.Thread(target=move, args=pair) for pair in ((left, right), (right, left))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=240)
        with database.connect() as db:
            paths = {path_of(db, left), path_of(db, right)}
        assert len(refused) == 1
        assert paths in ({"t1.t2", "t1.t2.t3"}, {"t1.t3", "t1.t3.t2"})

    def test_everything_is_told_again_as_it_is(self, db: Connection):
        branch = a_branch(db, full=3)
        before = told_of(db, branch)
        count = db.execute(text("SELECT count(*) FROM organisations")).scalar_one()
        assert organisations.tell_all(db, at=NOON) == count
        assert told_of(db, branch) == [*before, before[-1]]


class TestAsked:
    def test_counts_what_is_below(self, db: Connection):
        town = a_committee(db)
        a_branch(db, parent=town, full=3, probationary=1)
        branch = a_branch(db, parent=town, full=2)
        a_branch(db, full=5)
        view = asked.one(db, town, actor=ANYBODY)
        assert (view.members_full, view.members_probationary) == (5, 1)
        assert asked.one(db, branch, actor=ANYBODY).members_full == 2

    def test_names_the_secretary(self, db: Connection):
        assert asked.one(db, a_branch(db, full=1, secretary=True), actor=ANYBODY).secretary_name == "王建国"

    def test_pages_follow_the_chinese_dictionary(self, db: Connection):
        town = a_committee(db)
        names = ["周村党支部", "安村党支部", "聂村党支部", "聂村党支部", "北村党支部"]
        for name in names:
            an_organisation(db, parent=town, name=name)
        listed, cursor, pages = [], None, 0
        while cursor or not pages:
            page = asked.page(db, OrganisationsAsked(parent_id=town, limit=2, cursor=cursor), actor=ANYBODY)
            listed += [view.name for view in page.items]
            cursor, pages = page.next, pages + 1
        assert listed == ["安村党支部", "北村党支部", "聂村党支部", "聂村党支部", "周村党支部"]
        assert pages == 3

    def test_a_search_below_a_node_goes_all_the_way_down(self, db: Connection):
        city = a_committee(db, code="t1")
        town = a_committee(db, parent=city, code="t2")
        found = an_organisation(db, parent=town, code="t370", name="蒲家村党支部")
        an_organisation(db, parent=a_committee(db), name="蒲家村党支部")
        for q in ("蒲家", "t37"):
            page = asked.page(db, OrganisationsAsked(parent_id=city, q=q), actor=ANYBODY)
            assert [view.id for view in page.items] == [found]
        assert [v.id for v in asked.page(db, OrganisationsAsked(parent_id=city), actor=ANYBODY).items] == [town]

    @pytest.mark.parametrize("q", ["%", "_", "\\", "'"])
    def test_a_search_means_what_it_says(self, db: Connection, q):
        town = a_committee(db)
        an_organisation(db, parent=town, name="甲党支部")
        wanted = an_organisation(db, parent=town, name=f"乙{q}党支部")
        page = asked.page(db, OrganisationsAsked(parent_id=town, q=q), actor=ANYBODY)
        assert [view.id for view in page.items] == [wanted]

    def test_filters_by_kind(self, db: Connection):
        city = a_committee(db)
        town = a_committee(db, parent=city)
        an_organisation(db, parent=city)
        page = asked.page(db, OrganisationsAsked(parent_id=city, kind="committee"), actor=ANYBODY)
        assert [view.id for view in page.items] == [town]

    @pytest.mark.parametrize("cursor", ["x", "e30", "WyJhIl0", "WyJhIiwgImIiXQ", "ÿ", "WyJcdWQ4MDAiLCAiYSJd"])
    def test_a_made_up_cursor_is_refused(self, db: Connection, cursor):
        with pytest.raises(BadRequest):
            asked.page(db, OrganisationsAsked(cursor=cursor), actor=ANYBODY)

    def test_what_is_not_there_is_not_found(self, db: Connection):
        with pytest.raises(NotFound):
            asked.one(db, uuid4(), actor=ANYBODY)
        with pytest.raises(NotFound):
            asked.page(db, OrganisationsAsked(parent_id=uuid4()), actor=ANYBODY)

    def test_one_without_any_role_sees_nothing(self, db: Connection):
        with pytest.raises(Forbidden):
            asked.one(db, a_branch(db), actor=an_actor())


def test_resync_is_a_command(database: Engine):
    with database.begin() as db:
        branch = a_branch(db)
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, "-m", "roster.resync"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "2 organisations are told again.\n"
    with database.connect() as db:
        assert [event["version"] for event in told_of(db, branch)] == [1, 1]


def test_that_an_organisation_lies_outside_the_district_is_told(db):
    parent = a_committee(db)
    branch = uuid4()
    found = Founding(branch, branch.hex[:8], "外区党支部", "branch", "government", parent, is_external=True)
    organisations.found(db, found, at=NOON)
    ((_, state),) = asked.states(db, [branch])
    assert state.is_external
    ((_, other),) = asked.states(db, [parent])
    assert not other.is_external
