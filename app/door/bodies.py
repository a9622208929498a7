"""A request's body as it arrives: bounded in size and in time, and read strictly where it is JSON."""

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from app import strict_json
from app.door.hosts import UNSAFE
from app.errors import BadRequest, Problem, TooLarge, TooSlow, UnsupportedMedia

BODY_LIMIT: Final = 256 * 1024
SYNC_LIMIT: Final = 1024 * 1024
PHOTO_LIMIT: Final = 12 * 1024 * 1024
HAND_IN_LIMIT: Final = PHOTO_LIMIT + 16 * 1024
"""A file of 12 MB, and the form around it."""
LARGER: Final = {"/api/sync": SYNC_LIMIT}
STREAMED: Final = (
    ("/api/photos/", UNSAFE - {"PATCH"}, PHOTO_LIMIT),
    ("/api/uploads", UNSAFE, BODY_LIMIT),
    ("/phone/hand-in", UNSAFE, HAND_IN_LIMIT),
)
"""What is handed on as it arrives: how the path begins, the methods, and the most bytes."""
JSON_TYPES: Final = frozenset({"application/json", "application/geo+json", "application/merge-patch+json"})
FORM_TYPES: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@dataclass(frozen=True)
class Patience:
    """How long a body may take. A phone on the worst network that still sends anything is faster."""

    idle_s: float = 15.0
    """Between two pieces."""
    grace_s: float = 20.0
    """In all, with `slowest` on top."""
    slowest: int = 8 * 1024
    """Bytes a second."""
    linger_s: float = 2.0
    """To let somebody who was refused while sending read why, before the connection ends."""


class Body:
    """The body of one request."""

    def __init__(self, scope: Scope, receive: Receive, patience: Patience) -> None:
        self.headers = Headers(scope=scope)
        method, path = scope["method"], scope["path"]
        limit = next(
            (most for begins, at, most in STREAMED if method in at and path.startswith(begins)), None
        )
        self.streamed = limit is not None
        self.limit = limit or LARGER.get(path, BODY_LIMIT)
        self.finished = (
            self.headers.get("content-length", "0") == "0" and "transfer-encoding" not in self.headers
        )
        self._receive = receive
        self._patience = patience
        self._began: float | None = None
        self._taken = 0

    def check_length(self) -> None:
        """Raise `TooLarge` for a length that says so, before anything is read."""
        declared = self.headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > self.limit:
            raise self._too_large()

    def _too_large(self) -> Problem:
        return TooLarge("At most {limit} kB are taken here.", limit=self.limit // 1024)

    async def receive(self) -> Message:
        """The next piece. Raises `TooLarge`, `TooSlow`, or `BadRequest` where the connection ends before the body."""
        if self.finished:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        allowed = self._patience.grace_s + self._taken / self._patience.slowest
        try:
            async with asyncio.timeout(min(self._patience.idle_s, self._began + allowed - now)):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow(
                "The body did not arrive in time. Send it again where the signal is better."
            ) from None
        if message["type"] == "http.disconnect":
            self.finished = True
            raise BadRequest("The connection ended before the body did.", code="cut-short")
        self._taken += len(message.get("body", b""))
        self.finished = not message.get("more_body", False)
        if self._taken > self.limit:
            raise self._too_large()
        return message

    async def whole(self) -> bytes:
        """All of it."""
        pieces = bytearray()
        while not self.finished:
            pieces += (await self.receive()).get("body", b"")
        return bytes(pieces)

    async def drain(self) -> None:
        """Let pass what still arrives for a moment: who is refused while sending may then read why."""
        try:
            async with asyncio.timeout(self._patience.linger_s):
                while not self.finished:
                    message = await self._receive()
                    self.finished = message["type"] == "http.disconnect" or not message.get(
                        "more_body", False
                    )
        except TimeoutError:
            self.finished = True


async def read(scope: Scope, body: Body) -> Receive:
    """Read a body whole and give what hands it on; JSON is parsed strictly.

    A photo, and a file that is handed in, are handed on as they arrive. Nobody has asked yet who sends: such a route
    does so before the first piece is read.
    """
    body.check_length()
    if body.streamed:
        return body.receive
    nothing = body.finished
    held = await body.whole()
    kind = body.headers.get("content-type", "").partition(";")[0].strip().lower()
    if held and kind in JSON_TYPES:
        scope["state"]["json"] = strict_json.loads(held)
    elif held and scope["path"].startswith("/api/"):
        raise UnsupportedMedia("Send JSON with Content-Type: application/json.")
    elif held and kind not in FORM_TYPES:
        raise UnsupportedMedia("Send a form or JSON.")
    sent = nothing

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await body.receive()
        sent = True
        return {"type": "http.request", "body": held, "more_body": False}

    return replay
