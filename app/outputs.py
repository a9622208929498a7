"""Every output format, one function each: plain features in, bytes out. A new format is one entry here."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from shapely import to_geojson
from shapely.geometry.base import BaseGeometry

from app.clock import rfc3339
from app.errors import NotAcceptable
from app.i18n import N_

Feature = Mapping[str, Any]
Write = Callable[[Iterable[Feature]], Iterator[bytes]]

CREDIT: Final = "Taluy; © OpenStreetMap contributors (ODbL)"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Output:
    """One format: its short name (`?f=`), media type, title and writer."""

    name: str
    media_type: str
    title: str
    write: Write


OUTPUTS: Final[dict[str, Output]] = {}


def output(name: str, media_type: str, *, title: str) -> Callable[[Write], Write]:
    """Register a writer as the format `name`."""

    def register(write: Write) -> Write:
        OUTPUTS[name] = Output(name, media_type, title, write)
        return write

    return register


def chosen(name: str) -> Output:
    """The format called `name`. Raises `NotAcceptable`."""
    try:
        return OUTPUTS[name]
    except KeyError:
        raise NotAcceptable(N_("Formats here: {names}."), names=", ".join(OUTPUTS)) from None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseGeometry):
        return orjson.Fragment(to_geojson(value))
    raise TypeError(type(value).__name__)


def dump(value: object) -> bytes:
    """`value` as JSON: times as RFC 3339 with milliseconds, Shapely geometries as GeoJSON."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


@output("geojson", "application/geo+json", title="GeoJSON")
def geojson(features: Iterable[Feature]) -> Iterator[bytes]:
    """A FeatureCollection, feature by feature."""
    yield b'{"type":"FeatureCollection","credit":' + dump(CREDIT) + b',"features":['
    comma = b""
    for feature in features:
        yield comma + dump(feature)
        comma = b",\n"
    yield b"]}"


@output("csv", "text/csv; charset=utf-8", title="CSV")
def csv_table(features: Iterable[Feature]) -> Iterator[bytes]:
    """A table with a row a feature; `wkt` holds the geometry, `lon` and `lat` a point's position."""
    buffer = io.StringIO()
    writer: Any = None
    yield "\ufeff".encode()
    for feature in features:
        cells = table_row(feature)
        if writer is None:
            writer = csv.DictWriter(buffer, list(cells), extrasaction="ignore")
            writer.writeheader()
        writer.writerow(cells)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def table_row(feature: Feature) -> dict[str, object]:
    """The cells of one feature; text that a spreadsheet would run as a formula gets an apostrophe."""
    geometry = feature["geometry"]
    cells: dict[str, object] = {name: _cell(value) for name, value in feature["properties"].items()}
    point = geometry is not None and geometry.geom_type == "Point"
    cells["lon"], cells["lat"] = (geometry.x, geometry.y) if point else ("", "")
    cells["wkt"] = geometry.wkt if geometry is not None else ""
    return cells


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, list) and all(isinstance(item, dict) and "code" in item for item in value):
        value = "; ".join(_unit(item) for item in value)
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str):
        return f"'{value}" if value.lstrip("'").startswith(FORMULA) else value
    return value.isoformat() if isinstance(value, date) else value


def _unit(item: Mapping[str, Any]) -> str:
    since = item.get("valid_from")
    return f"{item['code']}@{since}" if since else str(item["code"])
