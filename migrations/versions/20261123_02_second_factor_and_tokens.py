"""Second factor, tokens of phones and tools, invitations, counters for throttling.

Accounts and browser sessions that are there keep working: they have no second factor yet, and their sessions count as
those of scripts, which end within days. Going down forgets tokens, invitations and second factors.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None

MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def upgrade() -> None:
    op.add_column("person", sa.Column("totp_sealed", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("person", sa.Column("erased_at", MOMENT, nullable=True))
    for name in ("by_browser", "awaiting_code"):
        no = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column("browser_session", no)
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        one_of("token", "kind", "device", "tool"),
        one_of("token", "scope", "public", "internal", "write"),
        sa.CheckConstraint("(kind = 'tool') = (scope IS NOT NULL)", name="ck_token_scope_of_tool"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_token_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("token_sha256", name="uq_token_token_sha256"),
    )
    op.create_index("ix_token_person_id", "token", ["person_id"])
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_sha256", sa.Text(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_recovery_code_person_id"),
        sa.PrimaryKeyConstraint("person_id", "code_sha256", name="pk_recovery_code"),
    )
    op.create_table(
        "invite",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        one_of("invite", "purpose", "invite", "reset"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_invite_person_id"),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_invite"),
    )
    op.create_index("ix_invite_person_id", "invite", ["person_id"])
    op.create_table(
        "throttled",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_throttled"),
    )
    op.create_index("ix_throttled_expires_at", "throttled", ["expires_at"])


def downgrade() -> None:
    for table in ("throttled", "invite", "recovery_code", "token"):
        op.drop_table(table)
    for name in ("awaiting_code", "by_browser"):
        op.drop_column("browser_session", name)
    for name in ("erased_at", "totp_step", "totp_sealed"):
        op.drop_column("person", name)
