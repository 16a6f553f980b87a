"""How a fund's batches are paid, from which day on (S12)."""

from datetime import date, datetime
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.settings import FundSettingsAsked, FundSettingsRowView, FundSettingsView
from sqlalchemy import Connection, select

from sites.domain.days import day_of
from sites.domain.fund_settings import DEFAULT, FundSettings
from sites.queries.dated_rows import newest_first
from sites.tables.money import fund_settings, funds


def settings_on(db: Connection, fund_id: UUID, day: date) -> FundSettings:
    """Return what holds on the day: the newest row that has begun; a fund without one pays as carefully as can be."""
    found = (
        select(fund_settings.c.separate_payer, fund_settings.c.publicity_days)
        .where(fund_settings.c.fund_id == fund_id, fund_settings.c.active_from <= day)
        .order_by(fund_settings.c.active_from.desc(), fund_settings.c.id.desc())
        .limit(1)
    )
    row = db.execute(found).one_or_none()
    return FundSettings(row.separate_payer, row.publicity_days) if row else DEFAULT


def settings_of(db: Connection, *, asked: FundSettingsAsked, actor: Actor, at: datetime) -> FundSettingsView:
    """Return a fund's rows. Raises NotFound, Forbidden."""
    fund = db.execute(select(funds).where(funds.c.id == asked.fund_id)).one_or_none()
    if fund is None or not actor.may("read_fund", fund=fund.path):
        raise NotFound()
    actor.must("read_fund_settings", fund=fund.path)
    rows = db.execute(
        select(fund_settings).where(fund_settings.c.fund_id == fund.id).order_by(fund_settings.c.id)
    ).all()
    return FundSettingsView(
        fund_id=fund.id,
        fund_name=fund.name,
        payer_name=fund.payer_name,
        payer_bank=fund.payer_bank,
        rows=newest_first(rows, FundSettingsRowView, today=day_of(at)),
    )
