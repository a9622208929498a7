"""What reading for GIS tools rests on: features kept ready as text, counts of rows, and word of every change.

`site.feature` is a site's GeoJSON for everybody, up to what changes with the calendar. Triggers empty it when anything
that it was made of changes, whoever changes it; the service fills it again. `tally` counts rows, so that nobody has
to: a count is the sum of its `n`. On PostgreSQL each statement adds a row of its own, since one row for all would make
writers wait for each other, and now and then they are put together. Every changed table says so there on the channel
`taluy_changes`. Going down forgets all three.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_05"
down_revision = "20261123_04"
branch_labels = None
depends_on = None

COUNTED = ("site", "signboard", "inspection", "measure", "proposal", "unit")
TOLD = (
    *COUNTED,
    "site_unit",
    "proposal_unit",
    "unit_succession",
    "document",
    "fact",
    "photo",
    "interval_change",
)
OF_SITE = (
    "id, code, name, address, kind, risk_level, risk_rated_at, risk_reason, state, state_reason, location_status, "
    "location_accuracy_m, location_note, geometry, condition, last_inspected_at, due_on, version, updated_at"
)
OF_UNIT = "id, code, name, valid_from"


def upgrade() -> None:
    op.add_column("site", sa.Column("feature", sa.Text(), nullable=True))
    unready = sa.text("feature IS NULL")
    op.create_index("ix_site_unready", "site", ["id"], postgresql_where=unready, sqlite_where=unready)
    op.create_table(
        "tally",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_tally_name", "tally", ["name"])
    for table in COUNTED:
        op.execute(f"INSERT INTO tally (name, n) SELECT '{table}', count(*) FROM {table}")
    op.execute("INSERT INTO tally (name, n) SELECT 'site/' || kind, count(*) FROM site GROUP BY kind")
    for statement in _POSTGRESQL if _on_postgresql() else _sqlite():
        op.execute(statement)


def downgrade() -> None:
    triggers = [(f"{table}_counted_{event}", table) for table in COUNTED for event in ("insert", "delete")]
    triggers += [("site_counted_kind", "site"), ("site_feature", "site"), ("site_feature_copied", "site")]
    triggers += [("unit_feature", "unit")]
    if _on_postgresql():
        triggers += [(f"{table}_told", table) for table in TOLD]
        triggers += [(f"site_counted_kind_{event}", "site") for event in ("insert", "delete")]
        triggers += [("site_unit_feature", "site_unit"), ("site_unit_emptied", "site_unit")]
        triggers += [(f"{table}_emptied", table) for table in COUNTED]
    else:
        triggers += [(f"site_unit_feature_{event}", "site_unit") for event in ("insert", "update", "delete")]
    for trigger, table in triggers:
        op.execute(f"DROP TRIGGER {trigger}" + (f" ON {table}" if _on_postgresql() else ""))
    if _on_postgresql():
        for name in (
            "told",
            "counted",
            "counted_kinds",
            "counted_kind",
            "emptied",
            "links_emptied",
            "feature",
            "feature_of_link",
            "feature_of_unit",
        ):
            op.execute(f"DROP FUNCTION taluy_{name}()")
    op.drop_table("tally")
    op.drop_index("ix_site_unready", "site")
    op.drop_column("site", "feature")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _sqlite() -> list[str]:
    def plus(name: str, n: int) -> str:
        return (
            f"INSERT INTO tally (name, n) SELECT {name}, 0 WHERE NOT EXISTS (SELECT 1 FROM tally WHERE name = {name});"
            f" UPDATE tally SET n = n + {n} WHERE name = {name};"
        )

    statements = []
    for table in COUNTED:
        for event, row, n in (("INSERT", "NEW", 1), ("DELETE", "OLD", -1)):
            kind = plus(f"'site/' || {row}.kind", n) if table == "site" else ""
            counted = f"UPDATE tally SET n = n + {n} WHERE name = '{table}';"
            statements.append(
                f"CREATE TRIGGER {table}_counted_{event.lower()} AFTER {event} ON {table} BEGIN {counted} {kind} END"
            )
    statements.append(
        "CREATE TRIGGER site_counted_kind AFTER UPDATE OF kind ON site WHEN NEW.kind <> OLD.kind BEGIN "
        + plus("'site/' || OLD.kind", -1)
        + plus("'site/' || NEW.kind", 1)
        + " END"
    )
    statements.append(
        f"CREATE TRIGGER site_feature AFTER UPDATE OF {OF_SITE} ON site WHEN NEW.feature IS NOT NULL"
        " BEGIN UPDATE site SET feature = NULL WHERE id = NEW.id; END"
    )
    statements.append(  # a row that a tool copies brings the text of another
        "CREATE TRIGGER site_feature_copied AFTER INSERT ON site WHEN NEW.feature IS NOT NULL"
        " BEGIN UPDATE site SET feature = NULL WHERE id = NEW.id; END"
    )
    for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        emptied = " ".join(
            f"UPDATE site SET feature = NULL WHERE id = {row}.site_id AND feature IS NOT NULL;"
            for row in rows
        )
        statements.append(
            f"CREATE TRIGGER site_unit_feature_{event.lower()} AFTER {event} ON site_unit BEGIN {emptied} END"
        )
    statements.append(
        f"CREATE TRIGGER unit_feature AFTER UPDATE OF {OF_UNIT} ON unit BEGIN UPDATE site SET feature = NULL"
        " WHERE id IN (SELECT site_id FROM site_unit WHERE unit_id IN (OLD.id, NEW.id)); END"
    )
    return statements


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION taluy_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"


_PUT_TOGETHER = """
    IF random() < 0.02 THEN
        WITH apart AS (
            DELETE FROM tally WHERE ctid IN (SELECT ctid FROM tally FOR UPDATE SKIP LOCKED) RETURNING name, n
        ) INSERT INTO tally (name, n) SELECT name, sum(n) FROM apart GROUP BY name;
    END IF;"""
_POSTGRESQL = [
    _function("told", "BEGIN PERFORM pg_notify('taluy_changes', ''); RETURN NULL; END"),
    *(
        f"CREATE TRIGGER {table}_told AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION taluy_told()"
        for table in TOLD
    ),
    _function(
        "counted",
        f"""BEGIN
    INSERT INTO tally (name, n)
        SELECT TG_TABLE_NAME, (CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END) * count(*) FROM touched HAVING count(*) > 0;
    {_PUT_TOGETHER}
    RETURN NULL;
