"""The numbers of annual reviews: those in force, and all of them."""

from dataclasses import dataclass
from datetime import date, datetime

from chassis import clock
from chassis.actors import Actor, Forbidden
from contracts.assessment.review_rules import ReviewNumbers, ReviewRulesView, ReviewRuleView
from sqlalchemy import Connection, select

from assessment.domain.consequences import Numbers
from assessment.domain.reviews import COMPONENTS, GRADES, GradeRule
from assessment.queries.organisations import reaches_all
from assessment.tables.reviews import review_rules


@dataclass(frozen=True)
class Rule:
    """The version in force: its numbers, as the domain takes them too."""

    effective_from: date
    numbers: ReviewNumbers

    @property
    def grades(self) -> GradeRule:
        """How a score and its grade come about."""
        of = self.numbers
        return GradeRule(
            weights={name: getattr(of, f"weight_{name}") for name in COMPONENTS},
            vote_points={grade: getattr(of, f"points_{grade}") for grade in GRADES},
            good_from=of.good_from,
            fairly_good_from=of.fairly_good_from,
            average_from=of.average_from,
            good_votes_percent=of.good_votes_percent,
            poor_votes_percent=of.poor_votes_percent,
        )

    @property
    def consequences(self) -> Numbers:
        """What follows by when."""
        return Numbers(**{name: getattr(self.numbers, name) for name in Numbers.__dataclass_fields__})


def rule_on(db: Connection, day: date) -> Rule:
    """Return the version in force on the day: the oldest one on a day before all."""
    of = review_rules.c
    newest = select(review_rules).where(of.effective_from <= day).order_by(of.effective_from.desc()).limit(1)
    row = db.execute(newest).one_or_none()
    row = row or db.execute(select(review_rules).order_by(of.effective_from).limit(1)).one()
    return Rule(row.effective_from, ReviewNumbers(**row.numbers))


def all_rules(db: Connection, *, actor: Actor, at: datetime) -> ReviewRulesView:
    """Return every version of the numbers, newest first. Raises Forbidden."""
    if not actor.paths_for("read_review_rules"):
        raise Forbidden()
    today = clock.today(at)
    now = rule_on(db, today).effective_from
    return ReviewRulesView(
        versions=[
            ReviewRuleView(
                effective_from=row.effective_from,
                numbers=ReviewNumbers(**row.numbers),
                citation=row.citation,
                state="in_force" if row.effective_from == now else "to_come" if row.effective_from > today else "past",
                set_at=row.set_at,
                set_by=row.set_by_name,
            )
            for row in db.execute(select(review_rules).order_by(review_rules.c.effective_from.desc()))
        ],
        may_set=reaches_all(db, actor.paths_for("set_review_rule")),
    )
