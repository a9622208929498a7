"""Every answer of every route carries the headers, and no page holds what they forbid."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from app.door.headers import DATA_POLICY, says_who
from app.main import create_app
from app.settings import Settings
from tests.door.routes import VALUES, every_route, filled

NONCE = re.compile(r"'nonce-([\w-]{22})'")
HTML = {"accept": "text/html"}
ALIKE = {"/s/{code}/qr.svg"}
"""The same for everybody."""
EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Page(HTMLParser):
    """What in a page could run or dress it up against the policy."""

    def __init__(self, nonce: str, policy: str, html: str) -> None:
        super().__init__()
        self.nonce, self.policy, self.wrong, self.inline = nonce, policy, [], None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        ours = (given.get("src") or "").startswith("/assets/") or given.get("type") == "application/json"
        if tag in ("script", "style") and given.get("nonce") != self.nonce and not ours:
            self.inline = ""
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        links = [given.get(name) or "" for name in ("href", "src", "action", "formaction")]
        self.wrong += [link for link in links if link.lower().startswith(("javascript:", "vbscript:"))]
        if tag in ("base", "object", "embed", "iframe", "meta") and given.get("http-equiv"):
            self.wrong.append(tag)

    def handle_data(self, data):
        if self.inline is not None:
            self.inline += data

    def handle_endtag(self, tag):
        if self.inline is not None:
            source = f"'sha256-{b64encode(sha256(self.inline.encode()).digest()).decode()}'"
            if tag != "script" or f"script-src 'self' {source};" not in self.policy:
                self.wrong.append(f"<{tag}> without the nonce or its hash: {self.inline[:50]}")
            self.inline = None


def check(answer, *, where):
    """Everything that an answer must carry."""
    policy = answer.headers["content-security-policy"]
    nonces = NONCE.findall(policy) or [unscripted(answer) or hashed(answer, where)]
    assert policy.startswith("default-src 'none'; "), where
    assert "unsafe-" not in policy, where
    assert "frame-ancestors 'none'" in policy, where
    assert len(set(nonces)) == 1, where
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED, where
    assert "microphone=()" in answer.headers["permissions-policy"], where
    assert answer.headers["cross-origin-resource-policy"] in ("same-origin", "cross-origin"), where
    assert answer.headers["cache-control"], where
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"]), where
    assert "server" not in answer.headers, where
    assert "x-powered-by" not in answer.headers, where
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert Page(nonces[0], policy, answer.text).wrong == [], where
    return nonces[0]


def unscripted(answer):
    """What stands for a nonce where nothing could run: data, whose policy names no source at all."""
    plain = "text/html" not in answer.headers.get("content-type", "")
    return (
        answer.headers["x-request-id"]
        if answer.headers["content-security-policy"] == DATA_POLICY and plain
        else ""
    )


def hashed(answer, where):
    """What stands for a nonce where a page is the same bytes each time: its inline scripts are named by hash.

    That is the phone's shell and a page of the GIS door, which are kept with their headers and compared.
    """
    policy = answer.headers["content-security-policy"]
    assert re.search(r"script-src 'self' 'sha256-[\w+/]{43}=';", policy), where
    assert "style-src 'self';" in policy, where
    assert "taluy-version" in answer.headers or "/ogc" in where, where
    return answer.headers["x-request-id"]


def walk(app, client, path_value=None):
    """Ask every route by every method it takes and by some it does not, as a page and as data."""
    for method, path in every_route(app):
        address = filled(path, path_value)
        for accept in ("text/html", "*/*"):
            for asked in (method, "DELETE" if method == "GET" else "GET", "OPTIONS"):
                answer = client.request(asked, address, headers={"accept": accept}, follow_redirects=False)
                yield f"{asked} {address} {answer.status_code}", answer


@pytest.fixture
def site(make):
    """A place under the code that the walk names."""
    return make.site(code=VALUES["code"])


@pytest.mark.parametrize("role", [None, "officer", "administrator"])
def test_every_answer_of_every_route_carries_the_headers(app, client, make, sign_in, site, role):
    asking = sign_in(make.person(role)) if role else client

    statuses, nonces = set(), []
    for where, answer in walk(app, asking):
        nonces.append(check(answer, where=where))
        statuses.add(answer.status_code)

    assert len(set(nonces)) == len(nonces)
    assert {200, 303, 404, 405} <= statuses
    assert statuses & {401, 403, 415, 422, 428}


def test_refusals_at_the_door_and_what_is_nowhere_carry_them_too(client):
    long = "x" * 9000
    for answer in (
        client.get("/healthz", headers={"host": "evil.example"}),
        client.get("/nowhere"),
        client.get("/nowhere", headers=HTML),
        client.get("/healthz/"),
        client.get(f"/{long}"),
        client.get("/api/sites?kind=slide&kind=flood"),
        client.get("/%00"),
        client.post("/api/sites", content=b"x" * 300_000, headers={"content-type": "application/json"}),
        client.post("/api/sites", content=b"{", headers={"content-type": "application/json"}),
        client.post("/api/sites", content=b"<a/>", headers={"content-type": "text/xml"}),
        client.post("/sign-in", data={"name": "x"}, headers={"sec-fetch-site": "cross-site", **HTML}),
        client.head("/"),
        client.get("/assets/../app/main.py"),
    ):
        check(answer, where=f"{answer.request.url} {answer.status_code}")


def test_an_answer_that_is_still_fresh_carries_them_too(client, site):
    data = client.get(f"/api/sites/{site}")
    listed = client.get("/sites.geojson")

    for answer in (data, listed):
        if tag := answer.headers.get("etag"):
            again = client.get(str(answer.request.url), headers={"if-none-match": tag})
            check(again, where=f"304 of {answer.request.url}")
    asset = client.get("/assets/taluy/fonts.css")
    again = client.get("/assets/taluy/fonts.css", headers={"if-none-match": asset.headers["etag"]})
    assert again.status_code == 304
    check(again, where="304 of an asset")


def test_only_open_data_is_for_other_peoples_pages(client, site):
    for path in ("/sites.geojson", "/signboards.geojson"):
        assert client.get(path).headers["cross-origin-resource-policy"] == "cross-origin"
    for path in ("/", "/api/sites", "/api/session", f"/s/{site}/qr.svg"):
        assert client.get(path).headers["cross-origin-resource-policy"] == "same-origin"


def test_nothing_of_a_signed_in_page_or_session_is_kept(make, sign_in, app, site):
    board = sign_in(make.person("administrator"))
    pages = [path for method, path in every_route(app) if method == "GET" and not path.startswith("/assets")]

    for path in pages:
        answer = board.get(filled(path), headers=HTML)
        kept = answer.headers["cache-control"]
        if answer.headers.get("content-type", "").startswith("text/html") or path == "/api/session":
            assert "no-store" in kept, path
        elif path not in ALIKE:
            assert "public" not in kept, path
            assert "no-store" in kept or "no-cache" in kept, path


def test_answers_differ_by_who_asks(client, board, site):
    for asking in (client, board):
        for path in ("/", "/api/sites", f"/s/{site}", "/api/session"):
            assert "Cookie" in asking.get(path, headers=HTML).headers["vary"]


@pytest.mark.parametrize(("address", "strict"), [("https://taluy.example.vn", True), ("", False)])
def test_a_service_on_https_says_to_stay_there(settings, database, address, strict):
    app = create_app(Settings(**{**settings.model_dump(), "base_url": address}))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        said = client.get("/healthz").headers.get("strict-transport-security")

    assert said == ("max-age=31536000" if strict else None)


def test_tiles_are_the_only_foreign_thing(settings, database):
    app = create_app(
        Settings(**{**settings.model_dump(), "tile_url": "https://{s}.tile.example/{z}/{x}/{y}.png"})
    )
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        policy = client.get("/map").headers["content-security-policy"]

    assert re.findall(r"https?://\S+", policy) == ["https://*.tile.example;"]


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"authorization": ""}, True),
        ({"cookie": "taluy=x"}, True),
        ({"cookie": "a=b;  __Host-taluy="}, True),
        ({"cookie": "taluy_lang=en; taluy_theme=dark; a=taluy"}, False),
        ({"cookie": "taluy"}, False),
        ({"x-taluy": "taluy=x"}, False),
        ({}, False),
    ],
)
def test_a_session_or_a_token_says_who_asks_and_nothing_else(headers, says):
    assert says_who([(name.encode(), value.encode()) for name, value in headers.items()]) is says
