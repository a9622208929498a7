"""The practice set is plainly invented, looks like a ward at work, and holds nothing that the rules refuse."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, insert, select

from app.clock import LOCAL
from app.codes import HOLDERS
from app.hazards import KINDS
from app.inspections import due, photo_intake, readings
from app.inspections.model import Inspection, Photo
from app.inspections.schemas import InspectionIn
from app.installation import fact
from app.measures.rules import is_temporary
from app.people import queries as people
from app.positions.model import PositionProposal
from app.practice.generate import SCENES, practice_set
from app.practice.load import load, put
from app.practice.many import generated_sites
from app.seeding import PRACTICE
from app.settings import Settings
from app.sites.model import Site
from app.text import CODE, nfc

UNTIL = date(2026, 8, 14)


@pytest.fixture(scope="module")
def practice():
    return practice_set(1, UNTIL)


@pytest.fixture(scope="module")
def kinds(practice):
    """The checklist of every code that is visited."""
    return {
        **{site.code: site.kind for site in practice.sites},
        **{board.code: "signboard" for board in practice.signboards},
        **{row.code: "temporary_measure" for row in practice.measures if row.site and is_temporary(row.kind)},
    }


def by_place(practice):
    found = defaultdict(list)
    for visit in practice.visits:
        found[visit.body["place"]].append(visit)
    return {code: sorted(visits, key=lambda visit: visit.seen_at) for code, visits in found.items()}


def test_the_same_seed_and_day_give_the_same_set(practice):
    again = practice_set(1, UNTIL)

    assert again == practice
    assert [photo.jpeg() for photo in again.photos[:3]] == [photo.jpeg() for photo in practice.photos[:3]]


def test_another_seed_gives_another_set(practice):
    assert practice_set(2, UNTIL).visits != practice.visits


def test_the_set_is_as_large_as_promised(practice):
    assert Counter(site.kind for site in practice.sites) == {"slide": 30, "flood": 6, "drowning": 4}
    assert len(practice.photos) == 60
    assert len(practice.visits) > 1000
    assert len(practice.signboards) >= 15
    assert len(practice.measures) >= 20
    assert len(practice.proposals) == 2


def test_every_kind_of_place_is_there(practice):
    sites = practice.sites

    assert {site.location_status for site in sites} == {"surveyed", "approximate", "inferred", "unlocated"}
    assert {site.geometry.geom_type for site in sites} == {"Point", "LineString", "Polygon"}
    assert {site.risk_level for site in sites} == {"very_high", "high", "medium", "low", None}
    assert {site.state for site in sites} == {"active", "watch", "closed"}
    assert {board.state for board in practice.signboards} == {"sound", "damaged", "missing"}
    assert {row.kind for row in practice.measures} >= {"slope_tarpaulin", "sandbags", "stakes"}
    assert any(row.expires_on and row.expires_on < UNTIL for row in practice.measures)
    assert set(SCENES) == set(KINDS)


def test_every_name_says_that_it_is_invented(practice):
    for row in (*practice.sites, *practice.signboards, *practice.proposals):
        assert "luyện tập" in row.name.casefold()
        assert row.name.endswith("(bịa)")
    for site in practice.sites:
        assert site.location_note.endswith("(bịa).")
        assert site.risk_reason is None or site.risk_reason.endswith("(bịa).")
    assert all(name.startswith("Cán bộ luyện tập ") for name in practice.officers)


def test_codes_are_well_formed_and_differ(practice):
    rows = (*practice.sites, *practice.signboards, *practice.measures, *practice.proposals)
    codes = [row.code for row in rows]

    assert len(set(codes)) == len(codes)
    assert all(CODE.fullmatch(code) and code.startswith("LT-") for code in codes)


def test_geometries_are_valid_and_near_the_ward(practice):
    for row in (*practice.sites, *practice.signboards, *practice.proposals):
        assert row.geometry.is_valid
        west, south, east, north = row.geometry.bounds
        assert 108.39 < west <= east < 108.45
        assert 11.93 < south <= north < 11.98
        if row.location_status == "unlocated":
            assert row.geometry.geom_type == "Point"
            assert row.location_accuracy_m == 1250


def test_every_visit_is_one_that_the_rules_allow(practice, kinds):
    risks = {site.code: site.risk_level for site in practice.sites}
    risks |= {row.code: risks[row.site] for row in practice.measures if row.site}
    for code, visits in by_place(practice).items():
        earlier = []
        for visit in visits:
            body = InspectionIn.model_validate(visit.body)
            what = (body.context, body.answers, body.measurements)
            readings.check_readings(kinds[code], *what)
            suggested = readings.suggest(
                kinds[code], *what, earlier[:60], risks.get(code), seen_at=body.seen_at
            )
            readings.check_choice(body.condition, suggested, body.note)
            earlier.insert(0, readings.Reading(body.seen_at, body.answers, body.measurements))


def test_visits_fill_two_years_and_none_lies_ahead(practice):
    days = [visit.seen_at.astimezone(LOCAL).date() for visit in practice.visits]

    assert min(days) < UNTIL - timedelta(days=700)
    assert max(days) == UNTIL
    assert all(visit.seen_at <= visit.received_at for visit in practice.visits)
    assert all(visit.received_at.astimezone(LOCAL).date() <= UNTIL for visit in practice.visits)
    assert len({visit.id for visit in practice.visits}) == len(practice.visits)


def test_visits_are_given_in_the_order_in_which_they_arrived(practice):
    arrived = [visit.received_at for visit in practice.visits]

    assert arrived == sorted(arrived)


@pytest.mark.parametrize("until", [UNTIL, date(2026, 11, 23), date(2027, 3, 1)])
def test_on_the_last_day_every_condition_is_on_the_map(until):
    practice = practice_set(1, until)
    last = {code: visits[-1].body["condition"] for code, visits in by_place(practice).items()}
    conditions = Counter(last.get(site.code) for site in practice.sites)

    assert conditions[None] == 3
    assert conditions["not_seen"] == 2
    assert 2 <= conditions["danger"] <= 4
    assert conditions["worse"] >= 5
    assert conditions["no_change"] >= 15


def test_a_few_places_are_overdue_and_most_are_not(practice):
    late = 0
    for site in practice.sites:
        visits = by_place(practice).get(site.code)
        if visits:
            risk = site.risk_level if site.kind == "slide" else None
            seen = visits[-1].seen_at.astimezone(LOCAL).date()
            due_on = due.due_on(site.kind, risk, seen, visits[-1].body["condition"])
            late += due_on < UNTIL and site.state != "closed"

    assert 4 <= late <= 8


def test_rain_comes_from_april_to_october(practice):
    months = Counter(event.began_at.month for event in practice.rain)
    wet = sum(count for month, count in months.items() if 4 <= month <= 10)

    assert len(practice.rain) >= 10
    assert wet >= 0.8 * len(practice.rain)
    assert all(50 <= event.amount_mm <= 190 for event in practice.rain)


def test_cracks_open_in_the_wet_months_only(practice):
    opened = {True: 0, False: 0}
    for code in (site.code for site in practice.sites if site.risk_level in ("high", "very_high")):
        visits = [v for v in by_place(practice).get(code, []) if "crack_gauge_mm" in v.body["measurements"]]
        for before, after in pairwise(visits):
            rainy = due.is_rainy(after.seen_at.date()) and due.is_rainy(before.seen_at.date())
            grew = (
                after.body["measurements"]["crack_gauge_mm"]["V1"]
                - before.body["measurements"]["crack_gauge_mm"]["V1"]
            )
            opened[rainy] += grew

    assert opened[True] > 100
    assert opened[False] < 0.2 * opened[True]


def test_notes_are_vietnamese_in_nfc(practice):
    notes = [visit.body["note"] for visit in practice.visits if visit.body["note"]]

    assert len(set(notes)) > 30
    assert all(note == nfc(note) and "!" not in note for note in notes)


def test_photos_belong_to_visits_that_saw_something(practice):
    conditions = {visit.id: visit.body["condition"] for visit in practice.visits}

    assert all(conditions[photo.inspection_id] != "not_seen" for photo in practice.photos)
    assert max(Counter(photo.inspection_id for photo in practice.photos).values()) <= 2
    assert {photo.scene for photo in practice.photos} == {
        scene for scenes in SCENES.values() for scene in scenes
    }
    assert any(photo.published for photo in practice.photos)


def test_a_drawn_photo_passes_the_decoder_with_its_time_and_place(practice):
    photo = next(photo for photo in practice.photos if photo.position)

    taken = photo_intake.take_in(photo.jpeg())

    assert (taken.width, taken.height) == (1280, 960)
    assert abs(taken.taken_at - photo.taken_at) < timedelta(seconds=1)
    assert (taken.lon, taken.lat) == pytest.approx(photo.position, abs=1e-5)


def test_the_set_is_loaded_once_and_nobody_can_sign_in_with_it(database, tmp_path, practice):
    settings = Settings(data_dir=tmp_path, database_url=database.url.render_as_string(hide_password=False))
    small = replace(practice, photos=practice.photos[:3])

    put(database, settings, small)
    again = load(database, settings)

    assert again == "Practice database: nothing added."
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Inspection)) == len(practice.visits)
        assert db.scalar(select(func.count()).select_from(Photo)) == 3
        assert sum(db.scalar(select(func.count()).select_from(each)) for each in HOLDERS) == (
            len(practice.sites) + len(practice.signboards) + len(practice.measures) + len(practice.proposals)
        )
        assert db.scalars(select(PositionProposal.status)).all() == ["pending"] * 2
        assert fact(db, PRACTICE) == "2026-08-14"
        assert not people.anybody(db)
        site = db.scalar(select(Site).where(Site.code == "LT-ST-01"))
        assert site.condition == "danger"
        assert site.due_on == site.last_inspected_at.astimezone(LOCAL).date() + timedelta(days=1)
        for name in db.scalars(select(Photo.stored_sha256)):
            assert photo_intake.path_of(tmp_path / "photos", name).is_file()


def test_generated_sites_are_of_the_promised_mixture():
    rows = list(generated_sites(2000, seed=1))

    shares = Counter(row["geometry"].geom_type for row in rows)
    assert shares["Point"] == pytest.approx(1400, abs=100)
    assert shares["Polygon"] == pytest.approx(400, abs=80)
    assert shares["LineString"] == pytest.approx(200, abs=60)
    assert all(row["geometry"].is_valid for row in rows)
    assert rows == list(generated_sites(2000, seed=1))


def test_generated_sites_go_in_as_they_are(database):
    with database.write() as db:
        db.execute(insert(Site), list(generated_sites(50, seed=1)))

    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Site)) == 50
