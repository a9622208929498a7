"""Photos that were there before positions could have some stay what they were, up and down."""

from sqlalchemy import text

from app.db import Database, migrate
from app.migrating import downgrade, upgrade

BEFORE = "20261123_03"
PERSON = (
    "INSERT INTO person (id, name, name_key, role, password_hash, created_at)"
    " VALUES (1, 'x', 'x', 'officer', '', :at)"
)
SITE = (
    "INSERT INTO site (id, code, name, search, kind, state, geometry, west, south, east, north, location_status,"
    " location_accuracy_m, version, created_at, updated_at)"
    " VALUES (1, 'TH-ST-01', 'x', 'x', 'slide', 'active', {point}, 108, 12, 108, 12, 'surveyed', 5, 1, :at, :at)"
)
VISIT = (
    "INSERT INTO inspection (id, site_id, seen_at, received_at, happened_at, clock_doubtful, condition,"
    " suggested_condition, suggestion, rule_version, form_version, context, answers, measurements, person_id,"
    " content_sha256, receipt)"
    " VALUES ('{id}', 1, :at, :at, :at, false, 'worse', 'none', '[]', '1', '1', '{{}}', '{{}}', '{{}}', 1, 'x', '{{}}')"
)
PROPOSAL = (
    "INSERT INTO position_proposal (id, site_id, seen_at, received_at, geometry, method, place_version, status,"
    " person_id, content_sha256, receipt) VALUES ('{id}', 1, :at, :at, {point}, 'gps', 1, 'pending', 1, 'x', '{{}}')"
)
PHOTO = (
    "INSERT INTO photo (id, {of}, sha256, stored_sha256, thumbnail_sha256, width, height, received_at, person_id,"
    " published) VALUES ({number}, '{id}', 'a', 'b', 'c', 4, 3, :at, 1, true)"
)
FIRST, SECOND = "5eaf00d0000040008000000000000001", "5eaf00d0000040008000000000000002"


def test_photos_keep_their_rows_and_those_of_positions_go_with_them(database: Database, database_url: str):
    point = (
        "ST_SetSRID(ST_MakePoint(108, 12), 4326)"
        if database.dialect == "postgresql"
        else "X'0101000000" + "00" * 16 + "'"
    )

    def run(*statements: str) -> None:
        with database.write() as db:
            for statement in statements:
                db.execute(text(statement), {"at": "2026-01-02T03:00:00.000Z"} if ":at" in statement else {})

    def photos() -> list[tuple]:
        with database.read() as db:
            return [
                tuple(row) for row in db.execute(text("SELECT id, sha256, stored_sha256, width FROM photo"))
            ]

    database.dispose()
    downgrade(database_url, BEFORE)
    run(PERSON, SITE.format(point=point), VISIT.format(id=FIRST))
    run(PHOTO.format(of="inspection_id", id=FIRST, number=7))
    database.dispose()

    upgrade(database_url, "20261123_04")
    assert photos() == [(7, "a", "b", 4)]
    run(PROPOSAL.format(id=SECOND, point=point), PHOTO.format(of="position_id", id=SECOND, number=8))
    assert len(photos()) == 2
    database.dispose()

    downgrade(database_url, BEFORE)
    assert photos() == [(7, "a", "b", 4)]
    database.dispose()
    migrate(database_url)
    assert photos() == [(7, "a", "b", 4)]
