"""What crosses the wire for units."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

from app.wire import AnyGeometry


class UnitKey(BaseModel):
    """A unit's key: a code may be used again later."""

    code: str
    valid_from: date | None


class UnitProperties(UnitKey):
    """A unit with its validity; `valid_to` is the first day on which it no longer exists."""

    name: str
    valid_to: date | None
    accuracy_m: float | None
    note: str | None
    predecessors: list[UnitKey]


class UnitFeature(BaseModel):
    """One unit; its outline is null where nobody has drawn it."""

    type: Literal["Feature"]
    id: str
    geometry: AnyGeometry | None
    properties: UnitProperties


class UnitCollection(BaseModel):
    """Every unit of every period."""

    type: Literal["FeatureCollection"]
    features: list[UnitFeature]
