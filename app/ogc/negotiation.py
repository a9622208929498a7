"""In which format a resource is answered: its ending decides, else `?f=`, else the Accept header.

Source: RFC 9110, 12.5.1; OGC 17-069r4, 7.14 (`f` and endings are left to servers). The media type of the answer is
one that was asked for: GDAL refuses any other, so that GeoJSON goes out as application/json to who asks for that.
Parameters that a resource does not have are refused here too.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import BadRequest, NotAcceptable
from app.i18n import LANGUAGES, N_
from app.outputs import formats

ROOT: Final = "/ogc"


@dataclass(frozen=True)
class Format:
    """A format of a resource: its name (`?f=` and ending) with `also` other ones, and its media types, best first."""

    name: str
    title: str
    media_types: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called."""
        return (self.name, *self.also)


class Chosen(NamedTuple):
    """What a request is answered with."""

    format: Format
    media_type: str

    @property
    def name(self) -> str:
        """The format's name."""
        return self.format.name


JSON: Final = Format("json", "JSON", ("application/json",))
HTML: Final = Format("html", "HTML", ("text/html",))
SCHEMA: Final = Format("json", "JSON Schema", ("application/schema+json", "application/json"))
OPENAPI: Final = Format(
    "json",
    "OpenAPI 3.0",
    (
        "application/vnd.oai.openapi+json;version=3.0",
        "application/openapi+json;version=3.0",
        "application/json",
    ),
)
GEOJSON: Final = Format("geojson", "GeoJSON", ("application/geo+json", "application/json"), ("json",))
ALSO: Final[Mapping[str, tuple[str, ...]]] = {"geojsonseq": ("geojsonl", "geojsons"), "gpkg": ("geopackage",)}

DOCUMENT: Final = (JSON, HTML)
SCHEMAS: Final = (SCHEMA, HTML)
DESCRIPTION: Final = (OPENAPI, HTML)
ITEM: Final = (GEOJSON, HTML)
ITEMS: Final = (
    GEOJSON,
    HTML,
    *(
        Format(each.name, each.title, (each.media_type.partition(";")[0],), ALSO.get(each.name, ()))
        for each in formats().values()
        if each.name != GEOJSON.name
    ),
)
"""The formats of items: everything that `app.outputs` knows, and a page."""
ENDINGS: Final = frozenset(name for each in (*DOCUMENT, *ITEMS) for name in each.names)


def chosen(request: HTTPConnection, offered: Sequence[Format]) -> Chosen:
    """What to answer with; the first of `offered` where anything will do.

    Raises `BadRequest` for an `f`, `NotAcceptable` for an ending or an Accept header that none of `offered` meets.
    """
    accept = request.headers.get("accept", "")
    named = ending(request) or request.query_params.get("f")
    if named is None:
        found = _best(accept, tuple(offered))
        if found is None:
            raise NotAcceptable(_OFFERED, names=_names(offered))
        return found
    wanted = next((each for each in offered if named in each.names), None)
    if wanted is None and ending(request):
        raise NotAcceptable(_OFFERED, names=_names(offered))
    if wanted is None:
        raise BadRequest(
            N_("Parameter f names a format; formats here: {names}."), pointer="?f", names=_names(offered)
        )
    return _best(accept, (wanted,)) or Chosen(wanted, wanted.media_types[0])


def ending(request: HTTPConnection) -> str | None:
    """The format that the address ends with, without its dot."""
    found: str | None = request.scope.get("state", {}).get("ending")
    return found


def wants_page(request: HTTPConnection) -> bool:
    """Whether what goes wrong is told to a person in a browser: HTML was asked for, by name."""
    named = ending(request) or request.query_params.get("f")
    if named is not None:
        return named in HTML.names
    ranges = _ranges(request.headers.get("accept", ""))
    page = max((quality for kind, _, quality in ranges if kind == HTML.media_types[0]), default=0.0)
    return page > 0 and page >= max(quality for _, _, quality in ranges)


def check_known(request: HTTPConnection, *allowed: str) -> None:
    """Raise `BadRequest` for a query parameter that a resource does not have; `f` and `lang` are everywhere."""
    if request.query_params.get("lang", LANGUAGES[0]) not in LANGUAGES:
        raise BadRequest(
            N_("Parameter lang is one of: {names}."), pointer="?lang", names=", ".join(LANGUAGES)
        )
    known = {"f", "lang", *allowed}
    if wants_page(request):
        known.add("theme")
    refuse_unknown(request, known)


