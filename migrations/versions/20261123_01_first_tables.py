"""The registry's first tables, with their spatial indexes.

Revision ID: 20261123_01
Revises:
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_01"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.Text().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
GEOMETRY = sa.LargeBinary().with_variant(
    geoalchemy2.Geometry("GEOMETRY", srid=4326, spatial_index=False), "postgresql"
)
LOCATED = ("site", "signboard", "proposal", "unit")


def sqlite_statements(table: str) -> list[str]:
    """The R*Tree of a table and the triggers that keep it from its stored box, so that any tool can write."""
    tree = f"{table}_rtree"
    return [
        f"CREATE VIRTUAL TABLE {tree} USING rtree(id, west, east, south, north)",
        (
            f"CREATE TRIGGER {tree}_insert AFTER INSERT ON {table} WHEN NEW.west IS NOT NULL BEGIN"
            f" INSERT OR REPLACE INTO {tree} VALUES (NEW.id, NEW.west, NEW.east, NEW.south, NEW.north); END"
        ),
        (
            f"CREATE TRIGGER {tree}_update AFTER UPDATE OF id, west, east, south, north ON {table} BEGIN"
            f" DELETE FROM {tree} WHERE id = OLD.id;"
            f" INSERT OR REPLACE INTO {tree} SELECT NEW.id, NEW.west, NEW.east, NEW.south, NEW.north"
            f" WHERE NEW.west IS NOT NULL; END"
        ),
        f"CREATE TRIGGER {tree}_delete AFTER DELETE ON {table} BEGIN DELETE FROM {tree} WHERE id = OLD.id; END",
        f"INSERT INTO {tree} SELECT id, west, east, south, north FROM {table} WHERE west IS NOT NULL",
    ]


def create_spatial_index(table: str) -> None:
    """R*Tree kept by triggers on SQLite (they read columns only, so any tool can write), GiST on PostGIS."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(f"ix_{table}_geometry", table, ["geometry"], postgresql_using="gist")
        return
    for statement in sqlite_statements(table):
        op.execute(statement)


