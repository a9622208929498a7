"""What every route keeps to, read off the routes themselves, so that a new route is held to it as well."""

import ast
import hashlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from app import clock
from app.models import Model
from app.people.access import api_routes
from tests.make import inspection_id
from tests.security.walk import Ground, every_address, reading_routes

APP = Path(__file__).parents[2] / "app"
ROLES = ("viewer", "officer", "board", "administrator")
MAY_IGNORE = {"ListFilter", "Asked"}
"""Queries of pages: an address that people pass on to each other may carry names that others put there."""
SET_BY_US = {
    "id",
    "person_id",
    "observer",
    "received_at",
    "happened_at",
    "created_at",
    "updated_at",
    "version",
    "risk_rated_at",
    "risk_rated_by_id",
    "clock_doubtful",
    "log_seq",
    "content_sha256",
    "suggested_condition",
    "last_inspected_at",
    "due_on",
    "by",
    "at",
}
"""Who, when and what follows from the rest: never the caller's to say."""


def models_of(dependant: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models that a route reads its query and its body into, with those inside them."""
    for part in ("query_params", "body_params"):
        for each in getattr(dependant, part):
            yield from ((part, model) for model in models_in(each.field_info.annotation))
    for inner in dependant.dependencies:
        yield from models_of(inner)


def models_in(kind: Any, seen: frozenset[Any] = frozenset()) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
        yield kind
        for info in kind.model_fields.values():
            yield from models_in(info.annotation, seen | {kind})
    for inner in getattr(kind, "__args__", ()):
        yield from models_in(inner, seen)


def test_every_input_model_refuses_names_it_does_not_know(app):
    models = {model for route in api_routes(app) for _, model in models_of(route.original_route.dependant)}

    loose = {model.__name__ for model in models if model.model_config.get("extra") != "forbid"}
    assert loose <= MAY_IGNORE
    assert len(models) >= 12


def test_no_body_says_who_did_it_or_when_it_came(app):
    said = {
        model.__name__: names
        for route in api_routes(app)
        for part, model in models_of(route.original_route.dependant)
        if part == "body_params" and (names := set(model.model_fields) & SET_BY_US)
    }

    assert said == {"SyncRecord": {"id"}, "SyncPosition": {"id"}}, (
        "the phone picks a record's id, as in the address of PUT"
    )


@pytest.mark.parametrize("name", ["received_at", "person_id", "observer", "log_seq", "clock_doubtful"])
def test_an_inspection_that_says_who_or_when_is_refused(officer, make, name):
    body = make.inspection_body(make.site(), **{name: 1})

    assert officer.put(f"/api/inspections/{inspection_id()}", json=body).status_code == 422


def test_the_phones_time_is_a_claim_and_the_servers_is_the_servers(officer, make):
    before, visit = clock.now(), inspection_id()
    body = make.inspection_body(make.site(), seen_at="2026-08-12T14:00:00+07:00")

    receipt = officer.put(f"/api/inspections/{visit}", json=body).json()

    kept = officer.get(f"/api/inspections/{visit}").json()
    assert (
        clock.rfc3339(before) <= kept["received_at"] == receipt["received_at"] <= clock.rfc3339(clock.now())
    )
    assert kept["seen_at"] == "2026-08-12T07:00:00.000Z"
    assert kept["clock_doubtful"] is True


def test_a_board_member_cannot_rate_in_somebody_elses_name(board, make):
    code = make.site()
    tag = board.get(f"/api/sites/{code}").headers["etag"]

    for name in ("risk_rated_by_id", "risk_rated_at", "updated_at", "version", "search"):
        answer = board.patch(
            f"/api/sites/{code}",
            json={"risk_level": "high", "risk_reason": "Vết nứt", name: 1},
            headers={"If-Match": tag},
        )
        assert answer.status_code == 422, name


STAMPS = {"browser_session.last_used_at", "token.last_used_at"}
COUNTERS = {"throttled"}


def digest(database) -> dict[str, str]:
    """A hash of every table, but for stamps of last use and counters."""
    found = {}
    with database.read() as db:
        for table in Model.metadata.sorted_tables:
            if table.name in COUNTERS:
                continue
            columns = [each for each in table.columns if f"{table.name}.{each.name}" not in STAMPS]
            rows = sorted(repr(tuple(row)) for row in db.execute(select(*columns)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def test_no_reading_writes(app, database, client, make, sign_in, ground, settings):
    people = {role: sign_in(make.person(role)) for role in ROLES} | {"anonymous": client}
    addresses = [each for each in every_address(app, ground) if "?" not in each]
    photos = settings.data_dir / "photos"

    for role, asking in people.items():
        before, files = digest(database), sorted(photos.rglob("*"))
        for number, address in enumerate(addresses):
            accept = "text/html" if number % 2 else "application/json"
            asking.get(address, headers={"Accept": accept}, follow_redirects=False)
            asking.head(address, follow_redirects=False)
        assert digest(database) == before, role
        assert sorted(photos.rglob("*")) == files


def test_a_query_name_that_stands_twice_is_refused_everywhere(app, client, ground):
    for route in reading_routes(app):
        address = next(iter(ground.addresses(route)))
        for query in ("a=1&a=2", "lang=vi&lang=en", "a&a"):
            assert client.get(f"{address}?{query}", follow_redirects=False).status_code == 400, address


def test_a_json_key_that_stands_twice_is_refused_everywhere(app, board, ground):
    doubled = b'{"note": "a", "note": "b"}'
    headers = {"Content-Type": "application/json"}
    asked = 0
    for route in api_routes(app):
        for method in route.methods - {"GET", "HEAD"}:
            address = next(iter(ground.addresses(route)))
            answer = board.request(method, address, content=doubled, headers=headers, follow_redirects=False)
            if route.path.startswith("/api/photos") and method == "PUT":
                continue  # the body is the photo
            if route.path.startswith(("/api/uploads", "/phone/hand-in")):
                continue  # a piece of a photo, and a form with a file
            asked += 1
            assert (answer.status_code, answer.json()["code"]) == (400, "duplicate-key"), (method, address)
    assert asked >= 20


CLIENTS = {
    "urllib.request",
    "urllib3",
    "http.client",
    "httpx",
    "httpx2",
    "requests",
    "aiohttp",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc",
    "socket",
    "asyncio.open_connection",
    "niquests",
    "curl_cffi",
    "pycurl",
}
MAY_CONNECT = {
    "app/doctor/machine.py": "`taluy doctor` asks our own address, from the command line",
    "app/door/protocol.py": "a setting of the connections that it answers",
}
PARSERS = {
    "xml",
    "lxml",
    "defusedxml",
    "xmltodict",
    "pykml",
    "fastkml",
    "gpxpy",
    "svglib",
    "cairosvg",
    "html5lib",
    "bs4",
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def falls_under(module: str, roots: set[str]) -> bool:
    return any(module == root or module.startswith(f"{root}.") for root in roots)


def test_no_module_of_ours_can_fetch_an_address():
    found = {
        path.relative_to(APP.parent).as_posix()
        for path in APP.rglob("*.py")
        if any(falls_under(module, CLIENTS) for module in imports(path))
    }

    assert found <= set(MAY_CONNECT)


def test_no_module_of_ours_parses_markup():
    found = {
        path.name for path in APP.rglob("*.py") if any(falls_under(each, PARSERS) for each in imports(path))
    }

    assert found == set()


WKB_IN = {
    "app/geometry.py": "out of our own database",
    "app/ogc/cql2/functions.py": "out of our own database, and what we wrote ourselves of a literal already checked",
}
WKT_IN = {
    "app/transfer/wkt.py": "a file that somebody imports by the command line, read by a grammar of ours"
}


def test_wkb_and_wkt_are_read_by_no_request():
    reading = {"from_wkb": set(), "from_wkt": set()}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node, "attr", getattr(node, "id", None))
            if name in reading:
                reading[name].add(path.relative_to(APP.parent).as_posix())

    assert reading["from_wkb"] <= set(WKB_IN)
    assert reading["from_wkt"] <= set(WKT_IN)


WALK = """
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from app.db import Database, migrate
from app.main import create_app
from app.seed import seed
from app.settings import Settings
from tests.security.walk import Ground, every_address

before = set(sys.modules)
folder = Path(sys.argv[1])
settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder}/walk.sqlite", tile_url="")
with Database(settings.database) as database, database.write() as db:
    seed(db)
