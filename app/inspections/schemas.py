"""What crosses the wire for inspections, photos and forms."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.wire import Code, In, Link, Moment

MOST_RECORDS: Final = 100
"""In one batch of a phone."""
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
    """Proof of what the server stored and when; frozen at first storage. Those from before have no signature."""

    id: UUID
    place: str
    content_sha256: Sha256
    received_at: datetime
    log_seq: int
    key: Sha256 | None = Field(
        None, description="Fingerprint of the key that signed, as in /api/log/checkpoint"
    )
    signature: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{128}$",
        description="Ed25519 over the RFC 8785 form of the other members",
    )
    v: Literal[1] | None = None


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
    """What the server keeps of a photo, of an inspection or of a proposed position."""

    sha256: Sha256
    inspection: UUID | None = None
    position: UUID | None = None
    width: int
    height: int
    received_at: datetime


class PhotoChange(In):
    """Publish a photo, or take it back."""

    published: StrictBool


class SyncRecord(In):
    """An inspection as `PUT /api/inspections/{id}` takes it, and the photos that the phone has of it."""

    id: UUID
    inspection: dict[str, Any]
    photos: list[Sha256] = Field(default_factory=list, max_length=10)


class SyncPosition(In):
    """A position as `PUT /api/positions/{id}` takes it, and the photos that the phone has of it."""

    id: UUID
    position: dict[str, Any]
    photos: list[Sha256] = Field(default_factory=list, max_length=10)


class SyncIn(In):
    """What a phone has not sent yet, the most urgent first; 1 to 100 records in all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "inspections": [
                        {"id": "7f0c9b8e-2f5d-4f6a-9f0e-1d2c3b4a5968", "inspection": EXAMPLE, "photos": []}
                    ],
                    "positions": [],
                }
            ]
        }
    )

    inspections: list[SyncRecord] = Field(default_factory=list, max_length=MOST_RECORDS)
    positions: list[SyncPosition] = Field(default_factory=list, max_length=MOST_RECORDS)

    @model_validator(mode="after")
    def _some_but_not_many(self) -> Self:
        count = len(self.inspections) + len(self.positions)
        if count == 0:
            raise PydanticCustomError("missing", "no record")
        if count > MOST_RECORDS:
            raise PydanticCustomError("too_long", "too many records")
        return self


class SyncResult(BaseModel):
    """What became of one record of the batch."""

    id: UUID
    status: Literal["stored", "known", "conflict", "refused", "later"]
    receipt: Receipt | None = None
    lacking: list[Sha256] = Field(
        default_factory=list, description="Photos that the server does not have yet"
    )
    held: list[Sha256] = Field(
        default_factory=list, description="Photos that the server has: the phone may forget these"
    )
    problem: dict[str, Any] | None = Field(None, description="Why, as in problem+json")


class Synced(BaseModel):
    """One result for each record in the order sent, those of inspections first."""

    results: list[SyncResult]
