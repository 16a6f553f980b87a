"""Names by their rule, versions of rules, names let stand; findings kept, listed, counted, checked at night."""

import io
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from chassis import jobs
from chassis.actors import Forbidden
from chassis.files import FileStore
from chassis.refusals import InvalidInput, NotFound
from contracts.roster.findings import (
    FindingCountsAsked,
    FindingsListed,
    FindingWorkbookAsked,
    MakeFindingWorkbook,
    OverrideName,
    SetSettingRule,
    WithdrawOverride,
)
from contracts.roster.members import EditMember
from contracts.roster.organisations import OrganisationHistoryAsked, OrganisationsAsked, RecordUnits
from contracts.roster.structure import ChangeStructure
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from roster.domain.findings import NothingToOverride, OverriddenAlready, OverrideWithdrawn, RuleVersionThere
from roster.domain.setting_rules.names import beginning_of, ending_of
from roster.operations import (
    finding_checks,
    finding_workbooks,
    member_records,
    members,
    name_overrides,
    organisations,
    setting_rules,
    structure,
    units,
)
from roster.queries import findings, tree
from roster.queries import organisations as asked
from roster.queries import setting_rules as rules
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, a_member, an_organisation, path_of

TODAY = date(2026, 11, 10)
ENDINGS = {
    "committee": ["党委", "委员会"],
    "working_committee": ["党工委", "工作委员会"],
    "leading_group": ["党组"],
    "general_branch": ["党总支", "党总支部", "总支部委员会"],
    "branch": ["党支部", "支部委员会"],
    "joint_branch": ["联合党支部", "联合支部委员会"],
}
FLAT = [(kind, ending) for kind, endings in ENDINGS.items() for ending in endings]


def an_officer(db: Connection, organisation):
    return an_actor(("officer", path_of(db, organisation).split(".")[0]), name="李建平")


def open_in(db: Connection, organisation) -> dict[str, date]:
    rows = db.execute(
        text("SELECT rule, opened_on FROM findings WHERE organisation_id = :id AND closed_on IS NULL"),
        {"id": organisation},
    )
    return dict(tuple(row) for row in rows)


class TestNames:
    @given(place=st.text(alphabet="蒲家洪山镇村", min_size=1, max_size=6), which=st.integers(0, len(FLAT) - 1))
    def test_a_name_says_of_which_kind_it_is(self, place, which):
        kind, ending = FLAT[which]
        for honorific in ("", "中共", "中国共产党"):
            name = honorific + place + ending
            assert ending_of(name, ENDINGS) == (kind, ending)
            assert beginning_of(name, ENDINGS) == place

    @pytest.mark.parametrize(
        ("name", "kind", "broken"),
        [
            ("中共淄川区委员会", "committee", set()),
            ("中共淄川区般阳路街道工作委员会", "working_committee", set()),
            ("中共淄川区般阳路街道工作委员会", "committee", {"name-ending"}),
            ("蒲家村党支部", "joint_branch", {"name-ending"}),
            ("甲公司乙公司联合党支部", "joint_branch", {"joint-units"}),
            ("党支部", "branch", {"name-beginning"}),
            ("第三党支部", "branch", {"name-beginning"}),
            ("3党支部", "branch", {"name-beginning"}),
            ("机关党支部", "branch", {"name-beginning"}),
            ("财政局机关退休党支部", "branch", set()),
            ("蒲家村", "branch", {"name-ending"}),
        ],
    )
    def test_at_the_edges(self, db: Connection, name, kind, broken):
        organisation = an_organisation(db, parent=a_committee(db), name=name, kind=kind)
        assert (
            set(open_in(db, organisation)) - {"enough-full-members", "has-a-secretary"} - ({"joint-units"} - broken)
            == broken
        )


