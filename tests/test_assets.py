"""What a browser may fetch, under which address, and for how long it may keep it."""

import gzip
import json
import re
from urllib.parse import urljoin

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import assets, problems


@pytest.fixture
def client():
    app = FastAPI()
    problems.install(app, lambda _request, _problem: None)
    app.include_router(assets.router)
    return TestClient(app)


def test_every_public_file_is_installed_and_has_an_address_of_its_content():
    names = [*assets.FROM_PACKAGES, "taluy/fonts.css"]

    addresses = [assets.asset_url(name) for name in names]

    assert all(re.fullmatch(r"/assets/[\w./-]+\?v=[0-9a-f]{12}", address) for address in addresses)
    assert len(set(addresses)) == len(names)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("leaflet/leaflet.js", "text/javascript; charset=utf-8"),
        ("leaflet/leaflet.css", "text/css; charset=utf-8"),
        ("leaflet/images/layers.png", "image/png"),
        ("fonts/be-vietnam-pro-vietnamese-400.woff2", "font/woff2"),
    ],
)
def test_an_asset_asked_for_by_hash_may_be_kept_for_ever(client, name, media_type):
    answer = client.get(assets.asset_url(name))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == assets.asset(name).body


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000000000000000"])
def test_an_asset_asked_for_without_its_hash_is_asked_for_again(client, query):
    answer = client.get(f"/assets/leaflet/leaflet.js{query}")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_an_asset_that_the_browser_has_is_not_sent_again(client):
    first = client.get("/assets/leaflet/leaflet.js")

    again = client.get(
        "/assets/leaflet/leaflet.js", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_text_goes_out_squeezed_only_to_those_who_can_read_it(client):
    with client.stream("GET", "/assets/leaflet/leaflet.js", headers={"Accept-Encoding": "gzip"}) as packed:
        squeezed = b"".join(packed.iter_raw())
    plain = client.get("/assets/leaflet/leaflet.js", headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(squeezed) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert plain.headers["vary"] == "Accept-Encoding"


def test_head_answers_like_get_without_the_body(client):
    get, head = client.get("/assets/leaflet/leaflet.css"), client.head("/assets/leaflet/leaflet.css")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "taluy/../main.py",
        "taluy/%2e%2e/main.py",
        "taluy/..%2fmain.py",
        "..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "taluy/globals.d.ts",
        "taluy/",
        "taluy",
        "leaflet/leaflet-src.js",
        "leaflet/leaflet.js%00.css",
        "leaflet/leaflet.js/",
        "LEAFLET/leaflet.js",
        "swagger-ui/index.html",
        "",
    ],
)
def test_nothing_outside_the_table_is_sent(client, path):
    answer = client.get(f"/assets/{path}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_our_stylesheets_name_fonts_by_hash_wherever_a_proxy_hangs_them():
    text = assets.asset("taluy/fonts.css").body.decode()
    links = re.findall(r'url\("([^"]+)"\)', text)

    assert {urljoin("/x/assets/taluy/fonts.css", link) for link in links} == {
        f"/x{assets.asset_url(name)}" for name in assets.FROM_PACKAGES if name.startswith("fonts/")
    }
    assert len(links) == 4


def test_our_modules_import_each_other_by_hash():
    table = json.loads(assets.import_map())["imports"]

    assert all(address == assets.asset_url(name.removeprefix("/assets/")) for name, address in table.items())


def test_an_inlined_stylesheet_needs_no_other_file():
    text = assets.inline("leaflet/leaflet.css") + assets.inline("taluy/fonts.css")

    assert "data:image/png;base64," in text
    assert "data:font/woff2;base64," in text
    assert re.findall(r'url\((?!"data:|#).*', text) == []


@pytest.mark.parametrize("name", [name for name in assets.FROM_PACKAGES if name.endswith(".js")])
def test_an_inlined_script_cannot_end_its_element(name):
    text = assets.inline(name).lower()

    assert "</script" not in text
    assert "<!--" not in text


def test_an_icon_is_decoration():
    icon = assets.icon("map-pin")

    assert icon.startswith('<svg class="ic" aria-hidden="true" focusable="false"')
    assert icon.count("class=") == 1
    assert "<!--" not in icon


@pytest.mark.parametrize("name", ["no-such-icon", "../../package", "Map-Pin"])
def test_an_unknown_icon_is_an_error(name):
    with pytest.raises(assets.UnknownAssetError):
        assets.icon(name)
