"""Positions that officers propose for places, and photos of them beside those of inspections.

Going down forgets the proposals and takes the rows of their photos away; what was decided stays in the places and in
the log.
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_04"
down_revision = "20261123_03"
branch_labels = None
depends_on = None

MOMENT = sa.Text().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
GEOMETRY = sa.LargeBinary().with_variant(
    geoalchemy2.Geometry("GEOMETRY", srid=4326, spatial_index=False), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "position_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("signboard_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("geometry", GEOMETRY, nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("place_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision", JSON, nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("receipt", JSON, nullable=False),
        sa.CheckConstraint(
            "method IN ('gps', 'corners', 'tapped')", name=op.f("ck_position_proposal_method")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'accepted', 'amended', 'refused')",
            name=op.f("ck_position_proposal_status"),
        ),
        sa.CheckConstraint(
            "(site_id IS NULL) <> (signboard_id IS NULL)", name=op.f("ck_position_proposal_one_place")
        ),
        sa.CheckConstraint("accuracy_m >= 0", name=op.f("ck_position_proposal_accuracy_m")),
        sa.CheckConstraint("fixes > 0", name=op.f("ck_position_proposal_fixes")),
        sa.CheckConstraint(
            "(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_position_proposal_decided")
        ),
        sa.CheckConstraint(
            "status <> 'refused' OR reason IS NOT NULL", name=op.f("ck_position_proposal_reason")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_position_proposal_site_id"),
        sa.ForeignKeyConstraint(["signboard_id"], ["signboard.id"], name="fk_position_proposal_signboard_id"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name="fk_position_proposal_decided_by_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_position_proposal_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_position_proposal"),
    )
    for column in ("site_id", "signboard_id", "decided_by_id", "person_id"):
        op.create_index(f"ix_position_proposal_{column}", "position_proposal", [column])
    op.create_index("ix_position_proposal_status", "position_proposal", ["status", "received_at"])
    with op.batch_alter_table("photo") as photo:
        photo.alter_column("inspection_id", existing_type=sa.Uuid(), nullable=True)
        photo.add_column(sa.Column("position_id", sa.Uuid(), nullable=True))
        photo.add_column(sa.Column("sent_bytes", sa.Integer(), nullable=True))
        photo.create_foreign_key("fk_photo_position_id", "position_proposal", ["position_id"], ["id"])
        photo.create_unique_constraint("uq_photo_position_id_sha256", ["position_id", "sha256"])
        photo.create_check_constraint(
            op.f("ck_photo_one_record"), "(inspection_id IS NULL) <> (position_id IS NULL)"
        )


def downgrade() -> None:
    op.execute("DELETE FROM photo WHERE inspection_id IS NULL")
    with op.batch_alter_table("photo") as photo:
        photo.drop_constraint(op.f("ck_photo_one_record"), type_="check")
        photo.drop_constraint("uq_photo_position_id_sha256", type_="unique")
        photo.drop_constraint("fk_photo_position_id", type_="foreignkey")
        photo.drop_column("sent_bytes")
        photo.drop_column("position_id")
        photo.alter_column("inspection_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("position_proposal")
