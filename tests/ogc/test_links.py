"""No link leaves the base: behind a proxy with a prefix and https, every address begins as its caller sees it."""

import re
import shutil
from collections import deque
from html import unescape
from urllib.parse import urldefrag, urlsplit

import pytest

from app.door.headers import source_of
from app.main import create_app
from app.settings import Settings
from tests.make import PASSWORD, SITE, Make

BEHIND = {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/taluy", "Host": "127.0.0.1"}
BASE = "https://127.0.0.1/taluy"
NAMES_ONLY = ("http://www.opengis.net/", "https://geojson.org/", "https://json-schema.org/")
"""Names of relations, systems and schemas: nobody is sent there."""
ADDRESS = re.compile(r'(?:https?:)?//[^\s"<>\\]+')
HREF = re.compile(r'\s(?:href|src|action)="([^"]*)"')

INLINE = re.compile(r'<script(?: type="importmap")?>(.*?)</script>', re.DOTALL)


def inside(door, url, accept):
    """What the proxy passes on for an address outside."""
    assert url.startswith(BASE), url
    path = url.removeprefix(BASE) or "/"
    return door.get(path, headers={**BEHIND, "Accept": accept}, follow_redirects=False)


def test_no_link_of_any_document_leaves_the_base(door):
    waiting, seen = deque([f"{BASE}/ogc"]), set()
    while waiting:
        url = waiting.popleft()
        if url in seen or "f=gpkg" in url or "f=csv" in url:
            continue
        seen.add(url)
        answer = inside(door, url, "application/json, */*;q=0.1")
        assert answer.status_code == 200, url
        if "json" not in answer.headers["Content-Type"]:
            continue
        addresses = [each for each in ADDRESS.findall(answer.text) if not each.startswith(NAMES_ONLY)]
        assert [each for each in addresses if not each.startswith(BASE)] == [], url
        waiting += [urldefrag(each)[0] for each in addresses if "/ogc" in each]
        for value in (answer.headers.get("Link", ""), answer.headers.get("Location", "")):
            assert all(each.startswith((BASE, *NAMES_ONLY)) for each in ADDRESS.findall(value)), value
    assert {f"{BASE}/ogc/collections/sites/items", f"{BASE}/ogc/api", f"{BASE}/ogc/conformance"} <= seen


@pytest.mark.parametrize(
    "path",
    [
        *("/ogc", "/ogc/collections", "/ogc/collections/sites", "/ogc/collections/sites/items?limit=2"),
        *(
            "/ogc/collections/sites/items/P6-NL-01",
            "/ogc/conformance",
            "/ogc/collections/sites/schema",
            "/ogc/api",
        ),
        *("/ogc/nothing", "/ogc/collections/sites/items?nothing=1"),
    ],
)
def test_no_link_of_any_page_leaves_the_base(door, path):
    page = inside(door, BASE + path, "text/html")

    assert page.headers["Content-Type"].startswith("text/html")
    links = [unescape(each) for each in HREF.findall(page.text)]
    assert [each for each in links if not each.startswith(("/taluy/", "#", BASE)) and each != "/taluy"] == []
    assert [
        each for each in ADDRESS.findall(page.text) if not each.startswith((BASE, "http://www.w3.org/"))
    ] == [] or (path == "/ogc/conformance")
    inline = INLINE.findall(page.text)
    assert len(inline) == (page.status_code == 200)  # a page that refuses has a nonce
    assert all(source_of(script) in page.headers["Content-Security-Policy"] for script in inline)


def test_the_way_to_a_tidied_list_stays_in_the_base(door):
    answer = inside(door, f"{BASE}/ogc/collections/sites/items?kind=&risk_level=high&f=html", "text/html")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/taluy/ogc/collections/sites/items?risk_level=high&f=html"


@pytest.fixture
def behind(sqlite_seeded, tmp_path):
    """The service as a trusted proxy reaches it."""
    from fastapi.testclient import TestClient

    url = f"sqlite:///{shutil.copy(sqlite_seeded, tmp_path / 'taluy.sqlite')}"
    settings = Settings(database_url=url, data_dir=tmp_path, tile_url="", trusted_proxies="127.0.0.1")
    outside = BASE.removesuffix("/taluy")
    with TestClient(create_app(settings), base_url=outside, client=("127.0.0.1", 4711)) as client:
        yield client


def test_signing_in_from_a_page_leads_back_to_it_under_the_prefix(behind):
    name = Make(behind.app.state.database).person()
    page = inside(behind, f"{BASE}/ogc/collections/sites", "text/html").text
    (way,) = {unescape(each) for each in HREF.findall(page) if "/sign-in?next=" in each}

    assert way == "/taluy/sign-in?next=/ogc/collections/sites"
    said = {"name": name, "password": PASSWORD, "next": way.partition("next=")[2]}
    answer = behind.post("/sign-in", data=said, headers=BEHIND, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/taluy/ogc/collections/sites"
    behind.cookies.clear()
    led = inside(behind, f"{BASE}/account", "text/html")
    assert led.headers["Location"] == "/taluy/sign-in?next=/account"


def test_what_was_made_is_found_under_the_prefix(behind):
    name = Make(behind.app.state.database).person("board")
    said = {"name": name, "password": PASSWORD}
    assert behind.post("/api/session", json=said, headers=BEHIND).status_code == 204

    made = behind.post("/api/sites", json=SITE, headers=BEHIND)

    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/taluy/api/sites/{SITE['code']}"


def test_the_next_page_is_asked_for_with_everything_else_as_before(door):
    first = door.get(
        "/ogc/collections/sites/items.geojson", params={"limit": 2, "sortby": "-name", "lang": "en"}
    )

    [following] = [link["href"] for link in first.json()["links"] if link["rel"] == "next"]
    assert following.startswith(
        f"{door.base_url}/ogc/collections/sites/items.geojson?limit=2&sortby=-name&lang=en&"
    )
    assert "cursor=" in urlsplit(following).query
    assert f'<{following}>; rel="next"' in first.headers["Link"]
    assert door.get(following).json()["features"][0]["id"] != first.json()["features"][0]["id"]


def test_what_somebody_put_into_the_address_breaks_no_header_and_no_page(door):
    hostile = '/ogc/collections/sites/items?limit=1&name=%22%3E%3Cscript%3E&lang=en>;rel="x"'
    answer = door.get(hostile)

    assert answer.status_code == 400
    assert "<script>" not in answer.text
    page = door.get("/ogc/collections/sites/items?name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&f=html")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    quoted = door.get('/ogc/collections/sites/items?limit=1&name="><a>').headers.get("Link", "")
    assert "><a>" not in quoted


def test_the_public_address_is_used_under_every_name(sqlite_seeded, tmp_path):
    from fastapi.testclient import TestClient

    settings = Settings(
        database_url=f"sqlite:///{shutil.copy(sqlite_seeded, tmp_path)}",
        data_dir=tmp_path,
        tile_url="",
        base_url="https://taluy.example",
    )
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        found = client.get("/ogc").json()["links"]

    assert {urlsplit(link["href"]).netloc for link in found} == {"taluy.example"}
