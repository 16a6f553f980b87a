"""Placing an order (S6): read, decide, then everything in one round trip, sql/place_order.sql."""

import json
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg2
from chassis import logs
from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.personal import mask_phone, seal
from chassis.refusals import IdempotencyKeyReused, InvalidInput, NotFound
from contracts.envelope import dump
from contracts.sites.events import VisitOrdered
from contracts.sites.orders import OrderView, PlaceOrder
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef

from sites.domain import funding, subsidy, vouchers
from sites.domain.booking_rules import Booking, Round, refuse_breach
from sites.domain.ledger import FundExhausted
from sites.domain.orders import (
    CONFIRMED,
    MANUAL,
    BranchUnknown,
    NotYourBranch,
    answer_by,
    first_state,
    unsubsidised,
)
from sites.domain.policies import CapsMoved, place_of, policy_of
from sites.queries.order_facts import OrderFacts, order_facts

_VOUCHER_TRIES: Final = 3
_FUNDING_TRIES: Final = 3
_CAPS_TRIES: Final = 8
"""How often an estimate is made anew because others used the same caps meanwhile."""

_PLACE: Final = """
SELECT place_order(
    p_command => %(command)s, p_body_hash => %(body_hash)s, p_door => %(door)s, p_caller => %(caller)s,
    p_order => %(order)s, p_slot => %(slot)s, p_site => %(site)s, p_programme => %(programme)s,
    p_starts_at => %(starts_at)s, p_ends_at => %(ends_at)s, p_visit_on => %(visit_on)s, p_branch => %(branch)s,
    p_by => %(by)s, p_by_name => %(by_name)s, p_at => %(at)s, p_party_size => %(party_size)s,
    p_contact_name => %(contact_name)s, p_contact_phone => %(contact_phone)s,
    p_contact_phone_masked => %(contact_phone_masked)s,
    p_confirmation => %(confirmation)s, p_state => %(state)s, p_answer_by => %(answer_by)s, p_voucher => %(voucher)s,
    p_policy => %(policy)s, p_fund => %(fund)s, p_fund_year => %(fund_year)s, p_amount_fen => %(amount_fen)s,
    p_explanation => %(explanation)s, p_explanation_unsubsidised => %(explanation_unsubsidised)s,
    p_open_orders_max => %(open_orders_max)s, p_subsidised_a_month_max => %(subsidised_a_month_max)s,
    p_answer => %(answer)s, p_answer_unsubsidised => %(answer_unsubsidised)s, p_event => %(event)s,
    p_traceparent => %(traceparent)s, p_route_order => %(route_order)s,
    p_slot_confirmation => %(slot_confirmation)s, p_hold => %(hold)s, p_has_caps => %(has_caps)s,
    p_contributions => %(contributions)s, p_audit => %(audit)s
)
"""


def place(
    cursor: DirectCursor,
    *,
    order: PlaceOrder,
    actor: Actor,
    at: datetime,
    command: Command,
    route_order_id: UUID | None = None,
    hold_id: UUID | None = None,
) -> bytes:
    """Take seats for a branch, or for the actor, and set the subsidy aside; returns the OrderView's JSON bytes.

    Two round trips: one reads, one writes; both again where others have used the policy's caps in between. With
    `hold_id` the order takes over the seats that are held for it; raises OfferOver when they are held no more.

    Raises SlotFull, SlotClosed, SlotPast, NotYetBookable, GroupsFull, InAllocationRound, QuotaReached, QuotaFull,
    FundExhausted, CapsMoved, BranchUnknown, NotYourBranch; NotFound for a slot that does not exist.
    """
    place_once = partial(
        _place_once,
        cursor,
        order=order,
        actor=actor,
        at=at,
        command=command,
        route_order_id=route_order_id,
        hold_id=hold_id,
    )
    for _ in range(_CAPS_TRIES - 1):
        try:
            return place_once()
        except CapsMoved:
            if not cursor.connection.autocommit:
                cursor.execute("ROLLBACK TO SAVEPOINT caps_read")
    return place_once()