class TestOverrides:
    def test_a_name_stands_until_it_is_withdrawn_or_changed(self, db: Connection):
        branch = an_organisation(db, parent=a_committee(db), name="第三党支部")
        officer = an_officer(db, branch)
        asks = OverrideName(branch, "name-beginning", "历史沿用")
        view = name_overrides.override(db, asked=asks, actor=officer, at=NOON)
        assert "name-beginning" not in open_in(db, branch)
        (kept,) = view.overrides
        assert (kept.name, kept.reason, kept.by_name, kept.is_in_force) == ("第三党支部", "历史沿用", "李建平", True)
        with pytest.raises(OverriddenAlready):
            name_overrides.override(db, asked=asks, actor=officer, at=NOON)
        later = NOON + timedelta(days=2)
        withdrawn = name_overrides.withdraw(db, asked=WithdrawOverride(kept.id, "已规范"), actor=officer, at=later)
        assert withdrawn.overrides[0].withdrawn_because == "已规范"
        assert open_in(db, branch)["name-beginning"] == TODAY + timedelta(days=2)
        with pytest.raises(OverrideWithdrawn):
            name_overrides.withdraw(db, asked=WithdrawOverride(kept.id, "再次"), actor=officer, at=later)
        name_overrides.override(db, asked=asks, actor=officer, at=later)
        organisations.rename(db, branch, name="第四党支部", at=later)
        assert "name-beginning" in open_in(db, branch)
        assert not findings.view_of(db, branch).overrides[0].is_in_force

    def test_only_what_is_broken_only_names_only_an_officer(self, db: Connection):
        branch = a_branch(db)
        with pytest.raises(NothingToOverride):
            name_overrides.override(
                db, asked=OverrideName(branch, "name-ending", "x"), actor=an_officer(db, branch), at=NOON
            )
        with pytest.raises(InvalidInput):
            name_overrides.override(
                db, asked=OverrideName(branch, "has-a-secretary", "x"), actor=an_officer(db, branch), at=NOON
            )
        with pytest.raises(Forbidden):
            name_overrides.override(
                db,
                asked=OverrideName(branch, "name-ending", "x"),
                actor=an_actor(("secretary", path_of(db, branch))),
                at=NOON,
            )
        with pytest.raises(NotFound):
            name_overrides.withdraw(db, asked=WithdrawOverride(uuid4(), "x"), actor=an_officer(db, branch), at=NOON)


class TestVersions:
    def set(self, db: Connection, role: str = "admin", path: str = "r0", **fields):
        given = {
            "rule": "enough-full-members",
            "active_from": TODAY + timedelta(days=3),
            "numbers": {"least": 5},
            "severity": "remark",
            "citation": "区委文件",
        } | fields
        actor = an_actor((role, path), name="宋宁")
        return setting_rules.set_rule(db, asked=SetSettingRule(**given), actor=actor, at=NOON)

    def test_holds_from_its_day_on_and_the_night_finds_it(self, db: Connection):
        a_committee(db, code="r0")
        branch = a_branch(db, full=4, secretary=True)
        self.set(db)
        assert rules.in_force(db, on=TODAY + timedelta(days=2))[0].numbers == {"least": 3}
        for days, opened in ((2, {}), (3, {"enough-full-members": TODAY + timedelta(days=3)})):
            at = NOON + timedelta(days=days)
            found = organisations.findings.measure(db, [branch], at=at)
            assert open_in(db, branch) == opened
            assert found.strange == 0
        self.set(db, active_from=TODAY + timedelta(days=5), applies=False)
        organisations.findings.measure(db, [branch], at=NOON + timedelta(days=5))
        assert open_in(db, branch) == {}
        closed = findings.view_of(db, branch).closed
        assert [(each.opened_on, each.closed_on) for each in closed] == [
            (TODAY + timedelta(days=3), TODAY + timedelta(days=5))
        ]
        assert closed[0].citation == "区委文件"

    def test_is_never_changed(self, db: Connection):
        a_committee(db, code="r0")
        self.set(db)
        with pytest.raises(RuleVersionThere):
            self.set(db, numbers={"least": 6})
        for wrong in ("UPDATE setting_rules SET severity = 'breach'", "DELETE FROM setting_rules"):
            nested = db.begin_nested()
            with pytest.raises(DBAPIError):
                db.execute(text(wrong))
            nested.rollback()

    @pytest.mark.parametrize(
        "fields",
        [
            {"active_from": TODAY},
            {"numbers": {}},
            {"numbers": {"least": "5"}},
            {"numbers": {"least": -1}},
            {"numbers": {"least": True}},
            {"numbers": {"least": 3, "more": 1}},
            {"rule": "joint-units", "numbers": {"least": 5, "most": 2}},
            {"rule": "name-ending", "numbers": {"endings": {"branch": ["党支部"]}}},
            {"rule": "name-beginning", "numbers": {"least": 2, "generic": ["  "]}},
        ],
    )
    def test_is_as_the_one_before(self, db: Connection, fields):
        a_committee(db, code="r0")
        with pytest.raises(InvalidInput):
            self.set(db, **fields)

    def test_is_set_at_the_root_alone(self, db: Connection):
        a_committee(db, code="r0")
        for role, path in (("admin", "r0.x"), ("officer", "other"), ("secretary", "r0")):
            with pytest.raises(Forbidden):
                self.set(db, role=role, path=path)
        with pytest.raises(NotFound):
            self.set(db, rule="no-such-rule")
        assert not rules.all_rows(db, actor=an_actor(("officer", "r0.x")), on=TODAY).may_set
        with pytest.raises(Forbidden):
            rules.all_rows(db, actor=an_actor(("member", "r0")), on=TODAY)


