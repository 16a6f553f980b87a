"""Why a slot can or cannot be had (S6): the rules of `domain.booking_rules` judged for one party, nothing changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.explanations import (
    BookingAsked,
    BookingExplanationView,
    NearbySlotView,
    OrderExplanationView,
    RuleView,
)
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, text

from sites.domain import funding, subsidy
from sites.domain.booking_rules import Booking, Judged, Round, judge
from sites.domain.orders import CONFIRMED, PLACED, BranchUnknown, NotYourBranch
from sites.domain.policies import place_of, policy_of
from sites.domain.quotas import QuotaUse
from sites.queries.orders import order as order_view
from sites.queries.orders import order_for

NEAREST_MAX: Final = 5

_FACTS: Final = text("""
SELECT s.*, site.name AS site_name, p.name AS programme, p.party_min, p.party_max, p.seats AS programme_seats,
       site.state = 'open' AS site_is_open, branch.path AS branch_path, branch.is_external,
       coalesce(expired.seats, 0) AS seats_expired, coalesce(expired.groups, 0) AS groups_expired,
       round.id AS round_id, round.title AS round_title, round.draw_at AS round_draw_at,
       quota.open_orders_max, quota.subsidised_a_month_max, by_hand_until(:branch, :at) AS by_hand_until,
       policy_for(policies, site)
       || jsonb_build_object('caps', caps_used(policies, s.site_id, :branch, s.visit_on, funding.paying)) AS policy,
       funding.shares AS funding, coalesce(funding.available_fen, 0)::bigint AS available_fen,
       count_open_orders(:branch, NULL, NULL, :at) AS open_orders,
       (SELECT count(*) FROM orders o
         WHERE o.branch_id = :branch AND o.is_subsidised AND o.state IN ('placed', 'confirmed', 'used')
           AND o.visit_on >= date_trunc('month', s.visit_on)
           AND o.visit_on < date_trunc('month', s.visit_on) + interval '1 month') AS subsidised_in_month
  FROM slots s
  JOIN sites site ON site.id = s.site_id AND site.state IN ('open', 'suspended')
  JOIN programmes p ON p.id = s.programme_id
  LEFT JOIN organisations branch ON branch.id = :branch AND NOT branch.dissolved
  LEFT JOIN LATERAL allocation_round_of(s.site_id, s.programme_id, s.visit_on) round ON true
  LEFT JOIN policies ON daterange(policies.active_from, policies.active_until) @> s.visit_on
  LEFT JOIN LATERAL (
      SELECT told.shares, paying_fund(told.shares) AS paying, (SELECT sum(y.available_fen)
                             FROM jsonb_to_recordset(told.shares) AS share (fund_id uuid)
                             JOIN fund_years y ON y.fund_id = share.fund_id AND y.year = extract(year FROM s.visit_on)
                          ) AS available_fen
        FROM funding_of(branch.path, s.visit_on) AS told (shares)
       WHERE NOT branch.is_external
  ) funding ON true
  LEFT JOIN LATERAL (
      SELECT sum(seats) AS seats, sum(groups) AS groups FROM holds h
       WHERE h.slot_id = s.id AND h.state = 'live' AND h.ends_at <= :at AND s.seats_held > 0
  ) expired ON true
  CROSS JOIN LATERAL (
      SELECT * FROM quota_rules WHERE effective_from <= s.visit_on ORDER BY effective_from DESC LIMIT 1
  ) quota
 WHERE s.id = :slot
""")

_QUOTAS: Final = text("SELECT * FROM quotas_used(:branch, :person, :visit_on)")

# The same programme first, then the site's others; the nearest in time first.
_NEAREST: Final = text("""
SELECT s.id, s.starts_at, s.ends_at, s.seats - s.seats_taken AS seats_left, s.site_id, site.name AS site_name,
       p.name AS programme
  FROM slots s
  JOIN sites site ON site.id = s.site_id AND site.state = 'open'
  JOIN programmes p ON p.id = s.programme_id
 WHERE s.site_id = :site AND s.id <> :slot AND s.closed_reason IS NULL
   AND s.starts_at > :at AND s.bookable_until > :at AND (s.bookable_from IS NULL OR s.bookable_from <= :at)
   AND s.seats - s.seats_taken >= :party_size
   AND (s.groups_max IS NULL OR s.groups_taken < s.groups_max OR NOT :is_group)
   AND NOT EXISTS (SELECT FROM allocation_round_of(s.site_id, s.programme_id, s.visit_on))
 ORDER BY s.programme_id <> :programme, abs(extract(epoch FROM s.starts_at - :starts_at)), s.id
 LIMIT :max
