"""Turning a template into an answer: one Jinja environment a language, strict, escaping everything."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app import assets, clock
from app.i18n import LANGUAGES, language_of, translate
from app.maps.symbols import symbol
from app.pages import words
from app.pages.formats import Formats
from app.people.rules import Caller
from app.positions import queries as positions

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("light", "dark")
YEAR_S = 365 * 86400
OWN_ADDRESS = re.compile(r'(\s(?:href|src|action)="(?=/(?!/))|"(?=/assets/))')
"""Where an address of ours begins, in an attribute or in the import map."""


@cache
def icon(name: str, look: str = "") -> Markup:
    """A line icon beside a word; `look` is l or s for its size."""
    drawn = str(assets.icon(name)).replace('class="ic"', f'class="ic {look}"', 1)
    return Markup(drawn)  # noqa: S704 - an icon of a pinned package, chosen by our own template # nosec B704


def translator(language: str) -> Callable[..., str]:
    """`_` for templates: with values, they fill the braces and are escaped as anything else."""

    def gettext(message: str, **values: object) -> str:
        text = translate(message, language)
        return escape(text).format(**values) if values else text

    return gettext


@cache
def environment(language: str) -> Environment:
    """The templates with the words, filters and drawing helpers of `language`."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    gettext = translator(language)
    made.filters.update(Formats(language).filters())
    made.filters["t"] = gettext
    made.globals.update(
        _=gettext,
        lang=language,
        asset_url=assets.asset_url,
        import_map=assets.import_map,
        icon=icon,
        symbol=symbol,
        words=words,
        now=clock.now,
        today=clock.today,
    )  # fmt: skip
    return made


def here(request: Request, **changes: object) -> str:
    """The address of this page with some of its query changed; None takes a name away."""
    query = {**request.query_params, **changes}
    return with_query(request.url.path, query)


def with_query(path: str, query: Mapping[str, object]) -> str:
    """`path` with the names of `query` that have a value."""
    kept = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{kept}" if kept else path


def theme_of(request: Request) -> str | None:
    """Light or dark where the reader chose one; else the device decides."""
    asked = request.query_params.get("theme") or request.cookies.get("taluy_theme")
    return asked if asked in THEMES else None


def waiting_positions(request: Request, caller: Caller) -> int:
    """How many positions wait for the caller's decision, as the menu says; 0 for who decides nothing."""
    reading = getattr(request.state, "reading", None)
    if reading is None or not caller.may("edit_places"):
        return 0
    return positions.how_many_pending(reading, caller.unit_ids)


def under(prefix: str, text: str) -> str:
    """A page whose addresses begin as its reader sees them, behind a proxy that puts `prefix` in front of all.

    Only our templates write an attribute with a bare quote: what people wrote is escaped.
    """
    return OWN_ADDRESS.sub(lambda found: f"{found[1]}{prefix}", text)


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    caller: Caller,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Render `template` in the reader's language and theme, and keep what the reader chose by `?lang=`, `?theme=`."""
    language = language_of(request)
    shared = {
        "request": request,
        "path": request.url.path,
        "here": lambda **changes: (
            here(request, **changes)
            if status < HTTPStatus.BAD_REQUEST
            else with_query(request.url.path, changes)
        ),
        "csp_nonce": getattr(request.state, "csp_nonce", ""),
        "theme": theme_of(request),
        "practice": getattr(request.app.state, "practice", False),
        "settings": request.app.state.settings,
        "me": caller,
        "waiting_positions": waiting_positions(request, caller),
        "languages": LANGUAGES,
    }
    text = environment(language).get_template(template).render({**shared, **context})
    if prefix := getattr(request.state, "prefix", ""):
        text = under(prefix, text)
    answer = HTMLResponse(text, status_code=status, headers=dict(headers or {}))
    answer.headers.setdefault("Cache-Control", "no-store" if caller.role else "private, no-cache")
    answer.headers.setdefault("Vary", "Cookie, Accept")
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie("taluy_lang", language, max_age=YEAR_S, samesite="lax")
    if request.query_params.get("theme") in (*THEMES, "auto"):
        answer.set_cookie("taluy_theme", request.query_params["theme"], max_age=YEAR_S, samesite="lax")
    return answer
