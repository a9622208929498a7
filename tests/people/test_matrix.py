"""Every route × five callers: what each is answered. A route that the table lacks fails."""

import pytest

from app import clock
from app.hazards import FORM_VERSION
from app.people.access import api_routes
from tests.make import PASSWORD, Upload, inspection_id

CALLERS = ("anonymous", "viewer", "officer", "board", "administrator")
OPEN = (200, 200, 200, 200, 200)
FIELD = (401, 403, 201, 201, 201)
BOARD_ADDS = (401, 403, 403, 201, 201)
BOARD_CHANGES = (401, 403, 403, 428, 428)
OWN = (401, 200, 200, 200, 200)
MANAGES = (401, 403, 403, 403, 200)

MATRIX: dict[tuple[str, str], tuple[int, ...]] = {
    ("GET", "/api/sites"): OPEN,
    ("GET", "/sites.geojson"): OPEN,
    ("GET", "/api/sites/{code}"): OPEN,
    ("POST", "/api/sites"): BOARD_ADDS,
    ("PATCH", "/api/sites/{code}"): BOARD_CHANGES,
    ("GET", "/api/signboards"): OPEN,
    ("GET", "/signboards.geojson"): OPEN,
    ("GET", "/api/signboards/{code}"): OPEN,
    ("POST", "/api/signboards"): BOARD_ADDS,
    ("PATCH", "/api/signboards/{code}"): BOARD_CHANGES,
    ("GET", "/api/measures"): OPEN,
    ("GET", "/api/measures/{code}"): OPEN,
    ("POST", "/api/measures"): BOARD_ADDS,
    ("PATCH", "/api/measures/{code}"): BOARD_CHANGES,
    ("GET", "/api/proposals"): OPEN,
    ("GET", "/api/proposals/{code}"): OPEN,
    ("POST", "/api/proposals"): BOARD_ADDS,
    ("PATCH", "/api/proposals/{code}"): BOARD_CHANGES,
    ("GET", "/api/documents"): OPEN,
    ("GET", "/api/units"): OPEN,
    ("GET", "/api/forms"): OPEN,
    ("PUT", "/api/inspections/{inspection_id}"): FIELD,
    ("POST", "/api/sync"): (401, 403, 200, 200, 200),
    ("GET", "/api/inspections"): OPEN,
    ("GET", "/api/inspections/{inspection_id}"): OPEN,
    ("PUT", "/api/photos/{sha256}"): (401, 403, 404, 201, 201),
    ("GET", "/api/photos/{sha256}"): (404, 404, 200, 200, 200),
    ("PATCH", "/api/photos/{sha256}"): (401, 403, 403, 200, 200),
    ("OPTIONS", "/api/uploads"): (204, 204, 204, 204, 204),
    ("POST", "/api/uploads"): (401, 403, 404, 201, 201),
    ("HEAD", "/api/uploads/{record}/{sha256}"): (401, 403, 404, 200, 200),
    ("PATCH", "/api/uploads/{record}/{sha256}"): (401, 403, 404, 204, 204),
    ("DELETE", "/api/uploads/{record}/{sha256}"): (401, 403, 404, 204, 204),
    ("PUT", "/api/positions/{position_id}"): FIELD,
    ("GET", "/api/positions"): (401, 403, 200, 200, 200),
    ("GET", "/api/positions/{position_id}"): (401, 403, 200, 200, 200),
    ("POST", "/api/positions/{position_id}/decision"): (401, 403, 403, 200, 200),
    ("POST", "/api/session"): (401, 401, 401, 401, 401),
    ("GET", "/api/log/checkpoint"): OPEN,
    ("GET", "/api/session"): OPEN,
    ("DELETE", "/api/session"): (204, 204, 204, 204, 204),
    ("POST", "/api/devices"): (401, 401, 401, 401, 401),
    ("GET", "/api/devices"): (401, 200, 200, 200, 200),
    ("DELETE", "/api/devices/{token_id}"): (401, 404, 404, 404, 404),
    ("GET", "/api/tokens"): OWN,
    ("POST", "/api/tokens"): (401, 201, 201, 201, 201),
    ("DELETE", "/api/tokens/{token_id}"): (401, 404, 404, 404, 404),
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/api/docs"): OPEN,
    ("GET", "/assets/{name:path}"): OPEN,
    ("GET", "/ogc"): OPEN,
    ("GET", "/ogc/conformance"): OPEN,
    ("GET", "/ogc/api"): OPEN,
    ("GET", "/ogc/collections"): OPEN,
    ("GET", "/ogc/collections/{collection}"): OPEN,
    ("GET", "/ogc/collections/{collection}/queryables"): OPEN,
    ("GET", "/ogc/collections/{collection}/sortables"): OPEN,
    ("GET", "/ogc/collections/{collection}/schema"): OPEN,
    ("GET", "/ogc/collections/{collection}/feature-schema"): OPEN,
    ("GET", "/ogc/collections/{collection}/items"): OPEN,
    ("GET", "/ogc/collections/{collection}/items/{feature_id}"): OPEN,
    ("GET", "/map"): OPEN,
    ("GET", "/api/phone/pack"): (401, 403, 200, 200, 200),
    ("GET", "/phone"): OPEN,
    ("GET", "/phone/offline"): OPEN,
    ("GET", "/phone/sw.js"): OPEN,
    ("GET", "/phone/files/{group}"): OPEN,
    ("GET", "/phone/manifest.webmanifest"): OPEN,
    ("GET", "/"): OPEN,
    ("GET", "/places"): OPEN,
    ("GET", "/documents"): OPEN,
    ("GET", "/about"): OPEN,
    ("GET", "/s/{code}"): OPEN,
    ("GET", "/s/{code}/qr.svg"): OPEN,
    ("GET", "/s/{code}/label"): OPEN,
    ("GET", "/s/{code}/inspect"): (401, 403, 200, 200, 200),
    ("POST", "/s/{code}/inspect"): (401, 403, 303, 303, 303),
    ("POST", "/s/{code}/suggest"): (401, 403, 200, 200, 200),
    ("GET", "/s/{code}/visits/{inspection_id}"): (401, 403, 200, 200, 200),
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): (401, 401, 401, 401, 401),
    ("GET", "/sign-in/code"): OPEN,
    ("POST", "/sign-in/code"): (401, 401, 401, 401, 401),
    ("POST", "/sign-out"): (303, 303, 303, 303, 303),
    ("GET", "/s/{code}/edit"): (401, 403, 403, 200, 200),
    ("POST", "/s/{code}/edit"): (401, 403, 403, 404, 404),
    ("POST", "/s/{code}/photos"): (401, 403, 403, 404, 404),
    ("GET", "/new"): (401, 403, 403, 200, 200),
    ("POST", "/new"): (401, 403, 403, 422, 422),
    ("GET", "/setup"): OPEN,
    ("POST", "/setup"): (404, 404, 404, 404, 404),
    ("GET", "/join"): (404, 404, 404, 404, 404),
    ("POST", "/join"): (404, 404, 404, 404, 404),
    ("GET", "/account"): OWN,
    ("GET", "/account/password"): OWN,
    ("POST", "/account/password"): (401, 422, 422, 422, 422),
    ("POST", "/account/tokens"): (401, 422, 422, 422, 422),
    ("POST", "/account/tokens/{token_id}/revoke"): (401, 404, 404, 404, 404),
    ("POST", "/account/browsers"): (401, 303, 303, 303, 303),
    ("GET", "/account/second-factor"): OWN,
    ("POST", "/account/second-factor"): (401, 422, 422, 422, 422),
    ("POST", "/account/second-factor/kept"): (401, 303, 303, 303, 303),
    ("POST", "/account/second-factor/move"): (401, 422, 422, 422, 422),
    ("POST", "/account/second-factor/codes"): (401, 422, 422, 422, 422),
    ("POST", "/account/second-factor/off"): (401, 422, 422, 422, 422),
    ("GET", "/phone/hand-in"): OWN,
    ("POST", "/phone/hand-in"): (401, 415, 415, 415, 415),
    ("GET", "/positions"): (401, 403, 403, 200, 200),
    ("GET", "/positions/{position_id}"): (401, 403, 403, 200, 200),
    ("POST", "/positions/{position_id}"): (401, 403, 403, 303, 303),
    ("GET", "/log"): (401, 403, 403, 200, 200),
    ("GET", "/people"): MANAGES,
    ("POST", "/people"): (401, 403, 403, 403, 422),
    ("GET", "/people/new"): MANAGES,
    ("GET", "/people/{person_id}"): MANAGES,
    ("POST", "/people/{person_id}"): (401, 403, 403, 403, 412),
    ("POST", "/people/{person_id}/close"): (401, 403, 403, 403, 422),
    ("POST", "/people/{person_id}/open"): (401, 403, 403, 403, 303),
    ("POST", "/people/{person_id}/reset"): (401, 403, 403, 403, 422),
    ("POST", "/people/{person_id}/second-factor"): (401, 403, 403, 403, 422),
    ("POST", "/people/{person_id}/revoke"): (401, 403, 403, 403, 404),
}


