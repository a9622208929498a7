"""How the columns of a file are called, and how their cells read."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from app.outputs import FORMULA
from app.records import visible
from app.signboards.model import Signboard
from app.signboards.schemas import SignboardIn
from app.sites.model import Site
from app.sites.schemas import SiteIn
from app.text import search_key

POSITION: Final = ("lon", "lat", "easting", "northing", "wkt")
NUMBERS: Final = frozenset(
    {
        *POSITION[:4],
        "location_accuracy_m",
        "households_at_risk",
        "people_at_risk",
        "households_moved_out",
        "people_moved_out",
    }
)
SETTABLE: Final[Mapping[str, frozenset[str]]] = {
    "site": frozenset(SiteIn.model_fields),
    "signboard": frozenset(SignboardIn.model_fields),
}
KEPT_BY_US: Final = frozenset(
    {*visible(Site, "private"), *visible(Signboard, "private"), "overdue", "units", "site"}
)
"""Columns of our own exports that an import leaves alone without a word where it cannot set them."""

SPELLINGS: Final[Mapping[str, str]] = {
    "ma": "code",
    "ma so": "code",
    "ten": "name",
    "ten vi tri": "name",
    "loai": "kind",
    "dia chi": "address",
    "muc nguy co": "risk_level",
    "sai so m": "location_accuracy_m",
    "sai so": "location_accuracy_m",
    "longitude": "lon",
    "lng": "lon",
    "kinh do": "lon",
    "latitude": "lat",
    "vi do": "lat",
    "e": "easting",
    "e m": "easting",
    "dong": "easting",
    "dong y": "easting",
    "y dong": "easting",
    "n": "northing",
    "n m": "northing",
    "bac": "northing",
    "bac x": "northing",
    "x bac": "northing",
}


def key(header: str) -> str:
    """A header as it is compared: "Đông (Y)" is `dong y`, "location_accuracy_m" is `location accuracy m`."""
    return re.sub(r"[^a-z0-9]+", " ", search_key(header)).strip()


KNOWN: Final[Mapping[str, str]] = {
    **SPELLINGS,
    **{key(name): name for name in (*POSITION, *KEPT_BY_US, *SETTABLE["site"], *SETTABLE["signboard"])},
}


def field_of(header: str) -> str:
    """The field that a header means; an unknown one as it stands."""
    return KNOWN.get(key(header), header.strip())


def unused(fields: Iterable[str], kind: str) -> list[str]:
    """Fields of a file that an import of `kind` neither sets nor knows."""
    known = SETTABLE[kind] | KEPT_BY_US | {*POSITION, ""}
    return sorted({field for field in fields if field not in known})


def read_cell(field: str, text: str) -> str | float | None:
    """A cell's value, None where it says nothing; what should be a number and is none stays text, to be refused."""
    text = text.strip()
    if not text:
        return None
    if field in NUMBERS:
        return number(text)
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


def number(text: str) -> str | float:
    """A number, whole where it can be; as it is written in Vietnam too: "1.322.582,41", "573 418,073"."""
    bare = re.sub(r"[\s\u00a0\u202f]", "", text)
    if bare.count(",") == 1:
        bare = bare.replace(".", "").replace(",", ".")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "")
    try:
        value = float(bare)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value
