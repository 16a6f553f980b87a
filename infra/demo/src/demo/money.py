"""The demonstration's fund, with money for two years, and an account for each site; all made up."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from chassis import clock
from contracts.envelope import NAMESPACE_ZHENDI
from sites.operations import funds, ledger
from sites.tables.money import funds as funds_table
from sites.tables.money import ledger_entries
from sqlalchemy import Connection, select

from demo import places

FUND_PATH: Final = "3703.370302"
APPROPRIATION_FEN: Final = 500_000_00
MADE_UP: Final = "（演示）"
LOOKS_BACK: Final = timedelta(days=62)


def load(db: Connection, *, at: datetime) -> int:
    """Open the fund, grant it money and register the payees; returns how many of these are new."""
    new = int(_open_fund(db))
    # Visits reach a month back and orders four weeks ahead: in January and in December into another year.
    years = {clock.today(day).year for day in (at - LOOKS_BACK, at)}
    new += sum(_grant(db, year=each, at=at) for each in sorted({*years, max(years) + 1}))
    for number, site in enumerate(places.sites(), start=1):
        new += funds.register_payee(
            db,
            site_id=places.site_id(site.code),
            name=f"{site.name}管理单位{MADE_UP}",
            account=f"99990000{number:011d}",
            bank=f"演示银行{MADE_UP}",
            bank_code="999453000001",
            credit_code=None,
            is_synthetic=True,
            at=at,
        )
    return new


def fund_id() -> UUID:
    """Return the id that the district's fund has in every demonstration."""
    return uuid5(NAMESPACE_ZHENDI, "fund:370302")


def _open_fund(db: Connection) -> bool:
    if db.execute(select(funds_table.c.id).where(funds_table.c.id == fund_id())).first():
        return False
    funds.open_fund(
        db,
        fund_id=fund_id(),
        code="ZC370302",
        name=f"淄川区开放式组织生活专项经费{MADE_UP}",
        path=FUND_PATH,
        payer_name=f"淄川区委组织部{MADE_UP}",
        payer_account="9999000000000000000",
        payer_bank=f"演示银行{MADE_UP}",
        payer_bank_code="999453000001",
        # Docs/decisions/0018: the whole chain can be walked in a minute, by two persons and without waiting.
        separate_payer=False,
        publicity_days=0,
    )
    return True


def _grant(db: Connection, *, year: int, at: datetime) -> bool:
    document_number = f"演示拨款〔{year}〕1号"
    granted = select(ledger_entries.c.id).where(
        ledger_entries.c.fund_id == fund_id(), ledger_entries.c.document_number == document_number
    )
    if db.execute(granted).first():
        return False
    ledger.appropriate(
        db,
        fund_id=fund_id(),
        year=year,
        amount_fen=APPROPRIATION_FEN,
        document_number=document_number,
        at=at,
        by=None,
    )
    return True
