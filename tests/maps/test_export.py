"""The map in one file: whole, public, harmless."""

import re

import orjson
import pytest

from app.maps import export
from app.records import visible
from app.settings import Settings
from app.sites.model import Site

HOSTILE = (
    "</script><script>window.ran = 1</script>${window.ran = 1}{{ 7 * 7 }}<img src=x onerror=window.ran=1>"
)


@pytest.fixture
def copy(app, make, database, settings, tmp_path):
    """The exported file's text, of a registry with one hostile name."""
    make.site(code="TH-ST-99", name=HOSTILE, households_at_risk=7)
    out = tmp_path / "map.html"
    export.export_map(database, settings, out)
    return out.read_text("utf-8")


def data(text):
    [carried] = re.findall(r'<script type="application/json" id="taluy-data">(.*?)</script>', text, re.DOTALL)
    return orjson.loads(carried)


def test_the_copy_carries_all_places_and_what_is_known_of_them(copy):
    found = data(copy)

    codes = {feature["properties"]["code"] for feature in found["sites"]["features"]}
    assert {"P6-ST-01", "P6-NL-01", "P6-DN-01", "TH-ST-99"} <= codes
    assert len(found["signboards"]["features"]) == 5
    assert found["details"]["P6-NL-01"]["properties"]["facts"]


def test_a_hostile_name_stays_text(copy):
    hostile = next(f for f in data(copy)["sites"]["features"] if f["properties"]["code"] == "TH-ST-99")

    assert hostile["properties"]["name"] == HOSTILE
    assert "<script>window.ran" not in copy
    assert "<img src=x" not in copy


def test_the_copy_holds_public_fields_only(copy):
    public = {*visible(Site, "public"), "overdue", "units", "version", "updated_at"} - {"geometry"}

    sites = data(copy)["sites"]["features"]

    assert {name for feature in sites for name in feature["properties"]} - public == set()
    assert "households" not in {name for feature in sites for name in feature["properties"]}


def test_the_copy_asks_for_nothing_else(copy):
    without_code = re.sub(r"<script.*?</script>|<style>.*?</style>", "", copy, flags=re.DOTALL)

    assert re.findall(r'\b(?:src|href)="(?!#)[^"]*"', without_code) == []
    assert "url(" not in re.sub(r'url\("?(?:data:|#)', "", copy)


def test_links_lead_to_the_public_address_where_there_is_one(app, database, tmp_path):
    out = tmp_path / "map.html"
    settings = Settings(base_url="https://taluy.example", data_dir=tmp_path, tile_url="")

    export.export_map(database, settings, out, "en")

    assert '"pages":"https://taluy.example"' in out.read_text("utf-8")


def test_the_joined_script_has_no_module_words_left():
    script = export.bundle()

    assert not re.search(r"^\s*(?:import|export)\b", script, re.MULTILINE)
    assert "window.start = m_main.start" in script


def test_each_module_is_joined_once_and_after_what_it_needs():
    script = export.bundle()

    order = re.findall(r"^const m_([a-z]+) =", script, re.MULTILINE)
    assert len(order) == len(set(order))
    for name, text in re.findall(
        r"^const m_([a-z]+) = \(\(\) => \{(.*?)^\}\)\(\);", script, re.MULTILINE | re.DOTALL
    ):
        for needed in re.findall(r"= m_([a-z]+);", text):
            assert order.index(needed) < order.index(name)
