"""No error answer repeats what was sent: not from the path, the query, a header, a name or a value."""

import json

import pytest

from tests.door.routes import every_route, filled

CANARY = "CanaryZ7f3a"
HTML = {"accept": "text/html"}
NAMED = f"Không có tham số {CANARY} ở đây"
"""The one exception: the GIS door names a parameter that it does not know, if that is a plain word."""
PAGES_THAT_SHOW_A_FORM_AGAIN = {"name", "next", "note", "email", "title"}


def spoken(answer) -> str:
    """Everything that an answer says, without where a redirect leads."""
    headers = {name: value for name, value in answer.headers.items() if name != "location"}
    return f"{headers}\n{answer.text}"


def bodies() -> dict[str, dict]:
    """The canary in every part of a body."""
    deep = {CANARY: {CANARY: [CANARY, {CANARY: 1}]}}
    names = "code name kind site place status geometry answers measurements condition seen_at password units"
    known = dict.fromkeys(names.split(), CANARY)
    inner = {"answers": {CANARY: CANARY}, "measurements": {CANARY: 1}, "context": {CANARY: CANARY}}
    feature = {"type": CANARY, "coordinates": [CANARY], CANARY: 1}
    return {
        "names": {"json": {CANARY: 1}},
        "values": {"json": known},
        "deep": {"json": deep},
        "inner": {"json": known | inner | {"geometry": feature, "units": [{"code": CANARY, CANARY: 1}]}},
        "feature": {"json": {"type": "Feature", "geometry": feature, "properties": deep}},
        "text": {"json": CANARY},
        "twice": {
            "content": json.dumps({"a": 1})[:-1].encode() + f', "{CANARY}": 1, "{CANARY}": 2}}'.encode(),
            "headers": {"content-type": "application/json"},
        },
        "no json": {"content": f"{{{CANARY}".encode(), "headers": {"content-type": "application/json"}},
        "other type": {"content": CANARY.encode(), "headers": {"content-type": f"text/{CANARY}"}},
        "parts": {"files": {CANARY: (f"{CANARY}.jpg", CANARY.encode(), f"image/{CANARY}")}},
        "broken parts": {
            "content": f'--x\r\nContent-Disposition: form-data; name="{CANARY}"\r\n\r\n{CANARY}'.encode(),
            "headers": {"content-type": "multipart/form-data; boundary=x"},
        },
    }


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("role", [None, "board"])
def test_no_error_repeats_an_address_or_a_header(app, client, make, sign_in, role, accept):
    asking = sign_in(make.person(role)) if role else client
    seen = 0
    for method, path in every_route(app):
        for address, more in (
            (filled(path, CANARY), {}),
            (f"{filled(path)}?{CANARY}={CANARY}&lang={CANARY}&theme={CANARY}&next={CANARY}", {}),
            (f"{filled(path)}/{CANARY}", {}),
            (f"{filled(path)}?limit={CANARY}&kind={CANARY}&bbox={CANARY}&cursor={CANARY}&page={CANARY}", {}),
            (
                filled(path),
                {
                    "x-canary": CANARY, "if-match": CANARY, "user-agent": CANARY, "referer": f"http://x/{CANARY}",
                    "accept-language": CANARY, "cookie": f"{CANARY}={CANARY}; taluy={CANARY}; taluy_lang={CANARY}",
                },
            ),
            (filled(path), {"authorization": f"Bearer {CANARY}"}),
            (filled(path), {"host": f"{CANARY}.example"}),
            (filled(path), {"origin": f"https://{CANARY}.example"}),
        ):  # fmt: skip
            answer = asking.request(
                method, address, headers={"accept": accept, **more}, follow_redirects=False
            )
            if answer.status_code >= 400:
                seen += 1
                told = spoken(answer)
                if path.startswith("/ogc") and f"?{CANARY}=" in address:
                    told = told.replace(NAMED, "", 1)
                assert CANARY.lower() not in told.lower(), f"{method} {address} {more}"
    assert seen > 100


@pytest.mark.parametrize("kind", sorted(bodies()))
@pytest.mark.parametrize("role", [None, "board"])
def test_no_error_repeats_a_body(app, client, make, sign_in, role, kind):
    asking = sign_in(make.person(role)) if role else client
    place = make.site(code="TH-ST-01")
    for method, path in every_route(app):
        if method in ("GET", "HEAD"):
            continue
        answer = asking.request(
            method, filled(path, place if path.startswith("/s/") else None), **bodies()[kind]
        )
        if answer.status_code >= 400:
            assert CANARY not in spoken(answer), f"{method} {path} {answer.status_code}"


def test_a_form_shows_again_what_was_typed_but_never_a_secret(app, client, make, sign_in):
    """A person's own form comes back with their own words, escaped; passwords, codes and links do not."""
    marked = f"<b>{CANARY}</b>"
    secrets = ("password", "password_again", "code", "old_password", "new_password", "current")
    asking = sign_in(make.person("administrator"))
    place = make.site(code="TH-ST-01")
    for method, path in every_route(app):
        if method != "POST" or path.startswith("/api/"):
            continue
        for who in (client, asking):
            words = {"name": marked, "note": marked, "next": marked, "title": marked}
            told = who.post(filled(path, place if path.startswith("/s/") else None), data=words, headers=HTML)
            assert marked not in told.text, path
            hidden = {name: f"{CANARY}secret" for name in secrets if (name, path) != ("code", "/new")}
            kept = who.post(
                filled(path, place if path.startswith("/s/") else None), data=hidden, headers=HTML
            )
            assert f"{CANARY}secret" not in kept.text, path
