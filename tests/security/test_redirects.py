"""Nobody is led to another site: not by `next`, not by a path, not by a host."""

import re
from html import unescape

import pytest

from tests.make import PASSWORD
from tests.security.walk import every_address

HOSTILE = (
    "//evil.example",
    "//evil.example/%2f..",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\u00a0/evil.example",
    "/\u2028/evil.example",
    "\u2215\u2215evil.example",
    "/\u200b/evil.example",
    "@evil.example",
    ".evil.example",
    "evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "",
    "/\x00/evil.example",
    "/x\r\nSet-Cookie: a=b",
)
OWN = (
    "/",
    "/places?kind=slide&due=1",
    "/s/P6-ST-01#visits",
    "/map#P6-ST-01",
    "/%09/evil.example",
    "/..//evil.example",
)
"""Where the last two lead is an address of ours, if a strange one."""


LEADING = re.compile(r"""(?:href|action|src|formaction)="([^"]*)"|name="next" value="([^"]*)\"""")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_to_sign_in_leads_nowhere_else(client):
    for path in HOSTILE:
        for address in ("/sign-in", "/sign-in/code"):
            answer = client.get(
                address, params={"next": path}, headers={"Accept": "text/html"}, follow_redirects=False
            )
            led = [one or other for one, other in LEADING.findall(unescape(answer.text))]
            led += [answer.headers.get("location", "/")]
            assert {
                each for each in led if not each.startswith(("/", "#")) or each.startswith(("//", "/\\"))
            } == set()
            assert not any(each.startswith(path) for each in led if path), path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_signing_in_leads_to_pages_of_ours_only(make, client):
    name = make.person("officer")
    for path in (*HOSTILE, *OWN):
        form = {"name": name, "password": PASSWORD, "next": path}
        answer = client.post("/sign-in", data=form, follow_redirects=False)
        if "\x00" in path:
            assert answer.status_code < 500
            assert "evil" not in answer.headers.get("location", "")
            continue
        assert (answer.status_code, answer.headers["location"]) == (303, path if path in OWN else "/"), path
        assert "a=b" not in answer.headers.get("set-cookie", "")


def test_every_redirect_and_link_header_stays_here(app, client, ground, make, sign_in):
    asking = (client, sign_in(make.person("officer")), sign_in(make.person("administrator")))
    for number, address in enumerate(every_address(app, ground)):
        answer = asking[number % 3].get(address, headers={"Accept": "text/html"}, follow_redirects=False)
        led = answer.headers.get("location")
        assert led is None or (led.startswith("/") and not led.startswith(("//", "/\\"))), address
        link = answer.headers.get("link")
        assert link is None or link.startswith("<http://127.0.0.1:8000/"), address


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/%2e%2e", "///evil.example", "/\\evil.example"]
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_path_that_looks_like_a_host_becomes_no_link(client, path, accept):
    """`//evil.example` is a path when it is asked for, and another site as a link on the page that refuses it."""
    answer = client.get(f"http://127.0.0.1:8000{path}", headers={"Accept": accept}, follow_redirects=False)

    assert answer.status_code in (400, 404)
    assert "evil" not in f"{answer.headers}{answer.text}"


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"])
def test_a_foreign_host_stands_in_no_answer(app, client, ground, name):
    value = "host=evil.example" if name == "Forwarded" else "evil.example"
    for address in (
        "/",
        "/api/sites?limit=1",
        "/s/P6-ST-01",
        "/s/P6-ST-01/label",
        "/sign-in",
        "/api/openapi.json",
    ):
        answer = client.get(address, headers={name: value, "Accept": "text/html"}, follow_redirects=False)
        assert "evil.example" not in f"{answer.headers}{answer.text}", address
