"""What a browser keeps for us: the session, and a secret by which it is known again. Never over an open network."""

import re
from typing import Final

from fastapi import Request, Response

from app.door.hosts import host_name, is_loopback
from app.errors import Forbidden
from app.i18n import N_
from app.people import queries
from app.settings import Settings

DEVICE_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
DEVICE_DAYS: Final = 180


def cookie_name(settings: Settings) -> str:
    """The session cookie's name: bound to the host where the service speaks https."""
    return "__Host-taluy" if settings.origin.startswith("https:") else "taluy"


def check_private_way(request: Request) -> None:
    """Raise `Forbidden` where a secret would cross a network in the clear: plain http from another machine."""
    settings: Settings = request.app.state.settings
    if settings.origin.startswith("https:") or is_loopback(host_name(request.headers.get("host", ""))):
        return
    raise Forbidden(
        N_(
            "Signing in from another machine needs https: set TALUY_TLS_CERT and TALUY_TLS_KEY, see the README."
        ),
        code="https-needed",
    )


def session_token(request: Request) -> str | None:
    """The token in the browser's cookie."""
    return request.cookies.get(cookie_name(request.app.state.settings))


def start_session(request: Request, response: Response, token: str) -> None:
    """Hand the browser its cookie. Raises `Forbidden` over plain http from another machine."""
    settings: Settings = request.app.state.settings
    check_private_way(request)
    _set_cookie(request, response, "", token, days=settings.session_days)
    remember_device(request, response)


def end_cookie(request: Request, response: Response) -> None:
    """Take the cookie back."""
    name = cookie_name(request.app.state.settings)
    response.delete_cookie(name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")


def device_of(request: Request) -> str:
    """The secret by which this browser is known again, a fresh one where it has none. Says nothing about anybody."""
    if not hasattr(request.state, "device"):
        kept = request.cookies.get(f"{cookie_name(request.app.state.settings)}_device", "")
        request.state.device = kept if DEVICE_SECRET.fullmatch(kept) else queries.new_token()
    device: str = request.state.device
    return device


def remember_device(request: Request, response: Response) -> None:
    """Let the browser keep its secret: tries at an account from elsewhere then do not stop its owner here."""
    _set_cookie(request, response, "_device", device_of(request), days=DEVICE_DAYS)


def _set_cookie(request: Request, response: Response, which: str, value: str, *, days: int) -> None:
    name = cookie_name(request.app.state.settings)
    response.set_cookie(
        f"{name}{which}",
        value,
        max_age=days * 86400,
        path="/",
        secure=name.startswith("__Host-"),
        httponly=True,
        samesite="lax",
    )
