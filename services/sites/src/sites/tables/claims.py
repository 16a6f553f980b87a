"""What stands around a claim: its rules, the marks on it, its papers, field reviews and appeals (S11)."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.claims import ATTACHMENT_KINDS, CLAIM_APPEAL_STATES, INVOICE_STATES, REVIEW_STATES, STRATA
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from sites.tables.metadata import key, metadata, set_by

# ---- rules with numbers, from a day on -----------------------------------------------------------------------------
# Append-only: of the rows of a day the last entered counts; nobody named is who installed the platform.

claim_rules = Table(
    "claim_rules",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("active_from", Date, nullable=False),
    Column("submit_by_day", Integer, nullable=False),  # of the month after the visit
    Column("appeal_days", Integer, nullable=False),
    Column("reason_score", Integer, nullable=False),  # from it on an approval says why
    Column("medium_score", Integer, nullable=False),
    Column("high_score", Integer, nullable=False),
    Column("low_percent", Integer, nullable=False),  # so many of a stratum's claims are reviewed at the place
    Column("medium_percent", Integer, nullable=False),
    Column("high_percent", Integer, nullable=False),
    Column("second_signature_fen", BigInteger),  # none: one signature is enough
    Column("citation", Text, nullable=False),
    *set_by(),
    CheckConstraint("submit_by_day BETWEEN 1 AND 28", name="submit_by_day"),
    CheckConstraint("appeal_days BETWEEN 1 AND 366", name="appeal_days"),
    CheckConstraint("low_percent BETWEEN 0 AND 100", name="low_percent"),
    CheckConstraint("medium_percent BETWEEN 0 AND 100", name="medium_percent"),
    CheckConstraint("high_percent BETWEEN 0 AND 100", name="high_percent"),
    CheckConstraint("second_signature_fen > 0", name="second_signature_fen"),
    CheckConstraint("0 < medium_score AND medium_score < high_score AND reason_score > 0", name="scores"),
)

anomaly_rules = Table(
    "anomaly_rules",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("rule", Text, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("score", Integer, nullable=False),
    Column("numbers", JSONB, nullable=False, server_default="{}"),
    Column("citation", Text, nullable=False),
    *set_by(),
    CheckConstraint("score BETWEEN 0 AND 1000", name="score"),
)

# ---- marks ---------------------------------------------------------------------------------------------------------

claim_anomalies = Table(
    "claim_anomalies",
    metadata,
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("score", Integer, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("other_claim_id", UUID(as_uuid=True)),
    Column("found_at", INSTANT, nullable=False),
    Index("claim_anomalies_rule_idx", "rule", "claim_id"),
)

# ---- papers --------------------------------------------------------------------------------------------------------

claim_attachments = Table(
    "claim_attachments",
    metadata,
    key(),
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("thumbnail_sha256", Text),  # a picture's; it stands among the pictures of the file store
    Column("media_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("removed_at", INSTANT),
    Column("removed_by", Text),
    CheckConstraint(one_of("kind", ATTACHMENT_KINDS), name="kind"),
    CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed"),
    Index("claim_attachments_once_key", "claim_id", "sha256", unique=True, postgresql_where=text("removed_at IS NULL")),
    Index("claim_attachments_sha256_idx", "sha256"),
)

# live ──free──▶ freed        its claim was rejected or lapsed, or the site took it back
# duplicate ──free──▶ freed   the number stood at another claim when it was entered
claim_invoices = Table(
    "claim_invoices",
    metadata,
    key(),
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False),  # empty for the fully electronic invoice, which has a number alone
    Column("number", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("other_claim_id", UUID(as_uuid=True)),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Column("freed_at", INSTANT),
    Column("freed_reason", Text),
    CheckConstraint(one_of("state", INVOICE_STATES), name="state"),
    CheckConstraint("amount_fen > 0", name="amount_fen"),
    CheckConstraint("state <> 'duplicate' OR other_claim_id IS NOT NULL", name="duplicate"),
    CheckConstraint("(state = 'freed') = (freed_at IS NOT NULL)", name="freed"),
    Index("claim_invoices_live_key", "code", "number", unique=True, postgresql_where=text("state = 'live'")),
    Index("claim_invoices_claim_idx", "claim_id"),
)

# ---- field reviews -------------------------------------------------------------------------------------------------

# announced ──draw──▶ drawn
review_draws = Table(
    "review_draws",
    metadata,
    key(),
    Column("fund_id", UUID(as_uuid=True), ForeignKey("funds.id"), nullable=False),
    Column("period", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("seed_on", Date, nullable=False),
    Column("seed_number", Text, nullable=False),
    Column("draw_at", INSTANT, nullable=False),
    Column("announced_at", INSTANT, nullable=False),
    Column("announced_by_id", UUID(as_uuid=True), nullable=False),
    Column("announced_by", Text, nullable=False),
    Column("drawn_at", INSTANT),
    Column("shares", JSONB),  # {"low": 5, "medium": 30, "high": 100}: percent of each stratum
    Column("citation", Text),
    CheckConstraint("state IN ('announced', 'drawn')", name="state"),
    CheckConstraint(
        "(state = 'drawn') = (drawn_at IS NOT NULL AND shares IS NOT NULL AND citation IS NOT NULL)", name="drawn"
    ),
    UniqueConstraint("fund_id", "period", "seed_on", "seed_number", name="review_draws_once"),
    Index("review_draws_waiting_key", "fund_id", "period", unique=True, postgresql_where=text("state = 'announced'")),
)

# Append-only: every claim that took part, drawn or not; the export repeats the draw from it.
review_entries = Table(
    "review_entries",
    metadata,
    Column("draw_id", UUID(as_uuid=True), ForeignKey("review_draws.id"), primary_key=True),
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), primary_key=True),
    Column("stratum", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_drawn", Boolean, nullable=False),
    CheckConstraint(one_of("stratum", STRATA), name="stratum"),
    UniqueConstraint("claim_id"),
    UniqueConstraint("draw_id", "stratum", "position", name="review_entries_position"),
)

# awaited ──confirm──▶ confirmed
#    ├────correct──▶ corrected     another number came
#    └────miss─────▶ not_found     no trace of the visit
field_reviews = Table(
    "field_reviews",
    metadata,
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), primary_key=True),
    Column("draw_id", UUID(as_uuid=True), ForeignKey("review_draws.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("headcount", Integer),
    Column("notes", Text),
    Column("found_at", INSTANT),
    Column("found_by_id", UUID(as_uuid=True)),
    Column("found_by", Text),
    CheckConstraint(one_of("state", REVIEW_STATES), name="state"),
    CheckConstraint("headcount BETWEEN 0 AND 500", name="headcount"),
    CheckConstraint(
        "(state = 'awaited') = (found_at IS NULL) AND (state = 'awaited') = (notes IS NULL)"
        " AND (found_at IS NULL) = (found_by_id IS NULL) AND (found_at IS NULL) = (found_by IS NULL)",
        name="found",
    ),
    CheckConstraint("(state = 'corrected') = (headcount IS NOT NULL)", name="corrected"),
    Index("field_reviews_awaited_idx", "draw_id", "claim_id", postgresql_where=text("state = 'awaited'")),
)

# ---- appeals -------------------------------------------------------------------------------------------------------

# filed ──grant──▶ granted
#   └────refuse──▶ refused; a claim is appealed once
claim_appeals = Table(
    "claim_appeals",
    metadata,
    Column("claim_id", UUID(as_uuid=True), ForeignKey("claims.id"), primary_key=True),
    Column("against", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("filed_at", INSTANT, nullable=False),
    Column("filed_by_id", UUID(as_uuid=True), nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("decided_at", INSTANT),
    Column("decided_by_id", UUID(as_uuid=True)),
    Column("decided_by", Text),
    Column("decision", Text),
    CheckConstraint("against IN ('rejection', 'lowering')", name="against"),
    CheckConstraint(one_of("state", CLAIM_APPEAL_STATES), name="state"),
    CheckConstraint(
        "(state = 'filed') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)"
        " AND (decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decision IS NULL)",
        name="decided",
    ),
    Index("claim_appeals_filed_idx", "filed_at", "claim_id", postgresql_where=text("state = 'filed'")),
)
