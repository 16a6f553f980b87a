"""Settlement beside batches: changes of payees, objections, layouts of files, overpayments, the bank's statements."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.bank_statements import DIFFERENCE_KINDS, DIFFERENCE_STATES
from contracts.sites.file_layouts import AMOUNT_UNITS, DATE_FORMATS, ENCODINGS, LAYOUT_PURPOSES
from contracts.sites.payees import CHANGE_STATES, PAYEE_KINDS
from contracts.sites.publicity import OBJECTION_STATES
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
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

from sites.domain.overpayments import STATES as OVERPAYMENT_STATES
from sites.tables.metadata import key, metadata

# How long a changed payee is held, and from which sum on a collective decision is named, from a day on.
settlement_rules = Table(
    "settlement_rules",
    metadata,
    Column("effective_from", Date, primary_key=True),
    Column("payee_hold_days", Integer, nullable=False),
    Column("minutes_above_fen", BigInteger, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("payee_hold_days BETWEEN 0 AND 60 AND minutes_above_fen >= 0", name="numbers"),
)

payee_changes = Table(
    "payee_changes",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("account", LargeBinary, nullable=False),  # sealed
    Column("account_masked", Text, nullable=False),
    Column("bank", Text, nullable=False),
    Column("bank_code", Text, nullable=False),
    Column("credit_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_by_id", UUID(as_uuid=True), nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", INSTANT, nullable=False),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),
    Column("refusal", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint(one_of("state", CHANGE_STATES), name="state"),
    CheckConstraint(one_of("kind", PAYEE_KINDS), name="kind"),
    CheckConstraint("bank_code ~ '^[0-9]{12}$'", name="bank_code"),
    CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
    CheckConstraint("state <> 'confirmed' OR decided_by_id <> proposed_by_id", name="two_persons"),
    CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refusal"),
    Index("payee_changes_site_idx", "site_id", "proposed_at", "id"),
    Index("payee_changes_open_key", "site_id", unique=True, postgresql_where=text("state = 'proposed'")),
)

# Append-only: who looked at a whole account number.
payee_account_views = Table(
    "payee_account_views",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("payee_id", UUID(as_uuid=True), ForeignKey("payees.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
)

objections = Table(
    "objections",
    metadata,
    key(),
    Column("batch_id", UUID(as_uuid=True), ForeignKey("batches.id"), nullable=False),
    Column("line_id", UUID(as_uuid=True), ForeignKey("batch_lines.id"), nullable=False),
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),  # who sent it; an officer, when it was made on paper
    Column("by_name", Text, nullable=False),
    Column("on_paper_from", Text),
    Column("made_at", INSTANT, nullable=False),
    Column("state", Text, nullable=False),
    Column("decision_reason", Text),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),
    CheckConstraint(one_of("state", OBJECTION_STATES), name="state"),
    CheckConstraint("(state = 'open') = (decided_by_id IS NULL)", name="decided"),
    CheckConstraint("(decided_by_id IS NULL) = (decision_reason IS NULL)", name="decision_reason"),
    CheckConstraint("decided_by_id <> by_id", name="two_persons"),
    Index("objections_batch_idx", "batch_id", "made_at"),
    Index("objections_open_idx", "claim_id", postgresql_where=text("state = 'open'")),
    Index(
        "objections_open_key",
        "line_id",
        "by_id",
        "on_paper_from",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("state = 'open'"),
    ),
)

# A version is never changed; the newest one of a fund and purpose is in force. Batches keep the one of their approval.
file_layouts = Table(
    "file_layouts",
    metadata,
    key(),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("columns", JSONB, nullable=False),  # [{"field", "heading"}, …]
    Column("encoding", Text, nullable=False),
    Column("date_format", Text, nullable=False),
    Column("amount_unit", Text, nullable=False),
    Column("set_by_id", UUID(as_uuid=True), nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", INSTANT, nullable=False),
    UniqueConstraint("fund_id", "purpose", "version"),
    CheckConstraint(one_of("purpose", LAYOUT_PURPOSES), name="purpose"),
    CheckConstraint(one_of("encoding", ENCODINGS), name="encoding"),
    CheckConstraint(one_of("date_format", DATE_FORMATS), name="date_format"),
    CheckConstraint(one_of("amount_unit", AMOUNT_UNITS), name="amount_unit"),
    CheckConstraint("jsonb_typeof(columns) = 'array' AND jsonb_array_length(columns) BETWEEN 1 AND 30", name="columns"),
)

overpayments = Table(
    "overpayments",
    metadata,
    key(),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), nullable=False),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reserved_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("recovered_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reported_by_id", UUID(as_uuid=True), nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("reported_at", INSTANT, nullable=False),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("decided_at", INSTANT),
    Column("refusal", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint(one_of("state", OVERPAYMENT_STATES), name="state"),
    CheckConstraint(
        "amount_fen > 0 AND reserved_fen >= 0 AND recovered_fen >= 0 AND reserved_fen + recovered_fen <= amount_fen",
        name="amounts",
    ),
    CheckConstraint("(state IN ('open', 'recovered')) OR reserved_fen + recovered_fen = 0", name="open_alone_recovers"),
    CheckConstraint("(state = 'recovered') = (recovered_fen = amount_fen)", name="recovered"),
    CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
    CheckConstraint("state = 'refused' OR decided_by_id <> reported_by_id", name="two_persons"),
    Index("overpayments_claim_idx", "claim_id"),
    Index("overpayments_newest_idx", "reported_at", "id"),
    Index("overpayments_open_idx", "fund_id", "site_id", postgresql_where=text("state = 'open'")),
)

# What a line keeps back. Its overpayment has it reserved while the line waits, recovered once the line is paid.
line_offsets = Table(
    "line_offsets",
    metadata,
    Column("line_id", UUID(as_uuid=True), ForeignKey("batch_lines.id"), primary_key=True),
    Column("overpayment_id", UUID(as_uuid=True), ForeignKey("overpayments.id"), primary_key=True),
    Column("amount_fen", BigInteger, nullable=False),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
)

# Append-only: what a site paid back itself.
repayments = Table(
    "repayments",
    metadata,
    key(),
    Column("overpayment_id", UUID(as_uuid=True), ForeignKey("overpayments.id"), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reference", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    UniqueConstraint("overpayment_id", "reference"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
)

bank_statements = Table(
    "bank_statements",
    metadata,
    key(),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("opening_fen", BigInteger, nullable=False),
    Column("closing_fen", BigInteger, nullable=False),
    Column("imported_by_id", UUID(as_uuid=True), nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("imported_at", INSTANT, nullable=False),
    UniqueConstraint("fund_id", "sha256"),
    CheckConstraint("first_on <= last_on", name="days"),
    ExcludeConstraint(
        ("fund_id", "="),
        (text("daterange(first_on, last_on, '[]')"), "&&"),
        using="gist",
        name="bank_statements_one_a_day",
    ),
)

# Append-only: what the bank says it did. Money that left the account is negative.
bank_statement_lines = Table(
    "bank_statement_lines",
    metadata,
    key(),
    Column("statement_id", UUID(as_uuid=True), ForeignKey("bank_statements.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reference", Text),
    Column("end_to_end_id", Text),
    Column("counterparty", Text),
    Column("note", Text),
    UniqueConstraint("statement_id", "number"),
    CheckConstraint("amount_fen <> 0", name="amount_fen"),
)

# One movement of the ledger on one line of a statement; a line that books a whole batch has many.
bank_matches = Table(
    "bank_matches",
    metadata,
    Column("movement", Text, primary_key=True),  # "line:<id>", "repayment:<id>", "appropriation:<sequence>" …
    Column("bank_line_id", UUID(as_uuid=True), ForeignKey("bank_statement_lines.id"), nullable=False),
    Column("how", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    CheckConstraint(one_of("how", ("end_to_end_id", "batch", "reference", "amount_and_day")), name="how"),
    Index("bank_matches_line_idx", "bank_line_id"),
)

bank_differences = Table(
    "bank_differences",
    metadata,
    key(),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("statement_id", UUID(as_uuid=True), ForeignKey("bank_statements.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # the movement, the bank's line, or the statement
    Column("day", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("found_at", INSTANT, nullable=False),
    Column("explanation", Text),
    Column("explained_by_id", UUID(as_uuid=True)),
    Column("explained_by", Text),
    Column("explained_at", INSTANT),
    Column("closing_note", Text),
    Column("closed_by_id", UUID(as_uuid=True)),
    Column("closed_by", Text),
    Column("closed_at", INSTANT),
    UniqueConstraint("fund_id", "kind", "subject"),
    CheckConstraint(one_of("kind", DIFFERENCE_KINDS), name="kind"),
    CheckConstraint(one_of("state", DIFFERENCE_STATES), name="state"),
    CheckConstraint("amount_fen <> 0", name="amount_fen"),
    CheckConstraint("state <> 'closed' OR closed_by_id <> explained_by_id", name="two_persons"),
    CheckConstraint("state <> 'closed' OR (closed_by_id IS NOT NULL AND explained_by_id IS NOT NULL)", name="closed"),
    CheckConstraint("state <> 'explained' OR explained_by_id IS NOT NULL", name="explained"),
)
