"""The numbers of annual reviews, entered as dated rows."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.review_rules import REVIEW_NUMBERS, WEIGHTS, ReviewRulesView, SetReviewRule
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from assessment.operations.record_rules import RuleVersionThere
from assessment.queries.organisations import reaches_all
from assessment.queries.review_rules import all_rules
from assessment.tables.reviews import review_rules


def set_rule(db: Connection, *, asked: SetReviewRule, actor: Actor, at: datetime) -> ReviewRulesView:
    """Enter a version. Raises Forbidden below the root of the tree, RuleVersionThere; InvalidInput for a day past, for
    weights that are not 100 together, for thresholds that do not fall."""
    if not reaches_all(db, actor.paths_for("set_review_rule")):
        raise Forbidden()
    faults: dict[str, list[str]] = {}
    if asked.effective_from <= clock.today(at):
        faults["effective_from"] = ["A version begins on a day to come."]
    if sum(getattr(asked, name) for name in WEIGHTS) != 100:
        faults["weight_votes"] = ["The weights are 100 together."]
    if not asked.good_from > asked.fairly_good_from > asked.average_from:
        faults["good_from"] = ["Each grade begins below the better one."]
    if asked.weight_votes == 0:
        faults["weight_votes"] = ["The votes weigh something."]
    if faults:
        raise InvalidInput(faults)
    new = insert(review_rules).values(
        effective_from=asked.effective_from,
        numbers={name: getattr(asked, name) for name in REVIEW_NUMBERS},
        citation=asked.citation,
        set_at=at,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise RuleVersionThere(active_from=asked.effective_from.isoformat())
    return all_rules(db, actor=actor, at=at)
