"""A browser is asked for a name and a password nowhere but where tools come."""

import base64

import pytest

from tests.door.routes import every_route, filled

SHORT_LINKS = ("/sites.geojson", "/signboards.geojson")
BASIC = {"authorization": "Basic " + base64.b64encode(b"x:no-such-token").decode()}
BEARER = {"authorization": "Bearer no-such-token"}


def for_tools(path: str) -> bool:
    return path in SHORT_LINKS or path == "/ogc" or path.startswith("/ogc/")


@pytest.mark.parametrize("credentials", [BASIC, BEARER, {}], ids=["basic", "bearer", "none"])
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_basic_is_asked_for_only_where_tools_come(app, client, credentials, accept):
    for method, path in every_route(app):
        answer = client.request(
            method, filled(path), headers={"accept": accept, **credentials}, follow_redirects=False
        )
        asked = answer.headers.get("www-authenticate", "")
        if answer.status_code != 401:
            assert asked == "", path
        elif not for_tools(path):
            assert not asked.lower().startswith("basic"), path


@pytest.mark.parametrize("path", SHORT_LINKS)
@pytest.mark.parametrize("credentials", [BASIC, BEARER], ids=["basic", "bearer"])
def test_a_tool_with_a_wrong_token_is_asked_again(client, path, credentials):
    answer = client.get(path, headers=credentials)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.headers["cache-control"] in ("no-store", "private, no-store")


def test_a_program_with_a_wrong_token_is_told_which_kind(client):
    answer = client.get("/api/sites", headers=BEARER)

    assert (answer.status_code, answer.headers["www-authenticate"].partition(" ")[0]) == (401, "Bearer")


def test_who_shows_nothing_is_told_what_to_show(client):
    answer = client.put("/api/inspections/00000000-0000-4000-8000-000000000000", json={})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
