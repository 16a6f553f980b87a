"""The words for claims, batches, payment lines and the ledger; in `TONES`, how a state looks."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "claim_state": {
        "drafted": _("To be submitted"),
        "submitted": _("With the branch"),
        "disputed": _("Headcount disputed"),
        "confirmed": _("To be checked"),
        "approved": _("Approved, unpaid"),
        "batched": _("In a batch"),
        "paid": _("Claim paid"),
        "returned": _("Returned to the site"),
        "rejected": _("Rejected"),
        "lapsed": _("Lapsed"),
    },
    "batch_state": {
        "prepared": _("Waiting for approval"),
        "approved": _("Approved, to be paid"),
        "rejected": _("Batch rejected"),
        "settled": _("Settled"),
        "partly_settled": _("Partly settled"),
    },
    "line_state": {
        "waiting": _("Not yet paid"),
        "paid": _("Line paid"),
        "failed": _("Payment failed"),
        "freed": _("Taken out"),
    },
    # Moves of claims and batches, as their histories tell them.
    "move": {
        "draft": _("Claim drafted"),
        "submit": _("Submitted by the site"),
        "confirm": _("Headcount confirmed"),
        "dispute": _("Headcount disputed"),
        "approve": _("Approval given"),
        "return": _("Returned to the site"),
        "reject": _("Rejected"),
        "lapse": _("Lapsed"),
        "batch": _("Put into a batch"),
        "free": _("Taken out of the batch"),
        "pay": _("Paid by the bank"),
        "make": _("Batch made"),
        "prepare": _("Batch made"),
        "settle": _("Settled"),
        "settle_partly": _("Partly settled"),
    },
    "entry_reason": {
        "appropriation": _("Money appropriated"),
        "order_placed": _("Set aside for an order"),
        "order_restored": _("Set aside again: the party had come"),
        "order_amended": _("Changed with its order"),
        "order_cancelled": _("Set free: order cancelled"),
        "order_refused": _("Set free: order refused"),
        "order_expired": _("Set free: order expired"),
        "order_no_show": _("Set free: nobody came"),
        "nothing_due": _("Set free: nothing due"),
        "claim_rejected": _("Set free: claim rejected"),
        "claim_lapsed": _("Set free: claim lapsed"),
        "claim_approved": _("Claim approved, payable to the site"),
        "claim_remainder": _("Rest of what was set aside"),
        "contribution": _("Borne by another fund"),
        "payment": _("Paid by the bank"),
    },
    "funding_state": {
        "proposed": _("To be adopted"),
        "adopted": _("Adopted"),
        "withdrawn": _("Withdrawn by somebody"),
    },
}

TONES: dict[str, dict[str, str]] = {
    "claim_state": {
        "drafted": "warn",
        "submitted": "warn",
        "disputed": "bad",
        "confirmed": "warn",
        "approved": "info",
        "batched": "info",
        "paid": "good",
        "returned": "bad",
        "rejected": "bad",
        "lapsed": "none",
    },
    "batch_state": {
        "prepared": "warn",
        "approved": "info",
        "rejected": "bad",
        "settled": "good",
        "partly_settled": "warn",
    },
    "line_state": {"paid": "good", "failed": "bad"},
}
