"""Whom the bank pays for a site: the account in force, proposals to change it, and who looked at the number."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, Text
from contracts.sites.places import SiteRef

PAYEE_KINDS = ("managing_organisation", "public_institution", "enterprise", "social_organisation")
"""A payee is a unit, never a person."""

CHANGE_STATES = ("proposed", "confirmed", "refused")


@dataclass(frozen=True)
class PayeesAsked:
    """The payees of the sites that the asker may see, by site; `pending` alone those with a proposal to decide."""

    pending: Annotated[bool | None, fields.Boolean(load_default=None, allow_none=True)] = None
    q: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 50))] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class PayeeAsked:
    """One site's payee with its history."""

    site_id: UUID


@dataclass(frozen=True)
class ProposePayee:
    """Propose whom the bank pays for a site from now on; another person confirms it.

    The bank code is the 12 digits of the bank in the payment system (CNAPS); the credit code is that of GB 32100.
    """

    site_id: UUID
    name: Line
    account: Annotated[
        str,
        fields.String(
            required=True,
            validate=validate.Regexp(r"^[0-9](?:[0-9 -]{4,34})[0-9]\Z", error="An account has 6 to 32 digits."),
        ),
    ]
    bank: Line
    bank_code: Annotated[
        str, fields.String(required=True, validate=validate.Regexp(r"^[0-9]{12}\Z", error="A bank code has 12 digits."))
    ]
    credit_code: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]
    reason: Text
    kind: Annotated[str, fields.String(load_default="managing_organisation", validate=validate.OneOf(PAYEE_KINDS))] = (
        "managing_organisation"
    )


@dataclass(frozen=True)
class DecidePayeeChange:
    """Confirm another person's proposal."""

    change_id: UUID


@dataclass(frozen=True)
class RefusePayeeChange:
    """Refuse a proposal, or take one's own back, saying why."""

    change_id: UUID
    reason: Text


@dataclass(frozen=True)
class OpenPayeeAccount:
    """Look at a payee's whole account number; who looked is kept."""

    site_id: UUID


@dataclass(frozen=True)
class PayeeAccountView:
    """An account number, whole."""

    site_id: UUID
    account: str


@dataclass(frozen=True)
class PayeeChangeView:
    """A proposal to pay to another account, its number masked."""

    id: UUID
    site: SiteRef
    kind: str
    name: str
    account_masked: str
    bank: str
    bank_code: str
    credit_code: str
    reason: str
    state: str
    proposed_by: str
    proposed_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    refusal: str | None
    version: int


@dataclass(frozen=True)
class PaidAccountView:
    """An account that is or was in force."""

    kind: str
    name: str
    account_masked: str
    bank: str
    bank_code: str
    credit_code: str | None
    is_synthetic: bool
    active_from: Instant
    active_until: Instant | None
    held_until: Instant | None  # nothing is paid to it before


@dataclass(frozen=True)
class PayeeView:
    """A site's payee: the account in force, the proposal that waits, and all that was before."""

    site: SiteRef
    current: PaidAccountView | None
    is_held: bool
    pending: PayeeChangeView | None
    accounts: list[PaidAccountView]  # newest first; in a list none
    changes: list[PayeeChangeView]  # newest first; in a list none
