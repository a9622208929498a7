"""The log becomes a chain: each entry bound to the one before, who and what committed to with keys of their own.

Entries that are there keep their numbers, since receipts carry them. Numbers that were never used (PostgreSQL's
sequence passed them when a transaction was rolled back) get an entry with the verb "gap", so that the chain has none.
From here on the database itself refuses to change or delete what was logged; all it lets through is to erase who or
what.

Going down takes the chain, its keys and the refusals away and keeps every entry. Going up again makes a new chain with
other hashes: checkpoints that were signed before do not lie on it. Parts that were erased, which erasing entries name,
stay erased.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_03"
down_revision = "20261123_02"
branch_labels = None
depends_on = None

MOMENT = sa.Text().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
GENESIS = "0" * 64
BATCH = 2000

REFUSED_ENTRY = "the log is append-only: log_entry refuses UPDATE and DELETE"
REFUSED_DETAIL = (
    "log_detail refuses DELETE, and every UPDATE but to erase who or what (never what an erasure says)"
)
REFUSED_REPLACE = "the log is append-only: no entry is replaced, and none is left out"

OLD = sa.table(
    "log_old",
    sa.column("seq", sa.Integer()),
    sa.column("at", MOMENT),
    sa.column("person_id", sa.Integer()),
    sa.column("verb", sa.Text()),
    sa.column("about", sa.Text()),
    sa.column("before", JSON),
    sa.column("after", JSON),
)

SQLITE_UP = (
    f"""CREATE TRIGGER log_entry_update BEFORE UPDATE ON log_entry
    BEGIN SELECT RAISE(ABORT, '{REFUSED_ENTRY}'); END""",
    f"""CREATE TRIGGER log_entry_delete BEFORE DELETE ON log_entry
    BEGIN SELECT RAISE(ABORT, '{REFUSED_ENTRY}'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above
    f"""CREATE TRIGGER log_entry_insert BEFORE INSERT ON log_entry
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM log_entry)
    OR EXISTS (SELECT 1 FROM log_entry WHERE entry_hash = NEW.entry_hash OR prev_hash = NEW.prev_hash)
    BEGIN SELECT RAISE(ABORT, '{REFUSED_REPLACE}'); END""",
    f"""CREATE TRIGGER log_detail_delete BEFORE DELETE ON log_detail
    BEGIN SELECT RAISE(ABORT, '{REFUSED_DETAIL}'); END""",
    f"""CREATE TRIGGER log_detail_insert BEFORE INSERT ON log_detail
    WHEN EXISTS (SELECT 1 FROM log_detail WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, '{REFUSED_REPLACE}'); END""",
    f"""CREATE TRIGGER log_detail_update BEFORE UPDATE ON log_detail
    WHEN NOT (
        NEW.seq = OLD.seq
        AND (NEW.person_id IS OLD.person_id AND NEW.who_key IS OLD.who_key
             OR NEW.person_id IS NULL AND NEW.who_key IS NULL)
        AND (NEW.what IS OLD.what AND NEW.what_key IS OLD.what_key
             OR NEW.what IS NULL AND NEW.what_key IS NULL
             AND (SELECT verb FROM log_entry WHERE seq = OLD.seq) <> 'erase')
    )
    BEGIN SELECT RAISE(ABORT, '{REFUSED_DETAIL}'); END""",
)
SQLITE_DOWN = (
    *(f"DROP TRIGGER log_entry_{event}" for event in ("update", "delete", "insert")),
    *(f"DROP TRIGGER log_detail_{event}" for event in ("update", "delete", "insert")),
)

POSTGRESQL_UP = (
    f"""CREATE FUNCTION log_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSED_ENTRY}' USING ERRCODE = 'restrict_violation'; END $$""",
    f"""CREATE FUNCTION log_detail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.seq = OLD.seq
            AND (NEW.person_id IS NOT DISTINCT FROM OLD.person_id AND NEW.who_key IS NOT DISTINCT FROM OLD.who_key
                 OR NEW.person_id IS NULL AND NEW.who_key IS NULL)
            AND (NEW.what IS NOT DISTINCT FROM OLD.what AND NEW.what_key IS NOT DISTINCT FROM OLD.what_key
                 OR NEW.what IS NULL AND NEW.what_key IS NULL
                 AND (SELECT verb FROM log_entry WHERE seq = OLD.seq) <> 'erase')
            THEN RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '{REFUSED_DETAIL}' USING ERRCODE = 'restrict_violation';
    END $$""",
    *(
        f"""CREATE TRIGGER {table}_change BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"""
        for table in ("log_entry", "log_detail")
    ),
    *(
        f"""CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"""
        for table in ("log_entry", "log_detail")
    ),
)
POSTGRESQL_DOWN = (
    *(f"DROP TRIGGER {table}_change ON {table}" for table in ("log_entry", "log_detail")),
    *(f"DROP TRIGGER {table}_truncate ON {table}" for table in ("log_entry", "log_detail")),
    "DROP FUNCTION log_entry_refuse()",
    "DROP FUNCTION log_detail_refuse()",
)


