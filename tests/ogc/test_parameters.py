"""What items can be asked: what each parameter finds, and how what cannot be read is refused."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from app.ogc.collections import COLLECTIONS
from app.ogc.parameters import NAMES
from app.outputs import dump
from tests.ogc.rows import COUNT, OF_BARE_UNIT, SEEN, Door, door

__all__ = ["door"]

ALL = 6 + COUNT
"""The ward's places and ours."""
AS_JSON = dump({"op": "=", "args": [{"property": "code"}, "TH-DD-04"]}).decode()


def test_no_property_is_called_like_a_parameter():
    assert {field.name for each in COLLECTIONS.values() for field in each.fields}.isdisjoint(NAMES)


def test_every_collection_answers_without_a_parameter(door):
    for name in COLLECTIONS:
        found = door.get(f"{name}/items")

        assert found["type"] == "FeatureCollection"
        assert found["numberMatched"] == len(found["features"]) == found["numberReturned"]


@pytest.mark.parametrize(("given", "number"), [("1", 1), ("10000", ALL), ("10001", ALL), ("9" * 30, ALL)])
def test_limit_is_what_a_page_holds(door, given, number):
    found = door.get("sites/items", limit=given)

    assert (found["numberReturned"], found["numberMatched"]) == (number, ALL)
    assert any(link["rel"] == "next" for link in found["links"]) == (number < ALL)


@pytest.mark.parametrize(
    "query",
    [
        *(f"limit={value}" for value in ("0", "-1", "", "x", "1.5", "1e3", "%D9%A3", "1" * 50)),
        *(f"offset={value}" for value in ("-1", "x", "", "1" * 16)),
        *(f"bbox={value}" for value in ("1,2,3", "a,b,c,d", "108,12,109,11", "", "0,0,181,0")),
        *(f"bbox={value}&bbox-crs=[EPSG:5899]" for value in ("1,2,1,1", "inf,0,0,0")),
        *(
            f"{name}={value}"
            for name in ("crs", "bbox-crs", "filter-crs")
            for value in ("", "4326", "EPSG:1")
        ),
        *(f"datetime={value}" for value in ("", "x", "2026-02-30", "2026-01-02/2026-01-01")),
        *(
            f"sortby={value}"
            for value in ("", "geometry", "nothing", "people_at_risk", "name,", "--name", "name,name")
        ),
        *(f"properties={value}" for value in ("geometry", "nothing", "people_at_risk", "name,x")),
        *(f"resultType={value}" for value in ("", "HITS", "x")),
        *("skipGeometry=1", "skipGeometry=", "filter-lang=cql", "filter-lang=", "filter=", "filter=name"),
        *("filter=people_at_risk=1", "filter={}&filter-lang=cql2-json", "filter=[&filter-lang=cql2-json"),
        *("kind=x", "kind=", "version=x", "version=1.5", "version=", "overdue=1", "overdue=TRUE", "overdue="),
        *(
            "location_accuracy_m=x",
            "location_accuracy_m=nan",
            "location_accuracy_m=1e999",
            "due_on=2026-02-30",
        ),
        *("due_on=2026-01-01T00:00:00Z", "updated_at=x", "updated_at=2026-13-01T00:00:00Z", "name=%07"),
        *(
            f"cursor={value}"
            for value in ("", "x", "W10", "bnVsbA", "e30", "%C3%A9", "WyIiLCJ4Il0", "A" * 3000)
        ),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_parameter(door, query):
    problem = door.refused(query)

    name = query.partition("=")[0]
    assert problem["errors"][0]["pointer"] == f"?{name}"
    assert len(problem["detail"]) > len(f"Parameter {name}:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" AND ".join(["version=1"] * 900), "more than 500 terms"),
        (" AND ".join(["version=1"] * 1_900), "longer than 20480 bytes"),
        ("(" * 2_000 + "overdue" + ")" * 2_000, "nested deeper than 100 levels"),
        ("NOT (" * 5_000, "longer than 20480 bytes"),
    ],
)
def test_a_filter_is_refused_by_the_door_however_long_its_address_is(door, text, said):
    assert said in door.refused(f"filter={quote(text)}")["detail"]


@pytest.mark.parametrize(
    "query", ["nothing=1", "limit=1&people_at_risk=1", "Limit=1", "bbox_crs=1", "geometry=1"]
)
def test_an_unknown_parameter_is_refused_with_those_that_are_known(door, query):
    problem = door.refused(query)

    name = query.rpartition("&")[2].partition("=")[0]
    assert problem["code"] == "unknown-parameter"
    assert f"no parameter {name} here" in problem["detail"]
    assert all(name in problem["detail"] for name in ("bbox-crs", "sortby", "risk_level"))


@pytest.mark.parametrize("name", ["<b>", "a b", "x" * 41, "ngày", "1", "'", "%25"])
def test_an_unknown_parameter_that_is_no_plain_word_is_told_by_its_place(door, name):
    problem = door.refused(f"limit=1&{quote(name)}=1")

    assert problem["detail"].startswith("Parameter number 2 of the address is not known here")


def test_nothing_that_was_sent_is_said_back(door):
    for name in (*NAMES, "kind", "version"):
        answer = door.client.get("/ogc/collections/sites/items", params={name: "qqjunk<b>"})
        assert answer.status_code == 200 or "junk" not in answer.text, name


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"bbox": "108.4019,11.9019,108.4035,11.9035"}, ["02", "03"]),
        ({"bbox": "108.4019,11.9019,-50,108.4035,11.9035,9000"}, ["02", "03"]),
        ({"bbox": "11.9019,108.4019,11.9035,108.4035", "bbox_crs": "[EPSG:4326]"}, ["02", "03"]),
        ({"bbox": "108.4,11.9,108.4,11.9"}, ["00"]),
        ({"bbox": "108.40055,11.90055,108.4008,11.9008"}, []),
        ({"bbox": "170,11.9019,108.4035,11.9035"}, ["02", "03"]),
        ({"ids": "TH-DD-07, TH-DD-03,TH-DD-03,nothing"}, ["03", "07"]),
        ({"ids": ""}, []),
        ({"ids": "x" * 300 + ",',--"}, []),
        ({"code": "TH-DD-11"}, ["11"]),
        ({"name": "dốc thử", "risk_level": "low"}, ["01", "21"]),
        ({"name": "DỐC THỬ"}, []),
        ({"version": "1", "code": "TH-DD-11"}, ["11"]),
        ({"version": "99999999999999"}, []),
        ({"location_accuracy_m": "2.5", "kind": "slide", "risk_level": "low"}, ["01", "13"]),
        ({"due_on": "2026-07-04", "risk_level": "high"}, ["10"]),
        ({"overdue": "true", "risk_level": "very_high"}, ["07", "19"]),
        ({"last_inspected_at": "2026-06-02T03:04:05.678Z", "risk_level": "low"}, ["01"]),
        ({"last_inspected_at": "2026-06-02T10:04:05.678+07:00", "risk_level": "low"}, ["01"]),
        ({"units": "24846@2025-07-01", "risk_level": "low", "state": "watch"}, ["01", "13"]),
        ({"filter": "code LIKE 'TH-DD-0_' AND risk_level IS NULL"}, ["00", "04", "08"]),
        ({"filter": AS_JSON, "filter_lang": "cql2-json"}, ["04"]),
        ({"filter": "S_INTERSECTS(geometry, BBOX(108.4019,11.9019,108.4035,11.9035))"}, ["02", "03"]),
        ({"filter": "S_WITHIN(geometry,BBOX(11.9065,108.4065,11.9075,108.4075))", "filter_crs": "[EPSG:4326]"}, ["07"]),
        ({"filter": "risk_level = 'high'", "bbox": "108.40,11.90,108.405,11.905"}, ["02"]),
        ({"sortby": "-code", "ids": "TH-DD-01,TH-DD-02"}, ["02", "01"]),
        ({"sortby": " code", "ids": "TH-DD-02,TH-DD-01"}, ["01", "02"]),
        ({"sortby": "+code", "ids": "TH-DD-02,TH-DD-01"}, ["01", "02"]),
    ],
)  # fmt: skip
def test_a_parameter_finds_what_it_means(door, query, codes):
    assert door.ids(**query) == [f"TH-DD-{code}" for code in codes]


