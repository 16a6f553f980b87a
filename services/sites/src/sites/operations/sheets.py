"""What a steward prints (S8): sheets of a day or a week, the day's vouchers. Numbers and codes given out are noted."""

from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.actors import Actor
from contracts.sites.places import SiteRef
from contracts.sites.sheets import PrintVouchers, SheetAsked, SheetView, VoucherListView
from sqlalchemy import Connection, insert

from sites.domain.days import day_of
from sites.queries.sheets import sheet_rows, vouchers_of
from sites.queries.sites import kept_site
from sites.tables.arrivals import sheet_prints


def sheet(db: Connection, *, asked: SheetAsked, actor: Actor, at: datetime) -> SheetView:
    """Return who comes to the site; with whole telephone numbers for today alone, and then it is noted who saw them.

    Raises NotFound, Forbidden.
    """
    site = kept_site(db, asked.site_id, actor=actor, action="read_sheet")
    last = asked.on + timedelta(days=asked.days - 1)
    rows, has_phones = sheet_rows(db, site.id, first=asked.on, last=last, today=day_of(at))
    if has_phones:
        _note(db, site.id, "day" if asked.days == 1 else "week", asked.on, actor=actor, at=at)
    return SheetView(
        site=SiteRef(site.id, site.name),
        first_day=asked.on,
        last_day=last,
        rows=rows,
        parties=len(rows),
        heads=sum(row.party_size for row in rows),
        has_phones=has_phones,
        drawn_at=at,
        drawn_by=actor.name,
    )


def print_vouchers(db: Connection, *, asked: PrintVouchers, actor: Actor, at: datetime) -> VoucherListView:
    """Return the day's vouchers with their codes, and note who printed them. Raises NotFound, Forbidden."""
    site = kept_site(db, asked.site_id, actor=actor, action="print_vouchers")
    _note(db, site.id, "vouchers", asked.on, actor=actor, at=at)
    return VoucherListView(
        site=SiteRef(site.id, site.name),
        on=asked.on,
        vouchers=vouchers_of(db, site.id, on=asked.on),
        printed_at=at,
        printed_by=actor.name,
    )


def _note(db: Connection, site_id: UUID, kind: str, on: date, *, actor: Actor, at: datetime) -> None:
    who = {"drawn_at": at, "drawn_by_id": actor.person_id, "drawn_by": actor.name}
    db.execute(insert(sheet_prints).values(site_id=site_id, kind=kind, on=on, **who))
