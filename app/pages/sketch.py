"""A small drawn map of places and their certainty, complete without tiles, scripts or network."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

from shapely import Polygon
from shapely.geometry.base import BaseGeometry

M_PER_DEGREE = 111_320
MARK = 40
OF_WATER = frozenset({"drowning", "proposal"})
"""Kinds whose lines are streams."""
BARS_M = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)


@dataclass(frozen=True)
class Frame:
    """From degrees to pixels: `west`, `north` is the upper left corner, `scale` is pixels a metre."""

    west: float
    north: float
    squeeze: float
    scale: float

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        """Pixels right and down."""
        x = (lon - self.west) * M_PER_DEGREE * self.squeeze * self.scale
        return round(x, 1), round((self.north - lat) * M_PER_DEGREE * self.scale, 1)

    def path(self, geometry: BaseGeometry) -> str:
        """An SVG path of every line and ring of `geometry`."""
        if hasattr(geometry, "geoms"):
            return "".join(self.path(part) for part in geometry.geoms)
        if isinstance(geometry, Polygon):
            return self.path(geometry.exterior) + "Z"
        points = [self.xy(*point[:2]) for point in geometry.coords]
        return "M" + "L".join(f"{x} {y}" for x, y in points)


@dataclass
class Sketch:
    """Everything the template draws, in pixels."""

    width: int
    height: int
    label: str
    mark: int = MARK
    outlines: list[str] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    circles: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    columns: list[float] = field(default_factory=list)
    lines_at: list[float] = field(default_factory=list)
    bar: float = 0
    bar_m: int = 0


def _reach(features: Iterable[Mapping[str, Any]], least_m: float) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees around all features with their accuracy, `least_m` at least."""
    boxes = []
    for feature in features:
        west, south, east, north = feature["geometry"].bounds
        around_m = max(feature["properties"]["location_accuracy_m"], least_m) * 1.15
        dy = around_m / M_PER_DEGREE
        dx = dy / cos(radians(south))
        boxes.append((west - dx, south - dy, east + dx, north + dy))
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _frame(box: tuple[float, float, float, float], width: int, height: int) -> Frame:
    west, south, east, north = box
    squeeze = cos(radians((south + north) / 2))
    wide_m, high_m = (east - west) * M_PER_DEGREE * squeeze, (north - south) * M_PER_DEGREE
    scale = min(width / wide_m, height / high_m)
    spare_x = (width / scale - wide_m) / 2 / (M_PER_DEGREE * squeeze)
    spare_y = (height / scale - high_m) / 2 / M_PER_DEGREE
    return Frame(west - spare_x, north + spare_y, squeeze, scale)


def middle(geometry: BaseGeometry) -> tuple[float, float]:
    """Where the mark of a shape stands: longitude and latitude on it."""
    is_line = geometry.geom_type.endswith("LineString")
    where = geometry.interpolate(0.5, normalized=True) if is_line else geometry.representative_point()
    return where.x, where.y


def _add(sketch: Sketch, frame: Frame, feature: Mapping[str, Any], *, selected: bool) -> None:
    place, geometry = feature["properties"], feature["geometry"]
    accuracy = place["location_accuracy_m"] * frame.scale
    sure = place["location_status"] == "surveyed"
    kind = geometry.geom_type
    if kind.endswith("LineString") and place["kind"] in OF_WATER:
        sketch.lines.append({"path": frame.path(geometry), "band": round(max(accuracy * 2, 6), 1)})
    elif not kind.endswith("Point"):
        sketch.shapes.append({"path": frame.path(geometry), "sure": sure, "area": kind.endswith("Polygon")})
    x, y = frame.xy(*middle(geometry))
    if kind == "Point" and accuracy > MARK / 3:
        sketch.circles.append({"x": x, "y": y, "r": round(accuracy, 1), "sure": sure, "on": selected})
    sketch.marks.append({"x": x - MARK / 2, "y": y - MARK / 2, "place": place, "count": 1})


def draw(
    features: Sequence[Mapping[str, Any]],
    *,
    outlines: Iterable[BaseGeometry] = (),
    label: str,
    size: tuple[int, int] = (620, 460),
    least_m: float = 300,
    beside: Sequence[Mapping[str, Any]] = (),
) -> Sketch | None:
    """The sketch of `features`; places without a known position share one circle and one mark. None for none.

    Sketches that are drawn `beside` the same features show the same ground at the same scale.
    """
    features = [each for each in features if each["geometry"] is not None]  # another tool may break one
    if not features:
        return None
    width, height = size
    frame = _frame(_reach(beside or features, least_m), width, height)
    sketch = Sketch(width, height, label)
    sketch.outlines = [frame.path(outline) for outline in outlines]
    unlocated = [f for f in features if f["properties"]["location_status"] == "unlocated"]
    for feature in features:
        if feature not in unlocated:
            _add(sketch, frame, feature, selected=len(features) == 1)
    for feature in unlocated[:1]:
        _add(sketch, frame, feature, selected=len(features) == 1)
        sketch.marks[-1]["count"] = len(unlocated)
    for other in beside:
        _link(sketch, frame, features[0], other)
    sketch.bar_m = max((m for m in BARS_M if m * frame.scale <= width / 3), default=BARS_M[0])
    sketch.bar = round(sketch.bar_m * frame.scale, 1)
    step = sketch.bar_m * 2 * frame.scale
    sketch.columns = [round(step * n, 1) for n in range(1, int(width / step) + 1)]
    sketch.lines_at = [round(step * n, 1) for n in range(1, int(height / step) + 1)]
    return sketch


def _link(sketch: Sketch, frame: Frame, feature: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """A thin line to where another drawing puts the place; none to or from a place that nobody has found."""
    if "unlocated" in (feature["properties"]["location_status"], other["properties"]["location_status"]):
        return
    (x, y), (to_x, to_y) = (frame.xy(*middle(each["geometry"])) for each in (feature, other))
    if (x, y) != (to_x, to_y):
        sketch.links.append({"path": f"M{x} {y}L{to_x} {to_y}", "x": to_x, "y": to_y})
