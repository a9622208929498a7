"""What crosses the wire for signboards."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.wire import (
    NOT_SENT,
    POINT_EXAMPLE,
    Accuracy,
    AnyGeometry,
    Code,
    Geometry,
    In,
    Link,
    LocationStatus,
    LongText,
    Text,
    UnitOut,
    flat_feature,
)

State = Literal["sound", "damaged", "missing", "unknown"]

EXAMPLE: dict[str, Any] = {
    "code": "P6-BB-06",
    "name": "Biển cảnh báo đầu đường",
    "site": "P6-NL-01",
    "geometry": POINT_EXAMPLE,
    "location_status": "surveyed",
    "location_accuracy_m": 5,
    "state": "sound",
}


class SignboardIn(In):
    """A signboard to register."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    code: Code
    name: Text
    site: Code
    geometry: Geometry
    location_status: LocationStatus
    location_accuracy_m: Accuracy
    location_note: LongText | None = None
    state: State = "unknown"
    wording: LongText | None = None

    _feature = model_validator(mode="before")(flat_feature)


class SignboardChange(In):
    """What to change of a signboard; what is not sent stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "damaged"}]})

    name: Text = Field(default="")
    geometry: Geometry = NOT_SENT
    location_status: LocationStatus = Field(default="approximate")
    location_accuracy_m: Accuracy = Field(default=0)
    location_note: LongText | None = None
    state: State = Field(default="unknown")
    wording: LongText | None = None

    _feature = model_validator(mode="before")(flat_feature)


class SignboardProperties(BaseModel):
    """Properties of a signboard's feature."""

    model_config = ConfigDict(extra="allow")

    code: str
    name: str
    site: str
    state: State
    location_status: LocationStatus
    location_accuracy_m: float
    condition: Literal["no_change", "worse", "danger", "not_seen"] | None
    last_inspected_at: datetime | None
    due_on: date | None
    overdue: bool
    units: list[UnitOut]
    version: int


class SignboardFeature(BaseModel):
    """One signboard."""

    type: Literal["Feature"]
    id: str
    geometry: AnyGeometry
    properties: SignboardProperties


class SignboardCollection(BaseModel):
    """A page of signboards."""

    type: Literal["FeatureCollection"]
    links: list[Link]
    features: list[SignboardFeature]
