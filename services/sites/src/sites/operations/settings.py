"""Numbers of claims and settings of funds are entered from a day on, ahead, by one person under a citation (S11, S12).

Nothing is changed: a mistake is mended by another row for the same day, and both stay.
"""

from datetime import date, datetime
from typing import Any, Final

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.settings import (
    AnomalyRuleView,
    ClaimRulesView,
    FundSettingsAsked,
    FundSettingsView,
    SetAnomalyRule,
    SetClaimRules,
    SetFundSettings,
)
from sqlalchemy import Connection, insert, select

from sites.domain.dated_rows import fault_of_day
from sites.domain.days import day_of
from sites.queries import claim_rules as rules
from sites.queries.anomalies import RULES
from sites.queries.fund_settings import settings_of
from sites.tables.claims import anomaly_rules, claim_rules
from sites.tables.money import fund_settings, funds

NUMBERS_MAX: Final = {"percent": 100, "days": 31, "claims": 1000, "minutes": 1440, "distance_m": 100_000}
"""What a rule of doubt can count at most, by the name of the number."""


def set_fund(db: Connection, *, asked: SetFundSettings, actor: Actor, at: datetime) -> FundSettingsView:
    """Say how the fund's batches are paid from a day on. Raises NotFound; InvalidInput for a day that has begun."""
    path = db.execute(select(funds.c.path).where(funds.c.id == asked.fund_id)).scalar_one_or_none()
    if path is None or not actor.may("read_fund", fund=path):
        raise NotFound()
    actor.must("set_fund_settings", fund=path)
    actor.must_be_fresh(at)
    _refuse(_day(asked.active_from, at=at))
    db.execute(
        insert(fund_settings).values(
            fund_id=asked.fund_id,
            active_from=asked.active_from,
            separate_payer=asked.separate_payer,
            publicity_days=asked.publicity_days,
            citation=asked.citation,
            **_entered(actor, at),
        )
    )
    return settings_of(db, asked=FundSettingsAsked(asked.fund_id), actor=actor, at=at)


def set_claims(db: Connection, *, asked: SetClaimRules, actor: Actor, at: datetime) -> ClaimRulesView:
    """Set the numbers of claims from a day on. Raises InvalidInput."""
    actor.must("set_claim_rules")
    actor.must_be_fresh(at)
    wrong = _day(asked.active_from, at=at)
    if asked.high_score <= asked.medium_score:
        wrong["high_score"] = ["High doubt begins at more points than medium doubt."]
    _refuse(wrong)
    names = (
        *("active_from", "submit_by_day", "appeal_days", "reason_score", "medium_score", "high_score", "low_percent"),
        *("medium_percent", "high_percent", "second_signature_fen", "citation"),
    )
    db.execute(insert(claim_rules).values(**{name: getattr(asked, name) for name in names}, **_entered(actor, at)))
    return rules.rules_of(db, actor=actor, at=at)


def set_anomaly(db: Connection, *, asked: SetAnomalyRule, actor: Actor, at: datetime) -> AnomalyRuleView:
    """Set a rule of doubt's points and numbers from a day on. Raises NotFound for no rule of ours; InvalidInput."""
    actor.must("set_claim_rules")
    actor.must_be_fresh(at)
    if asked.rule not in RULES:
        raise NotFound()
    wrong = _day(asked.active_from, at=at)
    needed = rules.anomaly_rule(db, asked.rule, at=at).needs
    for name in sorted(set(needed) ^ set(asked.numbers)):
        missing = "Missing data for required field." if name in needed else "This rule has no such number."
        wrong[f"numbers.{name}"] = [missing]
    for name, number in asked.numbers.items():
        if name in NUMBERS_MAX and number > NUMBERS_MAX[name]:
            wrong[f"numbers.{name}"] = [f"Must be less than or equal to {NUMBERS_MAX[name]}."]
    _refuse(wrong)
    db.execute(
        insert(anomaly_rules).values(
            rule=asked.rule,
            active_from=asked.active_from,
            score=asked.score,
            numbers=dict(asked.numbers),
            citation=asked.citation,
            **_entered(actor, at),
        )
    )
    return rules.anomaly_rule(db, asked.rule, at=at)


def _day(active_from: date, *, at: datetime) -> dict[str, list[str]]:
    told = fault_of_day(active_from, today=day_of(at))
    return {"active_from": [told]} if told else {}


def _refuse(wrong: dict[str, list[str]]) -> None:
    if wrong:
        raise InvalidInput(wrong)


def _entered(actor: Actor, at: datetime) -> dict[str, Any]:
    return {"set_by_id": actor.person_id, "set_by": actor.name, "set_at": at}
