"""What crosses the wire for sites."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.documents.schemas import FactOut
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
    UnitRef,
    flat_feature,
)

Kind = Literal["slide", "flood", "drowning"]
Risk = Literal["low", "medium", "high", "very_high"]
State = Literal["active", "watch", "closed"]
Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]

EXAMPLE: dict[str, Any] = {
    "code": "P6-ST-05",
    "name": "Mái taluy sau trường học",
    "kind": "slide",
    "geometry": POINT_EXAMPLE,
    "location_status": "surveyed",
    "location_accuracy_m": 8,
    "risk_level": "medium",
    "risk_reason": "Mái taluy dốc, chưa có vết nứt",
    "units": [{"code": "24787"}],
}


class SiteIn(In):
    """A site to register: these members, or a GeoJSON Feature with them as properties."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    code: Code
    name: Text
    kind: Kind
    geometry: Geometry
    location_status: LocationStatus
    location_accuracy_m: Accuracy
    location_note: LongText | None = None
    address: Text | None = None
    risk_level: Risk | None = None
    risk_reason: LongText | None = None
    state: State = "active"
    state_reason: LongText | None = None
    households_at_risk: Count | None = None
    people_at_risk: Count | None = None
    households_moved_out: Count | None = None
    people_moved_out: Count | None = None
    units: Annotated[list[UnitRef], Field(max_length=20)] | None = None

    _feature = model_validator(mode="before")(flat_feature)


class SiteChange(In):
    """What to change of a site; what is not sent stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"risk_level": "high", "risk_reason": "Vết nứt mới"}]}
    )

    name: Text = Field(default="")
    geometry: Geometry = NOT_SENT
    location_status: LocationStatus = Field(default="approximate")
    location_accuracy_m: Accuracy = Field(default=0)
    location_note: LongText | None = None
    address: Text | None = None
    risk_level: Risk | None = None
    risk_reason: LongText | None = None
    state: State = Field(default="active")
    state_reason: LongText | None = None
    households_at_risk: Count | None = None
    people_at_risk: Count | None = None
    households_moved_out: Count | None = None
    people_moved_out: Count | None = None
    units: Annotated[list[UnitRef], Field(max_length=20)] | None = None

    _feature = model_validator(mode="before")(flat_feature)


class SiteProperties(BaseModel):
    """Properties of a site's feature; callers of the unit get its internal and private ones as well."""

    model_config = ConfigDict(extra="allow")

    code: str
    name: str
    address: str | None
    kind: Kind
    risk_level: Risk | None
    risk_rated_at: datetime | None
    risk_reason: str | None
    state: State
    location_status: LocationStatus
    location_accuracy_m: float
    location_note: str | None
    condition: Literal["no_change", "worse", "danger", "not_seen"] | None
    last_inspected_at: datetime | None
    due_on: date | None
    overdue: bool
    units: list[UnitOut]
    version: int


class SiteFeature(BaseModel):
    """One site."""

    type: Literal["Feature"]
    id: str
    geometry: AnyGeometry
    properties: SiteProperties


class SiteDetailProperties(SiteProperties):
    """A site with what is known of it and who says so, its boards and measures."""

    facts: list[FactOut]
    signboards: list[str]
    measures: list[dict[str, Any]]
    links: list[Link]


class SiteDetail(SiteFeature):
    """One site with everything around it."""

    properties: SiteDetailProperties


class SiteCollection(BaseModel):
    """A page of sites."""

    type: Literal["FeatureCollection"]
    numberReturned: int  # noqa: N815 - the standard's spelling
    links: list[Link]
    features: list[SiteFeature]
