"""A phone hands in what it saw without signal: each inspection is answered by itself, and none is doubled or lost."""

from sqlalchemy import func, select

from app import clock
from app.inspections.model import Inspection
from app.log.checkpoint import is_receipt_signed
from tests.make import OTHER_WARD, inspection_id


def record(body, **more):
    return {"id": inspection_id(), "inspection": body, **more}


def sent(client, *records):
    kinds = {"inspections": "inspection", "positions": "position"}
    batch = {name: [one for one in records if kind in one] for name, kind in kinds.items()}
    return client.post("/api/sync", json={name: found for name, found in batch.items() if found})


def position(place, **more):
    """Where a place really is, seen from the spot."""
    body = {
        "place": place,
        "seen_at": clock.rfc3339(clock.now()),
        "geometry": {"type": "Point", "coordinates": [108.4271, 11.9521]},
        "accuracy_m": 6.5,
        "method": "gps",
        "fixes": 12,
        "note": None,
        "place_version": 1,
    }
    return {"id": inspection_id(), "position": body, **more}


def kept(database):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Inspection))


def test_a_batch_is_stored_and_sent_again_it_is_known_with_the_same_receipts(officer, make, database):
    records = [record(make.inspection_body(make.site())) for _ in range(3)]

    first, again = sent(officer, *records), sent(officer, *records)

    assert [result["status"] for result in first.json()["results"]] == ["stored"] * 3
    assert [result["status"] for result in again.json()["results"]] == ["known"] * 3
    receipts = [[result["receipt"] for result in answer.json()["results"]] for answer in (first, again)]
    assert receipts[0] == receipts[1]
    assert [receipt["id"] for receipt in receipts[0]] == [one["id"] for one in records]
    assert kept(database) == 3


def test_one_that_is_refused_holds_up_no_other(officer, make, database):
    good, place = make.inspection_body(make.site()), make.site()
    batch = [
        record(good | {"place": "TH-ZZ-99"}),
        record(good | {"seen_at": "yesterday"}),
        record(make.inspection_body(make.site(unit=OTHER_WARD))),
        record(good | {"surprise": 1}),
        record(make.inspection_body(place)),
    ]

    results = sent(officer, *batch).json()["results"]

    assert [result["status"] for result in results] == ["refused"] * 4 + ["stored"]
    problems = [result["problem"] for result in results[:4]]
    assert [problem["code"] for problem in problems] == [
        "no-such-place",
        "not-valid",
        "other-unit",
        "not-valid",
    ]
    assert [problem["errors"][0]["pointer"] for problem in (problems[1], problems[3])] == ["/seen_at", "/"]
    assert kept(database) == 1


def test_the_same_id_with_other_content_is_a_conflict_and_overwrites_nothing(officer, make):
    body = make.inspection_body(make.site())
    one = record(body)
    (first,) = sent(officer, one).json()["results"]

    (other,) = sent(officer, {**one, "inspection": body | {"note": "khác"}}).json()["results"]
    (same,) = sent(officer, one).json()["results"]

    assert (other["status"], other["problem"]["code"]) == ("conflict", "same-id-other-content")
    assert same["receipt"] == first["receipt"]


def test_an_inspection_and_a_position_share_no_id(officer, make, sign_in):
    """Or photos of one would be asked for, and shown, as those of the other."""
    place, there = make.site(), position(make.site())
    assert sent(officer, there).json()["results"][0]["status"] == "stored"
    stranger = sign_in(make.person("officer", OTHER_WARD))

    (taken,) = sent(officer, {**record(make.inspection_body(place)), "id": there["id"]}).json()["results"]
    abroad = stranger.put(
        f"/api/inspections/{there['id']}", json=make.inspection_body(make.site(unit=OTHER_WARD))
    )

    assert (taken["status"], taken["problem"]["code"]) == ("conflict", "same-id-other-content")
    assert (abroad.status_code, abroad.json()["code"]) == (409, "same-id-other-content")


