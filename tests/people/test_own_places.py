"""Officers and the board act on places of their own units only: every route that changes something × four places."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapely import Point

from app import clock
from app.hazards import FORM_VERSION
from app.people import queries as people
from app.people.access import api_routes
from app.sites import queries as sites
from app.units import queries as units
from tests.make import OTHER_WARD, WARD, Make, Upload, hashed, inspection_id

OURS, THEIRS = {"code": WARD}, {"code": OTHER_WARD}
OLD = {"code": WARD, "valid_from": "2025-06-30"}
"""What became part of our ward: its code is the same, it is named by a day on which it still was."""
PLACES = {"own": [OURS], "other": [THEIRS], "border": [OURS, THEIRS], "predecessor": [OLD]}
WHERE: dict[str, Any] = {
    "geometry": {"type": "Point", "coordinates": [108.427, 11.952]},
    "location_status": "surveyed",
    "location_accuracy_m": 5,
}
FORM_WHERE = {
    "system": "wgs84",
    "first": "11,955",
    "second": "108.42",
    "location_status": "surveyed",
    "location_accuracy_m": "5",
}
NUMBERS = count(100)
ANY_VERSION = {"If-Match": "*"}


def unit_ids(db, refs) -> list[int]:
    return [
        units.find(
            db, ref["code"], on=date.fromisoformat(ref.get("valid_from", clock.today().isoformat()))
        ).id
        for ref in refs
    ]


@dataclass
class Ground:
    """A place of some units, and somebody of all units who puts other records there."""

    make: Make
    everywhere: TestClient
    refs: list[dict[str, str]]

    @staticmethod
    def code() -> str:
        return f"TH-XX-{next(NUMBERS)}"

    def site(self) -> str:
        code, now = self.code(), clock.now()
        said = {
            "code": code, "name": "Vị trí thử", "kind": "slide", "geometry": Point(108.427, 11.952),
            "location_status": "surveyed", "location_accuracy_m": 5.0,
        }  # fmt: skip
        with self.make.database.write() as db:
            sites.add(db, said, unit_ids=unit_ids(db, self.refs), at=now, by=None)
        return code

    def post(self, noun: str, **body: Any) -> str:
        answer = self.everywhere.post(f"/api/{noun}", json={"code": self.code(), **body})
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def signboard(self) -> str:
        return self.post("signboards", name="Biển thử", site=self.site(), **WHERE)

    def measure(self) -> str:
        return self.post("measures", kind="stakes", site=self.site(), status="done")

    def measure_of_unit(self) -> str:
        return self.post("measures", kind="inform_people", unit=self.refs[0], status="done")

    def proposal(self) -> str:
        return self.post("proposals", name="Đề xuất thử", units=self.refs, **WHERE)

    def position(self) -> str:
        number, body = inspection_id(), Make.position_body(self.site())
        assert self.everywhere.put(f"/api/positions/{number}", json=body).status_code == 201
        return number

    def visit(self) -> str:
        number, body = inspection_id(), Make.inspection_body(self.site())
        assert self.everywhere.put(f"/api/inspections/{number}", json=body).status_code == 201
        return number

    def visit_with_photo(self) -> dict[str, str]:
        """Where a photo stands, as the query and the forms name it."""
        visit, (sha, data) = self.visit(), Make.photo()
        kept = self.everywhere.put(f"/api/photos/{sha}", params={"inspection": visit}, content=data)
        assert kept.status_code == 201
        return {"inspection": visit, "sha256": sha}


def publish(who: TestClient, ground: Ground) -> Any:
    photo = ground.visit_with_photo()
    address = f"/api/photos/{photo['sha256']}"
    return who.patch(address, params={"inspection": photo["inspection"]}, json={"published": True})


def publish_by_form(who: TestClient, ground: Ground) -> Any:
    photo = ground.visit_with_photo()
    seen = ground.everywhere.get(f"/api/inspections/{photo['inspection']}").json()
    return who.post(f"/s/{seen['place']}/photos", data={**photo, "published": "yes"})


def send_photo(who: TestClient, ground: Ground) -> Any:
    visit, (sha, data) = ground.visit(), Make.photo()
    return who.put(f"/api/photos/{sha}", params={"inspection": visit}, content=data)


def upload(method: str) -> Callable[[TestClient, Ground], Any]:
    """A photo in pieces: its beginning, or what follows."""

    def send(who: TestClient, ground: Ground) -> Any:
        coming = Upload(who, ground.visit())
        return coming.begin() if method == "POST" else coming.ask(method, "/api/uploads/{record}/{sha256}")

    return send


def add_site(who: TestClient, ground: Ground) -> Any:
    body = {"code": ground.code(), "name": "Mới", "kind": "flood", "units": ground.refs, **WHERE}
    return who.post("/api/sites", json=body)


def add_proposal(who: TestClient, ground: Ground) -> Any:
    body = {"code": ground.code(), "name": "Mới", "units": ground.refs, **WHERE}
    return who.post("/api/proposals", json=body)


def add_signboard(who: TestClient, ground: Ground) -> Any:
    return who.post(
        "/api/signboards", json={"code": ground.code(), "name": "Mới", "site": ground.site(), **WHERE}
    )


def add_measure(who: TestClient, ground: Ground) -> Any:
    body = {"code": ground.code(), "kind": "stakes", "site": ground.site(), "status": "done"}
    return who.post("/api/measures", json=body)


def add_measure_of_unit(who: TestClient, ground: Ground) -> Any:
    body = {"code": ground.code(), "kind": "inform_people", "unit": ground.refs[-1], "status": "done"}
    return who.post("/api/measures", json=body)


def change(noun: str, make: Callable[[Ground], str], **body: str) -> Callable[[TestClient, Ground], Any]:
    """A correction of a record by the API."""
    return lambda who, ground: who.patch(f"/api/{noun}/{make(ground)}", json=body, headers=ANY_VERSION)


def correct(make: Callable[[Ground], str], section: str, **form: str) -> Callable[[TestClient, Ground], Any]:
    """A correction of a record by its form."""

    def send(who: TestClient, ground: Ground) -> Any:
        code = make(ground)
        return who.post(f"/s/{code}/edit", data={"section": section, "version": "*", **form})

    return send


def record(who: TestClient, ground: Ground) -> Any:
    return who.put(f"/api/inspections/{inspection_id()}", json=Make.inspection_body(ground.site()))


def propose(who: TestClient, ground: Ground) -> Any:
    return who.put(f"/api/positions/{inspection_id()}", json=Make.position_body(ground.site()))


def decide(who: TestClient, ground: Ground) -> Any:
    address = f"/api/positions/{ground.position()}/decision"
    return who.post(address, json={"decision": "accept"}, headers=ANY_VERSION)


def decide_by_form(who: TestClient, ground: Ground) -> Any:
    form = {"decision": "refuse", "reason": "Đo nhầm chỗ"}
    return who.post(f"/positions/{ground.position()}", data=form)


def record_by_form(who: TestClient, ground: Ground) -> Any:
    seen_at = clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M")
    form = {"id": inspection_id(), "seen_at": seen_at, "condition": "no_change", "form_version": FORM_VERSION}
    return who.post(f"/s/{ground.site()}/inspect", data=form)


def suggest(who: TestClient, ground: Ground) -> Any:
    site = ground.site()
    return who.post(f"/s/{site}/suggest", json=Make.inspection_body(site))


def register_by_form(who: TestClient, ground: Ground) -> Any:
    form = {"code": ground.code(), "name": "Mới", "site": ground.site(), "state": "sound", **FORM_WHERE}
    return who.post("/new?record=signboard", data=form)


ALL, NOT_THEIRS = {"own", "border", "predecessor", "other"}, {"own", "border", "predecessor"}
ROWS: dict[str, tuple[str, str, Callable[[TestClient, Ground], Any], set[str]]] = {
    "POST /api/sites": ("POST", "/api/sites", add_site, NOT_THEIRS),
    "PATCH /api/sites": ("PATCH", "/api/sites/{code}", change("sites", Ground.site, state="watch"), NOT_THEIRS),
    "POST /api/signboards": ("POST", "/api/signboards", add_signboard, NOT_THEIRS),
    "PATCH /api/signboards": (
        "PATCH", "/api/signboards/{code}", change("signboards", Ground.signboard, state="sound"), NOT_THEIRS,
    ),
    "POST /api/measures": ("POST", "/api/measures", add_measure, NOT_THEIRS),
    "POST /api/measures of a unit": ("POST", "/api/measures", add_measure_of_unit, {"own", "predecessor"}),
    "PATCH /api/measures": (
        "PATCH", "/api/measures/{code}", change("measures", Ground.measure, status="ordered"), NOT_THEIRS,
    ),
    "PATCH /api/measures of a unit": (
        "PATCH", "/api/measures/{code}", change("measures", Ground.measure_of_unit, status="ordered"), NOT_THEIRS,
    ),
    "POST /api/proposals": ("POST", "/api/proposals", add_proposal, NOT_THEIRS),
    "PATCH /api/proposals": (
        "PATCH", "/api/proposals/{code}", change("proposals", Ground.proposal, status="ordered"), NOT_THEIRS,
    ),
    "PUT /api/inspections": ("PUT", "/api/inspections/{inspection_id}", record, NOT_THEIRS),
    "PUT /api/positions": ("PUT", "/api/positions/{position_id}", propose, NOT_THEIRS),
    "POST decision": ("POST", "/api/positions/{position_id}/decision", decide, NOT_THEIRS),
    "POST decision by form": ("POST", "/positions/{position_id}", decide_by_form, NOT_THEIRS),
    "PUT /api/photos": ("PUT", "/api/photos/{sha256}", send_photo, NOT_THEIRS),
    "POST /api/uploads": ("POST", "/api/uploads", upload("POST"), NOT_THEIRS),
    "PATCH /api/uploads": ("PATCH", "/api/uploads/{record}/{sha256}", upload("PATCH"), NOT_THEIRS),
    "DELETE /api/uploads": ("DELETE", "/api/uploads/{record}/{sha256}", upload("DELETE"), NOT_THEIRS),
    "PATCH /api/photos": ("PATCH", "/api/photos/{sha256}", publish, NOT_THEIRS),
    "POST inspect": ("POST", "/s/{code}/inspect", record_by_form, NOT_THEIRS),
    "POST suggest": ("POST", "/s/{code}/suggest", suggest, NOT_THEIRS),
    "POST edit, site": ("POST", "/s/{code}/edit", correct(Ground.site, "state", state="watch"), NOT_THEIRS),
    "POST edit, proposal": (
        "POST", "/s/{code}/edit", correct(Ground.proposal, "details", name="Mới", status="ordered"), NOT_THEIRS,
    ),
    "POST photos": ("POST", "/s/{code}/photos", publish_by_form, NOT_THEIRS),
    "POST /new": ("POST", "/new", register_by_form, NOT_THEIRS),
}  # fmt: skip
"""What is sent, and at which of the four places the board of our ward may do it."""

OF_NO_PLACE = (
    "/api/sync",  # answers each record by itself: tests/api/test_sync.py
    "/account",
    "/api/session",
    "/api/devices",
    "/api/tokens",
    "/people",
    "/phone/hand-in",  # what is in the file is held to its author's units: tests/phone/test_hand_in.py
    "/join",
    "/setup",
    "/sign-",
)


def test_every_route_that_changes_a_place_stands_in_the_table(app):
    unsafe = {
        (method, context.path)
        for context in api_routes(app)
        for method in context.methods & {"POST", "PUT", "PATCH", "DELETE"}
    }

    of_places = {route for route in unsafe if not route[1].startswith(OF_NO_PLACE)}

    assert of_places == {(method, path) for method, path, _, _ in ROWS.values()}


@pytest.fixture
def everywhere(make, sign_in) -> TestClient:
    """Somebody who works for every unit of today."""
    with make.database.write() as db:
        ids = units.valid_ids(db, on=clock.today())
        people.add(
            db,
            "Người thử khắp nơi",
            role="administrator",
            password_hash=hashed(),
            unit_ids=ids,
            at=clock.now(),
        )
    return sign_in("Người thử khắp nơi")


@pytest.mark.parametrize("row", ROWS)
def test_the_board_acts_on_places_of_its_own_units_only(make, everywhere, board, row):
    _, _, send, allowed = ROWS[row]

    answers = {name: send(board, Ground(make, everywhere, refs)).status_code for name, refs in PLACES.items()}

    assert {name for name, status in answers.items() if status < 400} == allowed
    assert {status for name, status in answers.items() if name not in allowed} == {403}


@pytest.mark.parametrize(
    "row", ["PUT /api/inspections", "PUT /api/positions", "POST inspect", "POST suggest"]
)
def test_an_officer_acts_on_places_of_their_own_units_only(make, everywhere, officer, row):
    _, _, send, allowed = ROWS[row]

    answers = {
        name: send(officer, Ground(make, everywhere, refs)).status_code for name, refs in PLACES.items()
    }

    assert {name for name, status in answers.items() if status < 400} == allowed
    assert answers["other"] == 403


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ([OURS], [OURS, THEIRS], 200),
        ([OURS, THEIRS], [THEIRS], 200),
        ([OURS, THEIRS], [OURS], 403),
        ([OURS], [THEIRS], 403),
        ([OURS, THEIRS], [], 422),
        ([OLD], [OURS], 200),
        ([OLD, THEIRS], [OURS, THEIRS], 200),
        ([OLD, OURS], [OURS], 200),
    ],
    ids=["add", "leave", "take away", "hand over", "nobody's", "renamed", "renamed at the border", "tidied"],
)
def test_units_are_added_by_their_neighbours_and_taken_away_by_their_own(
    make, everywhere, board, before, after, answer
):
    ground = Ground(make, everywhere, before)
    site = ground.site()

    changed = board.patch(f"/api/sites/{site}", json={"units": after}, headers=ANY_VERSION)

    assert changed.status_code == answer, changed.text
    kept = everywhere.get(f"/api/sites/{site}").json()["properties"]["units"]
    assert len(kept) == len(after if answer == 200 else before)


def test_an_administrator_takes_a_place_away_from_any_unit(make, sign_in, everywhere):
    ground = Ground(make, everywhere, PLACES["border"])
    administrator = sign_in(make.person("administrator"))

    changed = administrator.patch(f"/api/sites/{ground.site()}", json={"units": [OURS]}, headers=ANY_VERSION)

    assert changed.status_code == 200