""")


def booking(db: Connection, asked: BookingAsked, *, actor: Actor, at: datetime) -> BookingExplanationView:
    """Return every rule for this slot and party, and the nearest slots that pass where it does not.

    Raises BranchUnknown, NotYourBranch; NotFound for a slot that is not there.
    """
    facts = db.execute(_FACTS, {"slot": asked.slot_id, "branch": asked.branch_id, "at": at}).one_or_none()
    if facts is None:
        raise NotFound()
    if asked.branch_id is None:
        actor.must("book_seats", person=actor.person_id)
    elif facts.branch_path is None:
        raise BranchUnknown()
    elif not actor.may("place_order", branch=facts.branch_path):
        raise NotYourBranch()
    is_group = asked.branch_id is not None
    minutes = int((facts.ends_at - facts.starts_at).total_seconds() // 60)
    used = db.execute(_QUOTAS, {"branch": asked.branch_id, "person": actor.person_id, "visit_on": facts.visit_on})
    quotas = [
        QuotaUse(row.counts, row.period, row.most, row.used, wanted=1 if row.counts == "orders" else minutes)
        for row in used
    ]
    judged = list(judge(_booking(facts, party_size=asked.party_size, is_group=is_group, quotas=quotas, at=at)))
    bookable = all(one.refusal is None for one in judged)
    nearest = {
        "slot": asked.slot_id,
        "site": facts.site_id,
        "programme": facts.programme_id,
        "starts_at": facts.starts_at,
        "party_size": asked.party_size,
        "is_group": is_group,
        "at": at,
        "max": NEAREST_MAX,
    }
    return BookingExplanationView(
        slot=SlotRef(facts.id, facts.programme, facts.starts_at, facts.ends_at),
        site=SiteRef(facts.site_id, facts.site_name),
        party_size=asked.party_size,
        bookable=bookable,
        rules=[_rule(one) for one in judged],
        nearest=[] if bookable else [_near(row) for row in db.execute(_NEAREST, nearest)],
        judged_at=at,
    )


def order(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> OrderExplanationView:
    """Return what can still be done with an order and until when. Raises NotFound."""
    view = order_view(db, order_id, actor=actor, at=at)
    row = order_for(db, order_id, actor=actor, at=at)
    slot = db.execute(text("SELECT * FROM slots WHERE id = :id"), {"id": row.slot_id}).one()
    change_until = slot.change_until or slot.bookable_until
    is_live = view.state in (PLACED, CONFIRMED)
    not_begun = is_live and view.check_in is None and row.starts_at > at
    rules = [
        _note("order_stands", is_live or view.state == "used", {"state": view.state, "reason": view.reason}),
        _note("cancel", not_begun, {"until": _text(row.starts_at)}),
        _note("cancel_freely", not_begun and row.cancel_free_until > at, {"until": _text(row.cancel_free_until)}),
        _note("shrink", not_begun, {"until": _text(row.starts_at)}),
        _note("grow_or_move", not_begun and change_until > at, {"until": _text(change_until)}),
    ]
    if row.confirmation == "manual":
        answered = view.state not in (PLACED, "expired")
        rules.append(_note("site_answered", answered, {"until": _text(row.answer_by)}))
    return OrderExplanationView(
        order_id=order_id,
        state=view.state,
        rules=rules,
        subsidy_explanation=view.subsidy_explanation,
        judged_at=at,
    )


def _booking(facts: Row[Any], *, party_size: int, is_group: bool, quotas: Sequence[QuotaUse], at: datetime) -> Booking:
    estimate = None
    estimate_fen = 0
    if is_group and facts.policy is not None and facts.funding:
        policy = policy_of(facts.policy)
        place = place_of(facts.policy, visit_on=facts.visit_on)
        _, place = funding.kept_to_share(funding.shares_of(facts.funding), policy, place)
        estimate = subsidy.estimate(policy, headcount=party_size, place=place)
        estimate_fen = estimate.amount_fen
    is_paid = facts.subsidised_in_month < facts.subsidised_a_month_max
    return Booking(
        party_size=party_size,
        at=at,
        closed_reason=facts.closed_reason,
        bookable_from=facts.bookable_from,
        bookable_until=facts.bookable_until,
        seats_left=facts.seats - facts.seats_taken + facts.seats_expired,
        groups_max=facts.groups_max,
        groups_taken=facts.groups_taken - facts.groups_expired,
        is_group=is_group,
        open_orders=facts.open_orders if is_group else None,
        open_orders_max=facts.open_orders_max,
        quotas=quotas,
        fund_left_fen=facts.available_fen if is_paid else None,
        estimate_fen=estimate_fen,
        estimate=estimate.explanation if estimate and is_paid else None,
        subsidised_in_month=facts.subsidised_in_month if is_group and not facts.is_external else None,
        subsidised_a_month_max=facts.subsidised_a_month_max,
        is_external=facts.is_external if is_group else None,
        site_confirms_by_hand=facts.confirmation == "manual",
        by_hand_until=facts.by_hand_until,
        site_is_open=facts.site_is_open,
        party_min=facts.party_min,
        party_max=facts.party_max,
        programme_seats=facts.programme_seats,
        round=Round(facts.round_id, facts.round_title, facts.round_draw_at) if facts.round_id else None,
    )


def _rule(judged: Judged) -> RuleView:
    refusal = judged.refusal
    return RuleView(
        rule=judged.rule,
        passes=judged.passes,
        stops=refusal is not None,
        inputs=dict(judged.inputs),
        code=refusal.code if refusal else None,
        detail=str(refusal) if refusal else None,
    )


def _note(rule: str, passes: bool, inputs: dict[str, Any]) -> RuleView:
    return RuleView(rule=rule, passes=passes, stops=False, inputs=inputs, code=None, detail=None)


def _near(row: Row[Any]) -> NearbySlotView:
    return NearbySlotView(
        slot=SlotRef(row.id, row.programme, row.starts_at, row.ends_at),
        site=SiteRef(row.site_id, row.site_name),
        seats_left=row.seats_left,
    )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
