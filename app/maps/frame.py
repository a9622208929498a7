"""The frame of the map: one Folium map and our own elements, whose scripts fetch the places.

Folium is imported when a frame is first drawn; a frame is drawn once for each language, theme and state of the
installation and kept as text. Places never pass through here: Folium's templates are no place for people's text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app import assets
from app.i18n import LANGUAGES, translate
from app.maps import words
from app.maps.symbols import shapes, symbol

NONCE: Final = "@@nonce@@"
TEMPLATES: Final = Path(__file__).resolve().parents[2] / "map_templates"
GROUND_FILE: Final = Path(__file__).with_name("ground.json")
STYLES: Final = (
    "leaflet/leaflet.css",
    "taluy/fonts.css",
    "taluy/taluy.css",
    "taluy/map/symbols.css",
    "taluy/map/map.css",
)
LIBRARIES: Final = ("leaflet/leaflet.js", "supercluster/supercluster.js")
ELEMENTS: Final = ("ground", "side", "details", "tools", "furniture")
SOURCES: Final = {
    "sites": "/api/sites?limit=10000",
    "signboards": "/api/signboards?limit=10000",
    "proposals": "/api/proposals?limit=1000",
    "units": "/api/units",
    "measures": "/api/measures",
    "site": "/api/sites/",
}

EARLY: Final = tuple(SOURCES[name] for name in ("sites", "signboards", "proposals", "units"))


@dataclass(frozen=True)
class Look:
    """What a frame depends on. `site_url` goes before links to pages; None where there are no pages to open.

    `pins` are the units, as code@valid_from, whose places the reader may go and measure.
    """

    language: str
    theme: str | None = None
    practice: bool = False
    tile_url: str = ""
    site_url: str | None = ""
    alone: bool = False
    pins: frozenset[str] = frozenset()


@cache
def ground() -> dict[str, Any]:
    """Streams, names and guessed edges below the places; sources in data/SOURCES.md."""
    found: dict[str, Any] = json.loads(GROUND_FILE.read_text(encoding="utf-8"))
    return found


def as_json(value: object) -> Markup:
    """`value` as JSON that can stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - nothing in it can end the element # nosec B704


def module_url(name: str) -> Markup:
    """Address of one of our modules, as an import says it; the import map adds the hash."""
    return Markup(f"/assets/taluy/map/{name}.js")  # noqa: S704 - our own names # nosec B704


@cache
def modules() -> tuple[str, ...]:
    """Our scripts, which the page fetches all at once."""
    folder = assets.__file__ and Path(assets.__file__).with_name("static") / "map"
    return tuple(f"taluy/map/{path.name}" for path in sorted(Path(folder).glob("*.js")))


def sprite(name: str) -> Markup:
    """A Lucide icon that the page holds once, by reference."""
    return Markup('<svg class="ic" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>').format(
        name
    )


def drawn_icons() -> Markup:
    """The icons that templates and scripts name, as symbols."""
    files = [*sorted(TEMPLATES.glob("*.html")), *sorted(words.SCRIPTS.glob("*.js"))]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    names = sorted(set(re.findall(r"""\b(?:icon|tool)\((?:"[a-z]+", )?["']([a-z0-9-]+)["']""", text)))
    inner = {name: re.sub(r"^<svg[^>]*>|</svg>$", "", str(assets.icon(name))) for name in names}
    symbol = Markup('<symbol id="i-{}" viewBox="0 0 24 24">{}</symbol>')
    return Markup("").join(
        symbol.format(name, Markup(drawing))  # noqa: S704 - drawings of a pinned package # nosec B704
        for name, drawing in inner.items()
    )


@cache
def environment(language: str) -> Environment:
    """The map's templates with their words; undefined names are errors."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def say(message: str, **values: object) -> str:
        text = translate(message, language)
        return escape(text).format(**values) if values else text

    made.globals.update(
        _=say,
        lang=language,
        languages=LANGUAGES,
        nonce=NONCE,
        asset_url=assets.asset_url,
        import_map=assets.import_map,
        icon=sprite,
        symbol=symbol,
        module_url=module_url,
    )
    return made


def config(look: Look) -> dict[str, Any]:
    """What the scripts need to know before they fetch the places."""
    return {
        "language": look.language,
        "theme": look.theme,
        "practice": look.practice,
        "tiles": look.tile_url,
        "pages": look.site_url,
        "pins": sorted(look.pins),
        "sources": None if look.alone else SOURCES,
        "phrases": words.phrases(look.language),
        "tables": words.tables(look.language),
        "shapes": shapes(),
        "ground": ground(),
    }


def draw(look: Look, extra: Mapping[str, Any] | None = None) -> str:
    """The page as text; the nonce of an answer goes where `NONCE` stands."""
    from app.maps.elements import Frame, Page, Part

    made = environment(look.language)
    page = Page(
        made.get_template("page.html"),
        {
            "look": look,
            "styles": STYLES,
            "libraries": LIBRARIES,
            "modules": modules(),
            "early": EARLY,
            "icons": drawn_icons(),
            "config": as_json(config(look)),
            **(extra or {}),
        },
    )
    frame = Frame(made.get_template("map.html"), ground()["centre"], ground()["zoom"])
    page.add_child(frame)
    for name in ELEMENTS:
        frame.add_child(Part(name, made.get_template(f"{name}.html"), look))
    return str(page.render())


@cache
def frame(look: Look) -> str:
    """As `draw`, once for every look."""
    return draw(look)
