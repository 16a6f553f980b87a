"""Rules that say which funds bear a visit: proposed by one person, adopted by another; and what funds pass on."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.funding import FundingRuleView, MoveFunding, OwedView, ProposeFunding, RecordTransfer
from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from sites.domain.funding import (
    MOVES,
    PROPOSED,
    SHARES_MAX,
    FundingNotMovable,
    FundingTaken,
    OwnFundingRule,
    TransferRepeated,
)
from sites.queries.funding import owed_between, rule
from sites.tables.funding import fund_transfers, funding_rules, funding_shares
from sites.tables.money import funds
from sites.tables.places import organisations

_LOCK_FUNDS: Final = text("SELECT path FROM funds WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")


def propose(db: Connection, *, asked: ProposeFunding, actor: Actor, at: datetime) -> FundingRuleView:
    """Propose a rule for the visits of a place's branches.

    Raises InvalidInput for shares that are not 100 percent of funds which bear visits of that place, or for a day that
    has come; FundingTaken; NotFound for a place that the actor does not see.
    """
    path = db.execute(
        select(organisations.c.path).where(
            organisations.c.id == asked.organisation_id, organisations.c.dissolved.is_(False)
        )
    ).scalar_one_or_none()
    if path is None or not actor.may("read_fund", fund=path):
        raise NotFound()
    actor.must("propose_funding", fund=path)
    actor.must_be_fresh(at)
    _check(db, asked, actor=actor, at=at)
    rule_id = uuid4()
    made = db.execute(
        upsert(funding_rules)
        .values(
            id=rule_id,
            path=path,
            active_from=asked.active_from,
            citation=asked.citation,
            state=PROPOSED,
            proposed_by_id=actor.person_id,
            proposed_by=actor.name,
            proposed_at=at,
        )
        .on_conflict_do_nothing()
        .returning(funding_rules.c.id)
    ).one_or_none()
    if made is None:
        raise FundingTaken()
    db.execute(
        insert(funding_shares),
        [
            {"rule_id": rule_id, "position": place, "fund_id": share.fund_id, "percent": share.percent}
            for place, share in enumerate(asked.shares, start=1)
        ],
    )
    return rule(db, rule_id)


def adopt(db: Connection, *, asked: MoveFunding, actor: Actor, at: datetime) -> FundingRuleView:
    """Have the rule count, from its day on but never for a day that has come. Raises FundingNotMovable,
    OwnFundingRule; InvalidInput when its day has come meanwhile."""
    found = _found(db, asked, action="adopt_funding", actor=actor)
    actor.must_be_fresh(at)
    if found.proposed_by_id == actor.person_id:
        raise OwnFundingRule()
    if found.active_from <= clock.today(at):
        raise InvalidInput({"active_from": ["The day has come; propose the rule for a later one."]})
    return _move(db, found, "adopt", actor=actor, at=at)


def withdraw(db: Connection, *, asked: MoveFunding, actor: Actor, at: datetime) -> FundingRuleView:
    """Take a proposal back, or turn it down. Raises FundingNotMovable."""
    return _move(db, _found(db, asked, action="withdraw_funding", actor=actor), "withdraw", actor=actor, at=at)


def record_transfer(db: Connection, *, asked: RecordTransfer, actor: Actor, at: datetime) -> OwedView:
    """Record that one fund's account paid another's for its parts of visits.

    Raises TransferRepeated for a document that was recorded; InvalidInput for more than is owed; NotFound for funds
    that the actor does not see.
    """
    ids = [asked.from_fund_id, asked.to_fund_id]
    # Two who record at once wait for each other here, so that what is owed is counted once.
    paths = db.execute(_LOCK_FUNDS, {"ids": ids}).scalars().all()
    if len(paths) != 2 or not all(actor.may("read_fund", fund=path) for path in paths):
        raise NotFound()
    for path in paths:
        actor.must("record_transfer", fund=path)
    actor.must_be_fresh(at)
    made = db.execute(
        upsert(fund_transfers)
        .values(
            id=uuid4(),
            from_fund_id=asked.from_fund_id,
            to_fund_id=asked.to_fund_id,
            year=asked.year,
            amount_fen=asked.amount_fen,
            document_number=asked.document_number,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
        .on_conflict_do_nothing()
        .returning(fund_transfers.c.id)
    ).one_or_none()
    if made is None:
        raise TransferRepeated(document_number=asked.document_number)
    left = owed_between(db, from_fund_id=asked.from_fund_id, to_fund_id=asked.to_fund_id, year=asked.year)
    if left is None or left.owed_fen < 0:
        raise InvalidInput({"amount_fen": ["This is more than is owed."]})
    return left


def _check(db: Connection, asked: ProposeFunding, *, actor: Actor, at: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    if asked.active_from <= clock.today(at):
        wrong["active_from"] = ["A rule begins on a later day than today: orders placed keep their funds."]
    ids = [share.fund_id for share in asked.shares]
    if not 1 <= len(ids) <= SHARES_MAX or len(set(ids)) != len(ids):
        wrong["shares"] = ["Name one to five funds, each once."]
    elif sum(share.percent for share in asked.shares) != 100:
        wrong["shares"] = ["The shares must add up to 100 percent."]
    else:
        paths = db.execute(select(funds.c.path).where(funds.c.id.in_(ids))).scalars().all()
        if len(paths) != len(ids) or not all(actor.may("propose_funding", fund=path) for path in paths):
            wrong["shares"] = ["Choose funds that you may dispose of."]
    if wrong:
        raise InvalidInput(wrong)


def _found(db: Connection, asked: MoveFunding, *, action: str, actor: Actor) -> Row[Any]:
    found = db.execute(
        select(funding_rules).where(funding_rules.c.id == asked.rule_id).with_for_update(key_share=True)
    ).one_or_none()
    if found is None or not actor.may("read_fund", fund=found.path):
        raise NotFound()
    actor.must(action, fund=found.path)
    return found


def _move(db: Connection, found: Row[Any], verb: str, *, actor: Actor, at: datetime) -> FundingRuleView:
    sources, target = MOVES[verb]
    moved = db.execute(
        update(funding_rules)
        .where(funding_rules.c.id == found.id, funding_rules.c.state.in_(sorted(sources)))
        .values(state=target, decided_by_id=actor.person_id, decided_by=actor.name, decided_at=at)
    )
    if moved.rowcount == 0:
        raise FundingNotMovable(state=found.state)
    return rule(db, found.id)
