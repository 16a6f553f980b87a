"""The rows of a steward's sheets, and who drew which (S8)."""

from datetime import date
from typing import Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.personal import unseal
from contracts.envelope import Page
from contracts.sites.sheets import ListedVoucher, SheetPrintsAsked, SheetPrintView, SheetRowView
from sqlalchemy import Connection, select, text

from sites.queries.parties import members_of
from sites.queries.sites import kept_site
from sites.tables.arrivals import sheet_prints

ROWS_MAX: Final = 2000

_ROWS: Final = text("""
SELECT o.*, p.name AS programme, p.theme, coalesce(b.name, o.group_name) AS party, g.name AS guide
  FROM orders o
  JOIN programmes p ON p.id = o.programme_id
  LEFT JOIN organisations b ON b.id = o.branch_id
  LEFT JOIN guide_assignments a ON a.slot_id = o.slot_id
  LEFT JOIN guides g ON g.id = a.guide_id
 WHERE o.site_id = :site AND o.visit_on BETWEEN :first AND :last AND o.state IN ('placed', 'confirmed', 'used')
 ORDER BY o.starts_at, o.placed_at, o.id LIMIT :most
""")
_VOUCHERS: Final = text("""
SELECT o.id, o.starts_at, o.ends_at, o.voucher, coalesce(b.name, o.group_name) AS party, o.party_size, o.checked_in
  FROM orders o LEFT JOIN organisations b ON b.id = o.branch_id
 WHERE o.site_id = :site AND o.visit_on = :on AND o.state = 'confirmed'
 ORDER BY o.starts_at, o.placed_at, o.id LIMIT :most
""")


def sheet_rows(
    db: Connection, site_id: UUID, *, first: date, last: date, today: date
) -> tuple[list[SheetRowView], bool]:
    """Return the live orders of the days, and whether whole telephone numbers stand among them: those of `today`."""
    rows = db.execute(_ROWS, {"site": site_id, "first": first, "last": last, "most": ROWS_MAX}).all()
    of_today = [row.id for row in rows if row.visit_on == today]
    names = members_of(db, of_today)
    return [
        SheetRowView(
            order_id=row.id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            party=row.party,
            source=row.source,
            state=row.state,
            party_size=row.party_size,
            checked_in=row.checked_in,
            programme=row.programme,
            theme=row.theme,
            contact_name=row.contact_name,
            contact_phone=unseal(row.contact_phone) if row.visit_on == today else row.contact_phone_masked,
            needs=row.needs,
            guide=row.guide,
            names=[member.name for member in names.get(row.id, [])],
        )
        for row in rows
    ], bool(of_today)


def vouchers_of(db: Connection, site_id: UUID, *, on: date) -> list[ListedVoucher]:
    """Return the day's vouchers that can still let somebody in, in the order of time."""
    rows = db.execute(_VOUCHERS, {"site": site_id, "on": on, "most": ROWS_MAX})
    return [
        ListedVoucher(row.id, row.starts_at, row.ends_at, row.voucher, row.party, row.party_size, row.checked_in)
        for row in rows
    ]


def prints(db: Connection, asked: SheetPrintsAsked, *, actor: Actor) -> Page:
    """Return who drew which sheets of the site, the last first. Raises NotFound, Forbidden."""
    site = kept_site(db, asked.site_id, actor=actor, action="print_vouchers")
    wanted = select(sheet_prints).where(sheet_prints.c.site_id == site.id)
    if asked.cursor:
        (before,) = key_in(asked.cursor, int)
        wanted = wanted.where(sheet_prints.c.id < before)
    rows = db.execute(wanted.order_by(sheet_prints.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: SheetPrintView(row.id, row.kind, row.on, row.drawn_at, row.drawn_by),
        key=lambda row: (row.id,),
    )