def seen_on(*days):
    """Codes of ours that were seen so many days after `SEEN`, and of those that nobody saw."""
    return {f"TH-DD-{number:02d}" for number in range(COUNT) if number % 3 == 0 or number % 5 in days}


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ("2026-06-01", {0}),
        ("2026-06-02T03:04:05.678Z", {1}),
        ("2026-06-02T03:04:05Z", set()),
        ("2026-06-02T00:00:00Z/2026-06-03T23:00:00Z", {1, 2}),
        ("2026-06-03T/..", {2, 3, 4}),
        ("0000-01-01T00:00:00Z/2026-06-02T00:00:00Z", {0}),
        ("../2026-06-02", {0, 1}),
        ("../..", {0, 1, 2, 3, 4}),
        ("2027-01-01/", set()),
    ],
)
def test_datetime_finds_what_was_then_and_what_has_no_time(door, given, days):
    """Features without a time are found: OGC 17-069r4 (1.0.1), /req/core/fc-time-response, C."""
    assert SEEN + timedelta(days=1)

    found = {code for code in door.ids(datetime=given) if code.startswith("TH-DD")}

    assert found == seen_on(*days)


def test_a_unit_is_found_on_its_days_and_not_on_the_day_after(door):
    assert "24846@2025-07-01" in door.ids("units", datetime="2025-07-01")
    assert "24846@2025-07-01" not in door.ids("units", datetime="2025-06-30")
    assert "24769" in door.ids("units", datetime="2025-06-30")
    assert "24769" not in door.ids("units", datetime="2025-07-01T08:00:00+07:00")