def refuse_unknown(request: HTTPConnection, known: AbstractSet[str]) -> None:
    """Raise `BadRequest` naming the parameters of a resource, and which of those sent is none of them.

    One that is no plain word is told by its place: nothing else of what was sent is ever said.
    """
    for place, name in enumerate(request.query_params, start=1):
        if name not in known and PLAIN.fullmatch(name):
            raise BadRequest(
                N_("There is no parameter {name} here; known are: {names}."),
                code="unknown-parameter",
                name=name,
                names=", ".join(sorted(known)),
            )
        if name not in known:
            raise BadRequest(
                N_("Parameter number {place} of the address is not known here; known are: {names}."),
                code="unknown-parameter",
                place=place,
                names=", ".join(sorted(known)),
            )


PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,39}", re.ASCII)
_OFFERED: Final = N_("Formats here: {names}.")


def _names(offered: Sequence[Format]) -> str:
    return ", ".join(f"{each.name} ({each.media_types[0]})" for each in offered)


Range = tuple[str, tuple[str, ...], float]
"""A media range: type and subtype, its parameters in order, its quality."""


def _ranges(accept: str) -> list[Range]:
    found = []
    for part in accept.lower().split(","):
        kind, *parameters = (each.strip().replace(" ", "") for each in part.split(";"))
        if "/" not in kind:
            continue
        given = [each for each in parameters if each]
        quality = next((each[2:] for each in given if each.startswith("q=")), "1")
        try:
            value = min(max(float(quality), 0.0), 1.0)
        except ValueError:
            value = 0.0
        kept = tuple(sorted(each for each in given if not each.startswith(("q=", "charset="))))
        found.append((kind, kept, value if value == value else 0.0))  # noqa: PLR0124 - NaN
    return found


def _quality(media_type: str, ranges: Sequence[Range]) -> tuple[float, int]:
    """How much `media_type` is wanted, and how exactly it was named (3 with parameters, 0 by */*).

    Source: RFC 9110, 12.5.1: the most exact range counts.
    """
    kind, *parameters = media_type.lower().split(";")
    best = (-1, 0.0)
    for range_, asked, quality in ranges:
        if range_ == kind and set(asked) <= set(parameters):
            exact = 3 if asked else 2
        elif range_ == f"{kind.partition('/')[0]}/*":
            exact = 1
        elif range_ == "*/*":
            exact = 0
        else:
            continue
        if exact > best[0]:
            best = (exact, quality)
    return best[1], best[0]


@lru_cache(maxsize=256)
def _best_of(accept: str, offered: tuple[Format, ...]) -> Chosen | None:
    ranges = _ranges(accept) or [("*/*", (), 1.0)]
    best: tuple[tuple[float, bool], Chosen] | None = None
    for each in offered:
        for media_type in each.media_types:
            quality, exact = _quality(media_type, ranges)
            rank = (quality, exact >= 2)  # noqa: PLR2004 - named, not by a wildcard
            if quality > 0 and (best is None or rank > best[0]):
                best = (rank, Chosen(each, media_type))
    return best[1] if best else None


LONGEST_KEPT: Final = 400


def _best(accept: str, offered: tuple[Format, ...]) -> Chosen | None:
    """The first of the best-wanted formats of `offered`; None where none is wanted."""
    look = _best_of if len(accept) <= LONGEST_KEPT else _best_of.__wrapped__
    return look(accept, offered)


class Endings:
    """The ASGI middleware that takes endings such as `.geojson`, and a last slash, off the addresses of the door.

    The ending is left in `scope["state"]["ending"]`, and the address as it was asked for in `"asked_path"`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on."""
        asked: str = scope.get("path", "")
        if scope["type"] != "http" or not (asked == ROOT or asked.startswith((f"{ROOT}/", f"{ROOT}."))):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["asked_path"] = asked
        stem, dot, last = asked.rpartition(".")
        if dot and last in ENDINGS:
            state["ending"] = last
            scope["path"] = stem
        scope["path"] = scope["path"].rstrip("/") or ROOT
        try:
            await self.app(scope, receive, send)
        finally:
            scope["path"] = asked
