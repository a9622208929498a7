"""QGIS reads the registry: its provider for OGC API - Features, and our GeoPackages. `make clients` runs this."""

import pytest

from app.ogc.collections import COLLECTIONS
from tests.ogc.world import FULL_SITE, TEXT

pytestmark = pytest.mark.clients
SINCE = "2026-11-01T00:00:00Z"
BOX = [108.41, 11.93, 108.44, 11.96]


def source(root: str, collection: str, **more: str) -> dict[str, str]:
    """A layer as QGIS writes its address down."""
    words = {
        "pagingEnabled": "true",
        "restrictToRequestBBOX": "1",
        "typename": collection,
        "url": root,
        **more,
    }
    return {
        "provider": "OAPIF",
        "source": " ".join(f"{name}='{value}'" for name, value in words.items()),
    }


def test_every_collection_is_a_layer_with_all_its_features(gis, qgis):
    answers = qgis(*({**source(gis.root, name), "rows": True} for name in COLLECTIONS))

    for name, found in zip(COLLECTIONS, answers, strict=True):
        said = gis.everything(name)
        assert found["valid"], found["said"]
        assert (found["counted"], found["read"]) == (len(said), len(said)), name
        # QGIS takes a layer for a table without places, and without a system, if none of the first ten has one.
        assert found["crs"] in {"WGS 84", "WGS 84 (CRS84)"}, name
        assert {row["id"] for row in found["rows"]} == {feature["id"] for feature in said}
        assert not found["editable"]
        public = {field.name for field in COLLECTIONS[name].fields if field.see == "public"}
        assert public <= set(found["fields"]) <= public | {"id"}, name


def test_values_are_those_of_the_registry(gis, qgis):
    (found,) = qgis({**source(gis.root, "sites"), "rows": True})

    (full,) = (row for row in found["rows"] if row["id"] == FULL_SITE)
    assert (full["address"], full["location_accuracy_m"], full["version"]) == (TEXT, 4.25, 3)
    assert full["overdue"] in {True, False}
    assert full["_wkt"].startswith("Polygon ((108.42")
    kinds = ("location_accuracy_m", "overdue", "version", "updated_at", "name")
    assert [found["fields"][name] for name in kinds] == ["Real", "Boolean", "Integer", "DateTime", "String"]


def test_a_view_of_the_map_asks_for_that_part_only(gis, relay, qgis):
    with relay.listening() as asked:
        (found,) = qgis({**source(f"{relay.url}/ogc", "sites"), "rectangle": BOX})

    (page,) = (request.query for request in asked if "bbox" in request.query)
    assert [float(part) for part in page["bbox"][0].split(",")] == pytest.approx(BOX)
    assert page["limit"] == ["1000"]
    assert found["read"] == len(gis.everything("sites", bbox=",".join(map(str, BOX))))


def test_a_filter_by_time_is_answered_by_the_server(gis, relay, qgis):
    """Of what QGIS 3.22 sends to servers this is all; 3.32 and later are imitated in tests/ogc."""
    with relay.listening() as asked:
        (found,) = qgis({**source(f"{relay.url}/ogc", "inspections"), "subset": f"\"seen_at\" >= '{SINCE}'"})

    (query,) = (request.query for request in asked if "datetime" in request.query)
    assert query["datetime"] == [f"{SINCE}/9999-12-31T00:00:00Z"]
    assert found["subset"]
    assert found["read"] == len(gis.everything("inspections", datetime=f"{SINCE}/..")) > 0


def test_credentials_show_the_columns_they_reach(gis, qgis):
    secret = gis.token("Người thử qgis", "board", "write")
    layer = source(gis.root, "sites", authcfg="{login}")

    found, wrong = qgis(
        {**layer, "rows": True, "login": ["taluy", secret]}, {**layer, "login": ["taluy", "tly_wrong"]}
    )

    (full,) = (row for row in found["rows"] if row["id"] == FULL_SITE)
    assert full["households_at_risk"] in {12, "12"}
    assert not wrong["valid"]
    assert any("requires authentication" in text or "401" in text for text in wrong["said"]), wrong["said"]


@pytest.mark.parametrize(("collection", "attribute"), [("sites", "risk_level"), ("signboards", "condition")])
def test_a_geopackage_opens_drawn_in_our_colours(gis, qgis, tmp_path, collection, attribute):
    package = tmp_path / f"{collection}.gpkg"
    package.write_bytes(gis.get(f"/collections/{collection}/items.gpkg").content)

    (found,) = qgis({"provider": "ogr", "source": f"{package}|layername={collection}", "legend": True})

    everything = gis.everything(collection)
    assert (found["read"], found["counted"]) == (len(everything), len(everything))
    assert found["legend"]["type"] == "RuleRenderer"
    assert found["legend"]["drawn"] == len(everything)
    lines = found["legend"]["lines"]
    assert len(lines) == 5
    assert all(f'"{attribute}"' in condition for _label, condition in lines)
    kinds = ("due_on", "last_inspected_at", "overdue", "version")
    assert [found["fields"][name] for name in kinds] == ["Date", "DateTime", "Boolean", "Integer64"]
    assert found["crs"] == "WGS 84"