def test_both_ways_of_sending_give_one_receipt(officer, make, database):
    one = record(make.inspection_body(make.site()))

    put = officer.put(f"/api/inspections/{one['id']}", json=one["inspection"])
    (result,) = sent(officer, one).json()["results"]

    assert (put.status_code, result["status"]) == (201, "known")
    assert result["receipt"] == put.json()
    assert kept(database) == 1


def test_every_receipt_is_signed_by_the_key_of_the_log(officer, make):
    one = record(make.inspection_body(make.site()))
    (result,) = sent(officer, one).json()["results"]

    public = officer.get("/api/log/checkpoint").json()["public_key"]

    receipt = result["receipt"]
    assert list(receipt) == [
        "content_sha256",
        "id",
        "key",
        "log_seq",
        "place",
        "received_at",
        "signature",
        "v",
    ]
    assert is_receipt_signed(receipt, public)
    assert not is_receipt_signed({**receipt, "place": "P6-ST-01"}, public)


def test_the_server_names_the_photos_that_it_lacks(officer, make):
    sha, data = make.photo()
    one = record(make.inspection_body(make.site()), photos=[sha, "0" * 64])

    (before,) = sent(officer, one).json()["results"]
    officer.put(f"/api/photos/{sha}", params={"inspection": one["id"]}, content=data)
    (after,) = sent(officer, one).json()["results"]

    assert (before["lacking"], before["held"]) == ([sha, "0" * 64], [])
    assert (after["lacking"], after["held"]) == (["0" * 64], [sha])


def test_positions_come_with_inspections_and_are_answered_after_them(officer, make):
    sha, data = make.photo()
    place = make.site()
    there = position(place, photos=[sha])
    batch = [
        there,
        record(make.inspection_body(place)),
        position("TH-ZZ-99"),
        {**there, "position": {"place": 1}},
    ]

    results = sent(officer, *batch).json()["results"]
    photo = officer.put(f"/api/photos/{sha}", params={"position": there["id"]}, content=data)
    again = sent(officer, there).json()["results"][0]
    other = sent(officer, {**there, "position": {**there["position"], "fixes": 3}}).json()["results"][0]

    assert [result["id"] for result in results] == [one["id"] for one in (batch[1], there, *batch[2:])]
    assert [result["status"] for result in results] == ["stored", "stored", "refused", "refused"]
    assert (photo.status_code, photo.json()["position"], again["held"]) == (201, there["id"], [sha])
    assert (again["status"], again["receipt"]) == ("known", results[1]["receipt"])
    assert (other["status"], other["problem"]["code"]) == ("conflict", "same-id-other-content")
    assert officer.get(f"/api/photos/{sha}").status_code == 200


def test_a_batch_of_nothing_is_refused(officer):
    answers = [officer.post("/api/sync", json=batch) for batch in ({}, {"inspections": [], "positions": []})]

    assert [answer.status_code for answer in answers] == [422, 422]


def test_a_batch_has_at_most_a_hundred_records_and_a_megabyte(officer, make, database):
    body = make.inspection_body(make.site())

    many = sent(officer, *(record(body) for _ in range(60)), *(position(body["place"]) for _ in range(41)))
    large = sent(officer, record(body | {"note": "x" * (1024 * 1024)}))
    most = sent(officer, *(record(body | {"note": "x" * 4000}) for _ in range(100)))

    assert (many.status_code, large.status_code, most.status_code) == (422, 413, 200)
    assert {result["status"] for result in most.json()["results"]} == {"stored"}
    assert kept(database) == 100


def test_twins_in_one_batch_are_one(officer, make, database):
    one = record(make.inspection_body(make.site()))

    first, second = sent(officer, one, one).json()["results"]

    assert (first["status"], second["status"]) == ("stored", "known")
    assert first["receipt"] == second["receipt"]
    assert kept(database) == 1