def _place_once(
    cursor: DirectCursor,
    *,
    order: PlaceOrder,
    actor: Actor,
    at: datetime,
    command: Command,
    route_order_id: UUID | None,
    hold_id: UUID | None,
) -> bytes:
    facts = order_facts(cursor, slot_id=order.slot_id, branch_id=order.branch_id, command_id=command.id, at=at)
    if facts is None:
        raise NotFound()
    _must_lead(actor, order, facts)
    if facts.done_answer is not None:
        return _done_before(facts, command)
    _refuse_early(facts, order=order, at=at, holds=hold_id is not None)
    has_caps = bool(facts.policy and facts.policy.get("caps"))
    if has_caps and not cursor.connection.autocommit:
        cursor.execute("SAVEPOINT caps_read")
    write = partial(
        _write,
        cursor,
        order=order,
        actor=actor,
        at=at,
        command=command,
        route_order_id=route_order_id,
        hold_id=hold_id,
    )
    for tried in range(1, _VOUCHER_TRIES):
        try:
            return write(facts)
        except psycopg2.errors.UniqueViolation as error:
            if error.diag.constraint_name != "orders_voucher_key":
                raise
        except FundExhausted:
            # Another order took what a fund had left: divided anew, the other funds may still have enough.
            if len(facts.funding or ()) < 2 or tried == _FUNDING_TRIES or not cursor.connection.autocommit:
                raise
            facts = order_facts(cursor, slot_id=order.slot_id, branch_id=order.branch_id, command_id=command.id, at=at)
            assert facts is not None
    return write(facts)


def _must_lead(actor: Actor, order: PlaceOrder, facts: OrderFacts) -> None:
    if order.branch_id is None:
        actor.must("book_seats", person=actor.person_id)
        if order.party_size != 1:
            raise InvalidInput({"party_size": ["A member books one seat; a branch orders for a party."]})
    elif facts.branch_path is None:
        raise BranchUnknown()
    elif not actor.may("place_order", branch=facts.branch_path):
        raise NotYourBranch()


def _done_before(facts: OrderFacts, command: Command) -> bytes:
    """Return the stored answer of the same command. Raises IdempotencyKeyReused for another one with its id."""
    assert facts.done_body_hash is not None
    assert facts.done_answer is not None
    same = (facts.done_door, facts.done_caller, bytes(facts.done_body_hash))
    if same != (command.door, command.caller, command.body_hash):
        raise IdempotencyKeyReused()
    return bytes(facts.done_answer)


def _refuse_early(facts: OrderFacts, *, order: PlaceOrder, at: datetime, holds: bool) -> None:
    """Refuse from what was read, so that a rush on a full slot writes nothing; the write decides for the rest."""
    # What is held may have expired, and may be held for this very order: then only the write knows what is free.
    is_known = facts.seats_held == 0 and not holds
    booking = Booking(
        party_size=order.party_size,
        at=at,
        closed_reason=facts.closed_reason,
        bookable_from=facts.bookable_from if not holds else None,
        bookable_until=facts.bookable_until,
        seats_left=facts.seats - facts.seats_taken if is_known else None,
        groups_max=facts.groups_max,
        groups_taken=facts.groups_taken if is_known else None,
        is_group=order.branch_id is not None,
        # What is held was given out already: offered before the round, or drawn in it.
        round=_round(facts) if not holds else None,
    )
    refuse_breach(booking)


def _round(facts: OrderFacts) -> Round | None:
    if facts.round_id is None or facts.round_title is None or facts.round_draw_at is None:
        return None
    return Round(facts.round_id, facts.round_title, facts.round_draw_at)


def _estimate(
    order: PlaceOrder, facts: OrderFacts
) -> tuple[UUID | None, int, list[dict[str, Any]], list[funding.Share]]:
    """Return the policy, what to set aside, why, and the funds with what each of them may bear."""
    shares = funding.shares_of(facts.funding)
    if order.branch_id is None:
        return None, 0, unsubsidised("member_booking"), shares
    if facts.branch_is_external:
        return None, 0, unsubsidised("external_branch"), shares
    if not facts.funding or facts.policy is None:
        return None, 0, unsubsidised("no_fund"), shares
    policy = policy_of(facts.policy)
    shares, place = funding.kept_to_share(shares, policy, place_of(facts.policy, visit_on=facts.visit_on))
    estimate = subsidy.estimate(policy, headcount=order.party_size, place=place)
    return policy.id, estimate.amount_fen, estimate.explanation, shares


