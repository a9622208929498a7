"""Every request has an id, one line in the journal, and an answer, whatever went wrong."""

import json
import logging

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.make import PASSWORD


@pytest.fixture
def lines(caplog):
    """What the service wrote down, event by event."""
    caplog.set_level(logging.INFO, "taluy")
    return lambda: [row.msg for row in caplog.records if row.name == "taluy" and isinstance(row.msg, dict)]


def requests(lines) -> list[dict]:
    return [line for line in lines() if line["event"] in ("request", "refused")]


def test_a_request_has_one_line_with_its_route_and_not_its_path(make, officer, lines):
    code = make.site()

    answer = officer.get(f"/api/sites/{code}", params={"lang": "vi"})

    line = requests(lines)[-1]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["event"], line["method"], line["route"], line["status"]) == (
        "request",
        "GET",
        "/api/sites/{code}",
        200,
    )
    assert line["bytes"] == len(answer.content)
    assert line["ms"] > 0
    assert isinstance(line["person"], int)
    assert code not in json.dumps(line)


def test_every_request_has_another_id(client):
    ids = {client.get("/healthz").headers["x-request-id"] for _ in range(50)}

    assert len(ids) == 50


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/api/sites", {}, 401),
        ("POST", "/api/sites", {"sec-fetch-site": "cross-site"}, 403),
        ("POST", "/sign-out", {"origin": "null"}, 403),
        ("GET", "/api/sites", {"authorization": "Bearer nobody-knows"}, 401),
    ],
)
def test_refusals_are_noted_as_such(client, lines, method, path, headers, status):
    answer = client.request(
        method, path, headers=headers, json={"code": "TH-ST-99"} if path == "/api/sites" else None
    )

    line = requests(lines)[-1]
    assert (answer.status_code, line["event"], line["status"]) == (status, "refused", status)
    assert line["problem"] == answer.json()["code"]
    assert "person" not in line


def test_nothing_of_a_sign_in_stands_in_the_journal(make, client, lines):
    name = make.person()

    client.post("/api/session", json={"name": name, "password": PASSWORD})
    client.post("/api/session", json={"name": name, "password": "quite the wrong one"})
    client.get("/api/session")

    spoken = json.dumps(lines(), ensure_ascii=False, default=str)
    for secret in (name, PASSWORD, "quite the wrong one", client.cookies["taluy"]):
        assert secret not in spoken
    assert [line["status"] for line in requests(lines)] == [204, 401, 200]


def test_what_nobody_expected_is_told_under_the_id_of_its_request(client, database, lines):
    with database.write() as db:
        db.execute(text("DROP TABLE unit_succession"))

    answer = client.get("/api/units", headers={"accept-language": "en"})

    failed = next(line for line in lines() if line["event"] == "failed")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert failed["request_id"] == answer.headers["x-request-id"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unit_succession" not in answer.text
    assert requests(lines)[-1]["status"] == 500


def test_a_page_that_fails_says_the_mark_in_words(client, database):
    with database.write() as db:
        db.execute(text("ALTER TABLE site RENAME TO gone"))

    answer = client.get("/places", headers={"accept": "text/html"})

    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in answer.text


def test_a_route_that_fails_in_the_middle_of_its_answer_is_told(app, lines):
    from starlette.responses import StreamingResponse

    def broken():
        yield b"a"
        raise RuntimeError("in the middle")

    app.router.routes.insert(0, _route("/broken", lambda _request: StreamingResponse(broken())))
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        client.get("/broken")

    assert [line["event"] for line in lines()][-2:] == ["failed", "request"]


def _route(path, endpoint):
    from starlette.routing import Route

    return Route(path, endpoint)


def test_too_many_at_once_are_told_to_come_back(client, app, monkeypatch):
    monkeypatch.setattr("app.door.keeper.MAX_REQUESTS", 0)

    answer = client.get("/healthz")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
