"""Logging inspections: recorded once, never changed, seen on the map."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app import clock
from app.log.model import LogEntry
from tests.make import inspection_id


def test_a_resent_inspection_is_recorded_once(make, officer):
    body, address = make.inspection_body(make.site()), f"/api/inspections/{inspection_id()}"

    first, again = officer.put(address, json=body), officer.put(address, json=body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    listed = officer.get("/api/inspections", params={"place": body["place"]}).json()["inspections"]
    assert len(listed) == 1


def test_the_same_id_with_other_content_is_refused_and_changes_nothing(make, officer):
    body, address = make.inspection_body(make.site()), f"/api/inspections/{inspection_id()}"
    officer.put(address, json=body)

    other = officer.put(address, json=body | {"condition": "danger", "note": "khác"})

    assert other.status_code == 409
    assert officer.get(address).json()["condition"] == "no_change"


def test_an_inspection_shows_on_the_map_at_once(make, officer, client):
    code = make.site()

    officer.put(
        f"/api/inspections/{inspection_id()}",
        json=make.inspection_body(code, condition="worse", answers={"crack_change": "new_or_wider"}),
    )

    (site,) = [f for f in client.get("/sites.geojson").json()["features"] if f["id"] == code]
    assert site["properties"]["condition"] == "worse"
    assert site["properties"]["last_inspected_at"] is not None


def test_a_never_inspected_place_is_due_today_and_not_overdue(make, client):
    code, asked_on = make.site(), clock.today()

    properties = client.get(f"/api/sites/{code}").json()["properties"]

    assert asked_on.isoformat() <= properties["due_on"] <= clock.today().isoformat()
    assert properties["overdue"] is False


def test_a_correction_replaces_the_last_condition_and_keeps_the_old_record(make, officer):
    code = make.site()
    wrong, right = inspection_id(), inspection_id()
    officer.put(f"/api/inspections/{wrong}", json=make.inspection_body(code, condition="danger", note="nhầm"))

    stored = officer.put(f"/api/inspections/{right}", json=make.inspection_body(code, corrects=wrong))

    assert stored.status_code == 201
    assert officer.get(f"/api/sites/{code}").json()["properties"]["condition"] == "no_change"
    assert officer.get(f"/api/inspections/{wrong}").json()["corrected_by"] == right


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"seen_at": "2099-01-01T00:00:00Z"}, "/seen_at"),
        ({"seen_at": "2026-01-01T00:00:00"}, "/seen_at"),
        ({"place": "XX-ST-99"}, "/place"),
        ({"answers": {"nonsense": "yes"}}, "/answers"),
        ({"measurements": {"crack_gauge_mm": {"V1": -5}}}, "/measurements/crack_gauge_mm"),
        ({"form_version": "1999"}, "/form_version"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_kept(make, officer, change, pointer):
    body = make.inspection_body(make.site()) | change

    answer = officer.put(f"/api/inspections/{inspection_id()}", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert officer.get("/api/inspections", params={"place": body["place"]}).json()["inspections"] == []


def test_strangers_see_when_and_what_condition_and_nothing_else(make, officer, client):
    code = make.site()
    officer.put(f"/api/inspections/{inspection_id()}", json=make.inspection_body(code, note="chỉ nội bộ"))

    (seen,) = client.get("/api/inspections", params={"place": code}).json()["inspections"]

    assert set(seen) == {
        "id", "place", "seen_at", "received_at", "clock_doubtful", "condition", "corrects", "corrected_by", "photos",
    }  # fmt: skip


def test_a_photo_is_kept_once_and_shown_to_the_unit_only(make, officer, client):
    code, visit = make.site(), inspection_id()
    officer.put(f"/api/inspections/{visit}", json=make.inspection_body(code))
    sha, data = make.photo()
    address = f"/api/photos/{sha}"

    first = officer.put(address, params={"inspection": visit}, content=data)
    again = officer.put(address, params={"inspection": visit}, content=data)

    assert (first.status_code, again.status_code) == (201, 200)
    assert officer.get(address).headers["content-type"] == "image/jpeg"
    assert client.get(address).status_code == 404


def test_an_officer_of_another_ward_may_not_log_here(make, sign_in):
    stranger = sign_in(make.person("officer", unit="24846"))

    answer = stranger.put(f"/api/inspections/{inspection_id()}", json=make.inspection_body(make.site()))

    assert answer.status_code == 403


def test_an_officer_sees_the_last_counts_of_people_only_and_the_board_sees_all(make, officer, board):
    code = make.site()
    for people in (3, 2):
        body = make.inspection_body(code, measurements={"people_present": people})
        assert officer.put(f"/api/inspections/{inspection_id()}", json=body).status_code == 201

    def counts(reader):
        listed = reader.get("/api/inspections", params={"place": code}).json()["inspections"]
        return [each["measurements"].get("people_present") for each in listed]

    assert counts(board) == [2, 3]
    assert counts(officer) == [2, None]


def test_a_time_before_anybody_could_have_logged_it_is_refused(make, officer):
    body = make.inspection_body(make.site(), seen_at="0001-01-01T00:00:00+07:00")

    answer = officer.put(f"/api/inspections/{inspection_id()}", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/seen_at"


def test_twins_sent_at_once_are_recorded_and_logged_once(make, officer, database):
    code, address = make.site(), f"/api/inspections/{inspection_id()}"
    body = make.inspection_body(code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: officer.put(address, json=body), range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.content for answer in answers}) == 1
    with database.read() as db:
        logged = select(func.count()).where(LogEntry.verb == "inspect", LogEntry.about == code)
        assert db.scalar(logged) == 1
