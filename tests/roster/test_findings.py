"""The setting rules, at their edges, with the numbers as the migration brings them."""

from datetime import date
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from roster.domain.setting_rules import RULES, Facts
from roster.domain.setting_rules import terms as term_rules
from roster.operations import members
from roster.queries import findings
from roster.queries.facts import facts_of_all
from sqlalchemy import Connection, text

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, a_member, an_organisation, path_of

TODAY = date(2026, 11, 10)
ENDINGS = {
    "committee": ["党委", "委员会"],
    "general_branch": ["党总支", "总支部委员会"],
    "branch": ["党支部", "支部委员会"],
    "joint_branch": ["联合党支部"],
}
NUMBERS = {
    "enough-full-members": {"least": 3},
    "has-a-secretary": {},
    "branch-committee": {"from": 7, "least": 3, "most": 7},
    "party-groups": {"from": 20},
    "group-size": {"most": 10},
    "general-branch": {"from": 50, "below": 100},
    "committee": {"from": 100},
    "joint-units": {"least": 2, "most": 5},
    "usual-committee": {"most": 5, "at_all": 7},
    "no-committee": {"below": 7, "most": 2},
    "one-group-each": {},
    "term-overdue": {},
    "vacancy": {"months": 3},
    "name-ending": {"endings": ENDINGS},
    "name-beginning": {"least": 2, "generic": ["机关", "退休"], "endings": ENDINGS},
}
NAMES = {
    "committee": "洪山镇党委",
    "general_branch": "蒲家村党总支",
    "branch": "蒲家村党支部",
    "joint_branch": "甲乙公司联合党支部",
}


def broken(**facts) -> set[str]:
    """Return the rules that a branch breaks which would break none without `facts`."""
    kept = {
        "kind": "branch",
        "members_full": 3,
        "members_probationary": 0,
        "committee_seats": 1,
        "has_secretary": True,
        "groups": (),
        "name": NAMES[facts.get("kind", "branch")],
        "units": ("甲公司", "乙公司"),
    }
    found = Facts(**{**kept, **facts})
    return {rule.name for rule in RULES if rule.broken(found, NUMBERS[rule.name]) is not None}


class TestRules:
    @pytest.mark.parametrize(
        ("facts", "rules"),
        [
            ({}, set()),
            ({"members_full": 2}, {"enough-full-members"}),
            ({"members_full": 2, "members_probationary": 9}, {"enough-full-members"}),  # full members alone count
            ({"has_secretary": False}, {"has-a-secretary"}),
            ({"members_full": 6}, set()),
            ({"members_full": 6, "members_probationary": 3}, set()),
            ({"members_full": 7}, {"branch-committee"}),
            ({"members_full": 7, "committee_seats": 2}, {"branch-committee"}),
            ({"members_full": 7, "committee_seats": 3}, set()),
            ({"members_full": 7, "committee_seats": 8}, {"branch-committee"}),
            ({"members_full": 19, "committee_seats": 3}, set()),
            ({"members_full": 20, "committee_seats": 3}, {"party-groups"}),
            ({"members_full": 6, "members_probationary": 14}, {"party-groups"}),  # probationary members count too
            ({"members_full": 20, "committee_seats": 3, "groups": (10, 10)}, set()),
            ({"members_full": 21, "committee_seats": 3, "groups": (10, 11)}, {"group-size"}),
            ({"members_full": 49, "committee_seats": 3, "groups": (10,)}, set()),
            ({"members_full": 50, "committee_seats": 3, "groups": (10,)}, {"general-branch"}),
            ({"members_full": 99, "committee_seats": 3, "groups": (10,)}, {"general-branch"}),
            ({"members_full": 100, "committee_seats": 3, "groups": (10,)}, {"committee"}),
            ({"kind": "general_branch", "members_full": 99, "has_secretary": False}, set()),
            ({"kind": "general_branch", "members_full": 90, "members_probationary": 10}, {"committee"}),
            ({"kind": "committee", "members_full": 5000}, set()),
            ({"kind": "joint_branch", "members_full": 2}, {"enough-full-members"}),
            ({"kind": "joint_branch", "units": ("甲公司",)}, {"joint-units"}),
            ({"kind": "joint_branch", "units": tuple("甲乙丙丁戊")}, set()),
            ({"kind": "joint_branch", "units": tuple("甲乙丙丁戊己")}, {"joint-units"}),
            ({"members_full": 7, "committee_seats": 5}, set()),
            ({"members_full": 7, "committee_seats": 6}, {"usual-committee"}),
            ({"members_full": 6, "committee_seats": 2}, set()),
            ({"members_full": 6, "committee_seats": 3}, {"no-committee"}),
            ({"members_full": 6, "groups": (5,), "ungrouped": 1}, {"one-group-each"}),
            ({"members_full": 6, "groups": (), "ungrouped": 6}, set()),
        ],
    )
    def test_at_the_edges(self, facts, rules):
        assert broken(**facts) == rules


