"""GeoPandas reading our addresses, as notebooks do."""

import geopandas
import pytest

from tests.ogc.world import FULL_SITE, HOLE, TEXT


@pytest.mark.parametrize("kind", ["items", "short", "package"])
def test_sites_become_a_frame(gis, kind, tmp_path):
    items = f"{gis.root}/collections/sites/items"
    if kind == "package":
        package = tmp_path / "sites.gpkg"
        package.write_bytes(gis.get("/collections/sites/items.gpkg").content)
        found = geopandas.read_file(package, layer="sites")
    else:
        address = {"items": f"{items}.geojson?limit=10000", "short": f"{gis.service.url}/sites.geojson"}[kind]
        found = geopandas.read_file(address)

    assert len(found) == len(gis.everything("sites"))
    assert found.crs.equals("EPSG:4326", ignore_axis_order=True)
    full = found.set_index("code").loc[FULL_SITE]
    assert full["address"] == TEXT
    assert full.geometry.equals_exact(HOLE, 1e-9) or full.geometry.equals(HOLE)
    assert full["last_inspected_at"].isoformat() == "2026-11-20T03:04:05+00:00"
    assert full["overdue"] in {True, False}
    assert found.to_crs(5899).geometry.notna().all()


def test_a_frame_in_the_grid_of_vietnam_lies_where_it_should(gis):
    page = gis.json(
        "/collections/sites/items", ids=FULL_SITE, crs="http://www.opengis.net/def/crs/EPSG/0/3857"
    )

    found = geopandas.GeoDataFrame.from_features(page, crs=3857).to_crs(4326)

    assert found.geometry[0].hausdorff_distance(HOLE) < 1e-7