def test_every_route_stands_in_the_table(app):
    routes = {
        (method, context.path)
        for context in api_routes(app)
        for method in context.methods - ({"HEAD"} if "GET" in context.methods else set())
    }

    assert routes == set(MATRIX)


@pytest.fixture
def ground(make, sign_in):
    """What the requests below speak of: one of everything, and a signed-in client of every role."""
    site = make.site()
    board = sign_in(make.person("board"))
    point = {"type": "Point", "coordinates": [108.427, 11.952]}
    where = {"geometry": point, "location_status": "surveyed", "location_accuracy_m": 5}
    board.post("/api/signboards", json={"code": "TH-BB-01", "name": "Biển thử", "site": site, **where})
    board.post("/api/measures", json={"code": "TH-BP-01", "kind": "sandbags", "site": site, "status": "done"})
    board.post("/api/proposals", json={"code": "TH-KN-01", "name": "Đề xuất thử", **where})
    visit = inspection_id()
    board.put(f"/api/inspections/{visit}", json=make.inspection_body(site))
    sha, data = make.photo()
    board.put(f"/api/photos/{sha}", params={"inspection": visit}, content=data)
    position = inspection_id()
    board.put(f"/api/positions/{position}", json=make.position_body(site))
    return {
        "site": site,
        "position": position,
        "board": board,
        "visit": visit,
        "sha": sha,
        "where": where,
        "make": make,
        "number": iter(range(10, 99)),
    }


