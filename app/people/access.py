"""Who is asking, as FastAPI dependencies: a route without a verb is refused when the service starts."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app import clock
from app.db import Database, ReadDb
from app.door.hosts import UNSAFE, client_address
from app.door.public import is_open
from app.errors import BadRequest, Forbidden, Problem, Unauthorized
from app.i18n import N_
from app.people import queries
from app.people import token_queries as tokens
from app.people.cookies import check_private_way, cookie_name, device_of, session_token
from app.people.model import Person
from app.people.rules import (
    ANONYMOUS,
    Caller,
    Channel,
    Verb,
    Way,
    check_may,
    needs_second_factor,
    reach_of,
)
from app.settings import Settings
from app.throttle import Throttle

TOUCH_EVERY: Final = timedelta(minutes=5)
IN_ADDRESS: Final = frozenset({"token", "access_token", "auth_token", "apikey", "api_key", "api-key"})
"""Names under which other services take a token in the query."""

Now = Annotated[datetime, Depends(clock.now)]


def caller_of(request: Request, db: ReadDb) -> Caller:
    """Who is asking: by Authorization where there is one, which must be right, else by cookie."""
    request.state.caller = ANONYMOUS
    check_no_token_in_address(request)
    header = request.headers.get("authorization")
    caller = _by_token(request, db, header) if header is not None else _by_cookie(request, db)
    request.state.caller = caller
    return caller


def _by_cookie(request: Request, db: Session) -> Caller:
    settings: Settings = request.app.state.settings
    token = request.cookies.get(cookie_name(settings))
    if not token:
        return ANONYMOUS
    check_private_way(request)
    now = clock.now()
    found = queries.session(db, token, at=now, idle=timedelta(hours=settings.session_idle_hours))
    if found is None:
        return ANONYMOUS
    person, session = found
    if request.method in UNSAFE and session.by_browser and not came_from_browser(request):
        raise Forbidden(
            N_("The browser did not say which page this came from; nothing was changed. Reload the page."),
            code="cross-site",
        )
    if now - session.last_used_at > TOUCH_EVERY:
        _stamp(request, lambda own: queries.touch_session(own, token, at=now))
    return queries.as_caller(db, person, unfinished=_unfinished(settings, person))


def _by_token(request: Request, db: Session, header: str) -> Caller:
    check_private_way(request)
    settings: Settings = request.app.state.settings
    throttle: Throttle = request.app.state.throttle
    now = clock.now()
    secret = secret_of(header, basic=takes_basic(request.url.path) and request.method not in UNSAFE)
    found = tokens.holder(db, secret, at=now) if secret else None
    if found is None:
        db.close()  # or as many wrong tokens as there are readers would wait for a second one each
        throttle.failed(client_address(request))
        raise Unauthorized(
            N_(
                "The token is not known, has ended or was revoked. Take a new one from the page of your account."
            ),
            code="wrong-token",
            headers={"WWW-Authenticate": challenge(request.url.path)},
        )
    person, token = found
    if token.last_used_at is None or now - token.last_used_at > TOUCH_EVERY:
        _stamp(request, lambda own: tokens.touch(own, token.id, at=now))
    scope: Any = token.scope
    channel: Channel = reach_of(scope, person.role) if scope else "device"
    unfinished = _unfinished(settings, person)
    return queries.as_caller(db, person, channel, unfinished=unfinished, token_id=token.id)


def _stamp(request: Request, write: Callable[[Session], None]) -> None:
    """Write a stamp of last use apart from the request's own transaction; callers see to it that it is rare.

    Where the disk is full or the database busy it is left out: reading goes on.
    """
    database: Database = request.app.state.database
    with suppress(Problem), database.write() as own:
        write(own)


def _unfinished(settings: Settings, person: Person) -> bool:
    return person.totp_sealed is None and needs_second_factor(settings.second_factor, person.role)


def check_no_token_in_address(request: Request) -> None:
    """Raise `BadRequest` for a token in the query of data: addresses stand in journals, histories and links."""
    path = request.scope["path"]
    if not (path.startswith("/api/") or takes_basic(path)):
        return
    if IN_ADDRESS.intersection(name.lower() for name in request.query_params):
        raise BadRequest(
            N_(
                "A token does not belong in an address. Send it as Authorization: Bearer, or as the password of Basic "
                "under /ogc and the short links. Revoke this one."
            ),
            code="token-in-address",
        )


def secret_of(header: str, *, basic: bool) -> str | None:
    """The secret in an Authorization header: Bearer, or where `basic` the password of Basic; None where it is none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() != "basic" or not basic:
        return None
    try:
        return b64decode(value.strip(), validate=True).decode().partition(":")[2] or None
    except ValueError:
        return None


