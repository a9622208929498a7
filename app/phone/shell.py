"""The shell of the phone's app: one page that stays the same for its version, and the files that it is made of.

Early files are what opening, listing, filling in and saving need; a phone keeps them before the version counts as
there. Late files come after the first start: fonts, the map, the scanner, what sends photos, the other language.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, normpath
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app import assets
from app.maps.symbols import shapes

PHONE: Final = "taluy/phone/"
FIRST: Final = f"{PHONE}boot.js"
PARTS: Final = (FIRST, *(f"{PHONE}{name}.js" for name in ("app", "engine", "gps")))
EARLY_SCREENS: Final = ("near", "form", "saved")
STYLES: Final = (
    "taluy/taluy.css",
    "taluy/map/symbols.css",
    "taluy/inspect.css",
    "taluy/phone/phone.css",
)
LATE_STYLES: Final = ("taluy/fonts.css", "leaflet/leaflet.css")
LATE_ICONS: Final = f"{PHONE}icons.late.svg"
PAGES: Final = ("/phone", "/phone/offline")
TEXTS: Final = {
    "vi": (f"{PHONE}texts.vi.json", f"{PHONE}texts.vi.late.json"),
    "en": (f"{PHONE}texts.en.json", f"{PHONE}texts.en.late.json"),
}
"""Of each language: what early screens say, and the rest."""
EARLY_TEXTS: Final = frozenset(
    (
        "app",
        "tab",
        "strip",
        "time",
        "direction",
        "near",
        "form",
        "saved",
        "condition",
        "risk",
        "kind",
        "located",
    )
)
"""What the keys of early texts begin with."""
FONTS: Final = tuple(name for name in assets.FROM_PACKAGES if name.startswith("fonts/"))
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

_STATIC: Final = re.compile(r"""(?:^|[;}\s])(?:import|export)\s*(?:[^"'();]*?\bfrom\s*)?["']([^"']+)["']""")
_DYNAMIC: Final = re.compile(r"""\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)""")
_ICON_CALL: Final = re.compile(r"\bicon\(([^()]*)\)")
_QUOTED: Final = re.compile(r"""["']([a-z0-9-]+)["']""")
_TEMPLATES: Final = Path(__file__).parent / "templates"


def _texts(table: bytes, language: str, *, early: bool) -> bytes:
    words = orjson.loads(table)
    return orjson.dumps(
        {
            key: said[language]
            for key, said in words.items()
            if (key.partition(".")[0] in EARLY_TEXTS) == early
        }
    )


assets.MADE.update(
    {
        name: (f"{PHONE}texts.json", partial(_texts, language=language, early=early))
        for language, names in TEXTS.items()
        for name, early in zip(names, (True, False), strict=True)
    }
)


@dataclass(frozen=True, slots=True)
class Files:
    """Public names of what the app is made of; `packages` are imported by their own names."""

    early: tuple[str, ...]
    late: tuple[str, ...]
    packages: tuple[str, ...]

    @property
    def scripts(self) -> tuple[str, ...]:
        """Our modules."""
        return tuple(name for name in (*self.early, *self.late) if name.startswith("taluy/"))


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


@cache
def _imports(name: str, content: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a module imports at once, and what later; `content` is its hash, so that changes are seen."""
    del content
    code = assets.asset(name).body.decode()
    return (
        tuple(_target(name, link) for link in _STATIC.findall(code)),
        tuple(_target(name, link) for link in _DYNAMIC.findall(code) if "${" not in link),
    )


def _target(name: str, link: str) -> str:
    if link in assets.BARE:
        return assets.BARE[link]
    return normpath(f"{dirname(name)}/{link}") if link.startswith(".") else link.removeprefix("/assets/")


def _graph(roots: Iterable[str], *, late: bool = False) -> Iterator[str]:
    """The modules that `roots` need, themselves first; with `late` also what they import when it is used."""
    waiting, seen = list(roots), set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        try:
            now, then = _imports(name, assets.asset(name).hash)
        except assets.UnknownAssetError:
            continue
        yield name
        if name.startswith("taluy/"):
            waiting += [*now, *(then if late else ())]


def files() -> Files:
    """What the app is made of, read off the imports of its modules."""
    every = [name for name in assets.own_names() if name.startswith(PHONE) and name.endswith(".js")]
    screens = {name for name in every if name.startswith(f"{PHONE}screens/")}
    first = [*PARTS, *(f"{PHONE}screens/{screen}.js" for screen in EARLY_SCREENS)]
    early = list(_graph(first))
    late = [name for name in _graph([*first, *sorted(screens)], late=True) if name not in early]
    used = {*early, *late}
    return Files(
        early=("taluy/icon.svg", *STYLES, *_sheets(early=True), *early, TEXTS["vi"][0]),
        late=(*late, *LATE_STYLES, *_sheets(early=False), LATE_ICONS, TEXTS["vi"][1], *TEXTS["en"], *FONTS),
        packages=tuple(package for package, name in assets.BARE.items() if name in used),
    )


def _sheets(*, early: bool) -> tuple[str, ...]:
    """Stylesheets of single screens, beside `phone.css`; those of late screens come late."""
    named = {f"{PHONE}{screen}.css" for screen in EARLY_SCREENS}
    own = [name for name in assets.own_names() if name.startswith(PHONE) and name.endswith(".css")]
    return tuple(name for name in own if name not in STYLES and (name in named) == early)


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
        script_hash=f"'sha256-{b64encode(sha256(imports.encode()).digest()).decode()}'",
        worker=f"self.TALUY = {_json(kept)};\n{worker.body.decode()}",
        early=tuple(early),
        late=tuple(late),
    )
