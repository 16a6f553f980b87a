"""The copy of roster's tree."""

from chassis.definitions import INSTANT
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
)

from assessment.tables.metadata import ID, PATH, metadata

# Roster's tree as far as lights and rights need it; written only from its OrganisationChanged events.
organisations = Table(
    "organisations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("path", PATH, nullable=False),
    Column("parent_id", ID),
    Column("secretary_id", ID),
    Column("members_full", Integer, nullable=False),
    Column("members_probationary", Integer, nullable=False),
    Column("is_external", Boolean, nullable=False),
    Column("dissolved", Boolean, nullable=False),
    Column("dissolved_since", INSTANT),  # when roster told of it
    Column("known_since", INSTANT, nullable=False),  # no light is read for a month in which nobody told us of it
    Column("version", BigInteger, nullable=False),
    CheckConstraint("dissolved = (dissolved_since IS NOT NULL)", name="dissolved_since"),
    Index("organisations_path_id_idx", "path", "id"),
)
