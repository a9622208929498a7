"""No other site changes anything here with what a browser sends along by itself."""

import base64

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.door.routes import filled, unsafe_routes

OURS = "http://127.0.0.1:8000"
FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "Same-Origin"},
    {"sec-fetch-site": ""},
    {"sec-fetch-site": "cross-site", "origin": OURS},
    {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://127.0.0.1:8001"},
    {"origin": "https://127.0.0.1:8000"},
    {"origin": "http://127.0.0.1:8000.evil.example"},
    {"origin": "http://localhost:8000"},
    {"origin": f"{OURS}/"},
    {"origin": f"{OURS} https://evil.example"},
]
OWN = [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": OURS},
       {"sec-fetch-site": "same-origin", "origin": OURS}, {}]  # fmt: skip
KINDS = [
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data; boundary=x",
]


@pytest.mark.parametrize(
    "headers", FOREIGN, ids=lambda headers: "&".join(f"{k}={v}" for k, v in headers.items())
)
def test_every_route_that_changes_something_refuses_other_sites(app, board, headers):
    routes = unsafe_routes(app)

    answers = [
        board.request(method, filled(path), content=b"{}", headers={"content-type": kind, **headers})
        for method, path in routes
        for kind in KINDS
    ]

    assert len(routes) > 20
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["code"] for answer in answers} == {"cross-site"}


@pytest.mark.parametrize("headers", OWN, ids=lambda headers: "&".join(f"{k}={v}" for k, v in headers.items()))
def test_our_own_pages_and_scripts_go_further(app, board, headers):
    codes = [
        board.request(
            method, filled(path), content=b"{}", headers={"content-type": "application/json", **headers}
        )
        for method, path in unsafe_routes(app)
        if path not in ("/sign-out", "/api/session")
    ]

    assert "cross-site" not in {answer.json()["code"] for answer in codes if answer.status_code == 403}


@pytest.mark.parametrize(
    "credentials",
    [
        {"authorization": "Basic " + base64.b64encode(b"x:some-token").decode()},
        {"authorization": "Bearer some-token"},
    ],
)
def test_another_site_is_refused_whatever_says_who_asks(app, client, credentials):
    for method, path in unsafe_routes(app):
        answer = client.request(
            method, filled(path), headers={"origin": "https://evil.example", **credentials}, content=b""
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "cross-site"), path


def test_reading_is_not_the_doors_business(board):
    assert board.get("/api/sites", headers={"sec-fetch-site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://taluy.example.vn", 401),
        ("http://taluy.example.vn", 403),  # what a network could put in the middle
        ("https://taluy.example.vn:444", 403),
        ("https://sub.taluy.example.vn", 403),
    ],
)
def test_behind_a_proxy_only_the_public_origin_is_ours(settings, database, origin, status):
    public = Settings(**{**settings.model_dump(), "base_url": "https://taluy.example.vn:443"})
    with TestClient(create_app(public), base_url="http://taluy.example.vn") as client:
        answer = client.post("/api/sites", json={"code": "TH-ST-99"}, headers={"origin": origin})

    assert answer.status_code == status


@pytest.mark.parametrize(
    "name",
    ["host", "origin", "sec-fetch-site", "authorization", "content-type", "content-length", "if-match"],
)
def test_a_header_that_decides_stands_once(client, name):
    given = {"host": "127.0.0.1:8000", "content-length": "2", "content-type": "application/json"}
    rows = [(key, value) for key, value in given.items() if key != name]
    value = given.get(name, OURS)

    answer = client.post("/api/sites", content=b"{}", headers=[*rows, (name, value), (name, value)])

    assert (answer.status_code, answer.json()["code"]) == (400, "duplicate-header")
