"""Files that are imported, or compared with the register, and what was found in them.

imports          a file: who sent it, how its columns are read, where it stands, what became of it
import_rows      what its rows say, numbers sealed; gone a week after the file was done with
import_faults    each cell that cannot be taken or is doubtful; gone with the rows
import_mappings  how an organisation reads the columns of sheets with these headings
entered_marks    who was found in, or typed into, an outside platform
"""

from chassis.definitions import INSTANT
from contracts.roster.imports import PLATFORMS, PURPOSES, STATES, SUBJECTS, VERDICTS
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from roster.tables.metadata import identifier, metadata, only

imports = Table(
    "imports",
    metadata,
    identifier(key=True),
    Column("subject", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("platform", Text),
    identifier("organisation_id", ForeignKey("organisations.id")),
    # The parts of the tree in which the sender may import: judged when the file came and again when it is applied.
    Column("paths", ARRAY(Text), nullable=False),
    Column("file", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'reading'")),
    Column("stage", Text),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("total", Integer),
    Column("sheets", JSONB, nullable=False, server_default=text("'[]'")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    # What the differences looked like when they were shown; applied is that, or nothing.
    Column("shown", Text),
    Column("skips_bad", Boolean, nullable=False, server_default=text("false")),
    Column("errors_file", JSONB),
    Column("report_file", JSONB),
    Column("error", JSONB),
    identifier("job_id", nullable=True),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("asked_at", INSTANT, nullable=False),
    identifier("asked_by_id"),
    Column("asked_by", Text, nullable=False),
    Column("ended_at", INSTANT),
    Column("forgotten_at", INSTANT),
    only("subject", SUBJECTS, "subject"),
    only("purpose", PURPOSES, "purpose"),
    only("platform", PLATFORMS, "platform"),
    only("state", STATES, "state"),
    CheckConstraint("(purpose = 'compare') = (platform IS NOT NULL)", name="platform_of_comparison"),
    CheckConstraint("(state IN ('applied', 'cancelled', 'failed')) = (ended_at IS NOT NULL)", name="ended"),
    Index(None, "organisation_id", "asked_at"),
    Index("imports_due_idx", "asked_at", postgresql_where=text("forgotten_at IS NULL")),
)

import_rows = Table(
    "import_rows",
    metadata,
    identifier("import_id", ForeignKey("imports.id", ondelete="CASCADE")),
    Column("line", Integer, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("name", Text, nullable=False),
    # What the file's rows must not share: the blind index of an identity number, the code of an organisation.
    Column("key", LargeBinary),
    identifier("branch_id", nullable=True),
    Column("fields", JSONB, nullable=False),
    Column("is_bad", Boolean, nullable=False),
    Column("verdict", Text),
    identifier("target_id", nullable=True),
    identifier("new_id"),
    Column("changes", JSONB),
    PrimaryKeyConstraint("import_id", "line"),
    only("verdict", VERDICTS, "verdict"),
    Index(None, "import_id", "key"),
)

import_faults = Table(
    "import_faults",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    identifier("import_id", ForeignKey("imports.id", ondelete="CASCADE")),
    Column("line", Integer, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("place", Integer),
    Column("heading", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("params", JSONB, nullable=False, server_default=text("'{}'")),
    Column("is_warning", Boolean, nullable=False),
    # Found by asking the register, and asked again before anything is applied.
    Column("by_register", Boolean, nullable=False, server_default=text("false")),
    Index(None, "import_id", "line", "id"),
    Index(None, "import_id", "code", "line", "id"),
)

import_mappings = Table(
    "import_mappings",
    metadata,
    identifier("organisation_id", ForeignKey("organisations.id")),
    Column("subject", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("columns", JSONB, nullable=False),
    Column("saved_at", INSTANT, nullable=False),
    Column("saved_by", Text, nullable=False),
    PrimaryKeyConstraint("organisation_id", "subject", "signature"),
    only("subject", SUBJECTS, "subject"),
)

entered_marks = Table(
    "entered_marks",
    metadata,
    Column("platform", Text, nullable=False),
    identifier("person_id", ForeignKey("people.id")),
    Column("marked_at", INSTANT, nullable=False),
    identifier("marked_by_id"),
    Column("marked_by", Text, nullable=False),
    PrimaryKeyConstraint("platform", "person_id"),
    only("platform", PLATFORMS, "platform"),
    Index(None, "person_id"),
)
