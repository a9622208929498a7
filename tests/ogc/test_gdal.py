"""GDAL's own driver for OGC API - Features, that of pyogrio's wheel and the machine's, and GDAL on our files.

ogr2ogr pulls every collection into a GeoPackage; what stands in it is compared with what the interface says.
"""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pyogrio
import pytest
import shapely
from pyogrio.raw import read

from app.ogc.collections import COLLECTIONS
from tests.ogc.world import FULL_SITE, TEXT

PROGRAMS = ("ogr2ogr", "wheel")
KINDS = {
    "string": {"OFTString"},
    "integer": {"OFTInteger", "OFTInteger64"},
    "number": {"OFTReal"},
    "boolean": {"OFTInteger/OFSTBoolean"},
    "date": {"OFTDate"},
    "date-time": {"OFTDateTime"},
}
"""How GDAL names the types of our fields."""
COUNTED = """
import json, sys
from pyogrio.raw import read
where, box, source, layer = sys.argv[1:]
print(len(read(source, layer=layer, where=where or None, bbox=json.loads(box) and tuple(json.loads(box)))[2]))
"""
IN_WHEEL = [sys.executable, "-c", COUNTED]
"""In a process of its own: GDAL keeps Python's lock while it asks, and `relay` is a thread of this one."""
BOX = (108.41, 11.93, 108.44, 11.96)
SAMPLE = 30
"""More features than GDAL looks at when it guesses."""


def run(*words: str, **environment: str) -> str:
    """What one of the machine's GDAL programs prints."""
    done = subprocess.run(
        words, env={**os.environ, **environment}, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stderr}\n{done.stdout}"
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def pulled(gis, tmp_path_factory):
    """Where GDAL finds all collections: what ogr2ogr made of them, or the service itself for the wheel."""
    package = tmp_path_factory.mktemp("gdal") / "all.gpkg"
    run("ogr2ogr", "-oo", "PAGE_SIZE=500", "-f", "GPKG", str(package), f"OAPIF:{gis.root}")
    return {"ogr2ogr": str(package), "wheel": f"OAPIF:{gis.root}"}


def kinds(found: dict[str, Any]) -> dict[str, str]:
    """The type of each field, as GDAL names it."""
    types = zip(found["ogr_types"], found["ogr_subtypes"], strict=True)
    named = (kind if sub == "OFSTNone" else f"{kind}/{sub}" for kind, sub in types)
    return dict(zip(found["fields"], named, strict=True))


def plain(value: Any) -> Any:
    """A value out of GDAL or out of JSON, in one form."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) == "NaT":
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def as_said(value: Any, kind: str) -> Any:
    """A value of our JSON in the form of `plain`: times in UTC to the millisecond, GDAL's finest."""
    if value is None or kind not in {"date", "date-time"}:
        return value
    if kind == "date":
        return date.fromisoformat(value).isoformat()
    moment = datetime.fromisoformat(value).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000).isoformat()


def rows(source: str, layer: str) -> dict[str, tuple[dict[str, Any], Any]]:
    """Properties and geometry of a layer's features by their ids."""
    meta, _fids, shapes, columns = read(source, layer=layer)
    found = {}
    for number, shape in enumerate(shapes):
        pairs = zip(meta["fields"], columns, strict=True)
        values = {name: plain(column[number]) for name, column in pairs}
        found[values["id"]] = (values, None if shape is None else shapely.from_wkb(shape))
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_collection_is_a_layer_with_all_its_features(gis, pulled, program):
    source = pulled[program]

    layers = {name for name, _kind in pyogrio.list_layers(source)}

    assert layers == set(COLLECTIONS)
    for collection in COLLECTIONS:
        hits = gis.json(f"/collections/{collection}/items", resultType="hits")["numberMatched"]
        assert pyogrio.read_info(source, layer=collection)["features"] == hits, collection


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_fields_have_the_types_of_the_schema(gis, pulled, program, collection):
    public = [field for field in COLLECTIONS[collection].fields if field.see == "public"]

    found = kinds(pyogrio.read_info(pulled[program], layer=collection))

    wrong = {
        field.name: found.get(field.name)
        for field in public
        if found.get(field.name) not in KINDS[field.type]
    }
    assert wrong == {}
    assert set(found) - {field.name for field in public} <= {"id"}


def test_columns_that_are_null_in_what_gdal_looks_at_are_among_those(gis):
    late = set()
    for collection in COLLECTIONS.values():
        features = gis.everything(collection.id)
        for field in collection.fields:
            values = [feature["properties"].get(field.name) for feature in features]
            if all(value is None for value in values[:SAMPLE]) and any(value is not None for value in values):
                late.add(field.type)

    assert late == {"string", "number", "date", "date-time"}  # integers: see the test with a token


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("collection", [name for name in COLLECTIONS if "-" not in name])
def test_values_and_geometries_are_those_of_the_interface(gis, pulled, program, collection):
    types = {field.name: field.type for field in COLLECTIONS[collection].fields}
    found = rows(pulled[program], collection)

    said = {str(feature["id"]): feature for feature in gis.everything(collection)}

    assert set(found) == set(said)
    for key, feature in said.items():
        values, shape = found[key]
        expected = {name: as_said(value, types[name]) for name, value in feature["properties"].items()}
        assert {name: values[name] for name in expected} == expected
        same_shape(shape, feature["geometry"])


def same_shape(found: Any, said: Any) -> None:
    if said is None:
        assert found is None
        return
    expected = shapely.from_geojson(json.dumps(said))
    assert (found.geom_type, found.equals_exact(expected, 1e-9)) == (expected.geom_type, True)


