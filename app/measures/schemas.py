"""What crosses the wire for measures and works proposals."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.wire import (
    NOT_SENT,
    Accuracy,
    AnyGeometry,
    Code,
    Day,
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

MeasureKind = Literal[
    "warning_board",
    "slope_tarpaulin",
    "reinforce",
    "stakes",
    "sandbags",
    "clear_brush",
    "dredge_stream",
    "unblock_drains",
    "clear_rubbish",
    "tree_work",
    "check_works",
    "remove_camps",
    "move_people",
    "inform_people",
]
Status = Literal["proposed", "ordered", "in_progress", "done", "expired"]
Year = Annotated[int, Field(strict=True, ge=1990, le=2100)]

MEASURE_EXAMPLE: dict[str, Any] = {
    "code": "P6-BP-15",
    "kind": "slope_tarpaulin",
    "site": "P6-ST-01",
    "status": "done",
    "starts_on": "2026-08-14",
    "responsible": "Ban Chỉ huy quân sự phường",
}
PROPOSAL_EXAMPLE: dict[str, Any] = {
    "code": "P6-KN-03",
    "name": "Kè suối đoạn cuối Hai Bà Trưng",
    "geometry": {"type": "LineString", "coordinates": [[108.42798, 11.95954], [108.4286, 11.95909]]},
    "location_status": "approximate",
    "location_accuracy_m": 60,
    "period_from": 2027,
    "period_to": 2028,
    "addressee": "UBND tỉnh Lâm Đồng",
}


class MeasureIn(In):
    """A measure to register, at a site or for a whole unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [MEASURE_EXAMPLE]})

    code: Code
    kind: MeasureKind
    site: Code | None = None
    unit: UnitRef | None = None
    status: Status
    starts_on: Day | None = None
    expires_on: Day | None = None
    quantity: Annotated[float, Field(strict=True, ge=0, le=1_000_000)] | None = None
    quantity_unit: Text | None = None
    responsible: Text | None = None
    note: LongText | None = None


class MeasureChange(In):
    """What to change of a measure; what is not sent stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "done"}]})

    status: Status = Field(default="proposed")
    starts_on: Day | None = None
    expires_on: Day | None = None
    quantity: Annotated[float, Field(strict=True, ge=0, le=1_000_000)] | None = None
    quantity_unit: Text | None = None
    responsible: Text | None = None
    note: LongText | None = None


class MeasureOut(BaseModel):
    """One measure."""

    model_config = ConfigDict(extra="allow")

    code: str
    kind: MeasureKind
    site: str | None
    unit: str | None
    status: Status
    starts_on: date | None
    expires_on: date | None
    responsible: str | None
    temporary: bool
    condition: Literal["no_change", "worse", "danger", "not_seen"] | None
    last_inspected_at: datetime | None
    due_on: date | None
    overdue: bool
    version: int


class Measures(BaseModel):
    """A page of measures."""

    measures: list[MeasureOut]
    links: list[Link]


class ProposalIn(In):
    """A works proposal to register."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROPOSAL_EXAMPLE]})

    code: Code
    name: Text
    geometry: Geometry
    location_status: LocationStatus
    location_accuracy_m: Accuracy
    location_note: LongText | None = None
    period_from: Year | None = None
    period_to: Year | None = None
    addressee: Text | None = None
    status: Status = "proposed"
    reason: LongText | None = None
    units: Annotated[list[UnitRef], Field(max_length=20)] | None = None

    _feature = model_validator(mode="before")(flat_feature)


class ProposalChange(In):
    """What to change of a works proposal; what is not sent stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ordered"}]})

    name: Text = Field(default="")
    geometry: Geometry = NOT_SENT
    location_status: LocationStatus = Field(default="approximate")
    location_accuracy_m: Accuracy = Field(default=0)
    location_note: LongText | None = None
    period_from: Year | None = None
    period_to: Year | None = None
    addressee: Text | None = None
    status: Status = Field(default="proposed")
    reason: LongText | None = None

    _feature = model_validator(mode="before")(flat_feature)


class ProposalProperties(BaseModel):
    """Properties of a proposal's feature."""

    model_config = ConfigDict(extra="allow")

    code: str
    name: str
    period_from: int | None
    period_to: int | None
    addressee: str | None
    status: Status
    location_status: LocationStatus
    location_accuracy_m: float
    units: list[UnitOut]
    version: int


class ProposalFeature(BaseModel):
    """One works proposal."""

    type: Literal["Feature"]
    id: str
    geometry: AnyGeometry
    properties: ProposalProperties


class ProposalCollection(BaseModel):
    """A page of works proposals."""

    type: Literal["FeatureCollection"]
    links: list[Link]
    features: list[ProposalFeature]