class TestKept:
    def test_what_opens_and_closes_on_one_day_held_on_no_day(self, db: Connection):
        branch = a_branch(db, full=3, secretary=True)
        person = a_member(db, branch=a_branch(db))
        count = db.execute(text("SELECT count(*) FROM findings WHERE organisation_id = :id"), {"id": branch}).scalar()
        assert count == 0
        one = db.execute(text("SELECT min(person_id::text)::uuid FROM members WHERE branch_id = :id"), {"id": branch})
        members.transfer(db, one.scalar_one(), branch_id=a_branch(db), at=NOON + timedelta(days=1))
        assert open_in(db, branch)["enough-full-members"] == TODAY + timedelta(days=1)
        members.transfer(db, person, branch_id=branch, at=NOON + timedelta(days=4))
        assert "enough-full-members" not in open_in(db, branch)
        # Open again on the day it was closed: it never was.
        members.transfer(db, person, branch_id=a_branch(db), at=NOON + timedelta(days=4))
        assert open_in(db, branch)["enough-full-members"] == TODAY + timedelta(days=1)

    def test_putting_members_into_groups_is_measured_at_once(self, db: Connection):
        branch = a_branch(db, full=2, groups=(1,))
        assert "one-group-each" in open_in(db, branch)
        person = db.execute(
            text("SELECT person_id FROM members WHERE branch_id = :id AND party_group IS NULL"), {"id": branch}
        ).scalar_one()
        form = EditMember(person_id=person, name="王建国", version=0, party_group="1组")
        member_records.edit(db, asked=form, actor=an_actor(("administrator", path_of(db, branch))), at=NOON)
        assert "one-group-each" not in open_in(db, branch)

    def test_recording_units_is_measured_at_once(self, db: Connection):
        branch = an_organisation(db, parent=a_committee(db), kind="joint_branch")
        actor = an_actor(("secretary", path_of(db, branch)))
        assert "joint-units" in open_in(db, branch)
        assert units.record(db, asked=RecordUnits(branch, ["乙公司", "甲公司 "]), actor=actor, at=NOON).units == [
            "乙公司",
            "甲公司",
        ]
        assert "joint-units" not in open_in(db, branch)
        units.record(db, asked=RecordUnits(branch, ["甲公司"]), actor=actor, at=NOON + timedelta(days=1))
        ended = db.execute(text("SELECT name, active_until FROM joint_units WHERE active_until IS NOT NULL"))
        assert [tuple(row) for row in ended] == [("乙公司", TODAY + timedelta(days=1))]
        other = a_branch(db)
        with pytest.raises(InvalidInput):
            units.record(db, asked=RecordUnits(other, []), actor=an_actor(("officer", path_of(db, other))), at=NOON)