END""",
    ),
    _function(
        "counted_kinds",
        """BEGIN
    INSERT INTO tally (name, n)
        SELECT 'site/' || kind, (CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END) * count(*) FROM touched GROUP BY kind;
    RETURN NULL;
END""",
    ),
    *(
        f"CREATE TRIGGER {trigger}_{event.lower()} AFTER {event} ON {table} REFERENCING {side} TABLE AS touched"
        f" FOR EACH STATEMENT EXECUTE FUNCTION taluy_{function}()"
        for trigger, table, function in (
            *((f"{table}_counted", table, "counted") for table in COUNTED),
            ("site_counted_kind", "site", "counted_kinds"),
        )
        for event, side in (("INSERT", "NEW"), ("DELETE", "OLD"))
    ),
    _function(
        "emptied",
        """BEGIN
    DELETE FROM tally WHERE name = TG_TABLE_NAME OR name LIKE TG_TABLE_NAME || '/%';
    RETURN NULL;
END""",
    ),
    *(
        f"CREATE TRIGGER {table}_emptied AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION taluy_emptied()"
        for table in COUNTED
    ),
    _function(
        "counted_kind",
        """BEGIN
    INSERT INTO tally (name, n) VALUES ('site/' || OLD.kind, -1), ('site/' || NEW.kind, 1);
    RETURN NULL;
END""",
    ),
    (
        "CREATE TRIGGER site_counted_kind AFTER UPDATE OF kind ON site FOR EACH ROW"
        " WHEN (NEW.kind <> OLD.kind) EXECUTE FUNCTION taluy_counted_kind()"
    ),
    _function("feature", "BEGIN NEW.feature := NULL; RETURN NEW; END"),
    (
        f"CREATE TRIGGER site_feature BEFORE UPDATE OF {OF_SITE} ON site FOR EACH ROW"
        " EXECUTE FUNCTION taluy_feature()"
    ),
    (  # a row that a tool copies brings the text of another
        "CREATE TRIGGER site_feature_copied BEFORE INSERT ON site FOR EACH ROW WHEN (NEW.feature IS NOT NULL)"
        " EXECUTE FUNCTION taluy_feature()"
    ),
    # Whoever is filling `feature` holds the rows: wait for them first, or what they leave would be stale.
    _function(
        "feature_of_link",
        """BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM 1 FROM site WHERE id = OLD.site_id FOR NO KEY UPDATE;
        UPDATE site SET feature = NULL WHERE id = OLD.site_id AND feature IS NOT NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM 1 FROM site WHERE id = NEW.site_id FOR NO KEY UPDATE;
        UPDATE site SET feature = NULL WHERE id = NEW.site_id AND feature IS NOT NULL;
    END IF;
    RETURN NULL;
END""",
    ),
    (
        "CREATE TRIGGER site_unit_feature AFTER INSERT OR UPDATE OR DELETE ON site_unit FOR EACH ROW"
        " EXECUTE FUNCTION taluy_feature_of_link()"
    ),
    _function(
        "links_emptied",
        "BEGIN UPDATE site SET feature = NULL WHERE feature IS NOT NULL; RETURN NULL; END",
    ),
    _function(
        "feature_of_unit",
        """BEGIN
    PERFORM 1 FROM site WHERE id IN (SELECT site_id FROM site_unit WHERE unit_id IN (OLD.id, NEW.id))
        ORDER BY id FOR NO KEY UPDATE;
    UPDATE site SET feature = NULL
        WHERE id IN (SELECT site_id FROM site_unit WHERE unit_id IN (OLD.id, NEW.id)) AND feature IS NOT NULL;
    RETURN NULL;
END""",
    ),
    (
        "CREATE TRIGGER site_unit_emptied AFTER TRUNCATE ON site_unit FOR EACH STATEMENT"
        " EXECUTE FUNCTION taluy_links_emptied()"
    ),
    (
        f"CREATE TRIGGER unit_feature AFTER UPDATE OF {OF_UNIT} ON unit FOR EACH ROW"
        " EXECUTE FUNCTION taluy_feature_of_unit()"
    ),
]
