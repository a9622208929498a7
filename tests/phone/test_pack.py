"""What a phone takes along: its own ward's places with what was read there last, in a few queries."""

import json
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine, event, select

from app import clock
from app.bulk import insert_columns
from app.hazards import FORM_VERSION
from app.inspections.model import Inspection
from app.people.model import Person
from app.practice.many import generated_sites
from app.sites import bulk
from app.sites.model import Site
from app.units import queries as units
from tests.make import OTHER_WARD, WARD, inspection_id

PACK = "/api/phone/pack"


@contextmanager
def statements():
    """Every statement that is sent to a database meanwhile."""
    seen = []

    def note(_connection, _cursor, statement, *_more):
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def place(pack, code):
    return next(place for place in pack["places"] if place["code"] == code)


def test_an_officer_takes_their_wards_places_along_and_no_others(officer, make):
    mine, foreign = make.site(), make.site(unit=OTHER_WARD, at=(108.44, 11.95))

    pack = officer.get(PACK).json()

    codes = {place["code"] for place in pack["places"]}
    assert mine in codes
    assert foreign not in codes
    assert {"P6-ST-01", "P6-NL-01"} <= codes
    assert {unit["code"] for unit in pack["units"]} == {WARD}
    assert pack["forms"]["form_version"] == FORM_VERSION
    assert pack["practice"] is False
    ring = pack["ground"]["outlines"][0]["ring"]
    assert ring[0] == ring[-1]
    assert {stream["name"] for stream in pack["ground"]["streams"]} >= {"suối Hai Bà Trưng"}


def test_boards_and_temporary_measures_stand_among_the_places(make, sign_in):
    board, site = sign_in(make.person("board")), make.site()
    where = {
        "geometry": {"type": "Point", "coordinates": [108.427, 11.951]},
        "location_status": "surveyed",
        "location_accuracy_m": 5,
    }
    board.post("/api/signboards", json={"code": "TH-BB-01", "name": "Biển thử", "site": site, **where})
    for code, kind, status in (
        ("TH-BP-01", "sandbags", "done"),
        ("TH-BP-02", "sandbags", "proposed"),
        ("TH-BP-03", "evacuation", "done"),
    ):
        board.post("/api/measures", json={"code": code, "kind": kind, "site": site, "status": status})

    pack = board.get(PACK).json()

    assert place(pack, "TH-BB-01") | {"kind": "signboard", "site": site, "state": None} == place(
        pack, "TH-BB-01"
    )
    measure = place(pack, "TH-BP-01")
    assert (measure["kind"], measure["measure"], measure["site"]) == ("temporary_measure", "sandbags", site)
    assert measure["geometry"] == place(pack, site)["geometry"]
    assert {"TH-BP-02", "TH-BP-03"}.isdisjoint({each["code"] for each in pack["places"]})


def test_what_was_read_last_goes_along_each_reading_with_its_time(officer, make):
    site = make.site()
    for days, measurements in ((9, {"wall_offset_mm": 12}), (5, {"wall_offset_mm": 20}), (2, {})):
        body = make.inspection_body(
            site,
            seen_at=clock.rfc3339(datetime.now(UTC) - timedelta(days=days)),
            measurements=measurements,
        )
        assert officer.put(f"/api/inspections/{inspection_id()}", json=body).status_code == 201

    last = officer.get(PACK).json()["last"][site]

    assert last["condition"] == "no_change"
    assert last["readings"]["wall_offset_mm"]["value"] == 20
    assert last["readings"]["wall_offset_mm"]["at"] < last["seen_at"]


def test_a_phone_that_has_it_is_told_so_until_something_changes(officer, make):
    site = make.site()
    tag = officer.get(PACK).headers["etag"]

    again = officer.get(PACK, headers={"if-none-match": tag})
    officer.put(f"/api/inspections/{inspection_id()}", json=make.inspection_body(site))
    changed = officer.get(PACK, headers={"if-none-match": tag})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert "private" in changed.headers["cache-control"] or "no-store" in changed.headers["cache-control"]


def many(database, n, visits):
    """`n` places of the ward, each visited `visits` times."""
    now = clock.now()
    with database.write() as db:
        ward = units.find(db, WARD, on=clock.local_date(now)).id
        bulk.add_many(db, ((site, [ward]) for site in generated_sites(n, 1)), at=now, by=None)
        ids = db.scalars(select(Site.id).where(Site.code.like("BM-%"))).all()
        person = db.scalar(select(Person.id).limit(1))
        rows = [(site_id, now - timedelta(days=day + 1)) for site_id in ids for day in range(visits)]
        columns = {
            "id": [uuid4() for _ in rows],
            "site_id": [site_id for site_id, _ in rows],
            **{name: [at for _, at in rows] for name in ("seen_at", "received_at", "happened_at")},
        }
        said = {
            "signboard_id": None, "measure_id": None, "clock_doubtful": False, "condition": "no_change",
            "suggested_condition": "none", "suggestion": [], "rule_version": "1", "form_version": FORM_VERSION,
            "context": {}, "answers": {"cracks_new": "no"}, "measurements": {"wall_offset_mm": 12}, "note": None,
            "position_lon": None, "position_lat": None, "position_accuracy_m": None, "position_age_s": None,
            "position_source": None, "corrects_id": None, "person_id": person, "content_sha256": "0" * 64,
            "receipt": {},
        }  # fmt: skip
        columns |= {name: [value] * len(rows) for name, value in said.items()}
        insert_columns(db, Inspection.__table__, columns)


def test_a_thousand_places_cost_as_many_queries_as_one(officer, database):
    with statements() as few:
        officer.get(PACK)
    many(database, 1000, 12)

    with statements() as more:
        began = time.perf_counter()
        answer = officer.get(PACK)
        took = time.perf_counter() - began

    pack = answer.json()
    length = answer.headers["content-length"]
    sys.stdout.write(
        f"{len(pack['places'])} places: {length} bytes packed, {took:.2f} s, {len(more)} queries\n"
    )
    assert len(pack["last"]) >= 1000
    assert len(more) == len(few)
    assert len(more) <= 14
    assert json.dumps(pack["last"]["BM-000001"])
