"""Changing an order's party or slot before the visit (S6): all of it or nothing, in one transaction.

    shrink          keeps state and voucher; possible until the visit begins
    grow, move      while the slot can be changed; placed again where the site confirms by hand; a move makes
                    the vouchers signed before it invalid

Locks order, then both slots by id, then the branch, the caps, the fund. The subsidy is estimated anew: by the policy
that was fixed at placing, or by the new day's when the day changes; the encumbrance is changed to exactly that.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.outbox import tell
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.events import VisitAmended
from contracts.sites.orders import AmendOrder, OrderView
from sqlalchemy import Connection, Row, insert, select, text, update

from sites.domain import funding, subsidy, vouchers
from sites.domain.booking_rules import Booking, refuse_breach
from sites.domain.days import day_of, said
from sites.domain.orders import (
    CONFIRMED,
    MANUAL,
    PLACED,
    ChangedTooLate,
    OrderNotMovable,
    VisitBegun,
    answer_by,
    is_group,
    state_at,
    unsubsidised,
)
from sites.domain.policies import place_of, policy_of
from sites.domain.subsidy import Place
from sites.operations import ledger, waiting
from sites.queries.calendars import public_days
from sites.queries.orders import order, order_for
from sites.tables.orders import order_history, orders

_SLOTS: Final = text("""
SELECT s.*, site.name AS site_name, p.name AS programme, p.theme
  FROM slots s
  JOIN sites site ON site.id = s.site_id AND (site.state = 'open' OR s.id = :old)
  JOIN programmes p ON p.id = s.programme_id
 WHERE s.id = ANY(:slots)
 ORDER BY s.id
   FOR NO KEY UPDATE OF s
""")
_TAKE: Final = text("SELECT take_seats(:slot, :seats, :groups, :what, :at)")
_GIVE: Final = text(
    "UPDATE slots SET seats_taken = seats_taken - :seats, groups_taken = groups_taken - :groups WHERE id = :slot"
)
_POLICY: Final = text("""
SELECT policy_for(policies, site)
       || jsonb_build_object('caps', caps_used(policies, site.id, :branch, CAST(:visit_on AS date), :fund))
  FROM policies JOIN sites site ON site.id = :site
 WHERE CASE WHEN :keeps_day THEN policies.id = :policy
            ELSE daterange(active_from, active_until) @> CAST(:visit_on AS date) END
""")
# The branch's row is the lock under which its orders are counted, as sql/place_order.sql does.
_LOCK_BRANCH: Final = text("SELECT 1 FROM organisations WHERE id = :branch FOR NO KEY UPDATE")
_MONTH: Final = text("""
SELECT (SELECT count(*) FROM orders
         WHERE branch_id = :branch AND is_subsidised AND state IN ('placed', 'confirmed', 'used') AND id <> :order
           AND visit_on >= date_trunc('month', CAST(:visit_on AS date))
           AND visit_on < date_trunc('month', CAST(:visit_on AS date)) + interval '1 month')
       < (SELECT subsidised_a_month_max FROM quota_rules
           WHERE effective_from <= :visit_on ORDER BY effective_from DESC LIMIT 1)
""")
_QUOTAS: Final = text("SELECT keep_quotas(:branch, :person, :visit_on)")
# What the order itself has set aside is free for it.
_FUNDING: Final = text("""
SELECT coalesce(jsonb_agg(share || jsonb_build_object('available_fen', CASE WHEN share ->> 'available_fen' IS NOT NULL
           THEN (share ->> 'available_fen')::bigint + coalesce(own.fen, 0) END, 'own_fen', coalesce(own.fen, 0))
           ORDER BY place), '[]')
  FROM organisations o
 CROSS JOIN jsonb_array_elements(funding_of(o.path, :visit_on)) WITH ORDINALITY AS each (share, place)
  LEFT JOIN LATERAL (
      SELECT sum(amount_fen)::bigint AS fen
        FROM (SELECT fund_id, year, amount_fen FROM encumbrances WHERE order_id = :order AND state = 'pending'
               UNION ALL
              SELECT fund_id, year, amount_fen FROM contributions WHERE order_id = :order AND state = 'pending') AS set
       WHERE set.fund_id = (share ->> 'fund_id')::uuid AND set.year = extract(year FROM CAST(:visit_on AS date))
  ) own ON true
 WHERE o.id = :branch
