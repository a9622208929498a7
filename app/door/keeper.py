"""The doorkeeper: ASGI around everything. Check, read, hand on, add headers, write one line in the journal.

Streaming stays streaming. What nobody expected is answered here too, so that every answer carries the headers.
"""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import journal, problems
from app.door import bodies
from app.door.head import HeadCheck
from app.door.headers import Dress, says_who
from app.door.hosts import UNSAFE, Proxies
from app.errors import Crowded, Problem
from app.i18n import language_of
from app.settings import Settings

MAX_REQUESTS: Final = 1_000
REFUSED: Final = frozenset({401, 403, 429})
METHODS: Final = UNSAFE | {"GET", "HEAD", "OPTIONS"}

Answer = Callable[[Request, Any], Response]


class Doorkeeper:
    """The middleware of one installation; `known` answers a problem, `unexpected` anything else that went wrong."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        known: Answer,
        unexpected: Answer,
        patience: bodies.Patience | None = None,
    ) -> None:
        self.app = app
        self.check_head = HeadCheck(settings)
        self.dress = Dress(settings)
        self.proxies = Proxies(settings.proxies, urlsplit(settings.origin).netloc)
        self.known = known
        self.unexpected = unexpected
        self.patience = patience or bodies.Patience()
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.inside += 1
        try:
            await Passage(self, scope, receive, send).go()
        finally:
            self.inside -= 1


class Passage:
    """One request on its way through."""

    def __init__(self, door: Doorkeeper, scope: Scope, receive: Receive, send: Send) -> None:
        self.door, self.scope, self._send = door, scope, send
        self.began = time.perf_counter()
        self.status, self.sent = 0, 0
        self.welcome = False
        self.state: dict[str, Any] = scope.setdefault("state", {})
        self.id = door.proxies.unwrap(scope) or secrets.token_hex(8)
        self.nonce = secrets.token_urlsafe(16)
        self.state |= {"csp_nonce": self.nonce, "request_id": self.id}
        self.body = bodies.Body(scope, receive, door.patience)

    async def go(self) -> None:
        """Check, read, hand on; answer what goes wrong on the way."""
        journal.begin(self.id)
        try:
            await self._through()
        except Problem as problem:
            await self._answer(self.door.known, problem)
        except Exception as error:  # noqa: BLE001 - nobody stands behind the door to answer
            journal.note("failed", level=logging.ERROR, route=self._route(), exc_info=error)
            await self._answer(self.door.unexpected, error)
        finally:
            self._tell()

    async def _through(self) -> None:
        if self.door.inside > MAX_REQUESTS:
            raise Crowded
        self.door.check_head(self.scope)
        self.welcome = True
        receive: Receive = self.body.receive
        if self.scope["method"] in UNSAFE:
            receive = await bodies.read(self.scope, self.body)
        await self.door.app(self.scope, receive, self.send)

    async def _answer(self, make: Answer, wrong: Exception) -> None:
        """Say what went wrong, unless an answer has begun: then the connection ends without its end."""
        if self.status:
            return
        request = Request(self.scope)
        plain = wrong if isinstance(wrong, Problem) else problems.unknown(self.id)
        answer = problems.answer(plain, language_of(request))
        if self.welcome:  # else not even its address is sure
            try:
                answer = await run_in_threadpool(make, request, wrong)
            except Exception as error:  # noqa: BLE001 - a page that cannot be drawn either
                journal.note("failed", level=logging.ERROR, exc_info=error)
        self.state["problem"] = plain.code
        await answer(self.scope, self.body.receive, self.send)

    async def send(self, message: Message) -> None:
        """Pass on one message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(MutableHeaders(scope=message))
        elif message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
            if not message.get("more_body", False) and not self.body.finished:
                await self._send({**message, "more_body": True})
                await self.body.drain()
                message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    def _add_headers(self, headers: MutableHeaders) -> None:
        known = says_who(self.scope["headers"])
        self.door.dress(headers, nonce=self.nonce, path=self.scope["path"], known=known)
        headers["X-Request-Id"] = self.id
        if not (self.welcome and self.body.finished):
            headers["Connection"] = "close"

    def _route(self) -> str:
        """The route's template: what was asked for stands in no line."""
        found = self.scope.get("fastapi", {}).get("effective_route_context") or self.scope.get("route")
        return getattr(found, "path", None) or "-"

    def _tell(self) -> None:
        method = self.scope["method"]
        fields: dict[str, Any] = {
            "method": method if method in METHODS else "other",
            "route": self._route(),
            "status": self.status,
            "ms": round((time.perf_counter() - self.began) * 1000, 1),
            "bytes": self.sent,
            "person": getattr(self.state.get("caller"), "person_id", None),
            "problem": self.state.get("problem"),
        }
        journal.note(
            "refused" if self.status in REFUSED else "request",
            **{name: value for name, value in fields.items() if value is not None},
        )
