"""The layouts of a fund's files: set anew, never changed; a batch keeps the one of its approval (S12)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import Page
from contracts.sites.file_layouts import FileLayoutAsked, FileLayoutView, LayoutColumn, SetFileLayout
from sqlalchemy import Connection, Row, func, insert, select

from sites.domain.file_layouts import DEFAULT_PAYMENT, DEFAULT_STATEMENT, Column, Layout, faults_of
from sites.tables.money import funds
from sites.tables.settlement import file_layouts

DEFAULTS: Final = {"payment": DEFAULT_PAYMENT, "statement": DEFAULT_STATEMENT}
VERSIONS_SHOWN: Final = 100
_SAMPLE: Final = {
    "number": "1",
    "end_to_end_id": "F1-202611-01-00001",
    "line_id": "0b7d3a52-6f0e-5c1b-9a64-370302000001",
    "payee_name": "示例管理单位",
    "credit_code": "91370302MA3C00001X",
    "account": "6222000000000001",
    "bank": "示例银行淄川支行",
    "bank_code": "102453000001",
    "purpose": "示例活动补贴",
    "batch_number": "F1-202611-01",
    "payer_name": "示例付款单位",
    "payer_account": "6222000000000000",
    "currency": "CNY",
    "reference": "20261111000001",
    "counterparty": "示例管理单位",
    "note": "活动补贴",
    "amount_in": "",
}


@dataclass(frozen=True)
class InForce:
    """The layout in force, and the row it comes from; none for the platform's own."""

    id: UUID | None
    layout: Layout
    row: Row[Any] | None = None


def in_force(db: Connection, fund_id: UUID, purpose: str) -> InForce:
    """Return the layout that a fund's files of this purpose have now."""
    newest = (
        select(file_layouts)
        .where(file_layouts.c.fund_id == fund_id, file_layouts.c.purpose == purpose)
        .order_by(file_layouts.c.version.desc())
        .limit(1)
    )
    row = db.execute(newest).one_or_none()
    return InForce(row.id, _layout(row), row) if row else InForce(None, DEFAULTS[purpose])


def layout_for(db: Connection, fund_id: UUID, layout_id: UUID | None) -> Layout:
    """Return the layout that a batch was approved with."""
    if layout_id is None:
        return DEFAULT_PAYMENT
    return _layout(
        db.execute(select(file_layouts).where(file_layouts.c.id == layout_id, file_layouts.c.fund_id == fund_id)).one()
    )


def set_layout(db: Connection, *, asked: SetFileLayout, actor: Actor, at: datetime) -> FileLayoutView:
    """Set how the fund's files look from now on. Raises NotFound; InvalidInput for a layout that no bank can read."""
    fund_for(db, asked.fund_id, actor=actor, action="set_file_layout", locked=True)
    actor.must_be_fresh(at)
    sound(asked)
    made = select(func.count()).where(file_layouts.c.fund_id == asked.fund_id, file_layouts.c.purpose == asked.purpose)
    db.execute(
        insert(file_layouts).values(
            id=uuid4(),
            fund_id=asked.fund_id,
            purpose=asked.purpose,
            version=db.execute(made).scalar_one() + 1,
            columns=[{"field": column.field, "heading": column.heading} for column in asked.columns],
            encoding=asked.encoding,
            date_format=asked.date_format,
            amount_unit=asked.amount_unit,
            set_by_id=actor.person_id,
            set_by=actor.name,
            set_at=at,
        )
    )
    return _view(asked.fund_id, asked.purpose, in_force(db, asked.fund_id, asked.purpose), at=at)


def sound(asked: SetFileLayout) -> Layout:
    """Return the layout that is asked for. Raises InvalidInput for one that no bank can read."""
    layout = Layout(
        tuple(Column(column.field, column.heading) for column in asked.columns),
        asked.encoding,
        asked.date_format,
        asked.amount_unit,
    )
    if wrong := faults_of(layout, purpose=asked.purpose):
        raise InvalidInput({"columns": wrong})
    return layout


def file_layouts_of(db: Connection, *, asked: FileLayoutAsked, actor: Actor, at: datetime) -> Page:
    """Return all layouts that a fund's files had, the one in force first. Raises NotFound, Forbidden."""
    fund_for(db, asked.fund_id, actor=actor, action="read_file_layout")
    rows = db.execute(
        select(file_layouts)
        .where(file_layouts.c.fund_id == asked.fund_id, file_layouts.c.purpose == asked.purpose)
        .order_by(file_layouts.c.version.desc())
        .limit(VERSIONS_SHOWN)
    )
    found = [InForce(row.id, _layout(row), row) for row in rows]
    if len(found) < VERSIONS_SHOWN:
        found.append(InForce(None, DEFAULTS[asked.purpose]))
    return Page(items=[_view(asked.fund_id, asked.purpose, each, at=at) for each in found])


def file_layout(db: Connection, *, asked: FileLayoutAsked, actor: Actor, at: datetime) -> FileLayoutView:
    """Return the layout in force, with a made-up line in it. Raises NotFound."""
    fund_for(db, asked.fund_id, actor=actor, action="read_file_layout")
    return _view(asked.fund_id, asked.purpose, in_force(db, asked.fund_id, asked.purpose), at=at)


def fund_for(db: Connection, fund_id: UUID, *, actor: Actor, action: str, locked: bool = False) -> None:
    """Raise NotFound for a fund that the actor may not see, Forbidden for an act that is not theirs."""
    found = select(funds.c.path).where(funds.c.id == fund_id)
    path = db.execute(found.with_for_update(key_share=True) if locked else found).scalar_one_or_none()
    if path is None or not actor.may("read_fund", fund=path):
        raise NotFound()
    actor.must(action, fund=path)


def _layout(row: Row[Any]) -> Layout:
    return Layout(
        tuple(Column(column["field"], column["heading"]) for column in row.columns),
        row.encoding,
        row.date_format,
        row.amount_unit,
    )


def sample_of(layout: Layout, *, at: datetime) -> list[str]:
    """Return a made-up line in the layout."""
    day = layout.day(date(at.year, 11, 11))
    amount = layout.amount(400_00)
    varying = {"amount": amount, "amount_out": amount, "balance": layout.amount(9_600_00)}
    varying |= {"visit_on": day, "booked_on": day}
    return [(varying | _SAMPLE).get(column.field, "") for column in layout.columns]


def _view(fund_id: UUID, purpose: str, found: InForce, *, at: datetime) -> FileLayoutView:
    layout, row = found.layout, found.row
    return FileLayoutView(
        fund_id=fund_id,
        purpose=purpose,
        version=row.version if row else 0,
        columns=[LayoutColumn(column.field, column.heading) for column in layout.columns],
        encoding=layout.encoding,
        date_format=layout.date_format,
        amount_unit=layout.amount_unit,
        sample=sample_of(layout, at=at),
        set_by=row.set_by if row else None,
        set_at=row.set_at if row else None,
    )
