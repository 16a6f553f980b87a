"""What an access token of a program may reach: never more than its person may at that moment, and never some things.

A scope is a list of words. `all` is everything that a token can do; an area (`visits`) is what belongs to it; either
with `.read` behind it is the reading alone (`all.read`, `visits.read`); an action of `contracts.rights` is that action.
What a later version adds to an area is in the scope of the tokens that name the area.
"""

from functools import cache
from typing import Final

from contracts.rights import NEEDS_FRESH_TOKEN, OF_ONESELF, RIGHTS

ALL: Final = "all"
READING: Final = ".read"

NEVER_BY_TOKEN: Final[frozenset[str]] = (
    NEEDS_FRESH_TOKEN
    | (OF_ONESELF - {"me"})
    | {
        # accounts
        "end_api_token",
        # would make another key that outlives the token
        "make_feed",
        "enrol_device",
        "set_shift_pin",
        "remove_shift_pin",
        "revoke_device",
        "leak_voucher_key",
        # proves that somebody stands at the door
        "show_door_code",
        "self_check_in",
        # puts people into office, which is to give them rights
        "manage_posts",
        "decide_election",
        # moves what rights hang on, and ends them
        "change_structure",
        # changes what somebody owes, or shows what they earn
        "set_dues_base",
        "assess_dues",
        "read_own_dues",
        # asks by, or shows, whole numbers of people
        "look_up_member",
        "import_members",
        "read_sheet",
        "print_vouchers",
    }
)
"""What no token does: money and rights, accounts, second factors, sealed numbers, and what makes other keys."""

BY_TOKEN: Final[frozenset[str]] = frozenset(RIGHTS) - NEVER_BY_TOKEN
"""What a token can do at all."""

READS: Final[frozenset[str]] = frozenset(
    action for action in BY_TOKEN if action.startswith("read_") or action in ("me", "find_people")
)
"""What changes nothing."""

AREAS: Final[dict[str, frozenset[str]]] = {
    "organisations": frozenset({"me", "read_organisation", "read_findings", "find_people", "read_grants"}),
    "members": frozenset(
        {
            "read_members",
            "read_member",
            "edit_member",
            "end_membership",
            "read_own_record",
            "read_own_views",
            "read_duplicates",
            "read_development",
            "develop_member",
            "read_transfers",
            "issue_transfer",
            "confirm_transfer",
            "refuse_transfer",
            "withdraw_transfer",
            "read_stocktake",
            "read_member_statistics",
            "make_register",
        }
    ),
    "sites": frozenset(
        {
            "read_site_record",
            "edit_site",
            "classify_site",
            "move_site",
            "check_site",
            "evaluate_site",
            "import_sites",
            "export_sites",
            "read_calendar",
            "change_calendar",
            "close_site",
            "announce_holidays",
            "edit_programmes",
            "manage_guides",
            "make_route",
            "read_incidents",
            "record_incident",
            "read_devices",
            "read_notices",
        }
    ),
    "visits": frozenset(
        {
            "place_order",
            "book_seats",
            "read_order",
            "read_voucher",
            "cancel_order",
            "amend_order",
            "read_quota_use",
            "read_quotas",
            "ask_in_round",
            "read_requests",
            "confirm_order",
            "refuse_order",
            "check_in",
            "close_order",
            "record_check_ins",
            "read_check_ins",
            "rate_visit",
            "reply_to_rating",
            "read_ratings",
            "name_party",
            "read_party",
            "read_run_sheet",
            "assign_roles",
        }
    ),
    "money": frozenset(
        {
            "read_claim",
            "submit_claim",
            "confirm_headcount",
            "read_claim_queue",
            "read_claim_evidence",
            "bring_papers",
            "read_batch",
            "read_reconciliation",
            "import_bank_statement",
            "read_fund",
            "read_ledger",
            "read_policies",
            "read_site_account",
            "read_branch_costs",
        }
    ),
    "assessment": frozenset(
        {
            "read_light",
            "read_lights",
            "read_light_board",
            "read_my_light",
            "read_member_lights",
            "read_checks",
            "simulate_check",
            "read_exemptions",
            "apply_for_exemption",
            "read_activities",
            "record_activity",
            "read_statistics",
            "make_report",
            "read_task_lists",
            "read_tasks",
            "read_task_overview",
            "do_task",
            "note_task",
            "read_records",
            "read_absences",
            "write_record",
            "make_up_absence",
            "confirm_part",
            "acknowledge_bulletin",
            "read_criteria",
            "read_inbox",
            "read_on_site_draw",
            "read_on_site_rounds",
            "assess_visit",
            "do_weak_item",
            "read_own_stars",
            "read_problems",
            "read_round_report",
            "export_problems",
            "mend_problem",
            "read_bulletins",
            "read_burden",
            "read_burden_overview",
            "read_burden_rules",
            "read_compliance",
            "read_daily_list",
            "read_half_year_meetings",
            "read_mending_rules",
            "read_receipts",
            "read_recommendations",
            "read_reinspections",
            "read_review_rules",
            "read_reviews",
            "read_samples",
            "read_slips",
            "read_star_formulas",
            "read_star_ratings",
            "read_supervision_rules",
            "read_talks",
            "read_weak_entry",
            "read_weak_list",
            "record_inspection",
            "reply_to_slip",
            "try_star_formula",
            "write_follow_up",
        }
    ),
}
"""What belongs together for whoever gives a token: an action stands in one area, or in none and then only in `all`."""

SCOPES: Final[tuple[str, ...]] = (
    *(ALL, ALL + READING),
    *(word for area in AREAS for word in (area, area + READING)),
    *sorted(BY_TOKEN),
)
"""Every word of a scope."""


@cache
def actions_of(scope: tuple[str, ...]) -> frozenset[str]:
    """Return the actions that a scope reaches; a word that is not known reaches nothing. `me` is in each."""
    reached = {"me"}
    for word in scope:
        area = word.removesuffix(READING)
        whole = BY_TOKEN if area == ALL else AREAS.get(area, frozenset())
        reached |= whole & READS if word.endswith(READING) else whole
        if word in BY_TOKEN:
            reached.add(word)
    return frozenset(reached)
