"""Who is asking, as FastAPI dependencies: a route without a verb is refused when the service starts."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts

from app import clock
from app.db import Database, ReadDb
from app.errors import Forbidden
from app.i18n import N_
from app.people import queries
from app.people.rules import ANONYMOUS, Caller, Verb, check_may
from app.security import host_name, is_loopback
from app.settings import Settings

TOUCH_EVERY: Final = timedelta(minutes=5)

Now = Annotated[datetime, Depends(clock.now)]


def cookie_name(settings: Settings) -> str:
    """The session cookie's name: bound to the host where the service speaks https."""
    return "__Host-taluy" if settings.origin.startswith("https:") else "taluy"


def caller_of(request: Request, db: ReadDb) -> Caller:
    """Who is asking. The stamp of last use is written apart from the request's own transaction, and rarely."""
    settings: Settings = request.app.state.settings
    token = request.cookies.get(cookie_name(settings))
    if not token:
        return ANONYMOUS
    now = clock.now()
    idle = timedelta(hours=settings.session_idle_hours)
    caller, last_used_at = queries.caller(db, token, at=now, idle=idle)
    if last_used_at is not None and now - last_used_at > TOUCH_EVERY:
        database: Database = request.app.state.database
        with database.write() as own:
            queries.touch_session(own, token, at=now)
    return caller


Whoever = Annotated[Caller, Depends(caller_of)]


class Permission:
    """A dependency that lets callers with one verb through and hands the route who they are."""

    def __init__(self, verb: Verb) -> None:
        self.verb = verb

    def __call__(self, caller: Whoever) -> Caller:
        """The caller, once it is sure that they may."""
        check_may(caller, self.verb)
        return caller


class Unasked(Permission):
    """For what is the same for everybody: nobody is looked up, the database is not asked."""

    def __call__(self) -> Caller:  # type: ignore[override] # FastAPI calls it with what it asks for: nothing
        """Nobody in particular."""
        return ANONYMOUS


Everybody = Annotated[Caller, Depends(Unasked("read"))]
Anybody = Annotated[Caller, Depends(Permission("read"))]
SigningIn = Annotated[Caller, Depends(Permission("sign_in"))]
Insider = Annotated[Caller, Depends(Permission("read_internal"))]
Officer = Annotated[Caller, Depends(Permission("inspect"))]
Board = Annotated[Caller, Depends(Permission("edit_places"))]
Publisher = Annotated[Caller, Depends(Permission("publish"))]
Administrator = Annotated[Caller, Depends(Permission("manage_people"))]


def verb_of(route: APIRoute) -> Verb | None:
    """The verb that `route` asks for; None where it names none."""
    waiting: list[Any] = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        if isinstance(dependant.call, Permission):
            return dependant.call.verb
        waiting += dependant.dependencies
    return None


def api_routes(app: FastAPI) -> Iterator[Any]:
    """Every route that FastAPI answers, however deep it was included."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context


def refuse_unguarded(app: FastAPI) -> None:
    """Stop the start of a service with a route that names no verb (default deny)."""
    open_doors = [context.path for context in api_routes(app) if verb_of(context.original_route) is None]
    if open_doors:
        raise RuntimeError(f"Routes without a verb: {', '.join(map(str, open_doors))}")


def start_session(request: Request, response: Response, token: str) -> None:
    """Hand the browser its cookie. Raises `Forbidden` over plain http from another machine."""
    settings: Settings = request.app.state.settings
    secure = settings.origin.startswith("https:")
    if not secure and not is_loopback(host_name(request.headers.get("host", ""))):
        raise Forbidden(
            N_(
                "Signing in from another machine needs https: set TALUY_TLS_CERT and TALUY_TLS_KEY, see the README."
            ),
            code="https-needed",
        )
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=settings.session_days * 86400,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def new_token() -> str:
    """A secret nobody can guess, safe in a cookie or a link."""
    return secrets.token_urlsafe(32)
