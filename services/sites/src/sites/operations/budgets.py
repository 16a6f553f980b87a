"""The end of a fund's year, the figures that its budget is compared with, and the layout of its vouchers (S10)."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import plain
from contracts.sites.budgets import (
    ExecutionAsked,
    ExecutionView,
    MoveYearEnd,
    ProposeYearEnd,
    RecordFiscalGrowth,
    SetVoucherLayout,
    VoucherLayoutView,
    YearEndView,
)
from sqlalchemy import Connection, Row, insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from sites.domain import accounting
from sites.domain.budgets import (
    MOVES,
    PROPOSED,
    FundYearNotOver,
    KeptForAppeals,
    OwnYearEnd,
    YearEndNotMovable,
    YearEndTaken,
    YearIsEmpty,
)
from sites.domain.days import said
from sites.domain.ledger import EarlierPeriodOpen
from sites.queries import budgets as budget_queries
from sites.queries.proofs import first_open_month
from sites.tables.budgets import fiscal_growths, voucher_layouts, year_ends

_FOUND: Final = text("""
SELECT y.*, f.path AS fund_path FROM year_ends y JOIN funds f ON f.id = y.fund_id WHERE y.id = :id
""")
_END: Final = text("SELECT end_year(:id, CAST(:checklist AS jsonb), :at, :by, :by_name)")


def propose(db: Connection, *, asked: ProposeYearEnd, actor: Actor, at: datetime) -> YearEndView:
    """Propose what to do with what a year has left beside what an appeal may still bring back.

    Raises FundYearNotOver; EarlierPeriodOpen while a month until its end is not closed; YearIsEmpty, KeptForAppeals,
    YearEndTaken.
    """
    fund = budget_queries.fund_row(db, asked.fund_id, "propose_year_end", actor=actor)
    actor.must_be_fresh(at)
    if asked.year >= clock.today(at).year:
        raise FundYearNotOver(year=asked.year)
    must_be_closed(db, fund.id, asked.year)
    available_fen = budget_queries.available_in(db, fund.id, asked.year)
    if available_fen == 0:
        raise YearIsEmpty(year=asked.year)
    kept = budget_queries.kept_for_appeals(db, fund.id, asked.year, at=at)
    amount_fen = available_fen - kept.kept_fen
    if amount_fen <= 0:
        raise KeptForAppeals(year=asked.year, filed=kept.filed, until=said(kept.until or at))
    made = db.execute(
        upsert(year_ends)
        .values(
            id=uuid4(),
            fund_id=fund.id,
            year=asked.year,
            use=asked.use,
            amount_fen=amount_fen,
            kept_fen=kept.kept_fen,
            document_number=asked.document_number,
            state=PROPOSED,
            checklist=budget_queries.checklist_of(db, fund.id, asked.year),
            proposed_at=at,
            proposed_by_id=actor.person_id,
            proposed_by=actor.name,
        )
        .on_conflict_do_nothing()
        .returning(year_ends.c.id)
    ).scalar_one_or_none()
    if made is None:
        raise YearEndTaken(year=asked.year)
    return view(db, made)


def approve(db: Connection, *, asked: MoveYearEnd, actor: Actor, at: datetime) -> YearEndView:
    """Do what another person proposed. Raises OwnYearEnd, YearEndNotMovable, YearEndChanged, EarlierPeriodOpen."""
    found = _found(db, asked, action="approve_year_end", actor=actor)
    actor.must_be_fresh(at)
    if found.proposed_by_id == actor.person_id:
        raise OwnYearEnd()
    must_be_closed(db, found.fund_id, found.year)
    checklist = budget_queries.checklist_of(db, found.fund_id, found.year)
    db.execute(
        _END,
        {
            "id": found.id,
            "checklist": json.dumps(checklist),
            "at": at,
            "by": actor.person_id,
            "by_name": actor.name,
        },
    )
    return view(db, found.id)


def withdraw(db: Connection, *, asked: MoveYearEnd, actor: Actor, at: datetime) -> YearEndView:
    """Take a proposal back, or turn it down. Raises YearEndNotMovable."""
    found = _found(db, asked, action="withdraw_year_end", actor=actor)
    sources, target = MOVES["withdraw"]
    moved = db.execute(
        update(year_ends)
        .where(year_ends.c.id == found.id, year_ends.c.state.in_(sorted(sources)))
        .values(state=target, decided_at=at, decided_by_id=actor.person_id, decided_by=actor.name)
    )
    if moved.rowcount == 0:
        raise YearEndNotMovable()
    return view(db, found.id)


def record_growth(db: Connection, *, asked: RecordFiscalGrowth, actor: Actor, at: datetime) -> ExecutionView:
    """Write down by how much fiscal revenue grew; returns the year as it is compared now."""
    fund = budget_queries.fund_row(db, asked.fund_id, "record_fiscal_growth", actor=actor)
    db.execute(
        insert(fiscal_growths).values(
            fund_id=fund.id,
            year=asked.year,
            growth_bp=asked.growth_bp,
            source=asked.source,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    return budget_queries.execution(db, ExecutionAsked(fund.id, asked.year), actor=actor, at=at)


def set_layout(db: Connection, *, asked: SetVoucherLayout, actor: Actor, at: datetime) -> VoucherLayoutView:
    """Give the fund's vouchers columns and codes. Raises InvalidInput for what no voucher can hold."""
    fund = budget_queries.fund_row(db, asked.fund_id, "set_voucher_layout", actor=actor)
    wrong: dict[str, list[str]] = {}
    if told := accounting.wrong_columns([(column.heading, column.field) for column in asked.columns]):
        wrong["columns"] = [told]
    if told := accounting.wrong_codes(asked.codes):
        wrong["codes"] = [told]
    if wrong:
        raise InvalidInput(wrong)
    values: dict[str, Any] = {
        "columns": [plain(column) for column in asked.columns],
        "codes": dict(asked.codes),
        "at": at,
        "by_id": actor.person_id,
        "by_name": actor.name,
    }
    db.execute(
        upsert(voucher_layouts)
        .values(fund_id=fund.id, **values)
        .on_conflict_do_update(index_elements=[voucher_layouts.c.fund_id], set_=values)
    )
    return budget_queries.layout(db, fund.id, actor=actor)


def must_be_closed(db: Connection, fund_id: UUID, year: int) -> None:
    """Raise EarlierPeriodOpen unless all months until the end of the year are closed."""
    first = first_open_month(db, fund_id)
    if first is not None and first.year <= year:
        period = f"{first:%Y-%m}"
        raise EarlierPeriodOpen(period=period)


def view(db: Connection, year_end_id: UUID) -> YearEndView:
    """Return one proposal."""
    return budget_queries.year_end_view(db.execute(_FOUND, {"id": year_end_id}).one())


def _found(db: Connection, asked: MoveYearEnd, *, action: str, actor: Actor) -> Row[Any]:
    found = db.execute(_FOUND, {"id": asked.year_end_id}).one_or_none()
    if found is None or not actor.may("read_ledger", fund=found.fund_path):
        raise NotFound()
    actor.must(action, fund=found.fund_path)
    return found
