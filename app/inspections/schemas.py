"""What crosses the wire for inspections, photos and forms."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from app.wire import Code, In, Link, Moment

Condition = Literal["no_change", "worse", "danger", "not_seen"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

EXAMPLE: dict[str, Any] = {
    "place": "P6-NL-01",
    "seen_at": "2026-10-14T18:40:00+07:00",
    "condition": "worse",
    "context": {"seen_from": "close", "rain_now": "light", "rain_last_24h": "yes", "light": "day"},
    "answers": {"water_now": "flooded"},
    "measurements": {"depth_cm": 22},
    "note": "Cống tắc rác",
    "position": {"lon": 108.4257, "lat": 11.9589, "accuracy_m": 6, "age_s": 12, "source": "gps"},
    "corrects": None,
    "form_version": "2026.1",
}


class Position(In):
    """Where the observer stood; a hand-placed pin has no accuracy."""

    lon: Annotated[float, Field(strict=True, ge=102, le=118)]
    lat: Annotated[float, Field(strict=True, ge=6, le=24)]
    accuracy_m: Annotated[float, Field(strict=True, ge=0, le=1_000_000)] | None
    age_s: Annotated[float, Field(strict=True, ge=0, le=10_000_000)] | None = None
    source: Literal["gps", "map", "site"]


class InspectionIn(In):
    """What was seen at one place at one time."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    place: Code
    seen_at: Moment
    condition: Condition
    context: dict[str, Any] = Field(default_factory=dict, max_length=20)
    answers: dict[str, Any] = Field(default_factory=dict, max_length=60)
    measurements: dict[str, Any] = Field(default_factory=dict, max_length=60)
    note: Annotated[str, StringConstraints(max_length=4000)] | None = None
    position: Position | None = None
    corrects: UUID | None = None
    form_version: Annotated[str, StringConstraints(max_length=20)]


class Receipt(BaseModel):
    """Proof of what the server stored and when; frozen at first storage."""

    id: UUID
    place: str
    content_sha256: Sha256
    received_at: datetime
    log_seq: int


class InspectionOut(BaseModel):
    """An inspection; callers of the unit get its internal and private members as well."""

    model_config = ConfigDict(extra="allow")

    id: UUID
    place: str
    seen_at: datetime
    received_at: datetime
    clock_doubtful: bool
    condition: Condition
    corrects: UUID | None
    corrected_by: UUID | None
    photos: list[dict[str, Any]]


class Inspections(BaseModel):
    """A page of inspections, newest first."""

    inspections: list[InspectionOut]
    links: list[Link]


class PhotoOut(BaseModel):
    """What the server keeps of a photo."""

    sha256: Sha256
    inspection: UUID
    width: int
    height: int
    received_at: datetime


class PhotoChange(In):
    """Publish a photo, or take it back."""

    published: StrictBool
