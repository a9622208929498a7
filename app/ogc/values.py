"""Values of query parameters, read to the type of the property that they are compared with."""

import math
import re
from datetime import date
from typing import Any, Final

from sqlalchemy import Uuid

from app.errors import BadRequest, Unprocessable
from app.i18n import N_
from app.ogc.fields import Field, Type
from app.ogc.moments import moment_in
from app.text import nfc

_INTEGER: Final = re.compile(r"\s*[-+]?\d{1,18}\s*", re.ASCII)
_NUMBER: Final = re.compile(r"\s*[-+]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][-+]?\d{1,3})?\s*", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UUID: Final = re.compile(r"[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-[\da-fA-F]{12}", re.ASCII)
_BOOLEANS: Final = {"true": True, "false": False}
EXPECTED: Final[dict[Type, str]] = {
    "string": N_("Parameter {name}: text."),
    "integer": N_("Parameter {name}: a whole number."),
    "number": N_("Parameter {name}: a number."),
    "boolean": N_("Parameter {name}: true or false."),
    "date": N_("Parameter {name}: a day such as 2026-11-23."),
    "date-time": N_("Parameter {name}: a moment such as 2026-11-23T08:00:00Z."),
}


def value_in(text: str, field: Field) -> Any:
    """The value of `field` that `text` is. Raises `BadRequest` where it is of another type or none of its enum."""
    value = _value(text, field.type)
    if isinstance(field.column.type, Uuid) and not _UUID.fullmatch(text):
        raise BadRequest(
            N_("Parameter {name}: an identifier of 32 digits such as 1e4a9c50-7b3d-4f52-9a61-0d2c8e5b7f14."),
            pointer=f"?{field.name}",
            name=field.name,
        )
    if value is None:
        raise BadRequest(EXPECTED[field.type], pointer=f"?{field.name}", name=field.name)
    if field.enum and value not in field.enum:
        raise BadRequest(
            N_("Parameter {name}: one of {values}."),
            pointer=f"?{field.name}",
            name=field.name,
            values=", ".join(field.enum),
        )
    return value


def _value(text: str, type_: Type) -> Any:
    """The value, or None where `text` is none of that type."""
    match type_:
        case "string":
            return _text(text)
        case "integer":
            return int(text) if _INTEGER.fullmatch(text) else None
        case "number":
            number = float(text) if _NUMBER.fullmatch(text) else math.inf
            return number if math.isfinite(number) else None
        case "boolean":
            return _BOOLEANS.get(text)
        case "date":
            return _day(text)
        case "date-time":
            return moment_in(text)


def _text(text: str) -> str | None:
    """As the registry keeps it: in NFC."""
    try:
        return nfc(text)
    except Unprocessable:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
