"""Whom the bank pays for a site (S12): one person proposes, another confirms, and payments rest for some days then."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.personal import seal, unseal
from chassis.refusals import InvalidInput
from contracts.sites.payees import (
    DecidePayeeChange,
    OpenPayeeAccount,
    PayeeAccountView,
    PayeeChangeView,
    ProposePayee,
    RefusePayeeChange,
)
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.claims import OwnSiteOrBranch, keeps
from sites.domain.days import day_of, midnight
from sites.domain.payees import (
    MOVES,
    PROPOSED,
    ChangeDecided,
    ChangeProposedAlready,
    SameAccount,
    SamePersonConfirms,
    is_credit_code,
)
from sites.operations.funds import mask_account
from sites.queries.payees import change, change_for, site_for
from sites.queries.settlement_rules import rules_on
from sites.tables.money import payees
from sites.tables.settlement import payee_account_views, payee_changes


def propose(db: Connection, *, asked: ProposePayee, actor: Actor, at: datetime) -> PayeeChangeView:
    """Propose to pay to another account; nothing changes until another person confirms it.

    Raises NotFound, SameAccount, ChangeProposedAlready; InvalidInput for a credit code that is none.
    """
    site_for(db, asked.site_id, actor=actor, action="propose_payee")
    code = asked.credit_code.upper().replace(" ", "")
    if not is_credit_code(code):
        raise InvalidInput({"credit_code": ["This is no unified social credit code; its check character is wrong."]})
    account = asked.account.replace(" ", "").replace("-", "")
    standing = _standing(db, asked.site_id)
    if standing is not None:
        now = (standing.name, unseal(standing.account), standing.bank_code, standing.credit_code)
        if now == (asked.name, account, asked.bank_code, code):
            raise SameAccount()
    change_id = uuid4()
    proposed = (
        insert_new(payee_changes)
        .values(
            id=change_id,
            site_id=asked.site_id,
            kind=asked.kind,
            name=asked.name,
            account=seal(account),
            account_masked=mask_account(account),
            bank=asked.bank,
            bank_code=asked.bank_code,
            credit_code=code,
            reason=asked.reason,
            state=PROPOSED,
            proposed_by_id=actor.person_id,
            proposed_by=actor.name,
            proposed_at=at,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(proposed).rowcount == 0:
        raise ChangeProposedAlready()
    return change(db, change_id, actor=actor)


def confirm(db: Connection, *, asked: DecidePayeeChange, actor: Actor, at: datetime) -> PayeeChangeView:
    """Put another person's proposal in force; nothing is paid to the account for the days that the rules name.

    Raises NotFound, ChangeDecided, SamePersonConfirms; OwnSiteOrBranch for whoever keeps the site.
    """
    found = change_for(db, asked.change_id, actor=actor, action="confirm_payee", locked=True)
    actor.must_be_fresh(at)
    if found.proposed_by_id == actor.person_id:
        raise SamePersonConfirms()
    if keeps(actor.grants, site_path=found.site_path):
        raise OwnSiteOrBranch()
    _decide(db, found, "confirm", at=at, by=actor)
    standing = _standing(db, found.site_id, locked=True)
    if standing is not None:
        db.execute(update(payees).where(payees.c.id == standing.id).values(active_until=at))
    days = rules_on(db, day_of(at)).payee_hold_days
    db.execute(
        insert(payees).values(
            id=uuid4(),
            site_id=found.site_id,
            kind=found.kind,
            name=found.name,
            account=found.account,
            account_masked=found.account_masked,
            bank=found.bank,
            bank_code=found.bank_code,
            credit_code=found.credit_code,
            active_from=at,
            held_until=midnight(day_of(at) + timedelta(days=1 + days)) if days else None,
            proposed_by=found.proposed_by,
            confirmed_by=actor.name,
        )
    )
    return change(db, found.id, actor=actor)


def refuse(db: Connection, *, asked: RefusePayeeChange, actor: Actor, at: datetime) -> PayeeChangeView:
    """Refuse a proposal, or take one's own back. Raises NotFound, ChangeDecided."""
    found = change_for(db, asked.change_id, actor=actor, action="refuse_payee", locked=True)
    if found.proposed_by_id != actor.person_id:
        actor.must("confirm_payee", site=found.site_path)
    _decide(db, found, "refuse", at=at, by=actor, refusal=asked.reason)
    return change(db, found.id, actor=actor)


def open_account(db: Connection, *, asked: OpenPayeeAccount, actor: Actor, at: datetime) -> PayeeAccountView:
    """Return the whole account number of a site's payee, and keep who looked at it. Raises NotFound."""
    site_for(db, asked.site_id, actor=actor, action="open_payee_account")
    actor.must_be_fresh(at)
    standing = _standing(db, asked.site_id)
    if standing is None:
        raise InvalidInput({"site_id": ["No account is registered for this site."]})
    db.execute(
        insert(payee_account_views).values(payee_id=standing.id, at=at, by_id=actor.person_id, by_name=actor.name)
    )
    return PayeeAccountView(asked.site_id, unseal(standing.account))


def _standing(db: Connection, site_id: UUID, *, locked: bool = False) -> Row[Any] | None:
    found = select(payees).where(payees.c.site_id == site_id, payees.c.active_until.is_(None))
    return db.execute(found.with_for_update() if locked else found).one_or_none()


def _decide(db: Connection, found: Row[Any], verb: str, *, at: datetime, by: Actor, refusal: str | None = None) -> None:
    sources, target = MOVES[verb]
    changed = db.execute(
        update(payee_changes)
        .where(payee_changes.c.id == found.id, payee_changes.c.state.in_(sorted(sources)))
        .values(
            state=target,
            decided_by_id=by.person_id,
            decided_by=by.name,
            decided_at=at,
            refusal=refusal,
            version=payee_changes.c.version + 1,
        )
    )
    if changed.rowcount == 0:
        raise ChangeDecided(state=found.state)
