"""OWSLib, as scripts use it."""

from owslib.ogcapi.features import Features

from app.ogc.collections import COLLECTIONS
from tests.ogc.world import FULL_SITE, TEXT


def test_it_finds_its_way_and_reads(gis):
    door = Features(gis.root)

    assert door.links
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in door.conformance()["conformsTo"]
    assert set(door.feature_collections()) == set(COLLECTIONS)
    assert door.api()["openapi"] == "3.0.3"
    assert door.collection("sites")["itemType"] == "feature"
    assert "risk_level" in door.collection_queryables("sites")["properties"]
    assert door.collection_schema("sites")["type"] == "object"
    assert door.collection_item("sites", FULL_SITE)["properties"]["address"] == TEXT


def test_its_parameters_are_understood(gis):
    door = Features(gis.root)

    some = door.collection_items(
        "sites", bbox=[108.41, 11.93, 108.44, 11.96], datetime_="2026-11-20T00:00:00Z/..", limit=3
    )
    filtered = door.collection_items("sites", filter=f"code = '{FULL_SITE}' AND due_on > DATE('2026-11-30')")

    assert len(some["features"]) == 3
    assert [feature["id"] for feature in filtered["features"]] == [FULL_SITE]