class TestListed:
    def test_a_district_page_by_page_filtered_and_counted(self, db: Connection):
        district = a_committee(db)
        towns = [a_committee(db, parent=district) for _ in range(2)]
        branches = [a_branch(db, parent=town, full=size, secretary=True) for town in towns for size in (1, 2, 3)]
        a_branch(db, parent=district, full=2)
        officer = an_officer(db, district)
        rows, cursor = [], None
        while cursor or not rows:
            page = findings.page(db, FindingsListed(district, limit=2, cursor=cursor), actor=officer)
            rows += page.items
            cursor = page.next
        assert len(rows) == len({(row.organisation_id, row.finding.rule) for row in rows}) == 6
        assert branches[2] not in {row.organisation_id for row in rows}
        counts = findings.counts(db, FindingCountsAsked(district), actor=officer)
        assert (counts.findings, counts.organisations) == (6, 5)
        assert {row.code: row.findings for row in counts.by_rule} == {"enough-full-members": 5, "has-a-secretary": 1}
        assert {row.code: row.findings for row in counts.by_place} == {str(towns[0]): 2, str(towns[1]): 2, "": 2}
        assert {row.code: row.findings for row in counts.by_field} == {"rural": 6}
        few = findings.page(db, FindingsListed(district, rule="has-a-secretary"), actor=officer)
        assert len(few.items) == 1
        assert len(findings.page(db, FindingsListed(district, under_id=towns[0]), actor=officer).items) == 2
        assert findings.page(db, FindingsListed(district, severity="remark"), actor=officer).items == []
        assert findings.page(db, FindingsListed(district, field="school"), actor=officer).items == []
        with pytest.raises(NotFound):
            findings.page(db, FindingsListed(towns[0], under_id=towns[1]), actor=officer)
        with pytest.raises(Forbidden):
            findings.page(db, FindingsListed(district), actor=an_officer(db, a_committee(db)))

    def test_a_workbook_of_them(self, db: Connection, tmp_path: Path):
        district = a_committee(db)
        branch = a_branch(db, parent=district, full=2)
        db.execute(text("UPDATE organisations SET name = '=1+1村党支部' WHERE id = :id"), {"id": branch})
        officer = an_officer(db, district)
        view = finding_workbooks.ask(
            db, asked=MakeFindingWorkbook(district, rule="enough-full-members"), actor=officer, at=NOON
        )
        told = jobs.find(db, view.id)
        params = db.execute(text("SELECT params FROM jobs WHERE id = :id"), {"id": view.id}).scalar_one()
        job = _Job(params)
        files = FileStore(tmp_path)
        made = finding_workbooks.write(db, files, job, at=NOON)  # type: ignore[arg-type]
        assert (told.state, job.told) == ("waiting", [(1, 1)])
        with files.open(made["sha256"]) as stored:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(stored.read())).get_sheet_by_index(0).to_python()
        assert rows[0] == list(finding_workbooks.COLUMNS)
        assert len(rows) == 2
        assert rows[1][1] == "=1+1村党支部"
        with pytest.raises(NotFound):
            finding_workbooks.workbook(db, asked=FindingWorkbookAsked(view.id), actor=an_officer(db, district), at=NOON)
        with pytest.raises(Forbidden):
            finding_workbooks.ask(
                db, asked=MakeFindingWorkbook(district), actor=an_actor(("secretary", path_of(db, district))), at=NOON
            )


class _Job:
    def __init__(self, params):
        self.params, self.told = params, []

    def progress(self, done, total=None):
        self.told.append((done, total))


