"""Every output format, one function each: plain features in, bytes out. A new format is one entry here.

A feature comes as a mapping with a Shapely geometry, or as its GeoJSON text, which is passed through as it is.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

import orjson
from shapely import from_geojson, to_geojson
from shapely.geometry.base import BaseGeometry

from app.clock import rfc3339
from app.errors import NotAcceptable
from app.i18n import N_

Feature = Mapping[str, Any]
Axes = tuple[str, str]

CREDIT: Final = "Taluy; © OpenStreetMap contributors (ODbL)"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
LONLAT: Final[Axes] = ("lon", "lat")
RECORD_SEPARATOR: Final = b"\x1e"


class Write(Protocol):
    """A writer of features.

    `names` are the properties of every feature, in order, where they are known before the first one; `axes` says what
    the two numbers of a position are called.
    """

    def __call__(
        self, features: Iterable[Feature | bytes], names: Sequence[str] = (), axes: Axes = LONLAT
    ) -> Iterator[bytes]:
        """The file, piece by piece."""


@dataclass(frozen=True)
class Format:
    """One format: its short name (`?f=`), media type, title, and how its files end."""

    name: str
    media_type: str
    title: str
    suffix: str


@dataclass(frozen=True)
class Output(Format):
    """A format that is written feature by feature."""

    write: Write


OUTPUTS: Final[dict[str, Output]] = {}
GEOPACKAGE: Final = Format("gpkg", "application/geopackage+sqlite3", "GeoPackage", "gpkg")
"""Made as a whole file, and under /ogc only: `app.ogc.formats.geopackage`."""


def output(name: str, media_type: str, *, title: str, suffix: str = "") -> Callable[[Write], Write]:
    """Register a writer as the format `name`; its files end with `suffix`, if that is not its name."""

    def register(write: Write) -> Write:
        OUTPUTS[name] = Output(name, media_type, title, suffix or name, write)
        return write

    return register


def formats() -> dict[str, Format]:
    """Every format of features."""
    return {**OUTPUTS, GEOPACKAGE.name: GEOPACKAGE}


def chosen(name: str) -> Output:
    """The format called `name`, or whose files end so. Raises `NotAcceptable`."""
    found = next((each for each in OUTPUTS.values() if name in (each.name, each.suffix)), None)
    if found is None:
        raise NotAcceptable(N_("Formats here: {names}."), names=", ".join(OUTPUTS))
    return found


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


def _text(feature: Feature | bytes) -> bytes:
    return feature if isinstance(feature, bytes) else dump(feature)


@output("geojson", "application/geo+json", title="GeoJSON")
def geojson(
    features: Iterable[Feature | bytes], names: Sequence[str] = (), axes: Axes = LONLAT
) -> Iterator[bytes]:
    """A FeatureCollection, feature by feature."""
    del names, axes
    yield b'{"type":"FeatureCollection","credit":' + dump(CREDIT) + b',"features":['
    comma = b""
    for feature in features:
        yield comma + _text(feature)
        comma = b",\n"
    yield b"]}"


@output("geojsonseq", "application/geo+json-seq", title="GeoJSON Text Sequence", suffix="geojsons")
def geojson_sequence(
    features: Iterable[Feature | bytes], names: Sequence[str] = (), axes: Axes = LONLAT
) -> Iterator[bytes]:
    """A feature a line, each behind a record separator: whole up to the last one that arrived. Source: RFC 8142."""
    del names, axes
    for feature in features:
        yield RECORD_SEPARATOR + _text(feature) + b"\n"


@output("csv", "text/csv; charset=utf-8", title="CSV")
def csv_table(
    features: Iterable[Feature | bytes], names: Sequence[str] = (), axes: Axes = LONLAT
) -> Iterator[bytes]:
    """A table with a row a feature; `wkt` holds the geometry, the two `axes` a point's position."""
    buffer = io.StringIO()
    writer: Any = None
    yield "\ufeff".encode()
    if names:
        writer = csv.DictWriter(buffer, [*names, *axes, "wkt"], extrasaction="ignore")
        writer.writeheader()
    for feature in features:
        cells = table_row(feature, axes)
        if writer is None:
            writer = csv.DictWriter(buffer, list(cells), extrasaction="ignore")
            writer.writeheader()
        writer.writerow(cells)
        yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def table_row(feature: Feature | bytes, axes: Axes = LONLAT) -> dict[str, object]:
    """The cells of one feature; text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(feature, bytes):
        feature = _read(feature)
    geometry = feature["geometry"]
    cells: dict[str, object] = {name: _cell(value) for name, value in feature["properties"].items()}
    point = geometry is not None and geometry.geom_type == "Point"
    cells[axes[0]], cells[axes[1]] = (geometry.x, geometry.y) if point else ("", "")
    cells["wkt"] = geometry.wkt if geometry is not None else ""
    return cells


def _read(text: bytes) -> Feature:
    """A feature's text as a mapping with a Shapely geometry; its id counts as a property where it has none."""
    feature = orjson.loads(text)
    geometry = feature.get("geometry")
    return {
        "properties": {"id": feature.get("id"), **feature["properties"]},
        "geometry": None if geometry is None else from_geojson(orjson.dumps(geometry)),
    }


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.lstrip("'").startswith(FORMULA) else value
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, list) and all(isinstance(item, dict) and "code" in item for item in value):
        return _cell("; ".join(_unit(item) for item in value))
    if isinstance(value, list | dict):
        return _cell(json.dumps(value, ensure_ascii=False, default=str))
    return value.isoformat() if isinstance(value, date) else value


def _unit(item: Mapping[str, Any]) -> str:
    since = item.get("valid_from")
    return f"{item['code']}@{since}" if since else str(item["code"])