def _write(
    cursor: DirectCursor,
    facts: OrderFacts,
    *,
    order: PlaceOrder,
    actor: Actor,
    at: datetime,
    command: Command,
    route_order_id: UUID | None,
    hold_id: UUID | None,
) -> bytes:
    policy_id, amount_fen, explanation, shares = _estimate(order, facts)
    parts = funding.parts_of(amount_fen, shares)
    if len(parts) > 1:
        explanation = [*explanation, funding.told(parts)]
    # A branch whose parties did not come is confirmed by hand for a time, also where the slot confirms by itself.
    manual = facts.confirmation == MANUAL or facts.by_hand_until is not None
    confirmation = MANUAL if manual else facts.confirmation
    state = first_state(confirmation)
    view = OrderView(
        id=uuid4(),
        state=state,
        branch_id=order.branch_id,
        branch_name=facts.branch_name,
        party_size=order.party_size,
        seats=order.party_size,
        slot=SlotRef(order.slot_id, facts.programme, facts.starts_at, facts.ends_at),
        site=SiteRef(facts.site_id, facts.site_name),
        subsidy_estimate_fen=amount_fen,
        subsidy_explanation=explanation,
        voucher=vouchers.new_code() if state == CONFIRMED else None,
        contact_name=order.contact_name,
        contact_phone_masked=mask_phone(order.contact_phone),
        placed_at=at,
        placed_by=actor.name,
        check_in=None,
        headcount=None,
        claim_id=None,
        reason=None,
        version=1,
        route_order_id=route_order_id,
        cancel_free_until=facts.cancel_until,
        branch_is_external=bool(facts.branch_is_external),
    )
    # Whether the month's subsidised visit is taken, only the database can say, so it is given both answers.
    used_up = unsubsidised("month_used")
    answer = dump(view)
    cursor.execute(
        _PLACE,
        {
            "command": command.id,
            "body_hash": command.body_hash,
            "door": command.door,
            "caller": command.caller,
            "order": view.id,
            "slot": order.slot_id,
            "site": facts.site_id,
            "programme": facts.programme_id,
            "starts_at": facts.starts_at,
            "ends_at": facts.ends_at,
            "visit_on": facts.visit_on,
            "branch": order.branch_id,
            "by": actor.person_id,
            "by_name": actor.name,
            "at": at,
            "party_size": order.party_size,
            "contact_name": order.contact_name,
            "contact_phone": seal(order.contact_phone),
            "contact_phone_masked": view.contact_phone_masked,
            "confirmation": confirmation,
            "slot_confirmation": facts.confirmation,
            "hold": hold_id,
            "has_caps": bool(facts.policy and facts.policy.get("caps")),
            "state": state,
            "answer_by": _answer_by(facts, at=at) if manual else None,
            "voucher": view.voucher,
            "policy": policy_id,
            "fund": funding.paying(shares, parts),
            "contributions": funding.contributions(parts),
            "fund_year": facts.visit_on.year,
            "amount_fen": amount_fen,
            "explanation": json.dumps(explanation, ensure_ascii=False),
            "explanation_unsubsidised": json.dumps(used_up),
            "open_orders_max": facts.open_orders_max,
            "subsidised_a_month_max": facts.subsidised_a_month_max,
            "answer": answer,
            "answer_unsubsidised": (
                dump(replace(view, subsidy_estimate_fen=0, subsidy_explanation=used_up)) if amount_fen else answer
            ),
            "event": _ordered(order, facts, view),
            "traceparent": logs.traceparent.get() or None,
            "route_order": route_order_id,
            "audit": command.told(view.id),
        },
    )
    stored = cursor.fetchone()
    assert stored is not None
    return bytes(stored[0])


def _answer_by(facts: OrderFacts, *, at: datetime) -> datetime:
    days = {date.fromisoformat(day): kind for day, kind in (facts.public_days or {}).items()}
    return answer_by(at, starts_at=facts.starts_at, public_days=days)


def _ordered(order: PlaceOrder, facts: OrderFacts, view: OrderView) -> str | None:
    """Return what is told of a branch's order; a member's own booking concerns nobody else."""
    if order.branch_id is None:
        return None
    fact = VisitOrdered(
        order_id=view.id,
        branch_id=order.branch_id,
        site_id=facts.site_id,
        site_name=facts.site_name,
        programme=facts.programme,
        theme=facts.theme,
        visit_on=facts.visit_on,
        starts_at=facts.starts_at,
        party_size=order.party_size,
    )
    return dump(fact).decode()
