"""What the doors share about the wire: geometries in models, unit references, pages with their `next` link."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from shapely.geometry.base import BaseGeometry

from app.geojson import geometry_in
from app.outputs import CREDIT, dump
from app.text import nfc_texts

POINT_EXAMPLE = {"type": "Point", "coordinates": [108.425708, 11.958893]}
MAX_PAGE = 10_000

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){1,3}$", max_length=40)]
Geometry = Annotated[
    BaseGeometry,
    PlainValidator(geometry_in),
    WithJsonSchema(
        {
            "type": "object",
            "description": "GeoJSON Point, LineString, Polygon or their Multi forms; WGS84 longitude, latitude",
            "required": ["type", "coordinates"],
            "properties": {
                "type": {
                    "enum": [
                        "Point",
                        "LineString",
                        "Polygon",
                        "MultiPoint",
                        "MultiLineString",
                        "MultiPolygon",
                    ]
                },
                "coordinates": {"type": "array"},
            },
            "additionalProperties": False,
            "examples": [POINT_EXAMPLE],
        }
    ),
]
NOT_SENT: Any = Field(default=None)
"""The default of a member that may be left out but not be null."""

LocationStatus = Literal["surveyed", "approximate", "inferred", "unlocated"]
Accuracy = Annotated[
    float, Field(strict=True, ge=0, le=100_000, description="Metres around the geometry within which it lies")
]


def only_text(value: object) -> object:
    """Days and moments come as text: a number would be read as seconds since 1970."""
    if not isinstance(value, str):
        raise ValueError("text expected")  # noqa: TRY004 - pydantic reports ValueError
    return value


Day = Annotated[date, BeforeValidator(only_text)]
Moment = Annotated[AwareDatetime, BeforeValidator(only_text)]


class GeoJson(JSONResponse):
    """An answer in GeoJSON, from bytes that are written already."""

    media_type = "application/geo+json"

    def render(self, content: bytes) -> bytes:
        """The bytes as they are."""
        return content


class In(BaseModel):
    """A body that we read: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class UnitRef(In):
    """A unit by code; without `valid_from` the one that exists today."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$")]
    valid_from: Day | None = None


class UnitOut(BaseModel):
    """A unit as it stands in a place's `units`."""

    code: str
    name: str
    valid_from: date | None


class Link(BaseModel):
    """A link to something related."""

    href: str
    rel: str
    type: str | None = None


class AnyGeometry(BaseModel):
    """A GeoJSON geometry."""

    type: str
    coordinates: list[Any]


def flat_feature(body: object) -> object:
    """A GeoJSON Feature as the flat body it stands for; anything else as it is."""
    if isinstance(body, dict) and body.get("type") == "Feature" and isinstance(body.get("properties"), dict):
        rest = {name: value for name, value in body.items() if name in ("geometry", "bbox")}
        known = {"type", "id", "geometry", "properties"}
        if set(body) <= known:
            return {**body["properties"], **({"geometry": rest["geometry"]} if rest.get("geometry") else {})}
    return body


def changes_of(body: BaseModel) -> dict[str, Any]:
    """The members that the caller really sent, text in NFC."""
    sent = {name: getattr(body, name) for name in body.model_fields_set}
    return nfc_texts(sent)


def split(value: str | None) -> frozenset[str]:
    """The values of a comma-separated query parameter."""
    return frozenset(part.strip() for part in (value or "").split(",") if part.strip())


def next_link(
    request: Request, more: int | str | None, media_type: str
) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The links of a page and its headers; `more` is the id after which the next page begins."""
    links = [{"href": str(request.url), "rel": "self", "type": media_type}]
    if more is None:
        return links, {}
    query = urlencode({**request.query_params, "cursor": str(more)})
    href = str(request.url.replace(query=query))
    links.append({"href": href, "rel": "next", "type": media_type})
    return links, {"Link": f'<{href}>; rel="next"; type="{media_type}"'}


def page(
    request: Request,
    rows: Sequence[Any],
    limit: int,
    as_features: Callable[[Sequence[Any]], Iterable[Mapping[str, Any]]],
) -> Response:
    """A FeatureCollection of at most `limit` of `rows`; where one row more was found, a `next` link follows."""
    shown = rows[:limit]
    features = list(as_features(shown))
    more = shown[-1].id if len(rows) > limit else None
    links, headers = next_link(request, more, "application/geo+json")
    body = {
        "type": "FeatureCollection",
        "credit": CREDIT,
        "numberReturned": len(features),
        "links": links,
        "features": features,
    }
    return GeoJson(dump(body), headers=headers)


def single(
    feature: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """One feature with the ETag of its version."""
    tag = {"ETag": f'"{feature["properties"]["version"]}"'}
    return GeoJson(dump(feature), status_code=status, headers={**tag, **(headers or {})})