def drop_spatial_index(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(f"ix_{table}_geometry", table)
        return
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER {table}_rtree_{event}")
    op.execute(f"DROP TABLE {table}_rtree")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("date_status", sa.Text(), nullable=False),
        sa.Column("date_note", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "date_status IN ('certain', 'conflicting', 'unknown')", name=op.f("ck_document_date_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("key", name=op.f("uq_document_key")),
    )
    op.create_table(
        "installation",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation")),
    )
    op.create_table(
        "interval_change",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rainy_days", sa.Integer(), nullable=False),
        sa.Column("dry_days", sa.Integer(), nullable=True),
        sa.Column("holidays_days", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("dry_days > 0", name=op.f("ck_interval_change_dry_days")),
        sa.CheckConstraint("holidays_days > 0", name=op.f("ck_interval_change_holidays_days")),
        sa.CheckConstraint("rainy_days > 0", name=op.f("ck_interval_change_rainy_days")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_interval_change")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "role IN ('viewer', 'officer', 'board', 'administrator')", name=op.f("ck_person_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name_key", name=op.f("uq_person_name_key")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("period_from", sa.Integer(), nullable=True),
        sa.Column("period_to", sa.Integer(), nullable=True),
        sa.Column("addressee", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("geometry", GEOMETRY, nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("location_status", sa.Text(), nullable=False),
        sa.Column("location_accuracy_m", sa.Double(), nullable=False),
        sa.Column("location_note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "location_status IN ('surveyed', 'approximate', 'inferred', 'unlocated')",
            name=op.f("ck_proposal_location_status"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'ordered', 'in_progress', 'done', 'expired')",
            name=op.f("ck_proposal_status"),
        ),
        sa.CheckConstraint("location_accuracy_m >= 0", name=op.f("ck_proposal_location_accuracy_m")),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_proposal_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("code", name=op.f("uq_proposal_code")),
    )
    op.create_table(
        "setup_link",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_setup_link")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("geometry", GEOMETRY, nullable=True),
        sa.Column("west", sa.Double(), nullable=True),
        sa.Column("south", sa.Double(), nullable=True),
        sa.Column("east", sa.Double(), nullable=True),
        sa.Column("north", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_unit_code_valid_from")),
    )
    op.create_index(op.f("ix_unit_code"), "unit", ["code"], unique=False)
    op.create_table(
        "browser_session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_browser_session_person_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_browser_session")),
    )
    op.create_index(op.f("ix_browser_session_person_id"), "browser_session", ["person_id"], unique=False)
    op.create_table(
        "fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=True),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "certainty IN ('certain', 'conflicting', 'inferred')", name=op.f("ck_fact_certainty")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_fact_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    op.create_index("ix_fact_about", "fact", ["about", "field"], unique=False)
    op.create_index(op.f("ix_fact_document_id"), "fact", ["document_id"], unique=False)
    op.create_table(
        "log_entry",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_log_entry_person_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_entry")),
    )
    op.create_index(op.f("ix_log_entry_about"), "log_entry", ["about"], unique=False)
    op.create_table(
        "person_unit",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_unit_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_unit_id")),
        sa.PrimaryKeyConstraint("person_id", "unit_id", name=op.f("pk_person_unit")),
    )
    op.create_table(
        "proposal_unit",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_unit_proposal_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_proposal_unit_unit_id")),
        sa.PrimaryKeyConstraint("proposal_id", "unit_id", name=op.f("pk_proposal_unit")),
    )
    op.create_index(op.f("ix_proposal_unit_unit_id"), "proposal_unit", ["unit_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("risk_level", sa.Text(), nullable=True),
        sa.Column("risk_rated_at", MOMENT, nullable=True),
        sa.Column("risk_reason", sa.Text(), nullable=True),
        sa.Column("risk_rated_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("households_at_risk", sa.Integer(), nullable=True),
        sa.Column("people_at_risk", sa.Integer(), nullable=True),
        sa.Column("households_moved_out", sa.Integer(), nullable=True),
        sa.Column("people_moved_out", sa.Integer(), nullable=True),
        sa.Column("geometry", GEOMETRY, nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("location_status", sa.Text(), nullable=False),
        sa.Column("location_accuracy_m", sa.Double(), nullable=False),
        sa.Column("location_note", sa.Text(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("last_inspected_at", MOMENT, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "condition IN ('no_change', 'worse', 'danger', 'not_seen')", name=op.f("ck_site_condition")
        ),
        sa.CheckConstraint("kind IN ('slide', 'flood', 'drowning')", name=op.f("ck_site_kind")),
        sa.CheckConstraint(
            "location_status IN ('surveyed', 'approximate', 'inferred', 'unlocated')",
            name=op.f("ck_site_location_status"),
        ),
        sa.CheckConstraint(
            "risk_level IN ('low', 'medium', 'high', 'very_high')", name=op.f("ck_site_risk_level")
        ),
        sa.CheckConstraint("state IN ('active', 'watch', 'closed')", name=op.f("ck_site_state")),
        sa.CheckConstraint("households_at_risk >= 0", name=op.f("ck_site_households_at_risk")),
        sa.CheckConstraint("households_moved_out >= 0", name=op.f("ck_site_households_moved_out")),
        sa.CheckConstraint("location_accuracy_m >= 0", name=op.f("ck_site_location_accuracy_m")),
        sa.CheckConstraint("people_at_risk >= 0", name=op.f("ck_site_people_at_risk")),
        sa.CheckConstraint("people_moved_out >= 0", name=op.f("ck_site_people_moved_out")),
        sa.ForeignKeyConstraint(["risk_rated_by_id"], ["person.id"], name=op.f("fk_site_risk_rated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_index(op.f("ix_site_due_on"), "site", ["due_on"], unique=False)
    op.create_table(
        "unit_succession",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["unit.id"], name=op.f("fk_unit_succession_predecessor_id")
        ),
        sa.ForeignKeyConstraint(["successor_id"], ["unit.id"], name=op.f("fk_unit_succession_successor_id")),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name=op.f("pk_unit_succession")),
    )
    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Double(), nullable=True),
        sa.Column("quantity_unit", sa.Text(), nullable=True),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("last_inspected_at", MOMENT, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "condition IN ('no_change', 'worse', 'danger', 'not_seen')", name=op.f("ck_measure_condition")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'ordered', 'in_progress', 'done', 'expired')",
            name=op.f("ck_measure_status"),
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_measure_quantity")),
        sa.CheckConstraint("site_id IS NOT NULL OR unit_id IS NOT NULL", name=op.f("ck_measure_somewhere")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_measure_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_measure_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("code", name=op.f("uq_measure_code")),
    )
    op.create_index(op.f("ix_measure_due_on"), "measure", ["due_on"], unique=False)
    op.create_index(op.f("ix_measure_site_id"), "measure", ["site_id"], unique=False)
    op.create_index(op.f("ix_measure_unit_id"), "measure", ["unit_id"], unique=False)
    op.create_table(
        "signboard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("geometry", GEOMETRY, nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("location_status", sa.Text(), nullable=False),
        sa.Column("location_accuracy_m", sa.Double(), nullable=False),
        sa.Column("location_note", sa.Text(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("last_inspected_at", MOMENT, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "condition IN ('no_change', 'worse', 'danger', 'not_seen')", name=op.f("ck_signboard_condition")
        ),
        sa.CheckConstraint(
            "location_status IN ('surveyed', 'approximate', 'inferred', 'unlocated')",
            name=op.f("ck_signboard_location_status"),
        ),
        sa.CheckConstraint(
            "state IN ('sound', 'damaged', 'missing', 'unknown')", name=op.f("ck_signboard_state")
        ),
        sa.CheckConstraint("location_accuracy_m >= 0", name=op.f("ck_signboard_location_accuracy_m")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_signboard_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signboard")),
        sa.UniqueConstraint("code", name=op.f("uq_signboard_code")),
    )
    op.create_index(op.f("ix_signboard_due_on"), "signboard", ["due_on"], unique=False)
    op.create_index(op.f("ix_signboard_site_id"), "signboard", ["site_id"], unique=False)
    op.create_table(
        "site_unit",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_unit_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_site_unit_unit_id")),
        sa.PrimaryKeyConstraint("site_id", "unit_id", name=op.f("pk_site_unit")),
    )
    op.create_index(op.f("ix_site_unit_unit_id"), "site_unit", ["unit_id"], unique=False)
    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("signboard_id", sa.Integer(), nullable=True),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("clock_doubtful", sa.Boolean(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("suggested_condition", sa.Text(), nullable=False),
        sa.Column("suggestion", JSON, nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column("context", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("measurements", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("position_lon", sa.Double(), nullable=True),
        sa.Column("position_lat", sa.Double(), nullable=True),
        sa.Column("position_accuracy_m", sa.Double(), nullable=True),
        sa.Column("position_age_s", sa.Double(), nullable=True),
        sa.Column("position_source", sa.Text(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("receipt", JSON, nullable=False),
        sa.CheckConstraint(
            "condition IN ('no_change', 'worse', 'danger', 'not_seen')", name=op.f("ck_inspection_condition")
        ),
        sa.CheckConstraint(
            "position_source IN ('gps', 'map', 'site')", name=op.f("ck_inspection_position_source")
        ),
        sa.CheckConstraint(
            "suggested_condition IN ('no_change', 'worse', 'danger', 'not_seen', 'none')",
            name=op.f("ck_inspection_suggested_condition"),
        ),
        sa.CheckConstraint(
            "(CASE WHEN site_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN signboard_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN measure_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_inspection_one_place"),
        ),
        sa.ForeignKeyConstraint(["corrects_id"], ["inspection.id"], name=op.f("fk_inspection_corrects_id")),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_inspection_measure_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inspection_person_id")),
        sa.ForeignKeyConstraint(["signboard_id"], ["signboard.id"], name=op.f("fk_inspection_signboard_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_inspection_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_inspection_corrects_id")),
    )
    op.create_index("ix_inspection_measure", "inspection", ["measure_id", "happened_at"], unique=False)
    op.create_index(op.f("ix_inspection_person_id"), "inspection", ["person_id"], unique=False)
    op.create_index(op.f("ix_inspection_received_at"), "inspection", ["received_at"], unique=False)
    op.create_index("ix_inspection_signboard", "inspection", ["signboard_id", "happened_at"], unique=False)
    op.create_index("ix_inspection_site", "inspection", ["site_id", "happened_at"], unique=False)
    op.create_table(
        "photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("stored_sha256", sa.Text(), nullable=False),
        sa.Column("thumbnail_sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("taken_lon", sa.Double(), nullable=True),
        sa.Column("taken_lat", sa.Double(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_photo_inspection_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_photo_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("inspection_id", "sha256", name=op.f("uq_photo_inspection_id_sha256")),
    )
    op.create_index(op.f("ix_photo_person_id"), "photo", ["person_id"], unique=False)
    op.create_index(op.f("ix_photo_sha256"), "photo", ["sha256"], unique=False)
    # ### end Alembic commands ###
    for table in LOCATED:
        create_spatial_index(table)


def downgrade() -> None:
    """Drop the tables and what they hold."""
    for table in LOCATED:
        drop_spatial_index(table)
    op.drop_index(op.f("ix_photo_sha256"), table_name="photo")
    op.drop_index(op.f("ix_photo_person_id"), table_name="photo")
    op.drop_table("photo")
    op.drop_index("ix_inspection_site", table_name="inspection")
    op.drop_index("ix_inspection_signboard", table_name="inspection")
    op.drop_index(op.f("ix_inspection_received_at"), table_name="inspection")
    op.drop_index(op.f("ix_inspection_person_id"), table_name="inspection")
    op.drop_index("ix_inspection_measure", table_name="inspection")
    op.drop_table("inspection")
    op.drop_index(op.f("ix_site_unit_unit_id"), table_name="site_unit")
    op.drop_table("site_unit")
    op.drop_index(op.f("ix_signboard_site_id"), table_name="signboard")
    op.drop_index(op.f("ix_signboard_due_on"), table_name="signboard")
    op.drop_table("signboard")
    op.drop_index(op.f("ix_measure_unit_id"), table_name="measure")
    op.drop_index(op.f("ix_measure_site_id"), table_name="measure")
    op.drop_index(op.f("ix_measure_due_on"), table_name="measure")
    op.drop_table("measure")
    op.drop_table("unit_succession")
    op.drop_index(op.f("ix_site_due_on"), table_name="site")
    op.drop_table("site")
    op.drop_index(op.f("ix_proposal_unit_unit_id"), table_name="proposal_unit")
    op.drop_table("proposal_unit")
    op.drop_table("person_unit")
    op.drop_index(op.f("ix_log_entry_about"), table_name="log_entry")
    op.drop_table("log_entry")
    op.drop_index(op.f("ix_fact_document_id"), table_name="fact")
    op.drop_index("ix_fact_about", table_name="fact")
    op.drop_table("fact")
    op.drop_index(op.f("ix_browser_session_person_id"), table_name="browser_session")
    op.drop_table("browser_session")
    op.drop_index(op.f("ix_unit_code"), table_name="unit")
    op.drop_table("unit")
    op.drop_table("setup_link")
    op.drop_table("proposal")
    op.drop_table("person")
    op.drop_table("interval_change")
    op.drop_table("installation")
    op.drop_table("document")
    # ### end Alembic commands ###
