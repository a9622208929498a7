"""Which format is answered: the ending decides, else f, else Accept; and always a type that was asked for."""

import pytest
from starlette.requests import Request

from app.errors import BadRequest, NotAcceptable
from app.ogc.collections import COLLECTIONS
from app.ogc.negotiation import DESCRIPTION, DOCUMENT, ITEMS, SCHEMAS, chosen, wants_page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
GDAL = "application/geo+json, application/json"
API = "application/vnd.oai.openapi+json;version=3.0"
ITEMS_OF = "/ogc/collections/sites/items"
RESOURCES = (
    *("/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections"),
    *("/ogc/collections/sites", "/ogc/collections/sites/queryables", "/ogc/collections/sites/sortables"),
    *("/ogc/collections/sites/schema", "/ogc/collections/sites/feature-schema"),
    *(ITEMS_OF, f"{ITEMS_OF}/P6-NL-01"),
)
ACCEPTS = (
    *("application/json", "application/geo+json", GDAL, "application/schema+json", API, "text/html", BROWSER),
    *("*/*", "application/*", "text/*", "text/csv", "image/png", "application/json;q=0, */*"),
    "application/vnd.oai.openapi+json;version=3.1",
)


def asked(accept=None, *, f=None, ending=None):
    """A request of which only its wishes are known."""
    return Request(
        {
            "type": "http",
            "headers": [] if accept is None else [(b"accept", accept.encode())],
            "query_string": b"" if f is None else f"f={f}".encode(),
            "state": {} if ending is None else {"ending": ending},
        }
    )


@pytest.mark.parametrize(
    ("accept", "offered", "media_type"),
    [
        (None, ITEMS, "application/geo+json"),
        ("", ITEMS, "application/geo+json"),
        ("*/*", ITEMS, "application/geo+json"),
        ("nonsense", ITEMS, "application/geo+json"),
        (GDAL, ITEMS, "application/geo+json"),
        ("application/json", ITEMS, "application/json"),
        ("application/json, application/geo+json;q=0.9", ITEMS, "application/json"),
        (BROWSER, ITEMS, "text/html"),
        ("text/html;q=0.5, application/geo+json;q=0.6", ITEMS, "application/geo+json"),
        ("text/html, */*", ITEMS, "text/html"),
        ("text/*", ITEMS, "text/html"),
        ("text/*;q=0.1, text/csv", ITEMS, "text/csv"),
        ("text/html;q=0, */*", ITEMS, "application/geo+json"),
        ("application/geo+json;q=0, */*", ITEMS, "application/json"),
        ("application/geo+json-seq", ITEMS, "application/geo+json-seq"),
        ("Application/JSON ; Q=0.9", DOCUMENT, "application/json"),
        (GDAL, SCHEMAS, "application/json"),
        ("application/schema+json", SCHEMAS, "application/schema+json"),
        (f"{API}, application/openapi+json;version=3.0, application/json", DESCRIPTION, API),
        ("application/openapi+json;version=3.0", DESCRIPTION, "application/openapi+json;version=3.0"),
        ("application/vnd.oai.openapi+json", DESCRIPTION, API),
        ("application/json; charset=utf-8", DOCUMENT, "application/json"),
        ("application/json;q=nan, text/html;q=0.1", DOCUMENT, "text/html"),
        (",,;q=1,/,text/html", DOCUMENT, "text/html"),
    ],
)
def test_the_best_wanted_is_answered(accept, offered, media_type):
    assert chosen(asked(accept), offered).media_type == media_type


@pytest.mark.parametrize(
    ("accept", "offered"),
    [
        ("image/png", ITEMS),
        ("application/geo+json", DOCUMENT),
        ("application/json;q=0", DOCUMENT),
        ("application/vnd.oai.openapi+json;version=3.1", DESCRIPTION),
    ],
)
def test_what_nobody_can_make_is_refused_with_what_there_is(accept, offered):
    with pytest.raises(NotAcceptable) as refused:
        chosen(asked(accept), offered)

    assert offered[0].media_types[0] in str(refused.value)


def test_an_ending_outweighs_f_and_f_outweighs_accept():
    assert chosen(asked("text/html", f="csv", ending="geojson"), ITEMS).name == "geojson"
    assert chosen(asked("text/html", f="csv"), ITEMS).name == "csv"
    assert chosen(asked("application/json", f="geojson"), ITEMS).media_type == "application/json"
    assert chosen(asked("text/html", f="json"), ITEMS).media_type == "application/geo+json"


def test_a_name_that_is_no_format_here_is_refused():
    with pytest.raises(BadRequest, match=r"geojson .*csv"):
        chosen(asked(f="pdf"), ITEMS)
    with pytest.raises(NotAcceptable):
        chosen(asked(ending="csv"), DOCUMENT)


