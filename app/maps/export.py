"""`taluy map OUT.html`: the map in one file that opens anywhere, without a network and without a server.

The scripts are the ones of the page, joined into one; the places are carried as JSON, public fields only.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import assets, clock, installation
from app.db import Database
from app.maps import frame
from app.measures import proposal_routes
from app.measures import queries as measures
from app.outputs import dump
from app.people.rules import ANONYMOUS
from app.settings import Settings
from app.signboards import queries as signboards
from app.signboards import routes as signboard_routes
from app.sites import queries as sites
from app.sites import routes as site_routes
from app.units import routes as unit_routes

MODULES: Final = "taluy/map/"
MOST: Final = 1_000_000
_IMPORT: Final = re.compile(r"""^import\s*\{([^}]*)\}\s*from\s*"\./([a-z]+)\.js";\n""", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?function|const|class)", re.MULTILINE)
_NAMES: Final = re.compile(
    r"^export (?:async function\*?|function\*?|const|class)\s*([A-Za-z]+)", re.MULTILINE
)


def _in_order(name: str, seen: dict[str, str]) -> Iterator[str]:
    """The module and, before it, what it imports."""
    if name in seen:
        return
    seen[name] = assets.inline(f"{MODULES}{name}.js")
    for _, needed in _IMPORT.findall(seen[name]):
        yield from _in_order(needed, seen)
    yield name


def bundle(entry: str = "main") -> str:
    """Our modules as one script: each a function that hands out what it exports; `start` becomes global.

    Raises `ValueError` where a module imports or exports in a way that this cannot join.
    """
    sources: dict[str, str] = {}
    parts = []
    for name in _in_order(entry, sources):
        text = sources[name]
        exported = ", ".join(_NAMES.findall(text))
        body = _EXPORT.sub("", _IMPORT.sub(lambda found: f"const {{{found[1]}}} = m_{found[2]};\n", text))
        if re.search(r"^(?:import|export)\b", body, re.MULTILINE):
            raise ValueError(f"{name}.js imports or exports in a way that cannot be joined")
        parts.append(f"const m_{name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();\n")
    return f'(() => {{\n"use strict";\n{"".join(parts)}window.start = m_{entry}.start;\n}})();\n'


def _collections(db: Session) -> dict[str, Any]:
    """What the map fetches from the service, as anybody may see it."""
    today = clock.today()
    wanted = sites.Wanted(limit=MOST)
    boards = signboards.page(db, limit=MOST)
    return {
        "sites": {"features": list(site_routes.features(db, sites.page(db, wanted, today=today), ANONYMOUS))},
        "signboards": {"features": list(signboard_routes.features(db, boards, ANONYMOUS))},
        "proposals": {
            "features": list(
                proposal_routes.features(
                    db, measures.proposals(db, bbox=None, after=0, limit=MOST), ANONYMOUS
                )
            )
        },
        "units": orjson.loads(unit_routes.units(db, ANONYMOUS).body),
        "measures": {
            "measures": measures.page(db, site=None, status=None, after=0, limit=MOST, today=today)[0],
        },
    }


def carried(db: Session) -> dict[str, Any]:
    """Everything that the copy carries: the collections, and what is known of each site."""
    found = _collections(db)
    codes = [feature["properties"]["code"] for feature in found["sites"]["features"]]
    details = {code: site_routes.detail(db, ANONYMOUS, code) for code in codes}
    return {"as_of": clock.now(), **found, "details": details}


def safe_json(value: object) -> Markup:
    """`value` as JSON that can stand inside a script element, whatever people typed."""
    text = dump(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - nothing in it can end the element # nosec B704


def export_map(database: Database, settings: Settings, out: Path, language: str = "vi") -> int:
    """Write the map into one file; how many sites it holds. Links lead to TALUY_BASE_URL where that is set."""
    with database.read() as db:
        data = carried(db)
        practice = installation.fact(db, "practice") is not None
    look = frame.Look(
        language=language,
        practice=practice,
        tile_url="",
        site_url=settings.origin if settings.base_url else None,
        alone=True,
    )
    code = [*(assets.inline(name) for name in frame.LIBRARIES), bundle()]
    text = frame.draw(
        look,
        {
            "sheets": [Markup(assets.inline(name)) for name in frame.STYLES],  # noqa: S704 - our own files # nosec B704
            "code": [Markup(script) for script in code],  # noqa: S704 - our files and pinned packages # nosec B704
            "data": safe_json(data),
        },
    )
    out.write_text(text, encoding="utf-8")
    return len(data["sites"]["features"])
