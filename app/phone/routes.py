"""The app's page, its service worker and its manifest: the same for everybody."""

import gzip
from functools import lru_cache
from typing import Final, Literal

import orjson
from fastapi import APIRouter, Request, Response

from app.assets import asset_url
from app.door.headers import Dress
from app.i18n import N_, translate
from app.people.access import Everybody
from app.phone.shell import Shell, in_one, shell
from app.settings import Settings

router = APIRouter(include_in_schema=False)

NAME: Final = N_("The phone in the field")
ABOUT: Final = N_("Log inspections of dangerous places, also without a network.")
SCAN: Final = N_("Scan the board's QR")
QUEUE: Final = N_("Not sent yet")

ICONS: Final = (("192", "any"), ("512", "any"), ("maskable-512", "maskable"))
"""Drawings beside the app's files, by size and purpose."""


def _shell(request: Request) -> Shell:
    settings: Settings = request.app.state.settings
    return shell(practice=bool(request.app.state.practice), tile_url=settings.tile_url)


@lru_cache(maxsize=8)
def _squeezed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def _answer(request: Request, made: Shell, body: bytes, media_type: str, **headers: str) -> Response:
    """One part of a version, and which version that is."""
    headers = {
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "Taluy-Version": made.version,
    } | headers
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"], body = "gzip", _squeezed(body)
    return Response(body, headers=headers, media_type=media_type)


def _page(request: Request, made: Shell, text: str) -> Response:
    """One page; its headers are kept with it on the phone, so that nothing in them may change."""
    policy = Dress(request.app.state.settings).policy_for(script=made.script_hash)
    return _answer(request, made, text.encode(), "text/html", **{"Content-Security-Policy": policy})


@router.get("/phone/files/{group}")
def files(request: Request, _caller: Everybody, group: Literal["early", "late"]) -> Response:
    """The scripts and texts of this version in one piece."""
    made = _shell(request)
    return _answer(request, made, in_one(made.early if group == "early" else made.late), "application/json")


@router.get("/phone")
def app(request: Request, _caller: Everybody) -> Response:
    """The app; it asks who one is by itself, and holds nothing of anybody."""
    made = _shell(request)
    return _page(request, made, made.html)


@router.get("/phone/offline")
def offline(request: Request, _caller: Everybody) -> Response:
    """What a phone shows that has neither a network nor the page that was asked for."""
    made = _shell(request)
    return _page(request, made, made.offline)


@router.get("/phone/sw.js")
def worker(request: Request, _caller: Everybody) -> Response:
    """The service worker with the version that it keeps; it answers for places too, hence for the whole origin."""
    made = _shell(request)
    return _answer(request, made, made.worker.encode(), "text/javascript", **{"Service-Worker-Allowed": "/"})


@router.get("/phone/manifest.webmanifest")
def manifest(_caller: Everybody) -> Response:
    """What a phone needs to know to put the app on its home screen."""
    vi = {text: translate(text, "vi") for text in (NAME, ABOUT, SCAN, QUEUE)}
    content = {
        "id": "/phone",
        "name": f"Taluy: {vi[NAME]}",
        "short_name": "Taluy",
        "description": vi[ABOUT],
        "lang": "vi",
        "start_url": "/phone",
        "scope": "/",
        "display": "standalone",
        "background_color": "#FFFFFF",
        "theme_color": "#FFFFFF",
        "icons": [
            {"src": asset_url("taluy/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            *(
                {
                    "src": asset_url(f"taluy/phone/icon-{name}.png"),
                    "sizes": f"{(size := name.rpartition('-')[2])}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for name, purpose in ICONS
            ),
        ],
        "shortcuts": [
            {"name": vi[SCAN], "url": "/phone#/scan"},
            {"name": vi[QUEUE], "url": "/phone#/queue"},
        ],
    }
    return Response(
        orjson.dumps(content), headers={"Cache-Control": "no-cache"}, media_type="application/manifest+json"
    )