app = create_app(settings)

class Anything(dict):
    def get(self, name, default=()):
        return ["P6-ST-01", "P6-KN-01"] if name == "code" else ["1"]

ground = Ground(Anything())
with TestClient(app, base_url="http://127.0.0.1:8000") as client:
    for address in every_address(app, ground):
        client.get(address, headers={"Accept": "text/html"}, follow_redirects=False)
loaded = set(sys.modules) - before
print(*sorted(loaded | {"app.main"}))
"""


def test_a_walk_through_every_address_loads_no_parser_of_markup(sqlite_url, tmp_path):
    (tmp_path / "walk.sqlite").write_bytes(Path(sqlite_url.removeprefix("sqlite:///")).read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", WALK, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=APP.parent,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "app.main" in loaded
    assert loaded & {"pyexpat", "xml.etree.ElementTree", "xml.parsers.expat", "xml.dom.minidom"} == set()
    assert {name for name in loaded if falls_under(name, PARSERS - {"xml"})} == set()


@pytest.fixture
def trap() -> Iterator[tuple[str, list[Any]]]:
    """An address that nobody has a reason to open, and who opened it."""
    caught: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, who = server.accept()
                except TimeoutError:
                    continue
                connection.close()
                caught.append(who)

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x", caught
        done.set()
        thread.join()


def test_an_address_that_somebody_types_is_never_opened(board, make, trap):
    address, caught = trap
    where = {"location_status": "surveyed", "location_accuracy_m": 5}
    point = {"geometry": {"type": "Point", "coordinates": [108.427, 11.952]}}
    site = {
        "code": "TH-ST-77",
        "name": address,
        "kind": "slide",
        "address": address,
        "location_note": address,
    }
    bodies = [
        ("/api/sites", {**site, **point, **where}),
        ("/api/sites", {**site, "code": "TH-ST-78", **where, "geometry": {"type": "Link", "href": address}}),
        ("/api/sites", {**site, "code": "TH-ST-79", **where, "geometry": address}),
        (
            "/api/sites",
            {**site, "code": "TH-ST-80", **where, **point, "$ref": address, "crs": {"href": address}},
        ),
        ("/api/signboards", {"code": "TH-BB-1", "name": address, "site": "TH-ST-77", **point, **where}),
    ]
    for path, body in bodies:
        board.post(path, json=body, headers={"Referer": address, "X-Forwarded-Host": address})
    visit = inspection_id()
    board.put(f"/api/inspections/{visit}", json=make.inspection_body("TH-ST-77", note=address))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}"/></svg>'.encode()
    sha = hashlib.sha256(svg).hexdigest()
    refused = board.put(f"/api/photos/{sha}", params={"inspection": visit}, content=svg)
    for page in ("/", "/map", "/s/TH-ST-77", "/s/TH-ST-77/label", "/s/TH-ST-77/qr.svg", "/sites.geojson"):
        board.get(page, headers={"Accept": "text/html", "Origin": address})
    board.get("/sign-in", params={"next": address})

    assert refused.status_code == 422
    assert caught == []
    with socket.create_connection(("127.0.0.1", int(address.split(":")[2].split("/")[0]))):
        pass  # the trap works


def test_the_same_again_is_the_same_receipt_and_other_content_is_refused(app, officer, make):
    """Every PUT of ours names what it brings: again it changes nothing, with other content it is refused."""
    assert {route.path for route in api_routes(app) if "PUT" in route.methods} == {
        "/api/inspections/{inspection_id}",
        "/api/photos/{sha256}",
        "/api/positions/{position_id}",  # and these: tests/api/test_repeat_safe.py
    }
    place, visit = make.site(), inspection_id()
    body = make.inspection_body(place)
    sent = json.dumps(body)
    other_order = json.dumps(dict(reversed(body.items())), indent=3)
    sha, data = make.photo()
    to = {"inspection": visit}
    headers = {"Content-Type": "application/json"}

    first, again, rearranged = (
        officer.put(f"/api/inspections/{visit}", content=each, headers=headers)
        for each in (sent, sent, other_order)
    )
    other = officer.put(f"/api/inspections/{visit}", json={**body, "note": "khác"})
    photo, photo_again = (officer.put(f"/api/photos/{sha}", params=to, content=data) for _ in range(2))
    foreign = officer.put(f"/api/photos/{'0' * 64}", params=to, content=data)

    assert (first.status_code, again.status_code, rearranged.status_code, other.status_code) == (
        201,
        200,
        200,
        409,
    )
    assert first.content == again.content == rearranged.content
    assert (photo.status_code, photo_again.status_code, foreign.status_code) == (201, 200, 400)
    assert photo.content == photo_again.content


def test_the_walk_knows_what_it_asks(app):
    """Without values for a name the walk would pass it by."""
    ground = Ground({})

    with pytest.raises(AssertionError, match="code"):
        every_address(app, ground)
