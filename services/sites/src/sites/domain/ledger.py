"""The books of a fund's year (S10): eight kinds of accounts and the closed list of facts that move money between them.

    appropriations ─▶ available ─▶ encumbered ─▶ payable:<site> ─▶ paid:<site> ─▶ receivable:<site>
                          ▲            │ ▲ reopened ───┘                                  │
                          ├─ released ─┤                                                  │
                          │            └▶ contributed     a part of a visit that another fund pays to the site
                          │               contributions ─▶ payable:<site>     the same part, in that fund
                          └── kept back from the site's next payments, or paid back ──────┘

What is set aside for an order is an encumbrance, resolved once:

    pending ──post──▶ posted     up to what was set aside, the rest is released
       ▲─────reopen─────┘        its claim goes back to the site: what was posted is set aside again
       └────release──▶ voided ──restore──▶ pending   its order was ended although its party came
       └────release──▶ voided ──restore──▶ pending   its claim was rejected, and the site's appeal was right
       └────release──▶ voided    an amendment sets aside anew: it releases and encumbers at once

The balance of an account is its credits less its debits; only those of `appropriations` and
`contributions`, where the money comes from, are negative.
"""

from typing import Final

from chassis.refusals import Refusal

APPROPRIATIONS: Final = "appropriations"
AVAILABLE: Final = "available"
ENCUMBERED: Final = "encumbered"
PAYABLE: Final = "payable"
PAID: Final = "paid"
CONTRIBUTED: Final = "contributed"
CONTRIBUTIONS: Final = "contributions"
RECEIVABLE: Final = "receivable"
ACCOUNTS: Final = (
    APPROPRIATIONS,
    CONTRIBUTIONS,
    AVAILABLE,
    ENCUMBERED,
    PAYABLE,
    PAID,
    RECEIVABLE,
    CONTRIBUTED,
)
SITE_ACCOUNTS: Final = (PAYABLE, PAID, RECEIVABLE)
"""Those that are kept for each site: payable:<site>."""

PENDING: Final = "pending"
POSTED: Final = "posted"
VOIDED: Final = "voided"
ENCUMBRANCE_STATES: Final = (PENDING, POSTED, VOIDED)
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "post": ({PENDING}, POSTED),
    "release": ({PENDING}, VOIDED),
    "restore": ({VOIDED}, PENDING),
    "reopen": ({POSTED}, PENDING),
}

RELEASES: Final = (
    "order_amended",
    "order_cancelled",
    "order_refused",
    "order_expired",
    "order_no_show",
    "nothing_due",
    "claim_rejected",
    "claim_lapsed",
)
REASONS: Final = (
    "appropriation",
    "reversal",
    "order_placed",
    "order_restored",
    *RELEASES,
    "claim_restored",
    "claim_approved",
    "claim_remainder",
    "appeal_granted",
    "contribution",
    "payment",
    "claim_reopened",
    "overpayment_found",
    "overpayment_offset",
    "overpayment_repaid",
)
"""Every business event that may make an entry; the table's CHECK says the same."""


class FundExhausted(Refusal):
    """The fund has not enough money left for this visit; ask the organisation department."""


class EntryReversed(Refusal):
    """This entry has been reversed already."""


class NotReversible(Refusal):
    """Only an appropriation can be reversed; what belongs to an order or a claim is undone there."""


class OwnEntry(Refusal):
    """You made this entry; another person has to reverse it."""


class PeriodNotOver(Refusal):
    """{period} is not over yet."""


class PeriodClosed(Refusal):
    """{period} is closed; nothing is entered in it any more."""


class EarlierPeriodOpen(Refusal):
    """Close {period} first."""


class BooksDisagree(Refusal):
    """The entries and the kept balances of the fund do not agree; nothing is closed. Tell the administrator at once."""


class EncumbranceResolved(Refusal):
    """What was set aside for this order has been posted or released already."""


class AppropriationRepeated(Refusal):
    """The appropriation {document_number} is in the books already."""