""")
_LOCK_CAPS: Final = text("SELECT lock_caps(ARRAY[CAST(:order AS uuid)], :branch, ARRAY[CAST(:slot AS uuid)])")
_GIVE_CAPS: Final = text("SELECT give_back_caps(:order)")
_TAKE_CAPS: Final = text("SELECT take_caps(:order, :policy, :site, :branch, :visit_on, :amount_fen)")
_KEEP_SHARE: Final = text("SELECT keep_fund_share(:policy, :fund, :year)")
_BY_HAND: Final = text("SELECT by_hand_until(:branch, :at)")


@dataclass(frozen=True)
class _Change:
    """What becomes of the order: from which slot to which, from how many seats to how many."""

    old: Row[Any]
    new: Row[Any]
    seats_before: int
    party_size: int

    @property
    def moves(self) -> bool:
        return bool(self.old.id != self.new.id)

    @property
    def more(self) -> int:
        return self.party_size - self.seats_before

    @property
    def binds(self) -> bool:
        """Whether the times of change bind: telling that fewer come is always welcome."""
        return self.moves or self.more > 0


def amend(db: Connection, *, asked: AmendOrder, actor: Actor, at: datetime) -> OrderView:
    """Change the order's party, its slot, or both; returns it as it stands then.

    Raises OrderNotMovable, VisitBegun, ChangedTooLate, SlotFull, GroupsFull, SlotClosed, SlotPast, NotYetBookable,
    FundExhausted, CapsMoved, QuotaFull; NotFound for an order or slot that is not there;
    InvalidInput for a member's party.
    """
    order_for(db, asked.order_id, actor=actor, action="amend_order", at=at)
    found = db.execute(select(orders).where(orders.c.id == asked.order_id).with_for_update(key_share=True)).one()
    _must_stand(found, at=at)
    change = _change(db, found, asked)
    if not change.moves and change.more == 0:
        return order(db, asked.order_id, actor=actor, at=at)
    _must_be_in_time(change, is_group=is_group(found.branch_id, found.group_name), at=at)
    _move_seats(db, change, groups=int(is_group(found.branch_id, found.group_name)), at=at)
    policy_id, amount_fen, parts = _set_aside_anew(db, found, change)
    _write(db, found, change, actor=actor, at=at)
    if change.moves:
        held_by = {"branch": found.branch_id, "person": found.placed_by_id, "visit_on": change.new.visit_on}
        db.execute(_LOCK_BRANCH, {"branch": found.branch_id})
        if found.group_name is None:
            db.execute(_QUOTAS, held_by)
    if found.fund_id is not None:
        ledger.amend(
            db,
            fund_id=parts[0].fund_id if parts else found.fund_id,
            year=change.new.visit_on.year,
            order_id=found.id,
            amount_fen=parts[0].amount_fen if parts else 0,
            contributions=funding.contributions(parts),
            at=at,
            by=actor,
        )
        _count_on_caps(db, found, change, policy_id=policy_id, amount_fen=amount_fen, parts=parts)
    return order(db, asked.order_id, actor=actor, at=at)


def _must_stand(found: Row[Any], *, at: datetime) -> None:
    state = state_at(found.state, answer_by=found.answer_by, checked_in=found.checked_in, ends_at=found.ends_at, at=at)
    if state not in (PLACED, CONFIRMED):
        raise OrderNotMovable(state=state, move="amend")
    if found.checked_in is not None or found.starts_at <= at:
        raise VisitBegun()


def _change(db: Connection, found: Row[Any], asked: AmendOrder) -> _Change:
    party_size = asked.party_size or found.party_size
    if not is_group(found.branch_id, found.group_name) and party_size != 1:
        raise InvalidInput({"party_size": ["A member books one seat; a branch orders for a party."]})
    target = asked.slot_id or found.slot_id
    slots = {slot.id: slot for slot in db.execute(_SLOTS, {"slots": [found.slot_id, target], "old": found.slot_id})}
    if found.slot_id not in slots or target not in slots:
        raise NotFound()
    return _Change(old=slots[found.slot_id], new=slots[target], seats_before=found.seats, party_size=party_size)


def _must_be_in_time(change: _Change, *, is_group: bool, at: datetime) -> None:
    """Raise when it is too late to grow or move. Out of a slot that was closed one may always move."""
    if not change.binds:
        return
    until = change.old.change_until or change.old.bookable_until
    if change.old.closed_reason is None and until <= at:
        raise ChangedTooLate(change_until=said(until))
    # Seats and groups are judged by take_seats, which knows what is held.
    refuse_breach(
        Booking(
            party_size=change.party_size,
            at=at,
            closed_reason=change.new.closed_reason,
            bookable_from=change.new.bookable_from if change.moves else None,
            bookable_until=change.new.bookable_until if change.moves else until,
            seats_left=None,
            is_group=is_group,
        )
    )


def _move_seats(db: Connection, change: _Change, *, groups: int, at: datetime) -> None:
    if change.moves:
        take = {"slot": change.new.id, "seats": change.party_size, "groups": groups, "what": "order", "at": at}
        db.execute(_TAKE, take)
        db.execute(_GIVE, {"slot": change.old.id, "seats": change.seats_before, "groups": groups})
    elif change.more > 0:
        take = {"slot": change.new.id, "seats": change.more, "groups": 0, "what": "growth", "at": at}
        db.execute(_TAKE, take)
    else:
        db.execute(_GIVE, {"slot": change.old.id, "seats": -change.more, "groups": 0})
    if change.moves or change.more < 0:
        waiting.promote(db, [change.old.id], at=at)


def _set_aside_anew(db: Connection, found: Row[Any], change: _Change) -> tuple[UUID | None, int, list[funding.Part]]:
    """Estimate the subsidy anew and write it at the order; returns the policy, the fen to set aside, and whose.

    The caps stay locked from here on, and what the order counted on them is given back.
    """
    if found.fund_id is None or found.branch_id is None:
        return None, 0, []
    db.execute(_LOCK_BRANCH, {"branch": found.branch_id})
    db.execute(_LOCK_CAPS, {"order": found.id, "branch": found.branch_id, "slot": change.new.id})
    db.execute(_GIVE_CAPS, {"order": found.id})
    borne_by = {"branch": found.branch_id, "order": found.id, "visit_on": change.new.visit_on}
    shares = funding.shares_of(db.execute(_FUNDING, borne_by).scalar_one())
    fund_id = funding.paying(shares, ()) or found.fund_id
    keeps_day = change.new.visit_on == found.visit_on and found.policy_id is not None
    asked = {
        "site": change.new.site_id,
        "keeps_day": keeps_day,
        "policy": found.policy_id,
        "visit_on": change.new.visit_on,
        "branch": found.branch_id,
        "fund": fund_id,
    }
    policy_row = db.execute(_POLICY, asked).scalar_one_or_none()
    amount_fen, explanation, policy_id = 0, unsubsidised("no_fund"), None
    if policy_row is not None:
        own_fen = sum(share.own_fen for share in shares if share.fund_id == fund_id)
        place = _without_own(place_of(policy_row, visit_on=change.new.visit_on), own_fen)
        policy = policy_of(policy_row)
        shares, place = funding.kept_to_share(shares, policy, place)
        estimate = subsidy.estimate(policy, headcount=change.party_size, place=place)
        amount_fen, explanation, policy_id = estimate.amount_fen, estimate.explanation, estimate.policy_id
    month = {"branch": found.branch_id, "order": found.id, "visit_on": change.new.visit_on}
    if amount_fen and not db.execute(_MONTH, month).scalar_one():
        amount_fen, explanation = 0, unsubsidised("month_used")
    parts = funding.parts_of(amount_fen, shares)
    if len(parts) > 1:
        explanation = [*explanation, funding.told(parts)]
    db.execute(
        update(orders)
        .where(orders.c.id == found.id)
        .values(
            fund_id=parts[0].fund_id if parts else found.fund_id,
            policy_id=policy_id,
            is_subsidised=amount_fen > 0,
            subsidy_estimate_fen=amount_fen,
            subsidy_explanation=explanation,
        )
    )
    return policy_id, amount_fen, parts


def _without_own(place: Place, own_fen: int) -> Place:
    """Return the place with the fund's share as it is without what the fund has still set aside for this order."""
    caps = [replace(cap, used_fen=cap.used_fen - own_fen) if cap.rule == "fund_share" else cap for cap in place.caps]
    return replace(place, caps=caps)


