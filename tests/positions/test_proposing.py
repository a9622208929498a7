"""Proposing a position: kept once, refused with a reason, seen by people of the unit."""

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.log.model import LogEntry
from app.positions.model import PositionProposal
from app.positions.rules import MAX_VERTICES
from app.sites.model import Site
from tests.make import OTHER_WARD, inspection_id

LINE = {"type": "LineString", "coordinates": [[108.427, 11.952], [108.428, 11.953]]}
AREA = {
    "type": "Polygon",
    "coordinates": [[[108.427, 11.952], [108.428, 11.952], [108.428, 11.953], [108.427, 11.952]]],
}


def propose(client, body, position=None):
    position = position or inspection_id()
    return position, client.put(f"/api/positions/{position}", json=body)


def test_a_position_sent_again_is_kept_once_with_the_same_signed_receipt(officer, make, database):
    site = make.site(location_status="unlocated", location_accuracy_m=1250.0)
    body = make.position_body(site, note="Đứng ở chân mái")

    position, first = propose(officer, body)
    _, again = propose(officer, copy.deepcopy(body), position)

    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.content == again.content
    receipt = first.json()
    assert receipt["signature"]
    assert (receipt["id"], receipt["place"]) == (position, site)
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(PositionProposal)) == 1
        entry = db.scalar(select(LogEntry).where(LogEntry.seq == receipt["log_seq"]))
        assert (entry.verb, entry.about) == ("propose", site)
        assert db.scalar(select(Site.location_status).where(Site.code == site)) == "unlocated"


@pytest.mark.parametrize("other", ["content", "person", "inspection"])
def test_the_same_number_with_something_else_is_refused_and_overwrites_nothing(
    officer, board, make, database, other
):
    body = make.position_body(make.site())
    position, _ = propose(officer, body)
    sender = board if other == "person" else officer
    if other == "content":
        body |= {"accuracy_m": 60}
    if other == "inspection":
        position = inspection_id()
        visit = make.inspection_body(body["place"])
        assert officer.put(f"/api/inspections/{position}", json=visit).status_code == 201

    _, answer = propose(sender, body, position)

    assert (answer.status_code, answer.json()["code"]) == (409, "same-id-other-content")
    with database.read() as db:
        assert db.scalars(select(PositionProposal.accuracy_m)).all() == [6.5]


def test_a_position_that_arrives_many_times_at_once_is_kept_once(officer, make, database):
    body, position = make.position_body(make.site()), inspection_id()

    with ThreadPoolExecutor(6) as phones:
        answers = list(phones.map(lambda _: propose(officer, body, position)[1], range(6)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 201]
    assert len({answer.content for answer in answers}) == 1
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(LogEntry).where(LogEntry.verb == "propose")) == 1


def test_points_lines_and_outlines_are_kept_as_they_were_measured(officer, make):
    site = make.site()
    for said in (
        {"geometry": LINE},
        {"geometry": AREA, "method": "corners"},
        {"method": "tapped", "accuracy_m": None, "fixes": None},
        {"place_version": 40, "note": ""},
    ):
        body = make.position_body(site) | said

        position, answer = propose(officer, body)

        assert answer.status_code == 201, answer.text
        kept = officer.get(f"/api/positions/{position}").json()
        assert kept["geometry"] == body["geometry"]
        expected = (body["accuracy_m"], body["method"], "pending")
        assert (kept["accuracy_m"], kept["method"], kept["status"]) == expected


ROUND = [[108.42 + n / 10_000, 11.95] for n in range(MAX_VERTICES + 1)]
REFUSED = {
    "several points": ({"geometry": {"type": "MultiPoint", "coordinates": [[108.4, 11.9]]}}, "bad-geometry"),
    "abroad": ({"geometry": {"type": "Point", "coordinates": [100.5, 13.7]}}, "bad-geometry"),
    "swapped": ({"geometry": {"type": "Point", "coordinates": [11.9, 108.4]}}, "bad-geometry"),
    "bow tie": (
        {
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[108.4, 11.9], [108.5, 12.0], [108.5, 11.9], [108.4, 12.0], [108.4, 11.9]]],
            }
        },
        "bad-geometry",
    ),
    "too many vertices": ({"geometry": {"type": "LineString", "coordinates": ROUND}}, "bad-geometry"),
    "nothing": ({"geometry": None}, "bad-geometry"),
    "GPS without accuracy": ({"accuracy_m": None}, "accuracy-needed"),
    "negative accuracy": ({"accuracy_m": -1}, "not-valid"),
    "text as accuracy": ({"accuracy_m": "6"}, "not-valid"),
    "no fixes at all": ({"fixes": 0}, "not-valid"),
    "half a fix": ({"fixes": 1.5}, "not-valid"),
    "unknown method": ({"method": "guess"}, "not-valid"),
    "version 0": ({"place_version": 0}, "not-valid"),
    "tomorrow": ({"seen_at": "2999-01-01T00:00:00Z"}, "seen-in-future"),
    "long ago": ({"seen_at": "1999-12-31T00:00:00Z"}, "seen-too-early"),
    "a word too many": ({"status": "accepted"}, "not-valid"),
    "a place that is not there": ({"place": "P6-ST-99"}, "no-such-place"),
    "control characters": ({"note": "a\u0000b"}, "bad-text"),
}


def test_what_cannot_be_a_position_is_refused_with_its_reason(officer, make, database):
    site = make.site()

    answers = {
        name: propose(officer, make.position_body(site) | said)[1] for name, (said, _) in REFUSED.items()
    }

    assert {answer.status_code for answer in answers.values()} <= {400, 422}
    codes = {name: answer.json()["code"] for name, answer in answers.items()}
    assert codes == {name: code for name, (_, code) in REFUSED.items()}
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(PositionProposal)) == 0


def test_a_measure_has_no_position_of_its_own(officer, board, make):
    site = make.site()
    made = {"code": "TH-BP-07", "kind": "sandbags", "site": site, "status": "done"}
    assert board.post("/api/measures", json=made).status_code == 201

    _, answer = propose(officer, make.position_body("TH-BP-07"))

    assert (answer.status_code, answer.json()["code"]) == (422, "no-such-place")


def test_a_list_shows_the_units_own_newest_first_and_goes_on(officer, make, sign_in):
    site, other = make.site(), make.site(unit=OTHER_WARD)
    sent = [propose(officer, make.position_body(site))[0] for _ in range(3)]
    neighbour = sign_in(make.person("officer", OTHER_WARD))
    foreign, _ = propose(neighbour, make.position_body(other))

    first = officer.get("/api/positions", params={"place": site, "status": "pending", "limit": 2}).json()
    (after,) = (link["href"] for link in first["links"] if link["rel"] == "next")
    rest = officer.get(after).json()

    listed = [each["id"] for each in first["positions"] + rest["positions"]]
    assert sorted(listed) == sorted(sent)
    received = [each["received_at"] for each in first["positions"] + rest["positions"]]
    assert received == sorted(received, reverse=True)
    assert officer.get("/api/positions", params={"status": "refused"}).json()["positions"] == []
    assert officer.get(f"/api/positions/{foreign}").status_code == 403
    assert [each["id"] for each in neighbour.get("/api/positions").json()["positions"]] == [foreign]
    assert officer.get(f"/api/positions/{inspection_id()}").status_code == 404
