"""What the phone's app is made of: its modules, styles, texts and fonts, early and late.

Early files are what opening, listing, filling in and saving need; a phone keeps them before the version counts as
there. Late files come after the first start: fonts, the map, the scanner, what sends photos, the other language.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from posixpath import dirname, normpath
from typing import Final

import orjson

from app import assets

PHONE: Final = "taluy/phone/"
FIRST: Final = f"{PHONE}boot.js"
ENTRIES: Final = (FIRST, *(f"{PHONE}{name}.js" for name in ("app", "engine", "gps")))
EARLY_SCREENS: Final = ("near", "form", "saved")
STYLES: Final = (
    "taluy/taluy.css",
    "taluy/map/symbols.css",
    "taluy/inspect.css",
    "taluy/phone/phone.css",
)
LATE_STYLES: Final = ("taluy/fonts.css", "leaflet/leaflet.css")
LATE_ICONS: Final = f"{PHONE}icons.late.svg"
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
_STATIC: Final = re.compile(r"""(?:^|[;}\s])(?:import|export)\s*(?:[^"'();]*?\bfrom\s*)?["']([^"']+)["']""")
_DYNAMIC: Final = re.compile(r"""\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)""")


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
    first = [*ENTRIES, *(f"{PHONE}screens/{screen}.js" for screen in EARLY_SCREENS)]
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