def takes_basic(path: str) -> bool:
    """Whether tools may send a token as the password of Basic there: the GIS door and the short links."""
    return is_open(path)


def challenge(path: str) -> str:
    """The WWW-Authenticate header of a 401; Basic, which makes browsers ask, only where tools come."""
    return 'Basic realm="Taluy", charset="UTF-8"' if takes_basic(path) else 'Bearer realm="Taluy"'


def came_from_browser(request: Request) -> bool:
    """Whether the request carries what every browser of today sends with a write."""
    return "sec-fetch-site" in request.headers or "origin" in request.headers


Whoever = Annotated[Caller, Depends(caller_of)]


class Permission:
    """A dependency that lets callers with one verb through and hands the route who they are.

    `async`, since FastAPI gives what is not a thread of its own, which costs more than the work itself.
    """

    def __init__(self, verb: Verb) -> None:
        self.verb = verb

    async def __call__(self, caller: Whoever) -> Caller:
        """The caller, once it is sure that they may."""
        check_may(caller, self.verb)
        return caller


class Unasked(Permission):
    """For what is the same for everybody: nobody is looked up, the database is not asked."""

    async def __call__(self) -> Caller:  # type: ignore[override] # FastAPI calls it with what it asks for: nothing
        """Nobody in particular."""
        return ANONYMOUS


class Briefly(Permission):
    """For who waits for a password's hash or sends a file: looked up in a session that ends before the wait."""

    def __call__(self, request: Request) -> Caller:  # type: ignore[override] # it reads its signature
        """The caller, once it is sure that they may."""
        database: Database = request.app.state.database
        with database.read() as db:
            caller = caller_of(request, db)
        check_may(caller, self.verb)
        return caller


class Passing(Briefly):
    """For data that anybody may read: nobody is looked up for a request that brings nothing that says who asks."""

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override] # as Briefly, in a thread if need be
        """The caller."""
        if self.names_somebody(request):
            return await run_in_threadpool(super().__call__, request)
        check_no_token_in_address(request)
        request.state.caller = ANONYMOUS
        return ANONYMOUS

    @staticmethod
    def names_somebody(request: Request) -> bool:
        """Whether the request brings something that says who asks."""
        return "authorization" in request.headers or "cookie" in request.headers


Owner = Annotated[Caller, Depends(Permission("own_account"))]
OwnerAtTheDesk = Annotated[Caller, Depends(Briefly("own_account"))]
Carrier = Annotated[Caller, Depends(Permission("hand_in"))]
SendingCarrier = Annotated[Caller, Depends(Briefly("hand_in"))]
LogReader = Annotated[Caller, Depends(Permission("read_log"))]
Everybody = Annotated[Caller, Depends(Unasked("read"))]
Anybody = Annotated[Caller, Depends(Permission("read"))]
Reader = Annotated[Caller, Depends(Passing("read"))]
SigningIn = Annotated[Caller, Depends(Permission("sign_in"))]
AtTheDesk = Annotated[Caller, Depends(Unasked("sign_in"))]
"""For who waits until a password is hashed: a look-up would hold one of the readers' places that long."""
Insider = Annotated[Caller, Depends(Permission("read_internal"))]
Officer = Annotated[Caller, Depends(Permission("inspect"))]
SendingOfficer = Annotated[Caller, Depends(Briefly("inspect"))]
"""For who sends what takes its time: a reader held meanwhile would be missed by everybody else."""
Board = Annotated[Caller, Depends(Permission("edit_places"))]
Publisher = Annotated[Caller, Depends(Permission("publish"))]
Administrator = Annotated[Caller, Depends(Permission("manage_people"))]


def permission_of(route: APIRoute) -> Permission | None:
    """What `route` asks of a caller; None where it names no verb."""
    waiting: list[Any] = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        if isinstance(dependant.call, Permission):
            return dependant.call
        waiting += dependant.dependencies
    return None


def verb_of(route: APIRoute) -> Verb | None:
    """The verb that `route` asks for; None where it names none."""
    permission = permission_of(route)
    return None if permission is None else permission.verb


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


def way_of(request: Request, at: datetime) -> Way:
    """How the caller came, for `app.people.desk`."""
    return Way(
        client_address(request),
        at,
        by_browser=came_from_browser(request),
        replaces=session_token(request),
        device=device_of(request),
    )


def own_person(caller: Caller) -> int:
    """The caller's own id. Raises `Unauthorized` for somebody unknown."""
    if caller.person_id is None:
        raise Unauthorized(N_("Sign in first, then do this again."))
    return caller.person_id