@pytest.mark.parametrize("program", PROGRAMS)
def test_sites_are_those_of_the_api(gis, pulled, program):
    found = rows(pulled[program], "sites")

    for feature in gis.http.get(f"{gis.service.url}/api/sites", params={"limit": 10_000}).json()["features"]:
        said = feature["properties"]
        values, shape = found[said["code"]]
        for name in ("name", "address", "kind", "risk_level", "location_accuracy_m", "condition", "version"):
            assert values[name] == said[name], (said["code"], name)
        expected = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.equals_exact(expected, 1e-7), said["code"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_vietnamese_text_with_quotes_and_lines_arrives_as_it_is(pulled, program):
    found = rows(pulled[program], "sites")

    assert found[FULL_SITE][0]["address"] == TEXT
    assert found[FULL_SITE][1].interiors[0].length > 0


def test_pages_are_as_large_as_gdal_takes_and_follow_our_links(relay):
    with relay.listening() as asked:
        run(*IN_WHEEL, "", "null", f"OAPIF:{relay.url}/ogc", "sites")

    pages = [
        request for request in asked if request.path.endswith("/items") and request.query["limit"] != ["20"]
    ]
    assert [request.query["limit"] for request in pages] == [["1000"], ["1000"]]
    assert "cursor" in pages[1].query
    assert all(request.headers["accept-encoding"] == "gzip" for request in pages)


@pytest.mark.parametrize(
    ("words", "meets"),
    [
        (["-where", "kind = 'flood'"], lambda site: site["properties"]["kind"] == "flood"),
        (
            ["-where", "risk_level = 'high' AND kind = 'slide'"],
            lambda site: (site["properties"]["risk_level"], site["properties"]["kind"]) == ("high", "slide"),
        ),
        (["-spat", "108.41", "11.93", "108.44", "11.96"], lambda site: touches(site, BOX)),
    ],
)
def test_a_count_with_a_condition_is_one_request(gis, relay, words, meets):
    with relay.listening() as asked:
        told = run("ogrinfo", "-ro", "-so", *words, f"OAPIF:{relay.url}/ogc", "sites")

    counted = [request for request in asked if request.query.get("resultType") == ["hits"]]
    read = [request for request in asked if request.path.endswith("/items") and request not in counted]
    assert len(counted) == 1
    assert all(int(request.query["limit"][0]) <= 20 for request in read)
    assert int(re.findall(r"Feature Count: (\d+)", told)[0]) == sum(map(meets, gis.everything("sites")))


def touches(feature: dict[str, Any], box: Sequence[float]) -> bool:
    return bool(shapely.from_geojson(json.dumps(feature["geometry"])).intersects(shapely.box(*box)))


@pytest.mark.parametrize("program", PROGRAMS)
def test_conditions_and_rectangles_reach_the_server(gis, relay, program, tmp_path):
    where, box = "kind = 'flood'", BOX
    words = ["-where", where, "-spat", *map(str, box)] if program == "ogr2ogr" else [where, json.dumps(box)]
    command = {"ogr2ogr": ["ogr2ogr", "-f", "GPKG", str(tmp_path / "some.gpkg")], "wheel": IN_WHEEL}[program]
    with relay.listening() as asked:
        told = run(*command, *words, f"OAPIF:{relay.url}/ogc", "sites")
    count = int(told) if told else pyogrio.read_info(tmp_path / "some.gpkg")["features"]

    page = asked[-1].query
    assert count == len(
        [feature for feature in gis.everything("sites", kind="flood") if touches(feature, box)]
    )
    assert 0 < count < 10
    assert "bbox" in page
    assert "flood" in " ".join(page.get("kind", []) + page.get("filter", []))


def test_dates_reach_the_server(relay, tmp_path):
    target = tmp_path / "late.gpkg"
    words = ["-where", "last_inspected_at >= '2026-11-20T00:00:00Z'", f"OAPIF:{relay.url}/ogc", "sites"]
    with relay.listening() as asked:
        run("ogr2ogr", "-f", "GPKG", str(target), *words)

    assert {"datetime", "filter"} & set(asked[-1].query)
    found = rows(str(target), "sites")
    assert FULL_SITE in found


def test_a_token_shows_the_columns_it_reaches(gis):
    secret = gis.token("Người thử gdal", "board", "write")
    words = ["-where", f"code = '{FULL_SITE}'", f"OAPIF:{gis.root}", "sites"]

    told = run("ogrinfo", "-ro", *words, GDAL_HTTP_USERPWD=f"taluy:{secret}", GDAL_HTTP_AUTH="BASIC")
    public = run("ogrinfo", "-ro", *words)

    assert re.search(r"households_at_risk: Integer\d* \(0\.0\)", told)
    assert re.search(r"households_at_risk \(Integer\d*\) = 12", told)
    assert "households_at_risk" not in public


def test_a_wrong_token_opens_nothing(gis):
    words = ["ogrinfo", "-ro", "-so", f"OAPIF:{gis.root}", "sites"]
    wrong = {"GDAL_HTTP_USERPWD": "taluy:tly_wrong", "GDAL_HTTP_AUTH": "BASIC"}

    done = subprocess.run(words, env={**os.environ, **wrong}, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "401" in done.stderr


@pytest.mark.parametrize("way", ["", "/vsicurl_streaming/"])
@pytest.mark.parametrize(
    ("ending", "driver"),
    [("csv", "CSV"), ("geojson", "GeoJSON"), ("geojsonl", "GeoJSONSeq"), ("gpkg", "GPKG")],
)
def test_our_files_are_read_from_their_addresses(gis, way, ending, driver):
    query = "?limit=10000" if ending == "geojson" else ""

    told = run("ogrinfo", "-ro", "-so", f"{way}{gis.root}/collections/sites/items.{ending}{query}", "-al")

    assert f"using driver `{driver}' successful" in told
    assert f"Feature Count: {len(gis.everything('sites'))}\n" in told
