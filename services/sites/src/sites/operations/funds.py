"""Funds are opened for a part of the tree, get money by documents, and pay the accounts registered for sites."""

from datetime import date, datetime
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.personal import seal, unseal
from chassis.refusals import NotFound
from contracts.sites.funds import AppropriateFund, FundView
from sqlalchemy import Connection, insert, select, update

from sites.operations import ledger
from sites.queries.funds import fund
from sites.tables.money import fund_settings, funds, payees


def appropriate(db: Connection, *, asked: AppropriateFund, actor: Actor, at: datetime) -> FundView:
    """Put the money that a document grants into this year of the fund. Raises AppropriationRepeated."""
    path = db.execute(select(funds.c.path).where(funds.c.id == asked.fund_id)).scalar_one_or_none()
    if path is None or not actor.may("read_fund", fund=path):
        raise NotFound()
    actor.must("appropriate", fund=path)
    actor.must_be_fresh(at)
    year = clock.today(at).year
    ledger.appropriate(
        db,
        fund_id=asked.fund_id,
        year=year,
        amount_fen=asked.amount_fen,
        document_number=asked.document_number,
        at=at,
        by=actor,
    )
    return fund(db, asked.fund_id, year=year)


def open_fund(
    db: Connection,
    *,
    fund_id: UUID,
    code: str,
    name: str,
    path: str,
    payer_name: str,
    payer_account: str,
    payer_bank: str,
    payer_bank_code: str,
    separate_payer: bool = True,
    publicity_days: int = 5,
) -> None:
    """Open a fund for the branches below `path`; `code` is 1 to 8 capital letters or digits.

    Its batches are published for so many days before they are approved, and handed to the bank by a third person.
    """
    db.execute(
        insert(funds).values(
            id=fund_id,
            code=code,
            name=name,
            path=path,
            payer_name=payer_name,
            payer_account=seal(payer_account),
            payer_bank=payer_bank,
            payer_bank_code=payer_bank_code,
        )
    )
    db.execute(
        insert(fund_settings).values(
            fund_id=fund_id,
            active_from=date(2000, 1, 1),
            separate_payer=separate_payer,
            publicity_days=publicity_days,
            citation="设立经费时的设置",
        )
    )


def register_payee(
    db: Connection,
    *,
    site_id: UUID,
    name: str,
    account: str,
    bank: str,
    bank_code: str,
    credit_code: str | None,
    is_synthetic: bool,
    at: datetime,
) -> bool:
    """Say to which account a site is paid from now on; returns False when it is that account already.

    Lines of batches keep the account that they were made with.
    """
    standing = db.execute(
        select(payees).where(payees.c.site_id == site_id, payees.c.active_until.is_(None)).with_for_update()
    ).one_or_none()
    if standing is not None:
        same = (standing.name, unseal(standing.account), standing.bank, standing.bank_code, standing.credit_code)
        if same == (name, account, bank, bank_code, credit_code):
            return False
        db.execute(update(payees).where(payees.c.id == standing.id).values(active_until=at))
    db.execute(
        insert(payees).values(
            id=uuid4(),
            site_id=site_id,
            name=name,
            account=seal(account),
            account_masked=mask_account(account),
            bank=bank,
            bank_code=bank_code,
            credit_code=credit_code,
            is_synthetic=is_synthetic,
            active_from=at,
        )
    )
    return True


def mask_account(account: str) -> str:
    """Return an account number of which only the last four digits show."""
    return f"**** {account[-4:]}" if len(account) > 4 else "****"