class TestNight:
    def test_finds_nothing_where_nothing_drifted_and_mends_what_did(self, database: Engine):
        with database.begin() as db:
            branch = a_branch(db, full=3, secretary=True)
        with database.connect() as db:
            assert finding_checks.ask(db, at=NOON)
            assert not finding_checks.ask(db, at=NOON)
            done = finding_checks.check_all(db, at=NOON)
            assert done == {"organisations": 2, "opened": 0, "closed": 0, "drifted": 0}
            # Somebody wrote past the operations.
            db.execute(text("UPDATE organisations SET members_full = 9 WHERE id = :id"), {"id": branch})
            db.execute(text("UPDATE members SET party_group = 'x' WHERE person_id = (SELECT min(person_id::text)::uuid"
                            " FROM members)"))  # fmt: skip
            later = NOON + timedelta(days=1)
            done = finding_checks.check_all(db, at=later)
            assert (done["opened"], done["drifted"]) == (1, 2)
            assert finding_checks.check_all(db, at=later + timedelta(days=1))["drifted"] == 0
            last = findings.last_check(db)
            assert (last.checked_on, last.organisations, last.drifted) == (TODAY + timedelta(days=2), 2, 0)


class TestSearch:
    def test_by_either_code_of_a_division(self, db: Connection):
        organisations.keep_crosswalk(db, [("370302102", "370302101", "昆仑镇"), ("370302115", "370302102", "洪山镇")])
        county = a_committee(db)
        founded = {}
        for name, system, code in (("昆仑镇党委", "nbs", "370302102"), ("洪山镇党委", "mca", "370302102")):
            form = ChangeStructure(
                "found", "1号", "登记", parent_id=county, name=name, code=f"x{system}", kind="committee",
                field="government", division_code=code, division_code_system=system,
            )  # fmt: skip
            made = structure.change(db, asked=form, actor=an_officer(db, county), at=NOON)
            founded[name] = made.organisations[0].id

        def found(q: str) -> set[str]:
            page = asked.page(db, OrganisationsAsked(q=q), actor=an_actor(("member", "x")))
            return {view.name for view in page.items}

        assert found("370302102") == {"昆仑镇党委", "洪山镇党委"}  # one number, two towns: both are told
        assert found("370302101") == {"昆仑镇党委"}
        assert found("370302115") == {"洪山镇党委"}
        view = asked.one(db, founded["洪山镇党委"], actor=an_actor(("member", "x")))
        assert view.division_codes == {"nbs": "370302115", "mca": "370302102"}
        assert view.division_code_system == "mca"

    def test_by_a_former_name_and_among_the_dissolved(self, db: Connection):
        town = a_committee(db)
        branch = an_organisation(db, parent=town, name="老庄村党支部")
        organisations.rename(db, branch, name="新庄村党支部", at=NOON + timedelta(days=1))
        anybody = an_actor(("member", "x"))
        (view,) = asked.page(db, OrganisationsAsked(q="老庄"), actor=anybody).items
        assert (view.name, view.formerly) == ("新庄村党支部", ["老庄村党支部"])
        form = ChangeStructure("dissolve", "1号", "撤销", organisation_id=branch)
        structure.change(db, asked=form, actor=an_officer(db, town), at=NOON + timedelta(days=2))
        assert asked.page(db, OrganisationsAsked(q="新庄"), actor=anybody).items == []
        (view,) = asked.page(db, OrganisationsAsked(q="新庄", dissolved=True), actor=anybody).items
        assert view.dissolved_on == TODAY + timedelta(days=2)
        history = tree.history(db, OrganisationHistoryAsked(branch), actor=anybody).items
        assert [(row.effective_on, row.name, row.dissolved, row.verb) for row in history] == [
            (TODAY + timedelta(days=2), "新庄村党支部", True, "dissolve"),
            (TODAY + timedelta(days=1), "新庄村党支部", False, None),
            (TODAY, "老庄村党支部", False, None),
        ]

    def test_by_finding_in_ones_own_part_alone(self, db: Connection):
        mine, other = a_committee(db), a_committee(db)
        bad, _ = a_branch(db, parent=mine), a_branch(db, parent=mine, full=3, secretary=True)
        a_branch(db, parent=other)
        page = asked.page(db, OrganisationsAsked(finding="any"), actor=an_officer(db, mine))
        assert [view.id for view in page.items] == [bad]
        with pytest.raises(Forbidden):
            asked.page(db, OrganisationsAsked(finding="any", parent_id=other), actor=an_officer(db, mine))
        assert (
            asked.page(db, OrganisationsAsked(finding="any"), actor=an_actor(("member", path_of(db, mine)))).items == []
        )
