"""The setting rules, at their edges, with the numbers as the migration brings them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from roster.domain.findings import RULES, Facts
from roster.queries import findings
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.roster.factories import a_branch, a_committee, a_member, path_of

TODAY = date(2026, 11, 10)
NUMBERS = {
    "enough-full-members": {"least": 3},
    "has-a-secretary": {},
    "branch-committee": {"from": 7, "least": 3, "most": 7},
    "party-groups": {"from": 20},
    "group-size": {"most": 10},
    "general-branch": {"from": 50, "below": 100},
    "committee": {"from": 100},
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
        ],
    )
    def test_at_the_edges(self, facts, rules):
        assert broken(**facts) == rules


class TestOf:
    def of(self, db: Connection, branch, on=TODAY):
        actor = an_actor(("officer", path_of(db, branch).split(".")[0]))
        return {finding.rule: finding for finding in findings.of(db, branch, actor=actor, on=on).findings}

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
        said = {**self.of(db, few), **self.of(db, many), **self.of(db, huge)}
        assert set(said) == {rule.name for rule in RULES}
        assert said["group-size"].severity == "remark"
        assert not [f for f in said.values() if "{" in f.why_zh + f.why_en + f.mend_zh + f.mend_en]

    def test_a_district_changes_a_number_from_a_day_on(self, db: Connection):
        branch = a_branch(db, full=4, secretary=True)
        db.execute(
            text("UPDATE setting_rules SET active_until = :day WHERE rule = 'enough-full-members'"), {"day": TODAY}
        )
        db.execute(
            text(
                "INSERT INTO setting_rules (rule, active_from, numbers, severity, citation)"
                """ VALUES ('enough-full-members', :day, '{"least"\\: 5}', 'remark', '区委文件')"""
            ),
            {"day": TODAY},
        )
        assert self.of(db, branch, on=TODAY - timedelta(days=1)) == {}
        assert self.of(db, branch)["enough-full-members"].citation == "区委文件"

    def test_a_committee_counts_what_is_below_and_breaks_no_branch_rule(self, db: Connection):
        town = a_committee(db)
        a_branch(db, parent=town, full=2)
        assert self.of(db, town) == {}
        assert findings.facts_of(db, town).members_full == 2

    @pytest.mark.parametrize("role", ["secretary", "administrator", "assessor", "officer", "auditor"])
    def test_seen_from_the_branch_and_above(self, db: Connection, role):
        branch = a_branch(db)
        above, here = path_of(db, branch).split(".")[0], path_of(db, branch)
        for path in (above, here):
            findings.of(db, branch, actor=an_actor((role, path)), on=TODAY)
        for elsewhere in (here + ".below", here[:-1], path_of(db, a_branch(db))):
            with pytest.raises(Forbidden):
                findings.of(db, branch, actor=an_actor((role, elsewhere)), on=TODAY)

    def test_a_member_does_not_see_them(self, db: Connection):
        branch = a_branch(db)
        with pytest.raises(Forbidden):
            findings.of(db, branch, actor=an_actor(("member", path_of(db, branch))), on=TODAY)

    def test_of_nothing(self, db: Connection):
        with pytest.raises(NotFound):
            findings.of(db, uuid4(), actor=an_actor(("officer", "3703")), on=TODAY)
