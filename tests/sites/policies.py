"""A policy with caps, a draft …: what tests of policies name."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from contracts.sites.policies import AdoptPolicy, DraftPolicy, PolicyVersionView
from sites.domain.subsidy import Policy
from sites.operations import policies
from sqlalchemy import Connection

from tests.sites.articles import NOON
from tests.sites.money import a_preparer, an_approver

RULES: dict[str, Any] = {
    "name": "试行办法",
    "citation": "〔2026〕9号",
    "active_from": NOON.date(),
    "per_visit_fen": 200_00,
    "per_head_fen": 10_00,
    "visit_cap_fen": 1000_00,
    "heads_min": 5,
}


def a_policy(db: Connection, **rules: Any) -> Policy:
    """Put a policy in force from the day of NOON on."""
    return policies.adopt(db, **{**RULES, **rules})


def a_draft(db: Connection, *, by: Actor | None = None, at: datetime = NOON, **rules: Any) -> PolicyVersionView:
    asked = DraftPolicy(**{**RULES, "active_from": date(2027, 1, 1), **rules})
    return policies.draft(db, asked=asked, actor=by or a_preparer(), at=at)


def adopts(db: Connection, draft_id: UUID, *, by: Actor | None = None, at: datetime = NOON) -> PolicyVersionView:
    who = replace(by or an_approver(), issued_at=at)
    return policies.adopt_draft(db, asked=AdoptPolicy(draft_id), actor=who, at=at)
