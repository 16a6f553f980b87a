"""The words for statistics and reports."""

from flask_babel import lazy_gettext as _

WORDS: dict[str, dict[str, object]] = {
    "split": {
        "site": _("Site"),
        "town": _("Town"),
        "category": _("Category"),
        "kind": _("Kind"),
        "month": _("Month"),
        "quarter": _("Quarter"),
        "year": _("Year"),
    },
    "report_kind": {
        "settlement_statement": _("Monthly settlement statement"),
        "budget_execution": _("Budget execution"),
        "publicity_list": _("Publicity list"),
        "site_statement": _("Statement of a site"),
        "branch_costs": _("What visits cost the fund"),
        "claim_file": _("Claim file for the archive"),
        "statistics": _("Statistics of a period"),
        "ledger_book": _("Accounts, trial balance and entries"),
        "vouchers": _("Accounting vouchers"),
    },
    "report_state": {
        "waiting": _("Waiting to be made"),
        "running": _("Being made"),
        "done": _("Ready"),
        "failed": _("Could not be made"),
    },
}
TONES: dict[str, dict[str, str]] = {
    "report_state": {"waiting": "info", "running": "info", "done": "good", "failed": "bad"},
}
