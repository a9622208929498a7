"""The shell of the phone's app: one page that stays the same for its version, and what a phone keeps of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app import assets
from app.door.headers import source_of
from app.maps.symbols import shapes
from app.phone.parts import FIRST, LATE_ICONS, PHONE, TEXTS, files

PAGES: Final = ("/phone", "/phone/offline")
ICONS: Final = (
    "check",
    "chevron-right",
    "chevrons-down",
    "cloud-off",
    "cloud-upload",
    "eye-off",
    "lock",
    "octagon-alert",
    "user",
    "wifi-off",
)
"""Lucide icons whose names stand in data; those written within icon(…) in a script are found by themselves."""

_ICON_CALL: Final = re.compile(r"\bicon\(([^()]*)\)")
_QUOTED: Final = re.compile(r"""["']([a-z0-9-]+)["']""")
_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Shell:
    """One version of the app: its page, what the page may run, and what a phone keeps.

    `offline` is what somebody reads who opens a place without a network and without the app.
    """

    version: str
    html: str
    offline: str
    script_hash: str
    worker: str
    early: tuple[str, ...]
    late: tuple[str, ...]


def _icon_names(names: Iterable[str], *, more: Iterable[str] = ()) -> set[str]:
    """The icons that modules name, and the texts `more`."""
    texts = [
        *(
            assets.asset(name).body.decode()
            for name in names
            if name.startswith(PHONE) and name.endswith(".js")
        ),
        *more,
    ]
    calls = [call for text in texts for call in _ICON_CALL.findall(text)]
    return {name for call in calls for name in _QUOTED.findall(call) if assets.has_icon(name)}


def _early_icons(early: Iterable[str]) -> set[str]:
    return _icon_names(
        early, more=(path.read_text(encoding="utf-8") for path in sorted(_TEMPLATES.glob("*.html")))
    )


def _symbols(names: Iterable[str]) -> Markup:
    """Icons as the symbols of one sprite."""
    drawings = {name: re.sub(r"^<svg[^>]*>|</svg>$", "", str(assets.icon(name))) for name in sorted(names)}
    symbol = Markup('<symbol id="i-{}" viewBox="0 0 24 24">{}</symbol>')
    return Markup("").join(
        symbol.format(name, Markup(drawing))  # noqa: S704 - drawings of a pinned package # nosec B704
        for name, drawing in drawings.items()
    )


def _late_icons(_source: bytes) -> bytes:
    found = files()
    names = _icon_names(found.late) - _early_icons(found.early)
    return f'<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true">{_symbols(names)}</svg>'.encode()


assets.MADE[LATE_ICONS] = (f"{PHONE}texts.json", _late_icons)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset_url=assets.asset_url, icon=_sprite_icon)
    return made


def _sprite_icon(name: str) -> Markup:
    return Markup('<svg class="ic" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>').format(
        name
    )


def in_one(addresses: Iterable[str]) -> bytes:
    """The scripts and texts among `addresses` as one JSON object, which packs far better than each of them."""
    names = [address.removeprefix("/assets/").partition("?")[0] for address in addresses]
    return orjson.dumps(
        {name: assets.asset(name).body.decode() for name in names if name.endswith((".js", ".json"))}
    )


def _json(value: Any) -> Markup:
    """`value` as JSON that can stand inside a script element."""
    return Markup(orjson.dumps(value).decode().replace("<", "\\u003c"))  # noqa: S704 - our own JSON, "<" escaped # nosec B704


def shell(*, practice: bool, tile_url: str) -> Shell:
    """The app as it is now. Everything that a page of it depends on is part of its version."""
    return _made(assets.stamp(*sorted(_TEMPLATES.glob("*.html"))), practice=practice, tile_url=tile_url)


@lru_cache(maxsize=2)
def _made(stamp: object, *, practice: bool, tile_url: str) -> Shell:
    """Put together once for each state of the files, which `stamp` stands for."""
    del stamp
    found = files()
    texts: dict[str, dict[str, str]] = orjson.loads(assets.asset(f"{PHONE}texts.json").body)
    imports = assets.import_map(found.scripts, found.packages)
    config = {
        "practice": practice,
        "tiles": tile_url,
        "texts": {language: [assets.asset_url(name) for name in names] for language, names in TEXTS.items()},
        "styles": {name: assets.asset_url(name) for name in found.late if name.endswith(".css")},
        "icons": assets.asset_url(LATE_ICONS),
        "shapes": shapes(),
    }
    parts = {
        "practice": practice,
        "tiles": tile_url,
        "say": lambda key: texts.get(key, {}).get("vi", key),
        "styles": [name for name in found.early if name.endswith(".css")],
        "import_map": imports,
        "icons": _symbols(_early_icons(found.early)),
        "first": FIRST,
    }
    page = _environment().get_template("shell.html")
    offline = _environment().get_template("offline.html").render(practice=practice)
    worker = assets.asset(f"{PHONE}sw.js")
    early, late = ([assets.asset_url(name) for name in names] for names in (found.early, found.late))
    draft = page.render(parts, config=_json(config), version="")
    version = sha256("\n".join([draft, offline, worker.hash, *early, *late]).encode()).hexdigest()[:16]
    kept = {"version": version, "pages": PAGES, "early": early, "late": late}
    return Shell(
        version=version,
        html=page.render(parts, config=_json({"version": version, **config}), version=version),
        offline=offline,
        script_hash=source_of(imports),
        worker=f"self.TALUY = {_json(kept)};\n{worker.body.decode()}",
        early=tuple(early),
        late=tuple(late),
    )