@pytest.mark.parametrize(
    ("request_", "page"),
    [
        (asked(BROWSER), True),
        (asked("*/*"), False),
        (asked(GDAL), False),
        (asked("application/json, text/html;q=0.5"), False),
        (asked(BROWSER, f="geojson"), False),
        (asked(GDAL, f="html"), True),
        (asked(GDAL, ending="html"), True),
        (asked(), False),
    ],
)
def test_only_who_asked_for_html_is_told_in_a_page(request_, page):
    assert wants_page(request_) is page


@pytest.mark.parametrize("path", RESOURCES)
def test_every_answer_is_of_a_type_that_was_asked_for(door, path):
    for accept in ACCEPTS:
        answer = door.get(path, headers={"Accept": accept})
        got = answer.headers["Content-Type"].replace("; charset=utf-8", "")
        if answer.status_code == 406:
            assert got == "application/problem+json", accept
            continue
        assert answer.status_code == 200, accept
        ranges = [part.partition(";q")[0].strip() for part in accept.split(",") if ";q=0," not in f"{part},"]
        kind = got.partition(";")[0]
        wanted = {got, kind, f"{kind.partition('/')[0]}/*", "*/*"}
        assert wanted & set(ranges), (accept, got)
        assert {"Accept", "Accept-Language"} <= {each.strip() for each in answer.headers["Vary"].split(",")}


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/ogc.json", "application/json"),
        ("/ogc.html", "text/html"),
        ("/ogc/", "application/json"),
        ("/ogc/collections/", "application/json"),
        ("/ogc/collections.html", "text/html"),
        ("/ogc/collections/sites.json", "application/json"),
        ("/ogc/collections/sites/schema.json", "application/schema+json"),
        (f"{ITEMS_OF}/", "application/geo+json"),
        (f"{ITEMS_OF}.geojson", "application/geo+json"),
        (f"{ITEMS_OF}.csv", "text/csv"),
        (f"{ITEMS_OF}.geojsonl", "application/geo+json-seq"),
        (f"{ITEMS_OF}.gpkg", "application/geopackage+sqlite3"),
        (f"{ITEMS_OF}/P6-NL-01.geojson", "application/geo+json"),
        (f"{ITEMS_OF}/P6-NL-01.html", "text/html"),
        ("/ogc/api.html", "text/html"),
    ],
)
def test_addresses_may_end_with_a_format(door, path, media_type):
    answer = door.get(path)

    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, media_type)


@pytest.mark.parametrize("path", ["/ogc/conformance.csv", "/ogc/collections/sites.gpkg", "/ogc.geojson"])
def test_an_ending_that_is_not_made_there_is_refused(door, path):
    assert door.get(path).status_code == 406


@pytest.mark.parametrize(
    "path", ["/ogc/nothing", "/ogc/collections/nothing", "/ogcx", "/ogc/collections/sites.txt"]
)
def test_what_is_not_there_is_a_problem_or_a_page(door, path):
    program, person = door.get(path), door.get(path, headers={"Accept": BROWSER})

    assert (program.status_code, person.status_code) == (404, 404)
    assert program.headers["Content-Type"] == "application/problem+json"
    assert person.headers["Content-Type"].startswith("text/html")


def test_an_unknown_parameter_is_named_by_its_place(door):
    for path in RESOURCES:
        answer = door.get(path, params={"lang": "en", "<b>x": "1"})
        assert answer.status_code == 400, path
        assert "2" in answer.json()["detail"], path
        assert "<b>" not in answer.text, path


@pytest.mark.parametrize("path", RESOURCES)
def test_head_and_options_answer_everywhere(door, path):
    head, options = door.head(path), door.options(path)

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Type"] == door.get(path).headers["Content-Type"]
    assert options.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [*RESOURCES, "/sites.geojson", "/api/sites", "/api/measures/P6-BP-01"])
def test_a_refused_method_is_told_the_same_methods_as_options(door, path):
    refused, options = door.request("DELETE", path), door.options(path)

    assert refused.status_code == 405
    assert refused.headers["Allow"] == options.headers["Allow"]
    allowed = refused.headers["Allow"].split(", ")
    assert {"GET", "HEAD"} <= set(allowed)
    assert ("OPTIONS" in allowed) == (options.status_code == 204) != path.startswith("/api/")
    for method in allowed:
        assert door.request(method, path).status_code != 405, method


def test_every_collection_has_every_format(door):
    streamed = [
        form for form in ITEMS if form.name != "gpkg"
    ]  # made in a process of its own: see test_geopackage
    for name in COLLECTIONS:
        for form in streamed:
            answer = door.get(f"/ogc/collections/{name}/items", params={"f": form.name, "limit": 1})
            assert answer.status_code == 200, (name, form.name)
            assert answer.headers["Content-Type"].partition(";")[0] == form.media_types[0]
