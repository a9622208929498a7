"""Invented geometries: along slopes and streams, in metres around the ward's centre."""

import math
from collections.abc import Sequence
from random import Random
from typing import Final

from shapely import LineString, Polygon

from app.geometry import metres_per_degree

LonLat = tuple[float, float]

CENTRE: Final[LonLat] = (108.4272, 11.9518)
EAST_M, NORTH_M = metres_per_degree(CENTRE[1])

HILLSIDES: Final[Sequence[tuple[tuple[LonLat, LonLat], bool]]] = (
    (((108.4188, 11.9543), (108.4236, 11.9571)), False),
    (((108.4244, 11.9575), (108.4282, 11.9588)), False),
    (((108.4284, 11.9571), (108.4312, 11.9513)), False),
    (((108.4331, 11.9486), (108.4329, 11.9437)), False),
    (((108.4226, 11.9506), (108.4289, 11.9541)), False),
    (((108.4262, 11.9485), (108.4318, 11.9459)), False),
    (((108.4052, 11.9489), (108.4148, 11.9431)), False),
    (((108.4335, 11.9601), (108.4402, 11.9672)), True),
)
"""Slopes along which the slide sites lie, and whether they are on the side of Lang Biang."""
STREAMS: Final[Sequence[tuple[LonLat, ...]]] = (
    (
        (108.42798, 11.95954),
        (108.42860, 11.95909),
        (108.42907, 11.95848),
        (108.43059, 11.95543),
        (108.43098, 11.95468),
    ),
    (
        (108.43098, 11.95469),
        (108.43151, 11.95301),
        (108.43235, 11.95113),
        (108.43362, 11.94888),
        (108.43428, 11.94738),
    ),
    ((108.43428, 11.94738), (108.43345, 11.94392), (108.43266, 11.94260), (108.43154, 11.94208)),
    ((108.4141, 11.9462), (108.4158, 11.9441), (108.4169, 11.9415), (108.4192, 11.9394)),
)
"""Two are the streams of the ward's own proposals, so that the pictures look like the place; the last is invented."""


def moved(where: LonLat, east_m: float, north_m: float) -> LonLat:
    """`where`, so many metres to the east and to the north."""
    return round(where[0] + east_m / EAST_M, 6), round(where[1] + north_m / NORTH_M, 6)


def along(line: Sequence[LonLat], share: float) -> tuple[LonLat, float]:
    """The place at `share` of the line's length, and the line's direction there in radians from east."""
    metres = LineString([((lon - CENTRE[0]) * EAST_M, (lat - CENTRE[1]) * NORTH_M) for lon, lat in line])
    here = metres.interpolate(share, normalized=True)
    there = metres.interpolate(min(1.0, share + 0.02), normalized=True)
    back = metres.interpolate(max(0.0, share - 0.02), normalized=True)
    return moved(CENTRE, here.x, here.y), math.atan2(there.y - back.y, there.x - back.x)


def outline(rng: Random, where: LonLat, heading: float, length_m: float, width_m: float) -> Polygon:
    """The uneven edge of a slope, longer than wide, its long side along `heading`."""
    corners = []
    count = rng.randint(9, 14)
    for number in range(count):
        turn, reach = number * math.tau / count, rng.uniform(0.8, 1.1)
        east, north = math.cos(turn) * length_m / 2 * reach, math.sin(turn) * width_m / 2 * reach
        corners.append(
            moved(
                where,
                east * math.cos(heading) - north * math.sin(heading),
                east * math.sin(heading) + north * math.cos(heading),
            )
        )
    return Polygon(corners)


def edge(rng: Random, where: LonLat, heading: float, length_m: float) -> LineString:
    """The foot of a slope along a road."""
    steps = [-0.5, -0.3, -0.12, 0.1, 0.3, 0.5]
    return LineString(
        [
            moved(
                where,
                step * length_m * math.cos(heading) + rng.uniform(-5, 5),
                step * length_m * math.sin(heading) + rng.uniform(-5, 5),
            )
            for step in steps
        ]
    )