def test_a_collection_without_times_is_found_at_any(door):
    assert door.ids("proposals", datetime="1900-01-01") == door.ids("proposals") != []


def test_features_without_a_geometry_lie_in_every_box(door):
    """OGC 17-069r4 (1.0.1), /req/core/fc-bbox-response, C."""
    assert door.ids("measures", bbox="0,0,1,1") == [OF_BARE_UNIT]
    assert door.ids("units", bbox="0,0,1,1") == ["24769", "24787@2025-07-01", "24846@2025-07-01"]


def test_a_box_in_metres_finds_exactly_what_lies_in_it(door):
    """A box of one zone is turned in degrees: its envelope holds more than the box does."""
    (around,) = door.get("sites/items", ids="TH-DD-02", crs="[EPSG:3405]")["features"]
    east, north = around["geometry"]["coordinates"]
    reach = 150  # metres; 110 m to each neighbour, along and across

    box = f"{east - reach},{north - reach},{east + reach},{north + reach}"
    found = door.ids(bbox=box, bbox_crs="[EPSG:3405]")

    assert found == ["TH-DD-01", "TH-DD-02", "TH-DD-03"]
    assert door.ids(bbox=f"{east - 1},{north - 1},{east + 1},{north + 1}", bbox_crs="[EPSG:3405]") == [
        "TH-DD-02"
    ]


def test_a_feature_has_an_id_by_which_its_collection_finds_it(door):
    for name in COLLECTIONS:
        for each in door.get(f"{name}/items", limit=3)["features"]:
            assert door.ids(name, ids=each["id"]) == [each["id"]]
            alone = door.get(f"{name}/items/{quote(each['id'])}")
            assert {key: alone[key] for key in each} == each


@pytest.mark.parametrize(
    ("collection", "identifier"),
    [
        *(("sites", name) for name in ("nothing", "%20", "P6-ST-01%20", "p6-st-01", "1")),
        *(("inspections", name) for name in ("1", "00000000-0000-4000-8000-000000000000")),
        *(("units", name) for name in ("24787@", "24787@2025-02-30", "24787@2025-07-02", "@")),
        ("sites-flood", "P6-ST-01"),
    ],
)
def test_an_id_that_nothing_has_is_not_found(door, collection, identifier):
    answer = door.client.get(f"/ogc/collections/{collection}/items/{identifier}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_properties_are_those_that_were_named(door):
    (only,) = door.get("sites/items", ids="TH-DD-01", properties="name, code")["features"]
    (none,) = door.get("sites/items", ids="TH-DD-01", properties="")["features"]

    assert only["properties"] == {"code": "TH-DD-01", "name": "dốc thử"}
    assert none["properties"] == {}
    assert only["geometry"]["type"] == "LineString"


def test_a_geometry_can_be_left_out(door):
    (found,) = door.get("sites/items", ids="TH-DD-01", skipGeometry="true")["features"]

    assert found["geometry"] is None
    assert found["properties"]["code"] == "TH-DD-01"


def test_hits_are_counted_and_not_sent(door):
    whole = door.get("sites/items", resultType="hits")
    some = door.get("sites/items", resultType="hits", risk_level="low", limit=1)

    assert (whole["numberMatched"], whole["numberReturned"], whole["features"]) == (ALL, 0, [])
    assert some["numberMatched"] == len(door.ids(risk_level="low"))
    assert not any(link["rel"] == "next" for link in some["links"])


def test_an_answer_says_its_system_numbers_and_links_in_headers(door):
    answer = door.client.get("/ogc/collections/sites/items?limit=2&crs=[EPSG:5899]&risk_level=low")
    alone = door.client.get("/ogc/collections/sites/items/TH-DD-01?crs=[EPSG:3857]")

    body = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/EPSG/0/5899>"
    assert answer.headers["ogc-numbermatched"] == str(body["numberMatched"])
    assert answer.headers["ogc-numberreturned"] == "2"
    (further,) = [link["href"] for link in body["links"] if link["rel"] == "next"]
    assert f'<{further}>; rel="next"' in answer.headers["link"]
    assert alone.headers["content-crs"] == "<http://www.opengis.net/def/crs/EPSG/0/3857>"
    assert {link["rel"] for link in alone.json()["links"]} == {"self", "alternate", "collection"}
    assert door.client.get(further).json()["features"][0]["properties"]["risk_level"] == "low"


def test_a_wrong_parameter_of_one_feature_is_refused_too(door: Door):
    for query in ("limit=1", "crs=x", "bbox=1,2,3,4"):
        answer = door.client.get(f"/ogc/collections/sites/items/TH-DD-01?{query}")
        assert (query, answer.status_code) == (query, 400)