def _count_on_caps(
    db: Connection,
    found: Row[Any],
    change: _Change,
    *,
    policy_id: UUID | None,
    amount_fen: int,
    parts: list[funding.Part],
) -> None:
    if amount_fen == 0:
        return
    new = {"order": found.id, "policy": policy_id, "site": change.new.site_id, "branch": found.branch_id}
    db.execute(_TAKE_CAPS, {**new, "visit_on": change.new.visit_on, "amount_fen": amount_fen})
    for part in parts:
        db.execute(_KEEP_SHARE, {"policy": policy_id, "fund": part.fund_id, "year": change.new.visit_on.year})


def _write(db: Connection, found: Row[Any], change: _Change, *, actor: Actor, at: datetime) -> None:
    fields: dict[str, Any] = {}
    if change.binds:
        by_hand = db.execute(_BY_HAND, {"branch": found.branch_id, "at": at}).scalar_one() is not None
        confirmation = MANUAL if by_hand else change.new.confirmation
        if confirmation == MANUAL:
            days = public_days(db, since=day_of(at))
            answer_until = answer_by(at, starts_at=change.new.starts_at, public_days=days)
            fields = {"state": PLACED, "voucher": None, "answer_by": answer_until, "confirmation": MANUAL}
        else:
            voucher = found.voucher or vouchers.new_code()
            fields = {"state": CONFIRMED, "voucher": voucher, "answer_by": None, "confirmation": confirmation}
    new = change.new
    amended = db.execute(
        update(orders)
        .where(orders.c.id == found.id)
        .values(
            slot_id=new.id,
            site_id=new.site_id,
            programme_id=new.programme_id,
            party_size=change.party_size,
            seats=change.party_size,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            visit_on=new.visit_on,
            version=orders.c.version + 1,
            # What a signed voucher says of place and time is no longer so.
            voucher_revision=orders.c.voucher_revision + int(change.moves),
            **fields,
        )
        .returning(orders.c.state, orders.c.version)
    ).one()
    what = {"party_size": [found.party_size, change.party_size]}
    if change.moves:
        what["starts_at"] = [said(found.starts_at), said(new.starts_at)]
    db.execute(
        insert(order_history).values(
            order_id=found.id,
            move="amend",
            state=amended.state,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            reason=json.dumps(what, ensure_ascii=False),
        )
    )
    if found.branch_id is not None:
        fact = VisitAmended(
            order_id=found.id,
            branch_id=found.branch_id,
            site_id=new.site_id,
            site_name=new.site_name,
            programme=new.programme,
            theme=new.theme,
            visit_on=new.visit_on,
            starts_at=new.starts_at,
            party_size=change.party_size,
            state=amended.state,
        )
        tell(db, fact, aggregate="order", aggregate_id=found.id, version=amended.version, at=at)
