"""Places: sites with their programmes, hours and slots, and the copy of the organisations that keep or visit them."""

from chassis.definitions import INSTANT, one_of
from contracts.sites.places import CATEGORIES, DATUMS, FACILITIES, SITE_KINDS, SITE_STATES
from contracts.sites.programmes import AUDIENCES, PROGRAMME_KINDS, SPOKEN, THEMES
from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from sites.tables.metadata import key, metadata

CONFIRMATIONS = ("automatic", "manual")

# Roster's tree as far as orders and rights need it; written only from its OrganisationChanged events.
organisations = Table(
    "organisations",
    metadata,
    key(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("parent_id", UUID(as_uuid=True)),
    Column("secretary_id", UUID(as_uuid=True)),
    Column("is_external", Boolean, nullable=False, server_default=text("false")),
    Column("dissolved", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False),
    Column("members", Integer),  # full and probationary ones; not known until roster tells
    CheckConstraint("members >= 0", name="members"),
    Index("organisations_path_idx", "path", postgresql_ops={"path": "text_pattern_ops"}),
)

sites = Table(
    "sites",
    metadata,
    key(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("pinyin", Text, nullable=False),
    Column("initials", Text, nullable=False),
    # What a search looks through: 蒲松龄纪念馆 pu song ling ji nian guan pusonglingjinianguan psljng
    Column(
        "search",
        Text,
        Computed("name || ' ' || pinyin || ' ' || replace(pinyin, ' ', '') || ' ' || initials", persisted=True),
    ),
    Column("category", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("town", Text),
    Column("address", Text),
    Column("point", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    # Where the point comes from: stored is always WGS-84, this is what was given and by whom.
    Column("point_datum", Text, nullable=False),
    Column("point_source", Text, nullable=False),
    Column("point_accuracy_m", Integer),
    Column("point_checked_on", Date),
    Column("point_checked_by", Text),
    # Where one goes in; none: the point itself.
    Column("entrance", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("capacity", Integer, nullable=False),
    Column("visit_minutes", Integer, nullable=False),
    Column("hours_text", Text),
    Column("facilities", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("facilities_text", Text),
    Column("accessibility_text", Text),
    # Released to who comes, once the order is confirmed.
    Column("contact_name", Text),
    Column("contact_phone", LargeBinary),
    Column("contact_phone_masked", Text),
    Column("arrival_text", Text),
    Column("parking_text", Text),
    Column("bring_text", Text),
    Column("managing_organisation_id", UUID(as_uuid=True), nullable=False),
    Column("managing_organisation", Text, nullable=False),
    Column("managing_path", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    Column("state_since", Date),
    # What the newest evaluation gave; each stands in site_evaluations with the day from which it counts.
    Column("star", SmallInteger),
    Column("grade", Text),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint(one_of("category", CATEGORIES), name="category"),
    CheckConstraint(one_of("kind", SITE_KINDS), name="kind"),
    CheckConstraint(one_of("state", SITE_STATES), name="state"),
    CheckConstraint(one_of("point_datum", DATUMS), name="point_datum"),
    CheckConstraint("capacity > 0", name="capacity"),
    CheckConstraint("visit_minutes > 0", name="visit_minutes"),
    CheckConstraint("star BETWEEN 1 AND 5", name="star"),
    CheckConstraint("point_accuracy_m BETWEEN 1 AND 100000", name="point_accuracy_m"),
    CheckConstraint("(contact_phone IS NULL) = (contact_phone_masked IS NULL)", name="contact_phone"),
    CheckConstraint(f"facilities <@ ARRAY[{', '.join(map(repr, FACILITIES))}]", name="facilities"),
    Index("sites_point_idx", "point", postgresql_using="gist"),
    Index("sites_geography_idx", text("(point::geography)"), postgresql_using="gist"),
    Index("sites_search_idx", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    Index("sites_pinyin_idx", "pinyin", "id"),
    Index("sites_managing_organisation_idx", "managing_organisation_id"),
)

# Append-only: every change of a site, its state or its record, with who, when and why.
site_history = Table(
    "site_history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("move", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True)),
    Column("by_name", Text, nullable=False),
    Column("reason", Text),
    Column("changes", JSONB),  # of an edit: {field: [before, after]}
    CheckConstraint(one_of("state", SITE_STATES), name="state"),
    Index("site_history_site_idx", "site_id", "id"),
)

# Append-only: who was shown a site's telephone number, and for which order.
contact_views = Table(
    "contact_views",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("order_id", UUID(as_uuid=True), ForeignKey("orders.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    Index("contact_views_site_idx", "site_id", "id"),
)

# Grounds for suspending and withdrawing, with the days of notice each asks for.
site_grounds = Table(
    "site_grounds",
    metadata,
    Column("move", Text, primary_key=True),
    Column("ground", Text, primary_key=True),
    Column("active_from", Date, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("notice_days", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("move IN ('suspend', 'withdraw')", name="move"),
    CheckConstraint("notice_days BETWEEN 0 AND 366", name="notice_days"),
)

# After how many months the "three same" of a training base are checked again.
site_check_terms = Table(
    "site_check_terms",
    metadata,
    Column("active_from", Date, primary_key=True),
    Column("months", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("months BETWEEN 1 AND 60", name="months"),
)

# Append-only: sign, area, equipment of a training base, looked at.
site_checks = Table(
    "site_checks",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("sign", Boolean, nullable=False),
    Column("area", Boolean, nullable=False),
    Column("equipment", Boolean, nullable=False),
    Column("note", Text),
    Column("due_on", Date, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint("due_on > checked_on", name="due_on"),
    Index("site_checks_site_idx", "site_id", "checked_on", "id"),
)

# What is judged: the criteria of the yearly evaluation (weights add up to 100), and the items of the field check.
site_criteria = Table(
    "site_criteria",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("active_from", Date, primary_key=True),
    Column("active_until", Date),
    Column("position", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("citation", Text, nullable=False),
    CheckConstraint("kind IN ('evaluation', 'field_check')", name="kind"),
    CheckConstraint("weight BETWEEN 0 AND 100", name="weight"),
    CheckConstraint("active_until > active_from", name="active_until"),
)

site_grades = Table(
    "site_grades",
    metadata,
    Column("grade", Text, primary_key=True),
    Column("active_from", Date, primary_key=True),
    Column("active_until", Date),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("points_min", Integer, nullable=False),
    Column("star", SmallInteger, nullable=False),
    Column("citation", Text, nullable=False),
    UniqueConstraint("points_min", "active_from"),
    CheckConstraint("points_min BETWEEN 0 AND 100", name="points_min"),
    CheckConstraint("star BETWEEN 1 AND 5", name="star"),
    CheckConstraint("active_until > active_from", name="active_until"),
)

# Append-only: what a year's evaluation gave; the star counts from `active_from` on.
site_evaluations = Table(
    "site_evaluations",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("total", Numeric(5, 2), nullable=False),
    Column("grade", Text, nullable=False),
    Column("star", SmallInteger, nullable=False),
    Column("active_from", Date, nullable=False),
    Column("note", Text),
    Column("at", INSTANT, nullable=False),
    Column("by_id", UUID(as_uuid=True), nullable=False),
    Column("by_name", Text, nullable=False),
    UniqueConstraint("site_id", "year"),
    CheckConstraint("total BETWEEN 0 AND 100", name="total"),
    CheckConstraint("star BETWEEN 1 AND 5", name="star"),
)

programmes = Table(
    "programmes",
    metadata,
    key(),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("theme", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("every_minutes", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("notice_minutes", Integer, nullable=False),
    Column("confirmation", Text, nullable=False),
    Column("is_offered", Boolean, nullable=False, server_default=text("true")),
    Column("kind", Text, nullable=False, server_default=text("'tour'")),
    Column("case_version_id", UUID(as_uuid=True), ForeignKey("case_versions.id")),
    Column("description", Text, nullable=False, server_default=text("''")),
    Column("bring", Text, nullable=False, server_default=text("''")),
    Column("languages", ARRAY(Text), nullable=False, server_default=text("'{zh}'")),
    Column("audience", Text, nullable=False, server_default=text("'everyone'")),
    Column("party_min", Integer, nullable=False, server_default=text("1")),
    Column("party_max", Integer),
    Column("needs_guide", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    UniqueConstraint("site_id", "name"),
    CheckConstraint(one_of("theme", THEMES), name="theme"),
    CheckConstraint(one_of("kind", PROGRAMME_KINDS), name="kind"),
    CheckConstraint("(kind = 'training_case') = (case_version_id IS NOT NULL)", name="case_version"),
    CheckConstraint(
        f"cardinality(languages) > 0 AND languages <@ ARRAY[{', '.join(map(repr, SPOKEN))}]", name="languages"
    ),
    CheckConstraint(one_of("audience", AUDIENCES), name="audience"),
    CheckConstraint(
        "1 <= party_min AND party_min <= coalesce(party_max, party_min) AND coalesce(party_max, party_min) <= 500",
        name="party",
    ),
    CheckConstraint(one_of("confirmation", CONFIRMATIONS), name="confirmation"),
    CheckConstraint("minutes BETWEEN 5 AND 1440", name="minutes"),
    CheckConstraint("every_minutes BETWEEN 5 AND 1440", name="every_minutes"),
    CheckConstraint("seats BETWEEN 1 AND 10000", name="seats"),
    CheckConstraint("notice_minutes >= 0", name="notice_minutes"),
)

# A site's opening hours by weekday (ISO, Monday is 1), in minutes after midnight in Asia/Shanghai; 1440 is the next
# midnight. A programme with rows of its own keeps those instead of the site's.
weekly_hours = Table(
    "weekly_hours",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id")),
    # None: whenever no season covers the day. Deferrable, because both are written anew together.
    Column("season_id", UUID(as_uuid=True), ForeignKey("seasons.id", deferrable=True)),
    Column("weekday", SmallInteger, nullable=False),
    Column("opens_minute", SmallInteger, nullable=False),
    Column("closes_minute", SmallInteger, nullable=False),
    UniqueConstraint(
        *("site_id", "programme_id", "season_id", "weekday", "opens_minute"),
        name="weekly_hours_opening_key",
        postgresql_nulls_not_distinct=True,
    ),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    CheckConstraint("0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= 1440", name="minutes"),
)

# `seats_taken` is the referee of every order: sql/take_seats.sql takes seats, and the check refuses what would oversell
# them. It counts live orders and live holds; `seats_held` is the part of it that is held, so that whoever takes seats
# looks for expired holds only where there are any. A branch's order is a group; a member's own booking is none.
# No counter stands in an index, so that the update stays within its page (HOT).
slots = Table(
    "slots",
    metadata,
    key(server_default=text("gen_random_uuid()")),
    Column("site_id", UUID(as_uuid=True), ForeignKey("sites.id"), nullable=False),
    Column("programme_id", UUID(as_uuid=True), ForeignKey("programmes.id"), nullable=False),
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT, nullable=False),
    Column("visit_on", Date, nullable=False),
    Column("bookable_from", INSTANT),  # none: as soon as it is made
    Column("bookable_until", INSTANT, nullable=False),
    Column("change_until", INSTANT),  # until when a party may grow or move; none: as long as the slot takes orders
    Column("cancel_until", INSTANT),  # later is a late cancellation; none: 24 hours before the start
    Column("seats", Integer, nullable=False),
    Column("seats_taken", Integer, nullable=False, server_default=text("0")),
    Column("seats_held", Integer, nullable=False, server_default=text("0")),
    Column("groups_max", Integer),  # none: no limit
    Column("groups_taken", Integer, nullable=False, server_default=text("0")),
    Column("confirmation", Text, nullable=False),
    Column("closed_reason", Text),  # none: the slot takes orders
    Column("by_rule", Boolean, nullable=False, server_default=text("false")),  # made from the calendar's rules
    Column("closure_id", UUID(as_uuid=True)),  # the closure that shuts it
    Column("kept_since", INSTANT),  # the rules make it no longer; it stays for those who have seats in it
    Column("dropped_at", INSTANT),  # the rules make it no longer, and nobody had seats in it
    # From its programme; a trigger closes the slot while no guide is kept for it (`tables.guides`).
    Column("needs_guide", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("programme_id", "starts_at"),
    CheckConstraint("0 <= seats_taken AND seats_taken <= seats", name="seats_taken"),
    CheckConstraint("0 <= seats_held AND seats_held <= seats_taken", name="seats_held"),
    CheckConstraint("0 <= groups_taken AND (groups_max IS NULL OR groups_taken <= groups_max)", name="groups_taken"),
    CheckConstraint(one_of("confirmation", CONFIRMATIONS), name="confirmation"),
    CheckConstraint("starts_at < ends_at", name="ends_after_start"),
    Index("slots_site_day_idx", "site_id", "visit_on", "starts_at"),
    Index("slots_start_idx", "starts_at"),
    Index("slots_guided_idx", "site_id", "starts_at", postgresql_where=text("needs_guide")),
    postgresql_with={"fillfactor": "80"},
)