class TestOf:
    def of(self, db: Connection, branch):
        actor = an_actor(("officer", path_of(db, branch).split(".")[0]))
        return {finding.rule: finding for finding in findings.of(db, branch, actor=actor).findings}

    def test_opens_and_closes_with_the_members(self, db: Connection):
        branch = a_branch(db, full=2, secretary=True)
        finding = self.of(db, branch)["enough-full-members"]
        assert finding.severity == "breach"
        assert finding.why_zh == "现有正式党员 2 人，不足 3 人。"
        assert finding.why_en == "It has 2 full members; a branch needs at least 3."
        assert finding.title_en == "A branch has at least three full members"
        assert "支部工作条例" in finding.citation
        a_member(db, branch=branch)
        assert self.of(db, branch) == {}

    def test_every_rule_has_its_row_and_its_sentences(self, db: Connection):
        few = a_branch(db)
        many = a_branch(db, full=60, groups=(11,))
        huge = a_branch(db, full=100)
        seated = a_branch(db, full=8, seats=6)
        small = a_branch(db, full=5, seats=4)
        joint = an_organisation(db, parent=a_committee(db), kind="joint_branch", name="党组")
        said = {}
        for branch in (few, many, huge, seated, small, joint):
            said |= self.of(db, branch)
        # Those on terms are broken by the passing of time: tests/roster/test_terms.py.
        assert set(said) == {rule.name for rule in RULES} - {rule.name for rule in term_rules.RULES}
        assert said["group-size"].severity == "remark"
        for found in said.values():
            assert "{" not in found.why_zh + found.why_en + found.mend_zh + found.mend_en
            assert found.why_zh
            assert found.why_en
            assert found.citation
            assert found.opened_on == TODAY

    def test_a_committee_breaks_no_branch_rule(self, db: Connection):
        town = a_committee(db)
        a_branch(db, parent=town, full=2)
        assert self.of(db, town) == {}

    def test_a_general_branch_is_measured_by_what_lies_below(self, db: Connection):
        above = an_organisation(db, parent=a_committee(db), kind="general_branch")
        branches = [a_branch(db, parent=above, full=50) for _ in range(2)]
        assert self.of(db, above)["committee"].why_zh == "党员 100 人，达到 100 人，应设立党的基层委员会。"
        person = db.execute(
            text("SELECT person_id FROM members WHERE branch_id = :id LIMIT 1"), {"id": branches[0]}
        ).scalar_one()
        members.transfer(db, person, branch_id=a_branch(db), at=NOON)
        assert self.of(db, above) == {}
        assert facts_of_all(db, [above], on=TODAY)[above].facts.members == 99

    @pytest.mark.parametrize("role", ["secretary", "administrator", "assessor", "officer", "auditor"])
    def test_seen_from_the_branch_and_above(self, db: Connection, role):
        branch = a_branch(db)
        above, here = path_of(db, branch).split(".")[0], path_of(db, branch)
        for path in (above, here):
            findings.of(db, branch, actor=an_actor((role, path)))
        for elsewhere in (here + ".below", here[:-1], path_of(db, a_branch(db))):
            with pytest.raises(Forbidden):
                findings.of(db, branch, actor=an_actor((role, elsewhere)))

    def test_a_member_does_not_see_them(self, db: Connection):
        branch = a_branch(db)
        with pytest.raises(Forbidden):
            findings.of(db, branch, actor=an_actor(("member", path_of(db, branch))))

    def test_of_nothing(self, db: Connection):
        with pytest.raises(NotFound):
            findings.of(db, uuid4(), actor=an_actor(("officer", "3703")))
