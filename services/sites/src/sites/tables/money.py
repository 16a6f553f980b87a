"""Money: policies, funds with their ledger, claims, settlement batches, and whom the bank pays.

The ledger (fund_years, site_balances, encumbrances, ledger_entries) is written only by the SQL functions of its
room. No foreign key leads to a fund's year from what others insert: every order updates that row.
"""

from chassis.definitions import INSTANT, one_of
from contracts.sites.batches import BATCH_STATES
from contracts.sites.claims import CLAIM_STATES
from contracts.sites.payees import PAYEE_KINDS
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID, ExcludeConstraint

from sites.domain.batches import LINE_STATES, LIVE_LINE_STATES
from sites.domain.ledger import ENCUMBRANCE_STATES, REASONS
from sites.domain.policies import CAP_KINDS
from sites.domain.policies import STATES as POLICY_STATES
from sites.domain.subsidy import MODES
from sites.tables.metadata import key, metadata, set_by

# ---- the rules ---------------------------------------------------------------------------------------------------

# A version is never changed; the next one ends it.
policies = Table(
    "policies",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("active_until", Date),
    Column("per_visit_fen", BigInteger, nullable=False),
    Column("per_head_fen", BigInteger, nullable=False),
    Column("visit_cap_fen", BigInteger, nullable=False),
    Column("heads_min", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    Column("star_factors", JSONB, nullable=False, server_default="{}"),
    Column("mode", Text, nullable=False, server_default=text("'per_head'")),
    Column("head_tiers", JSONB, nullable=False, server_default="[]"),
    Column("category_factors", JSONB, nullable=False, server_default="{}"),
    Column("grade_factors", JSONB, nullable=False, server_default="{}"),
    Column("site_kinds", ARRAY(Text), nullable=False, server_default="{}"),  # none: all
    Column("site_month_cap_fen", BigInteger),
    Column("site_year_cap_fen", BigInteger),
    Column("branch_year_cap_fen", BigInteger),
    Column("fund_share_percent", Integer),
    Column("last_spending_day", Text),  # MM-DD
    Column("carries_over", Boolean, nullable=False, server_default=text("false")),
    Column("collective_from_fen", BigInteger),
    Column("second_signature_from_fen", BigInteger),
    CheckConstraint(one_of("mode", MODES), name="mode"),
    CheckConstraint("(mode = 'tiered') = (head_tiers <> '[]')", name="tiers"),
    CheckConstraint(
        "(mode NOT IN ('per_visit', 'tiered') OR per_head_fen = 0)"
        " AND (mode <> 'invoice_actual' OR (per_visit_fen = 0 AND per_head_fen = 0))",
        name="rates",
    ),
    CheckConstraint(
        "site_month_cap_fen > 0 AND site_year_cap_fen > 0 AND branch_year_cap_fen > 0"
        " AND fund_share_percent BETWEEN 1 AND 100",
        name="caps",
    ),
    CheckConstraint("last_spending_day ~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'", name="last_spending_day"),
    CheckConstraint("collective_from_fen > 0 AND second_signature_from_fen > 0", name="thresholds"),
    UniqueConstraint("version"),
    CheckConstraint("per_visit_fen >= 0 AND per_head_fen >= 0 AND visit_cap_fen > 0", name="amounts"),
    CheckConstraint("heads_min >= 1", name="heads_min"),
    CheckConstraint(
        "jsonb_typeof(star_factors) = 'object'"
        """ AND NOT jsonb_path_exists(star_factors, '$.keyvalue() ? (!(@.key like_regex "^[1-5]$"))')"""
        """ AND NOT jsonb_path_exists(star_factors, '$.* ? (!(@.type() == "string" && @ like_regex"""
        """ "^[0-2][.][0-9]{1,2}$"))')""",
        name="star_factors",
    ),
    CheckConstraint("active_until > active_from", name="active_until"),
    ExcludeConstraint((text("daterange(active_from, active_until)"), "&&"), using="gist", name="policies_one_a_day"),
)

# What somebody proposes as the next version; adopted, it becomes a row of `policies` with the same id.
policy_drafts = Table(
    "policy_drafts",
    metadata,
    key(),
    Column("state", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("drafted_at", INSTANT, nullable=False),
    Column("drafted_by_id", UUID(as_uuid=True), nullable=False),  # who wrote it last
    Column("drafted_by", Text, nullable=False),
    Column("decided_at", INSTANT),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint(one_of("state", POLICY_STATES), name="state"),
    CheckConstraint("state = 'withdrawn' OR decided_by_id <> drafted_by_id", name="two_persons"),
    CheckConstraint(
        "(state = 'draft') = (decided_at IS NULL) AND (state = 'draft') = (decided_by_id IS NULL)", name="decided"
    ),
    Index("policy_drafts_state_idx", "state", "active_from"),
)

# Append-only: every step in the life of a version, with who, when and why.
policy_history = Table(
    "policy_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("policy_id", UUID(as_uuid=True), nullable=False),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True)),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    CheckConstraint(one_of("state", POLICY_STATES), name="state"),
    Index("policy_history_policy_idx", "policy_id", "id"),
)

# How much of a cap is used; locked by key, after the branch and before the fund. Written by take_caps and
# give_back_caps alone.
cap_counters = Table(
    "cap_counters",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject_id", UUID(as_uuid=True), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("used_fen", BigInteger, nullable=False),
    CheckConstraint(one_of("kind", CAP_KINDS), name="kind"),
    CheckConstraint("used_fen >= 0", name="used_fen"),
    postgresql_with={"fillfactor": "50"},
)

# What each order counts on which cap: what is set aside for it, then what was posted.
cap_takes = Table(
    "cap_takes",
    metadata,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject_id", UUID(as_uuid=True), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("amount_fen", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["kind", "subject_id", "period"],
        ["cap_counters.kind", "cap_counters.subject_id", "cap_counters.period"],
        name="cap_takes_kind_subject_id_period_fkey",
    ),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    Index("cap_takes_counter_idx", "kind", "subject_id", "period"),
)

# What the visits of past months would have been worth; the job of the same id does it.
policy_replays = Table(
    "policy_replays",
    metadata,
    key(),
    Column("policy_id", UUID(as_uuid=True), nullable=False),
    Column("first_month", Text, nullable=False),
    Column("last_month", Text, nullable=False),
    Column("asked_by_id", UUID(as_uuid=True), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("result", JSONB),
    Index("policy_replays_policy_idx", "policy_id", "asked_at"),
)

# ---- the ledger --------------------------------------------------------------------------------------------------

funds = Table(
    "funds",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("payer_name", Text, nullable=False),
    Column("payer_account", LargeBinary, nullable=False),  # sealed
    Column("payer_bank", Text, nullable=False),
    Column("payer_bank_code", Text, nullable=False),
    # The code begins the end-to-end id of each payment, which banks cut at 35 characters.
    CheckConstraint("code ~ '^[A-Z0-9]{1,8}$'", name="code"),
)

# Append-only: whether a third person hands the payment file to the bank, and for how many days a batch is published
# before, from a day on. Of the rows of a day the last entered counts; a batch keeps what held when it was made.
fund_settings = Table(
    "fund_settings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("active_from", Date, nullable=False),
    Column("separate_payer", Boolean, nullable=False),
    Column("publicity_days", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    *set_by(),
    CheckConstraint("publicity_days BETWEEN 0 AND 60", name="publicity_days"),
    Index("fund_settings_fund_idx", "fund_id", "active_from", "id"),
)

# The one hot row of a fund's year; the entries say the same, and the trial balance compares both. It stands in no
# index but its key, so that an update stays within its page (HOT).
fund_years = Table(
    "fund_years",
    metadata,
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("appropriated_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("available_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("encumbered_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("payable_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("paid_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    # What other funds owe this one for visits whose sites it pays, and what it owes others.
    Column("received_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("contributed_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("receivable_fen", BigInteger, nullable=False, server_default=text("0")),
    # What came from the year before, and what a year end gave to the next one or back to the treasury.
    Column("brought_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("carried_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("returned_fen", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint(
        "appropriated_fen + received_fen + brought_fen = available_fen + encumbered_fen + payable_fen + paid_fen"
        " + receivable_fen + contributed_fen + carried_fen + returned_fen",
        name="balanced",
    ),
    CheckConstraint(
        "available_fen >= 0 AND encumbered_fen >= 0 AND payable_fen >= 0 AND paid_fen >= 0"
        " AND received_fen >= 0 AND contributed_fen >= 0 AND receivable_fen >= 0 AND brought_fen >= 0"
        " AND carried_fen >= 0 AND returned_fen >= 0",
        name="not_negative",
    ),
    postgresql_with={"fillfactor": "20"},
)

# What one site is owed and was paid in a fund's year; locked after the fund's row, which orders alone touch.
site_balances = Table(
    "site_balances",
    metadata,
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("site_code", Text, primary_key=True),
    Column("payable_fen", BigInteger, nullable=False),
    Column("paid_fen", BigInteger, nullable=False),
    Column("receivable_fen", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("payable_fen >= 0 AND paid_fen >= 0 AND receivable_fen >= 0", name="not_negative"),
)

encumbrances = Table(
    "encumbrances",
    metadata,
    key("order_id"),
    Column("fund_id", UUID(as_uuid=True), nullable=False),
    Column("year", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("posted_fen", BigInteger),
    Column("state", Text, nullable=False),
    Column("encumbered_at", INSTANT, nullable=False),
    Column("resolved_at", INSTANT),
    CheckConstraint(one_of("state", ENCUMBRANCE_STATES), name="state"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    CheckConstraint("posted_fen BETWEEN 1 AND amount_fen", name="posted_fen"),
    CheckConstraint("(state = 'posted') = (posted_fen IS NOT NULL)", name="posted_has_amount"),
    CheckConstraint("(state = 'pending') = (resolved_at IS NULL)", name="pending_is_unresolved"),
)

# Append-only. One row is one fact: the amount leaves the debited account and enters the credited one, so the books
# balance by construction. `sequence` is given when the row is written, not when it is committed.
ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    Column("id", UUID(as_uuid=True), nullable=False, server_default=text("gen_random_uuid()")),
    Column("fund_id", UUID(as_uuid=True), nullable=False),
    Column("year", Integer, nullable=False),
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("order_id", UUID(as_uuid=True)),
    Column("claim_id", UUID(as_uuid=True)),
    Column("batch_id", UUID(as_uuid=True)),
    Column("document_number", Text),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True)),  # none: a timer
    Column("by_name", Text),  # none where only the id is at hand
    # The day on which it counts: its own, or the first open one where that month is closed (sql/enter.sql).
    Column("booked_on", Date, nullable=False),
    Column("reverses", BigInteger, ForeignKey("ledger_entries.sequence")),
    Column("note", Text),
    CheckConstraint(
        "(reason = 'reversal') = (reverses IS NOT NULL) AND (reason = 'reversal') <= (note IS NOT NULL)",
        name="reversal",
    ),
    Index("ledger_entries_reverses_key", "reverses", unique=True, postgresql_where=text("reverses IS NOT NULL")),
    Index("ledger_entries_booked_idx", "fund_id", "booked_on"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    CheckConstraint("debit <> credit", name="two_accounts"),
    CheckConstraint(one_of("reason", REASONS), name="reason"),
    CheckConstraint("(reason = 'appropriation') = (document_number IS NOT NULL)", name="document_number"),
    Index("ledger_entries_debit_idx", "fund_id", "debit", "booked_on", "sequence"),
    Index("ledger_entries_credit_idx", "fund_id", "credit", "booked_on", "sequence"),
    Index(
        "ledger_entries_payment_key",
        "batch_id",
        "claim_id",
        unique=True,
        postgresql_where=text("reason = 'payment'"),
    ),
)

# ---- claims ------------------------------------------------------------------------------------------------------

claims = Table(
    "claims",
    metadata,
    key(),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), nullable=False, unique=True),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("branch_id", UUID(as_uuid=True), nullable=False),
    Column("policy_id", UUID(as_uuid=True), ForeignKey("policies.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("visit_on", Date, nullable=False),
    Column("party_size", Integer, nullable=False),
    Column("checked_in", Integer, nullable=False),
    Column("headcount", Integer, nullable=False),
    Column("headcount_confirmed", Integer),
    Column("headcount_disputed", Integer),
    Column("encumbered_fen", BigInteger, nullable=False),
    Column("asked_fen", BigInteger, nullable=False),
    Column("approved_fen", BigInteger),
    Column("paid_fen", BigInteger),
    Column("explanation", JSONB, nullable=False),
    Column("submit_by", INSTANT),  # drafted or returned: lapses then
    Column("confirm_by", INSTANT),  # submitted: silence confirms then
    Column("approved_by_id", UUID(as_uuid=True)),
    Column("batch_id", UUID(as_uuid=True), ForeignKey("batches.id")),
    Column("reason", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("reason_code", Text),
    Column("moved_at", INSTANT, nullable=False, server_default=text("now()")),
    Column("submitted_at", INSTANT),
    Column("is_late", Boolean, nullable=False, server_default=text("false")),
    Column(
        "is_own_branch", Boolean, nullable=False, server_default=text("false")
    ),  # whoever billed it is of the branch
    Column("score", Integer, nullable=False, server_default=text("0")),
    Column("lowered_fen", BigInteger, nullable=False, server_default=text("0")),  # by the preparer, below what is due
    Column(
        "signed", JSONB(none_as_null=True)
    ),  # what the first of two signed: the second approves that and nothing else
    Column("signed_by_id", UUID(as_uuid=True)),
    Column("signed_by", Text),
    Column("rejected_by_id", UUID(as_uuid=True)),
    CheckConstraint(one_of("state", CLAIM_STATES), name="state"),
    CheckConstraint("score >= 0", name="score"),
    CheckConstraint("lowered_fen >= 0", name="lowered_fen"),
    CheckConstraint(
        "(signed_by_id IS NULL) = (signed_by IS NULL) AND (state = 'signed') = (signed IS NOT NULL)"
        " AND (state <> 'signed' OR signed_by_id IS NOT NULL)",
        name="signed_by_one",
    ),
    CheckConstraint("signed_by_id <> approved_by_id", name="two_signatures"),
    CheckConstraint("period = to_char(visit_on::timestamp, 'YYYY-MM')", name="period"),
    CheckConstraint("asked_fen BETWEEN 1 AND encumbered_fen", name="asked_fen"),
    CheckConstraint("approved_fen BETWEEN 1 AND encumbered_fen", name="approved_fen"),
    CheckConstraint(
        "(state IN ('approved', 'batched', 'paid'))"
        " = (approved_fen IS NOT NULL AND approved_by_id IS NOT NULL AND headcount_confirmed IS NOT NULL)",
        name="approved_is_complete",
    ),
    CheckConstraint("(state = 'paid') = (paid_fen IS NOT NULL)", name="paid_has_amount"),
    CheckConstraint("paid_fen = approved_fen", name="paid_fen"),
    CheckConstraint("(state IN ('batched', 'paid')) = (batch_id IS NOT NULL)", name="batched_has_batch"),
    CheckConstraint("(state = 'submitted') = (confirm_by IS NOT NULL)", name="submitted_has_clock"),
    CheckConstraint("(state IN ('drafted', 'returned')) = (submit_by IS NOT NULL)", name="drafted_has_clock"),
    Index("claims_day_idx", "visit_on", "id"),
    Index("claims_site_idx", "site_id", "visit_on"),
    Index("claims_branch_idx", "branch_id", "visit_on"),
    Index("claims_batch_idx", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    Index("claims_approved_idx", "fund_id", "period", postgresql_where=text("state = 'approved'")),
    Index("claims_confirm_by_idx", "confirm_by", postgresql_where=text("state = 'submitted'")),
    Index(
        "claims_waiting_idx",
        "fund_id",
        "moved_at",
        "id",
        postgresql_where=text("state IN ('confirmed', 'disputed', 'signed')"),
    ),
    Index("claims_period_idx", "fund_id", "period"),
    Index("claims_submit_by_idx", "submit_by", postgresql_where=text("state IN ('drafted', 'returned')")),
)

# Append-only: every move of a claim, with who, when and why.
claim_history = Table(
    "claim_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), nullable=False),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True)),  # none: a timer
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    Column("code", Text),
    CheckConstraint(one_of("state", CLAIM_STATES), name="state"),
    Index("claim_history_claim_idx", "claim_id", "id"),
)

# ---- settlement --------------------------------------------------------------------------------------------------

# Whom the bank pays for a site. A change of account is another row; lines keep the one they were made with.
payees = Table(
    "payees",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("account", LargeBinary, nullable=False),  # sealed
    Column("account_masked", Text, nullable=False),
    Column("bank", Text, nullable=False),
    Column("bank_code", Text, nullable=False),
    Column("credit_code", Text),
    Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("active_from", INSTANT, nullable=False),
    Column("active_until", INSTANT),
    Column("kind", Text, nullable=False, server_default=text("'managing_organisation'")),
    Column("held_until", INSTANT),  # nothing is paid to it before
    Column("proposed_by", Text),
    Column("confirmed_by", Text),
    CheckConstraint(one_of("kind", PAYEE_KINDS), name="kind"),
    CheckConstraint("bank_code ~ '^[0-9]{12}$'", name="bank_code"),
    Index("payees_active_key", "site_id", unique=True, postgresql_where=text("active_until IS NULL")),
)

batches = Table(
    "batches",
    metadata,
    key(),
    Column("number", Text, nullable=False, unique=True),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("period", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("prepared_by_id", UUID(as_uuid=True), nullable=False),
    Column("prepared_by", Text, nullable=False),
    Column("prepared_at", INSTANT, nullable=False),
    Column("approved_by_id", UUID(as_uuid=True)),
    Column("approved_by", Text),
    Column("approved_at", INSTANT),
    Column("reason", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("offset_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("left_out", JSONB, nullable=False, server_default=text("'[]'")),
    Column("separate_payer", Boolean, nullable=False, server_default=text("false")),
    Column("publicity_days", Integer, nullable=False, server_default=text("0")),
    Column("published_at", INSTANT),
    Column("public_until", Date),
    Column("minutes_number", Text),
    Column("layout_id", UUID(as_uuid=True), ForeignKey("file_layouts.id")),
    Column("handed_by_id", UUID(as_uuid=True)),
    Column("handed_by", Text),
    Column("handed_at", INSTANT),
    Column("file_sha256", Text),
    CheckConstraint(one_of("state", BATCH_STATES), name="state"),
    CheckConstraint("count > 0 AND total_fen > 0 AND offset_fen BETWEEN 0 AND total_fen", name="totals"),
    CheckConstraint("approved_by_id <> prepared_by_id", name="two_persons"),
    CheckConstraint("handed_by_id <> prepared_by_id AND handed_by_id <> approved_by_id", name="three_persons"),
    CheckConstraint(
        "(state IN ('approved', 'paying', 'settled', 'partly_settled'))"
        " = (approved_by_id IS NOT NULL AND approved_by IS NOT NULL AND approved_at IS NOT NULL)",
        name="approved_has_person",
    ),
    CheckConstraint(
        "(handed_by_id IS NULL) = (handed_at IS NULL) AND (handed_by_id IS NULL) = (file_sha256 IS NULL)"
        " AND (state <> 'paying' OR handed_by_id IS NOT NULL)",
        name="handed_over",
    ),
    CheckConstraint(
        "(published_at IS NULL) = (public_until IS NULL) AND (state <> 'published' OR published_at IS NOT NULL)",
        name="published",
    ),
    Index("batches_made_idx", "prepared_at", "id"),
    Index("batches_published_idx", "published_at", "id", postgresql_where=text("published_at IS NOT NULL")),
)

# One payment of one claim. `end_to_end_id` goes through the bank and comes back.
batch_lines = Table(
    "batch_lines",
    metadata,
    key(),
    Column("batch_id", UUID(as_uuid=True), ForeignKey("batches.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("end_to_end_id", Text, nullable=False, unique=True),
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), nullable=False),
    Column("payee_id", UUID(as_uuid=True), ForeignKey("payees.id"), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("bank_reference", Text),
    Column("reason", Text),
    Column("offset_fen", BigInteger, nullable=False, server_default=text("0")),
    UniqueConstraint("batch_id", "number"),
    CheckConstraint(one_of("state", LINE_STATES), name="state"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    CheckConstraint("offset_fen BETWEEN 0 AND amount_fen", name="offset_fen"),
    CheckConstraint("char_length(end_to_end_id) <= 35", name="end_to_end_id"),
    Index("batch_lines_live_key", "claim_id", unique=True, postgresql_where=text(one_of("state", LIVE_LINE_STATES))),
)

# Append-only: every move of a batch, with who, when and why.
batch_history = Table(
    "batch_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("batch_id", UUID(as_uuid=True), ForeignKey("batches.id"), nullable=False),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True)),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    CheckConstraint(one_of("state", BATCH_STATES), name="state"),
    Index("batch_history_batch_idx", "batch_id", "id"),
)

# Append-only: who took a payment file, with all account numbers in it, out of the house.
payment_files = Table(
    "payment_files",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("batch_id", UUID(as_uuid=True), ForeignKey("batches.id"), nullable=False),
    Column("format", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Index("payment_files_batch_idx", "batch_id", "id"),
)

# Append-only: the bank's answers that were read.
bank_result_files = Table(
    "bank_result_files",
    metadata,
    Column("batch_id", UUID(as_uuid=True), ForeignKey("batches.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("paid", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("pending", Integer, nullable=False, server_default=text("0")),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
)
