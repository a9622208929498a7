"""GET /map: the frame, with the nonce of this answer put in."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from app.db import ReadDb
from app.i18n import LANGUAGES, language_of
from app.maps import frame
from app.people.access import Anybody
from app.people.rules import Caller
from app.units import queries as units

router = APIRouter(include_in_schema=False)

THEMES = ("light", "dark")
YEAR_S = 365 * 86400


def pins_of(db: ReadDb, caller: Caller) -> frozenset[str]:
    """The units whose places `caller` may go and measure, as the map's script compares them."""
    if not caller.may("inspect"):
        return frozenset()
    brief = units.brief(db)
    return frozenset(
        f"{brief[unit_id]['code']}@{brief[unit_id]['valid_from'] or ''}" for unit_id in caller.unit_ids
    )


@router.get("/map")
def show(request: Request, db: ReadDb, caller: Anybody) -> Response:
    """The map; places come from the API."""
    language, asked = (
        language_of(request),
        request.query_params.get("theme") or request.cookies.get("taluy_theme"),
    )
    look = frame.Look(
        language=language,
        theme=asked if asked in THEMES else None,
        practice=bool(getattr(request.app.state, "practice", False)),
        tile_url=request.app.state.settings.tile_url,
        pins=pins_of(db, caller),
    )
    text = frame.frame(look).replace(frame.NONCE, request.state.csp_nonce)
    answer = HTMLResponse(text, headers={"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept"})
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie("taluy_lang", language, max_age=YEAR_S, samesite="lax")
    return answer