def visit_form() -> dict[str, str]:
    """The ordinary form of a visit, filled in with the least."""
    seen_at = clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M")
    return {
        "id": inspection_id(),
        "seen_at": seen_at,
        "condition": "no_change",
        "form_version": FORM_VERSION,
        "note": "không có gì mới",
    }


def propose_or_decide(client, path, ground):
    """Propose a position, or refuse one of its own: each is decided on once."""
    position = inspection_id()
    body = ground["make"].position_body(ground["site"])
    if path == "/api/positions/{position_id}":
        return client.put(path.format(position_id=position), json=body)
    assert ground["board"].put(f"/api/positions/{position}", json=body).status_code == 201
    said = {"decision": "refuse", "reason": "Đo nhầm chỗ"}
    address = path.format(position_id=position)
    if path.startswith("/api/"):
        return client.post(address, json=said)
    return client.post(address, data=said, follow_redirects=False)


def photo(client, method, ground):
    """Send a photo of the visit, or take the one of it back."""
    of = {"inspection": ground["visit"]}
    if method == "PATCH":
        return client.patch(f"/api/photos/{ground['sha']}", params=of, json={"published": False})
    number = next(ground["number"])
    sha, data = ground["make"].photo((number, number, number))
    return client.put(f"/api/photos/{sha}", params=of, content=data)


def ask(client, method, path, ground):  # noqa: PLR0911 - one case a route
    """Send a well-formed request to one route."""
    site, make = ground["site"], ground["make"]
    code = {"sites": site, "signboards": "TH-BB-01", "measures": "TH-BP-01", "proposals": "TH-KN-01"}
    noun = path.split("/")[2] if path.startswith("/api/") else ""
    fresh = f"TH-XX-{next(ground['number'])}"
    new = {
        "sites": {"code": fresh, "name": "Mới", "kind": "flood", **ground["where"]},
        "signboards": {"code": fresh, "name": "Mới", "site": site, **ground["where"]},
        "measures": {"code": fresh, "kind": "stakes", "site": site, "status": "done"},
        "proposals": {"code": fresh, "name": "Mới", **ground["where"]},
        "session": {"name": "nobody", "password": "not the right one"},
        "sync": {"inspections": [{"id": inspection_id(), "inspection": make.inspection_body(site)}]},
        "devices": {"name": "nobody", "password": "not the right one", "device": "Máy thử"},
        "tokens": {"name": "Công cụ thử", "scope": "public", "days": 7, "password": PASSWORD},
    }
    change = (
        {"state": "watch"}
        if noun == "sites"
        else {"state": "sound"}
        if noun == "signboards"
        else {"status": "done"}
    )
    if path == "/assets/{name:path}":
        return client.get("/assets/taluy/fonts.css")
    if path == "/api/inspections/{inspection_id}" and method == "PUT":
        return client.put(f"/api/inspections/{inspection_id()}", json=make.inspection_body(site))
    if path == "/api/photos/{sha256}" and method != "GET":
        return photo(client, method, ground)
    if "{position_id}" in path and method != "GET":
        return propose_or_decide(client, path, ground)
    if path.startswith("/api/uploads"):
        upload = Upload(client, ground["visit"])
        return upload.begin() if path == "/api/uploads" and method == "POST" else upload.ask(method, path)
    address = path.format(
        position_id=ground["position"],
        token_id=1,
        person_id=1,
        code=code.get(noun, site),
        inspection_id=ground["visit"],
        sha256=ground["sha"],
        group="early",
        collection="sites",
        feature_id=site,
    )
    if path == "/s/{code}/suggest":
        return client.post(address, json=make.inspection_body(site))
    if method == "POST" and not noun:
        form = {
            "name": "nobody",
            "password": PASSWORD,
            "password_again": PASSWORD,
            "token": "x",
            **visit_form(),
        }
        return client.post(address, data=form, follow_redirects=False)
    if method == "POST":
        return client.post(address, json=new[noun])
    if method == "PATCH":
        return client.patch(address, json=change)
    return client.request(method, address)


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_each_caller_is_answered_as_the_table_says(ground, sign_in, client, make, method, path):
    answers = []
    for caller in CALLERS:
        asking = client if caller == "anonymous" else sign_in(make.person(caller))
        answers.append(ask(asking, method, path, ground).status_code)

    assert tuple(answers) == MATRIX[method, path]
