"""Who may do what, where: the one table of rights, read by the gateway and by every service.

An action names a door. A scope says what a grant's place in the tree is compared with:

    branch, site, organisation, fund   the grant's path is that subject's path or above it
    person                             the subject is the actor
    anywhere                           holding the role is enough

A door that stands in no row here is open to everybody (PUBLIC says so) or does not exist.
"""

from typing import Final

ROLES: Final = (
    "member",
    "secretary",
    "administrator",
    "steward",
    "assessor",
    "officer",
    "preparer",
    "approver",
    "payer",
    "auditor",
    "admin",
)

OF_ONESELF: Final = frozenset(
    {
        "me",
        "renew_token",
        "close_session",
        "pass_second_factor",
        "change_password",
        "read_second_factor",
        "set_up_second_factor",
        "confirm_second_factor",
        "remove_second_factor",
        "renew_recovery_codes",
        "read_my_sessions",
        "end_my_sessions",
        "make_api_token",
        "read_my_api_tokens",
        "end_my_api_token",
        "read_my_identities",
        "unbind_my_identity",
    }
)
"""What every signed-in person may do with their own account, also one who holds no role (any more)."""

FIRST: Final[dict[str, frozenset[str]]] = {
    "code": frozenset({"pass_second_factor", "renew_token", "close_session"}),
    "password": frozenset({"change_password", "me", "renew_token", "close_session"}),
    "second_factor": frozenset(
        {"read_second_factor", "set_up_second_factor", "confirm_second_factor", "me", "renew_token", "close_session"}
    ),
}
"""What has to be done before a sign-in is complete, and the doors that a token says `first` of opens until then: give
the code of the second factor, choose a password of one's own, set up the second factor that one's roles need."""

