"""GET /phone: the app's page, the same for everybody."""

import gzip

from fastapi import APIRouter, Request, Response

from app.door.headers import Dress
from app.people.access import Everybody
from app.phone.shell import Shell, shell
from app.settings import Settings

router = APIRouter(include_in_schema=False)


def _shell(request: Request) -> Shell:
    settings: Settings = request.app.state.settings
    return shell(practice=bool(request.app.state.practice), tile_url=settings.tile_url)


@router.get("/phone")
def app(request: Request, _caller: Everybody) -> Response:
    """The app; it asks who one is by itself, and holds nothing of anybody."""
    made = _shell(request)
    body = made.html.encode()
    headers = {
        "Content-Security-Policy": Dress(request.app.state.settings).policy_for(script=made.script_hash),
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, 9, mtime=0), "gzip"
    return Response(body, headers=headers, media_type="text/html")
