"""What crosses the wire for proposed positions."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.wire import (
    NOT_SENT,
    POINT_EXAMPLE,
    Accuracy,
    AnyGeometry,
    Code,
    Geometry,
    In,
    Link,
    LongText,
    Moment,
)

Method = Literal["gps", "corners", "tapped"]
Status = Literal["pending", "accepted", "amended", "refused"]
Located = Literal["surveyed", "approximate", "inferred"]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]

EXAMPLE: dict[str, Any] = {
    "place": "P6-ST-01",
    "seen_at": "2026-10-14T09:20:00+07:00",
    "geometry": POINT_EXAMPLE,
    "accuracy_m": 6.5,
    "method": "gps",
    "fixes": 12,
    "note": "Đứng ở chân mái, phía đường",
    "place_version": 1,
}


class PositionIn(In):
    """Where a place really is, seen from the spot: a point, a line or an outline."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    place: Code
    seen_at: Moment
    geometry: Geometry
    accuracy_m: Accuracy | None
    method: Method = Field(description="gps: fixes averaged; corners: each vertex measured; tapped: by hand")
    fixes: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = None
    note: Annotated[str, StringConstraints(max_length=4000)] | None = None
    place_version: Version = Field(description="The version of the place that the phone knew")


class DecisionIn(In):
    """What the board makes of a position; accepting and amending name the version of the place that was looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "accept", "site_version": 1}]})

    decision: Literal["accept", "amend", "refuse"]
    reason: LongText | None = Field(None, description="Reaches the officer's phone; needed to refuse")
    geometry: Geometry = NOT_SENT
    location_status: Located = Field(default="surveyed")
    location_accuracy_m: Accuracy = Field(default=0)
    location_note: LongText | None = None
    site_version: Version | None = Field(None, description="Instead of If-Match")


class PlaceNow(BaseModel):
    """The place as it stands now: `version` is what a decision names."""

    code: str
    version: int
    geometry: AnyGeometry
    location_status: str
    location_accuracy_m: float
    location_note: str | None


class MoveOut(BaseModel):
    """A change of the place's position since the phone knew it."""

    at: datetime
    by: str | None
    before: dict[str, Any]
    after: dict[str, Any]


class PositionOut(BaseModel):
    """A proposed position, for people of the place's unit."""

    id: UUID
    place: str
    status: Status
    geometry: AnyGeometry
    accuracy_m: float | None
    method: Method
    fixes: int | None
    note: str | None
    place_version: int
    seen_at: datetime
    received_at: datetime
    proposed_by: str
    reason: str | None
    decided_at: datetime | None
    decided_by: str | None
    decision: dict[str, Any] | None = Field(description="The place's position before and after the decision")
    content_sha256: str
    receipt: dict[str, Any]
    photos: list[dict[str, Any]]


class PositionDetail(PositionOut):
    """A proposed position beside the place as it is now."""

    place_now: PlaceNow
    distance_m: float
    changes_since: list[MoveOut]


class Positions(BaseModel):
    """A page of proposed positions, newest first."""

    positions: list[PositionOut]
    links: list[Link]
