"""Every address that answers GET, with everything that can be asked of it: read off the routes themselves."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from pydantic import BaseModel

from app.ogc import parameters
from app.people.access import api_routes

VALUES: Mapping[str, tuple[str, ...]] = {
    "q": ("cong khai", "khong-co"),
    "kind": ("slide", "flood"),
    "risk": ("low", "none"),
    "state": ("active", "closed"),
    "condition": ("no_change", "none"),
    "location": ("surveyed",),
    "status": ("proposed", "refused"),
    "overdue": ("true",),
    "due": ("1",),
    "bbox": ("108,11,109,12",),
    "limit": ("1",),
    "cursor": ("1",),
    "lang": ("vi", "en"),
    "sort": ("-due", "risk", "seen"),
    "page": ("2",),
    "size": ("thumb",),
    "visits": ("all",),
    "saved": ("1",),
    "next": ("/places",),
    "token": ("x",),
    "record": ("site", "measure"),
    "done": ("invite", "disable"),
    "recovery": ("1",),
    "group": ("early", "late"),
    "before": ("3",),
    "collection": ("sites", "signboards", "inspections", "measures", "proposals", "units"),
    "offset": ("1",),
    "bbox-crs": ("http://www.opengis.net/def/crs/EPSG/0/4326",),
    "datetime": ("2020-01-01/..",),
    "ids": ("P6-ST-01,P6-NL-01",),
    "sortby": ("-name", "households_at_risk"),
    "properties": ("name", "households_at_risk"),
    "crs": ("http://www.opengis.net/def/crs/EPSG/0/5899",),
    "filter": ("name LIKE '%'", "households_at_risk > 0", "CASEI(risk_reason) LIKE casei('%c%')"),
    "filter-lang": ("cql2-text",),
    "filter-crs": ("http://www.opengis.net/def/crs/OGC/1.3/CRS84",),
    "resultType": ("hits",),
    "skipGeometry": ("true",),
    "f": ("html", "geojson"),
}
"""Query names that mean the same everywhere. A name that is missing here, and below, fails the walk."""

GIS_ITEMS = "/ogc/collections/sites/items"
"""Where the GIS door's parameters are tried: FastAPI does not know them."""


@dataclass
class Ground:
    """What stands in a database: the values that path and query names take."""

    names: Mapping[str, Iterable[str]]
    unknown: set[str] = field(default_factory=set)

    def values(self, name: str) -> list[str]:
        """What to put where `name` stands."""
        found = [*self.names.get(name, ()), *VALUES.get(name, ())]
        if not found:
            self.unknown.add(name)
        return found

    def addresses(self, route: Any) -> Iterator[str]:
        """Every address of one route: each path, bare and with each query value on its own."""
        path = route.path.replace(":path}", "}")
        names = re.findall(r"\{(\w+)\}", path)
        for chosen in product(*(self.values(name) for name in names)):
            bare = path.format(**{name: quote(value) for name, value in zip(names, chosen, strict=True)})
            yield bare
            names_asked = query_names(route.original_route.dependant)
            if bare == GIS_ITEMS:  # the others are read by the same lines
                names_asked |= set(parameters.NAMES)
            for name in sorted(names_asked):
                for value in self.values(name):
                    yield f"{bare}?{name}={quote(value)}"


def query_names(dependant: Any) -> set[str]:
    """The names that a route reads from the query, those of its dependencies and models too."""
    found: set[str] = set()
    for each in dependant.query_params:
        kind = each.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= {info.alias or name for name, info in kind.model_fields.items()}
        else:
            found.add(each.alias)
    for inner in dependant.dependencies:
        found |= query_names(inner)
    return found


def reading_routes(app: FastAPI) -> list[Any]:
    """Every route that answers GET."""
    return [route for route in api_routes(app) if "GET" in route.methods]


def every_address(app: FastAPI, ground: Ground) -> list[str]:
    """Every address of every route. Fails where a name of a path or a query has no value to try."""
    found = [address for route in reading_routes(app) for address in ground.addresses(route)]
    assert ground.unknown == set(), f"VALUES, or the test's ground, must say what these are: {ground.unknown}"
    return [*found, "/api/openapi.json"]