RIGHTS: Final[dict[str, dict[str, str]]] = {
    # who am I
    **{action: dict.fromkeys(ROLES, "anywhere") for action in sorted(OF_ONESELF)},
    # accounts, roles, sign-in policy
    "read_accounts": {"admin": "organisation"},
    "open_account": {"admin": "organisation"},
    "administer_account": {"admin": "organisation"},
    "find_people": {
        "admin": "organisation",
        "officer": "organisation",
        "secretary": "organisation",
        "auditor": "organisation",
    },
    "read_grants": {
        "admin": "organisation",
        "officer": "organisation",
        "secretary": "organisation",
        "auditor": "organisation",
    },
    "grant_role": {"admin": "organisation", "officer": "organisation", "secretary": "organisation"},
    "end_grant": {"admin": "organisation", "officer": "organisation", "secretary": "organisation"},
    "read_sign_in_policy": {"admin": "anywhere", "auditor": "anywhere"},
    "set_sign_in_policy": {"admin": "organisation"},
    "read_api_tokens": {"admin": "organisation", "auditor": "organisation"},
    "end_api_token": {"admin": "organisation"},
    "bind_identity": {"admin": "organisation"},
    # audit, in every service
    "read_audit": {"admin": "organisation", "auditor": "organisation"},
    "prove_audit": {"admin": "anywhere", "auditor": "anywhere"},
    "set_audit_rule": {"admin": "organisation"},
    # roster
    "read_organisation": dict.fromkeys(ROLES, "anywhere"),
    "read_findings": {
        "secretary": "organisation",
        "administrator": "organisation",
        "assessor": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    # roster: the tree and its rules
    "change_structure": {"officer": "organisation"},
    "read_structure_changes": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "record_units": {"secretary": "organisation", "administrator": "organisation", "officer": "organisation"},
    "export_findings": {"assessor": "organisation", "officer": "organisation", "auditor": "organisation"},
    "override_name": {"officer": "organisation"},
    "read_setting_rules": {
        "secretary": "anywhere",
        "administrator": "anywhere",
        "assessor": "anywhere",
        "officer": "anywhere",
        "auditor": "anywhere",
        "admin": "anywhere",
    },
    "set_setting_rule": {"officer": "organisation", "admin": "organisation"},
    # roster: members
    "read_members": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "read_member": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "edit_member": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
    },
    "end_membership": {"secretary": "organisation", "officer": "organisation"},
    "open_personal_data": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
    },
    "look_up_member": {"officer": "organisation"},
    "read_personal_views": {"officer": "organisation", "auditor": "organisation"},
    "read_own_record": dict.fromkeys(ROLES, "person"),
    "read_own_views": dict.fromkeys(ROLES, "person"),
    "export_own_data": dict.fromkeys(ROLES, "person"),
    "read_purges": {"admin": "organisation", "auditor": "organisation"},
    "purge_people": {"admin": "organisation"},
    "read_duplicates": {"officer": "organisation", "auditor": "organisation"},
    "tell_apart": {"officer": "organisation"},
    "seal_anew": {"admin": "anywhere"},
    # roster: development and transfers
    "read_development": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "develop_member": {"secretary": "organisation", "administrator": "organisation"},
    "read_transfers": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "issue_transfer": {"secretary": "organisation", "administrator": "organisation"},
    "confirm_transfer": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
    },
    "refuse_transfer": {"secretary": "organisation", "administrator": "organisation"},
    "withdraw_transfer": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
    },
    # roster: the register as a whole
    "read_stocktake": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "sign_stocktake": {"secretary": "organisation"},
    "read_member_statistics": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "make_register": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
    },
    # roster: terms and elections; what a superior decides is asked for at the superior's own node
    "read_terms": {
        "secretary": "organisation",
        "administrator": "organisation",
        "assessor": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "prepare_election": {"secretary": "organisation", "administrator": "organisation"},
    "decide_election": {"officer": "organisation"},
    "decide_term_shift": {"officer": "organisation"},
    "manage_posts": {"officer": "organisation"},
    # roster: dues
    "read_dues_tables": dict.fromkeys(ROLES, "anywhere"),
    "set_dues_table": {"officer": "organisation"},
    "read_dues": {"secretary": "organisation", "administrator": "organisation", "auditor": "organisation"},
    "read_dues_sums": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "set_dues_base": {"secretary": "organisation", "administrator": "organisation"},
    "open_dues_base": {"secretary": "organisation", "administrator": "organisation"},
    "assess_dues": {"secretary": "organisation", "administrator": "organisation"},
    "correct_dues": {"secretary": "organisation", "administrator": "organisation"},
    "collect_dues": {"secretary": "organisation", "administrator": "organisation"},
    "reverse_dues": {"secretary": "organisation", "administrator": "organisation"},
    "remind_dues": {"secretary": "organisation", "administrator": "organisation"},
    "close_dues_month": {"secretary": "organisation", "administrator": "organisation"},
    "read_own_dues": dict.fromkeys(ROLES, "person"),
    # roster: files that come and go
    "import_members": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
    },
    "import_organisations": {"officer": "organisation"},
    "export_members": {
        "secretary": "organisation",
        "administrator": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "export_organisations": {"officer": "organisation", "auditor": "organisation"},
    "export_numbers": {"secretary": "organisation", "officer": "organisation"},
    # sites: the catalogue
    "read_site_record": {"steward": "site", "assessor": "site", "officer": "site", "auditor": "site"},
    "edit_site": {"steward": "site", "officer": "site"},
    "classify_site": {"officer": "site"},
    "move_site": {"officer": "site"},
    "check_site": {"steward": "site", "assessor": "site", "officer": "site"},
    "evaluate_site": {"officer": "site"},
    "import_sites": {"officer": "site"},
    "export_sites": {"officer": "site", "auditor": "site"},
    # sites: admission
    "read_admission": {
        "secretary": "organisation",
        "administrator": "organisation",
        "assessor": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "apply_for_admission": {"secretary": "organisation", "administrator": "organisation"},
    "retract_admission": {"secretary": "organisation", "administrator": "organisation"},
    "check_admission": {"assessor": "organisation", "officer": "organisation"},
    "decide_admission": {"officer": "organisation"},
    # sites: orders and visits
    "place_order": {"secretary": "branch"},
    "book_seats": dict.fromkeys(ROLES, "person"),
    "read_order": {
        **dict.fromkeys(ROLES, "person"),
        "secretary": "branch",
        "administrator": "branch",
        "steward": "site",
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "auditor": "fund",
    },
    "read_voucher": {
        **dict.fromkeys(ROLES, "person"),
        "secretary": "branch",
        "administrator": "branch",
        "steward": "site",
    },
    "leak_voucher_key": {"admin": "anywhere"},
    "cancel_order": {**dict.fromkeys(ROLES, "person"), "secretary": "branch"},
    "amend_order": {**dict.fromkeys(ROLES, "person"), "secretary": "branch"},
    "appeal_no_show": {"secretary": "branch"},
    "decide_appeal": {"officer": "branch"},
    "read_appeals": {"secretary": "branch", "officer": "branch", "auditor": "branch"},
    "set_quota": {"officer": "anywhere"},
    "read_quota_use": {"secretary": "branch", "administrator": "branch", "officer": "branch", "auditor": "branch"},
    "open_round": {"officer": "site"},
    "ask_in_round": {"secretary": "branch"},
    "read_requests": {"secretary": "branch", "administrator": "branch", "officer": "branch", "auditor": "branch"},
    "read_quotas": dict.fromkeys(ROLES, "anywhere"),
    "make_feed": {**dict.fromkeys(ROLES, "person"), "secretary": "branch", "administrator": "branch"},
    "confirm_order": {"steward": "site"},
    "refuse_order": {"steward": "site"},
    "check_in": {"steward": "site"},
    "close_order": {"steward": "site"},
    "record_check_ins": {"steward": "site"},
    "read_check_ins": {
        "secretary": "branch",
        "steward": "site",
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "auditor": "fund",
    },
    "decide_check_in": {"preparer": "fund"},
    # sites: after a visit
    "rate_visit": {**dict.fromkeys(ROLES, "person"), "secretary": "branch", "administrator": "branch"},
    "reply_to_rating": {"steward": "site"},
    "judge_rating": {"officer": "site"},
    "read_ratings": {"steward": "site", "assessor": "site", "officer": "site", "auditor": "site"},
    "record_incident": {"steward": "site"},
    "read_incidents": {"steward": "site", "officer": "site"},
    "read_inside": {"steward": "site", "officer": "site"},
    "read_devices": {"steward": "site", "officer": "site"},
    "enrol_device": {"steward": "site"},
    "revoke_device": {"steward": "site"},
    "set_shift_pin": {"steward": "site"},
    "read_shift_pins": {"steward": "site", "officer": "site"},
    "remove_shift_pin": {"steward": "site", "officer": "site"},
    # sites: arrivals
    "show_door_code": {"steward": "site"},
    "self_check_in": dict.fromkeys(ROLES, "person"),
    "name_party": {**dict.fromkeys(ROLES, "person"), "secretary": "branch", "administrator": "branch"},
    "read_party": {
        **dict.fromkeys(ROLES, "person"),
        "secretary": "branch",
        "administrator": "branch",
        "steward": "site",
    },
    "book_for_others": {"steward": "site"},
    "read_sheet": {"steward": "site"},
    "print_vouchers": {"steward": "site"},
    # sites: routes
    "make_route": {"officer": "organisation"},
    # sites: calendar
    "read_calendar": {"steward": "site", "officer": "site", "auditor": "site"},
    "change_calendar": {"steward": "site"},
    "close_site": {"steward": "site", "officer": "site"},
    "announce_holidays": {"officer": "anywhere"},
    "read_notices": {
        **dict.fromkeys(ROLES, "person"),
        "secretary": "branch",
        "administrator": "branch",
        "steward": "site",
        "officer": "site",
    },
    # sites: menus, training cases, guides
    "edit_programmes": {"steward": "site", "officer": "site"},
    "manage_guides": {"steward": "site", "officer": "site"},
    "create_case": {"officer": "anywhere"},
    "edit_case": {**dict.fromkeys(ROLES, "person"), "officer": "anywhere"},
    "name_case_editor": {"officer": "anywhere"},
    "assign_roles": {**dict.fromkeys(ROLES, "person"), "secretary": "branch", "administrator": "branch"},
    "read_run_sheet": {
        **dict.fromkeys(ROLES, "person"),
        "secretary": "branch",
        "administrator": "branch",
        "steward": "site",
    },
    # sites: claims and settlement
    "read_claim": {
        "secretary": "branch",
        "steward": "site",
        "assessor": "site",
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "payer": "fund",
        "auditor": "fund",
    },
    "submit_claim": {"steward": "site"},
    "confirm_headcount": {"secretary": "branch"},
    "dispute_headcount": {"secretary": "branch"},
    "approve_claim": {"preparer": "fund"},
    "return_claim": {"preparer": "fund"},
    "reject_claim": {"preparer": "fund"},
    "countersign_claim": {"preparer": "fund", "approver": "fund"},
    "read_claim_queue": {"officer": "fund", "preparer": "fund", "approver": "fund", "auditor": "fund"},
    "read_claim_evidence": {
        "steward": "site",
        "assessor": "site",
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "auditor": "fund",
    },
    "bring_papers": {"steward": "site"},
    "appeal_claim": {"steward": "site"},
    "decide_claim_appeal": {"preparer": "fund", "approver": "fund"},
    "read_claim_appeals": {"steward": "site", "preparer": "fund", "approver": "fund", "auditor": "fund"},
    "announce_review_draw": {"officer": "fund"},
    "read_review_draws": {"officer": "fund", "preparer": "fund", "approver": "fund", "auditor": "fund"},
    "read_field_reviews": {
        "assessor": "site",
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "auditor": "fund",
    },
    "record_finding": {"assessor": "site", "preparer": "fund"},
    "read_batch": {"preparer": "fund", "approver": "fund", "payer": "fund", "auditor": "fund"},
    "make_batch": {"preparer": "fund"},
    "publish_batch": {"preparer": "fund"},
    "approve_batch": {"approver": "fund"},
    "reject_batch": {"approver": "fund"},
    "read_payment_file": {"preparer": "fund", "payer": "fund"},
    "hand_over_batch": {"payer": "fund"},
    "record_bank_results": {"preparer": "fund", "payer": "fund"},
    "read_file_layout": {"preparer": "fund", "approver": "fund", "payer": "fund", "auditor": "fund"},
    "set_file_layout": {"approver": "fund"},
    "read_fund_settings": {
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "payer": "fund",
        "auditor": "fund",
    },
    "set_fund_settings": {"approver": "fund"},
    "read_claim_rules": dict.fromkeys(("officer", "preparer", "approver", "auditor"), "anywhere"),
    "set_claim_rules": {"approver": "anywhere"},
    # sites: payees
    "read_payees": {
        "steward": "site",
        "officer": "site",
        "preparer": "site",
        "approver": "site",
        "payer": "site",
        "auditor": "site",
    },
    "propose_payee": {"steward": "site", "preparer": "site"},
    "confirm_payee": {"preparer": "site", "approver": "site"},
    "refuse_payee": {"steward": "site", "preparer": "site", "approver": "site"},
    "open_payee_account": {"preparer": "site", "payer": "site"},
    # sites: publicity
    "object_to_payment": dict.fromkeys(ROLES, "anywhere"),
    "enter_paper_objection": {"officer": "fund", "preparer": "fund", "approver": "fund"},
    "read_objections": {
        **dict.fromkeys(ROLES, "person"),
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "auditor": "fund",
    },
    "decide_objection": {"preparer": "fund", "approver": "fund"},
    # sites: overpayments
    "read_overpayments": {
        "steward": "site",
        "officer": "fund",
        "preparer": "fund",
        "approver": "fund",
        "payer": "fund",
        "auditor": "fund",
    },
    "report_overpayment": {"preparer": "fund", "approver": "fund"},
    "confirm_overpayment": {"preparer": "fund", "approver": "fund"},
    "refuse_overpayment": {"preparer": "fund", "approver": "fund"},
    "record_repayment": {"preparer": "fund", "payer": "fund"},
    # sites: the bank
    "read_reconciliation": {"preparer": "fund", "approver": "fund", "payer": "fund", "auditor": "fund"},
    "import_bank_statement": {"preparer": "fund", "payer": "fund"},
    "explain_difference": {"preparer": "fund", "payer": "fund"},
    "close_difference": {"preparer": "fund", "approver": "fund"},
    # sites: fund and ledger
    "read_policies": dict.fromkeys(("officer", "preparer", "approver", "auditor"), "anywhere"),
    "draft_policy": {"preparer": "anywhere"},
    "adopt_policy": {"approver": "anywhere"},
    "withdraw_policy": {"preparer": "anywhere", "approver": "anywhere"},
    "replay_policy": dict.fromkeys(("officer", "preparer", "approver", "auditor"), "anywhere"),
    "read_fund": {"officer": "fund", "preparer": "fund", "approver": "fund", "payer": "fund", "auditor": "fund"},
    "appropriate": {"preparer": "fund"},
    "propose_funding": {"preparer": "fund"},
    "adopt_funding": {"approver": "fund"},
    "withdraw_funding": {"preparer": "fund", "approver": "fund"},
    "record_transfer": {"preparer": "fund"},
    "read_ledger": {"preparer": "fund", "approver": "fund", "auditor": "fund"},
    # sites: statistics and reports
    "read_statistics": {
        "secretary": "branch",
        "administrator": "branch",
        "steward": "site",
        "officer": "organisation",
        "preparer": "organisation",
        "approver": "organisation",
        "auditor": "organisation",
    },
    "read_branch_costs": {
        "secretary": "branch",
        "administrator": "branch",
        "officer": "branch",
        "preparer": "branch",
        "approver": "branch",
        "auditor": "branch",
    },
    "read_site_account": {
        "steward": "site",
        "officer": "site",
        "preparer": "site",
        "approver": "site",
        "auditor": "site",
    },
    "make_report": {
        "secretary": "anywhere",
        "administrator": "anywhere",
        "steward": "anywhere",
        "officer": "anywhere",
        "preparer": "anywhere",
        "approver": "anywhere",
        "auditor": "anywhere",
    },
    "close_period": {"approver": "fund"},
    "reverse_entry": {"approver": "fund"},
    "propose_year_end": {"preparer": "fund"},
    "approve_year_end": {"approver": "fund"},
    "withdraw_year_end": {"preparer": "fund", "approver": "fund"},
    "record_fiscal_growth": {"officer": "fund", "preparer": "fund"},
    "set_voucher_layout": {"preparer": "fund"},
    # assessment
    "read_light": {
        "member": "branch",
        "secretary": "branch",
        "administrator": "branch",
        "assessor": "branch",
        "officer": "branch",
        "auditor": "branch",
    },
    "read_lights": {"assessor": "organisation", "officer": "organisation", "auditor": "organisation"},
    "read_activities": {
        "member": "branch",
        "secretary": "branch",
        "administrator": "branch",
        "assessor": "branch",
        "officer": "branch",
        "auditor": "branch",
    },
    "record_activity": {"secretary": "branch", "administrator": "branch"},
    # assessment: the five lists and the tasks of branches
    "read_task_lists": dict.fromkeys(("secretary", "administrator", "assessor", "officer", "auditor"), "anywhere"),
    "draft_task_list": {"officer": "organisation"},
    "adopt_task_list": {"officer": "organisation"},
    "withdraw_task_list": {"officer": "organisation"},
    "add_task": {"officer": "organisation"},
    "read_tasks": {
        "member": "branch",
        "secretary": "branch",
        "administrator": "branch",
        "assessor": "branch",
        "officer": "branch",
        "auditor": "branch",
    },
    "read_task_overview": {"assessor": "organisation", "officer": "organisation", "auditor": "organisation"},
    "do_task": {"secretary": "branch", "administrator": "branch"},
    "judge_task": {"officer": "branch"},
    "reopen_task": {"secretary": "branch", "administrator": "branch", "officer": "branch"},
    "exempt_task": {"officer": "branch"},
    "note_task": {"secretary": "branch", "administrator": "branch", "assessor": "branch", "officer": "branch"},
    # assessment: records of the handbook
    "read_records": {
        "member": "branch",
        "secretary": "branch",
        "administrator": "branch",
        "assessor": "branch",
        "officer": "branch",
        "auditor": "branch",
    },
    "read_absences": {
        "secretary": "branch",
        "administrator": "branch",
        "assessor": "branch",
        "officer": "branch",
        "auditor": "branch",
    },
    "write_record": {"secretary": "branch", "administrator": "branch"},
    "correct_record": {"secretary": "branch", "administrator": "branch"},
    "make_up_absence": {"secretary": "branch", "administrator": "branch"},
    "confirm_part": {"secretary": "branch", "administrator": "branch"},
    "read_record_rules": {
        "secretary": "anywhere",
        "administrator": "anywhere",
        "assessor": "anywhere",
        "officer": "anywhere",
        "auditor": "anywhere",
        "admin": "anywhere",
    },
    "set_record_rule": {"officer": "organisation"},
    # assessment: the compliance switch
    "read_compliance": dict.fromkeys(
        ("secretary", "administrator", "assessor", "officer", "auditor", "admin"), "anywhere"
    ),
    "set_compliance": {"officer": "organisation", "admin": "organisation"},
    # assessment: problems and their rectification, inspections, draws; what a superior decides is asked for at its node
    "read_problems": {
        "secretary": "organisation",
        "administrator": "organisation",
        "assessor": "organisation",
        "officer": "organisation",
        "auditor": "organisation",
    },
    "export_problems": {"assessor": "organisation", "officer": "organisation", "auditor": "organisation"},
    "mend_problem": {"secretary": "organisation", "administrator": "organisation"},
    "judge_mending": {"officer": "organisation"},
    "record_inspection": {"assessor": "organisation", "officer": "organisation"},
    "draw_sample": {"officer": "organisation"},
    "read_samples": dict.fromkeys(("secretary", "administrator", "assessor", "officer", "auditor"), "anywhere"),
    "read_mending_rules": dict.fromkeys(
        ("secretary", "administrator", "assessor", "officer", "auditor", "admin"), "anywhere"
    ),
    "set_mending_rule": {"officer": "organisation"},
    # assessment: cards
    "give_card": {"officer": "organisation"},
    "fulfil_consequence": {"secretary": "organisation", "officer": "organisation"},
    "object_to_card": {"secretary": "organisation"},
    "decide_card_objection": {"officer": "organisation"},
    # assessment: notices
    "read_inbox": dict.fromkeys(ROLES, "person"),
}

MAY_GRANT: Final[dict[str, frozenset[str]]] = {
    "admin": frozenset(
        {
            "administrator",
            "steward",
            "assessor",
            "officer",
            "preparer",
            "approver",
            "payer",
            "auditor",
            "admin",
        }
    ),
    "officer": frozenset({"administrator", "steward", "assessor"}),
    "secretary": frozenset({"administrator", "secretary"}),
}
"""Which roles the holder of a role may give, at their own node of the tree and below. The member's role comes with the
branch and the secretary's with the post; a secretary who holds the post may give it to a deputy for some days."""

ROLES_FOR_DAYS: Final = frozenset({"secretary"})
"""Roles that are only given with a last day."""

NEEDS_FRESH_TOKEN: Final = frozenset(
    {
        "open_account",
        "administer_account",
        "grant_role",
        "end_grant",
        "set_sign_in_policy",
        "make_api_token",
        "bind_identity",
        "set_audit_rule",
        "approve_claim",
        "reject_claim",
        "countersign_claim",
        "decide_claim_appeal",
        "decide_objection",
        "make_batch",
        "approve_batch",
        "appropriate",
        "close_period",
        "reverse_entry",
        "propose_year_end",
        "approve_year_end",
        "propose_funding",
        "adopt_funding",
        "record_transfer",
        "adopt_policy",
        "hand_over_batch",
        "set_file_layout",
        "set_fund_settings",
        "set_claim_rules",
        "confirm_payee",
        "open_payee_account",
        "read_payment_file",
        "confirm_overpayment",
        "record_repayment",
        "open_personal_data",
        "export_own_data",
        "purge_people",
        "export_numbers",
        "seal_anew",
        "set_dues_table",
        "open_dues_base",
        "correct_dues",
        "collect_dues",
        "reverse_dues",
        "close_dues_month",
    }
)
"""Actions on money and rights, and looks at personal data, that take only a token younger than 60 seconds."""


def scope_of(action: str, role: str) -> str | None:
    """Return the scope in which `role` may do `action`, or None; raises KeyError for an action nobody declared."""
    return RIGHTS[action].get(role)


def lies_in(path: str, grant_path: str) -> bool:
    """Say whether `path` is the grant's node of the tree or below it."""
    return path == grant_path or path.startswith(grant_path + ".")