def upgrade() -> None:
    op.execute("CREATE TABLE log_old AS SELECT * FROM log_entry")
    op.create_index("ix_log_old_seq", "log_old", ["seq"], unique=True)
    op.drop_table("log_entry")
    entry = op.create_table(
        "log_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_log_entry"),
        sa.UniqueConstraint("prev_hash", name="uq_log_entry_prev_hash"),
        sa.UniqueConstraint("entry_hash", name="uq_log_entry_entry_hash"),
    )
    op.create_index("ix_log_entry_about", "log_entry", ["about"])
    detail = op.create_table(
        "log_detail",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("who_key", sa.Text(), nullable=True),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("what_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name="fk_log_detail_seq"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_log_detail_person_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_log_detail"),
    )
    op.create_index("ix_log_detail_person_id", "log_detail", ["person_id"])
    connection = op.get_bind()
    for rows in chained(connection):
        connection.execute(sa.insert(entry), [row for row, _ in rows])
        connection.execute(sa.insert(detail), [row for _, row in rows])
    op.drop_table("log_old")
    for statement in POSTGRESQL_UP if connection.dialect.name == "postgresql" else SQLITE_UP:
        op.execute(statement)


def chained(connection: sa.Connection) -> Iterator[list[tuple[dict[str, Any], dict[str, Any]]]]:
    """The old entries in order as rows of both tables, with the gaps between them filled, batch by batch."""
    erased = {part: set(named(connection, part)) for part in ("who", "what")}
    seq, prev = 0, GENESIS
    for old in batches(connection):
        made = []
        for row in old:
            while seq < row.seq:
                seq += 1
                values = row._asdict() if seq == row.seq else gap(row)
                made.append(linked(values, seq, prev, {part for part in erased if seq in erased[part]}))
                prev = made[-1][0]["entry_hash"]
        yield made


def batches(connection: sa.Connection) -> Iterator[list[Any]]:
    last = 0
    while rows := connection.execute(
        sa.select(OLD).where(OLD.c.seq > last).order_by(OLD.c.seq).limit(BATCH)
    ).all():
        yield list(rows)
        last = rows[-1].seq


def gap(following: Any) -> dict[str, Any]:
    """What stands at a number that no entry had."""
    return {
        "at": following.at,
        "person_id": None,
        "verb": "gap",
        "about": "log",
        "before": None,
        "after": None,
    }


def named(connection: sa.Connection, part: str) -> Iterator[int]:
    """The entries whose `part` an erasing entry says is erased."""
    for after in connection.scalars(sa.select(OLD.c.after).where(OLD.c.verb == "erase")).all():
        for first, last in (after or {}).get(part, ()):
            yield from range(first, last + 1)


def linked(
    row: dict[str, Any], seq: int, prev: str, erased: set[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    person, before, after = row["person_id"], row["before"], row["after"]
    what = canonical({"before": before, "after": after})
    who_key, what_key = secrets.token_bytes(32), secrets.token_bytes(32)
    about = unicodedata.normalize("NFC", row["about"])
    header = canonical(
        {
            "about": about,
            "at": text_of(row["at"]),
            "prev": prev,
            "seq": seq,
            "v": 1,
            "verb": row["verb"],
            "what": hmac.digest(what_key, what.encode(), "sha256").hex(),
            "who": hmac.digest(who_key, canonical({"person": person}).encode(), "sha256").hex(),
        }
    )
    entry_hash = hashlib.sha256(header.encode()).hexdigest()
    names = {"seq": seq, "at": row["at"], "verb": row["verb"], "about": about}
    return (
        {**names, "prev_hash": prev, "entry_hash": entry_hash, "header": header},
        {
            "seq": seq,
            "person_id": None if "who" in erased else person,
            "who_key": None if "who" in erased else who_key.hex(),
            "what": None if "what" in erased else what,
            "what_key": None if "what" in erased else what_key.hex(),
        },
    )


def canonical(value: object) -> str:
    """JSON with sorted members and without spaces; for what a header holds the same as RFC 8785. Text in NFC."""
    made = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return unicodedata.normalize("NFC", made)


def text_of(moment: Any) -> str:
    """A moment as it stands in a header: UTC with milliseconds; SQLite keeps it so already."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(moment)


def downgrade() -> None:
    connection = op.get_bind()
    on_postgresql = connection.dialect.name == "postgresql"
    for statement in POSTGRESQL_DOWN if on_postgresql else SQLITE_DOWN:
        op.execute(statement)
    op.execute(
        "CREATE TABLE log_new AS SELECT log_entry.seq, at, verb, about, person_id, what"
        " FROM log_entry JOIN log_detail ON log_detail.seq = log_entry.seq WHERE verb <> 'gap'"
    )
    op.create_index("ix_log_new_seq", "log_new", ["seq"], unique=True)
    op.drop_table("log_detail")
    op.drop_table("log_entry")
    entry = op.create_table(
        "log_entry",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_log_entry_person_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_log_entry"),
    )
    op.create_index("ix_log_entry_about", "log_entry", ["about"])
    last = 0
    while rows := connection.execute(
        sa.text("SELECT * FROM log_new WHERE seq > :last ORDER BY seq LIMIT :batch"),
        {"last": last, "batch": BATCH},
    ).all():
        connection.execute(sa.insert(entry), [unchained(row._asdict()) for row in rows])
        last = rows[-1].seq
    op.drop_table("log_new")
    if on_postgresql:
        op.execute(
            "SELECT setval(pg_get_serial_sequence('log_entry', 'seq'), greatest((SELECT max(seq) FROM log_entry), 1))"
        )


def unchained(row: dict[str, Any]) -> dict[str, Any]:
    what = json.loads(row.pop("what") or "{}")
    return {**row, "before": what.get("before"), "after": what.get("after")}
