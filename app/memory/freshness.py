"""Telling tools that what they hold is still fresh: ETag and Last-Modified on data, and 304 where it is the same.

The tag of an answer is its hash: it changes with the data, with the local date (`overdue`), with who asks. An answer
in pieces is not held back for one: it gets a weak tag of the state that it was made from (`changes`) and of what
was asked. `Last-Modified` says since when nothing was committed, on public data; it counts only for who has no tag
and brings nothing that says who asks, since it is the same for everybody. Single records under /api keep the tag of
their version, which `If-Match` needs.

Pages of the GIS door are compared too, by their hash: they bring a policy of their own that is the same each time,
and 304 repeats it, since a browser puts the headers of a 304 in the place of those that it kept. Other pages get no
tag, since their nonce is good once, nor does a page for somebody who may be signed in: that one is kept nowhere.
"""

from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.headers import says_who
from app.door.public import DATA_TYPES, is_open, is_readable, media_type_of
from app.memory.changes import Changes, Seen

POLICY: Final = "content-security-policy"
KEPT: Final = frozenset(
    {
        *(b"cache-control", b"content-location", b"date", b"etag", b"expires", b"vary", b"set-cookie"),
        POLICY.encode(),
    }
)
"""What a 304 carries. Source: RFC 9110, 15.4.5; the policy where the answer brings its own."""
PAGE: Final = "text/html"
WHO: Final = ("authorization", "cookie")
ASKED: Final = ("host", "accept", "accept-language", *WHO)
OK: Final = 200
NOT_MODIFIED: Final = 304


class Enough(Exception):
    """Ends an answer in pieces whose head is all that is sent."""


class Freshness:
    """The ASGI middleware described above.

    It leaves the tag by which an answer may be compared in `scope["state"]["tag"]`, for `app.memory.front`.
    """

    def __init__(self, app: ASGIApp, changes: Changes) -> None:
        self.app = app
        self.changes = changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request for data with an answer that can be compared."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        if "seen" not in state and is_readable(scope["path"]):
            state["seen"] = self.changes.look()  # before anything is read
        comparing = Comparing(scope, send)
        try:
            await self.app(scope, receive, comparing)
        except Enough:
            await send({"type": "http.response.body", "body": b""})


class Comparing:
    """Holds the head of one answer back until its body is there, unless that comes in pieces."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.asked = Headers(scope=scope)
        self.seen: Seen | None = scope["state"].get("seen")
        self._send = send
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Pass on one message of the answer. Raises `Enough`."""
        if message["type"] == "http.response.start" and self._is_comparable(message):
            if "content-length" in Headers(raw=message["headers"]):
                self._head = message
            else:
                await self._begin(message)
            return
        if self._head is not None:
            head, self._head = self._head, None
            if not message.get("more_body", False):
                head = self._compared(head, f'"{sha256(message.get("body", b"")).hexdigest()[:32]}"')
                message = message if head["status"] != NOT_MODIFIED else {**message, "body": b""}
            elif own := Headers(raw=head["headers"]).get("etag"):  # a file, sent in pieces
                head = self._compared(head, own)
            await self._send(head)
            if head["status"] == NOT_MODIFIED and message.get("more_body", False):
                raise Enough
        await self._send(message)

    async def _begin(self, head: Message) -> None:
        """The head of an answer in pieces."""
        if self.seen is not None and self.seen.sure:
            head = self._compared(head, self._state_tag(self.seen))
        await self._send(head)
        if head["status"] == NOT_MODIFIED or self.scope["state"].get("head_only"):
            raise Enough

    def _compared(self, head: Message, tag: str) -> Message:
        headers = MutableHeaders(scope=head)
        tag = headers.setdefault("ETag", tag)
        if self.seen is not None and self.seen.modified:
            headers["Last-Modified"] = self.seen.modified
        self.scope["state"]["tag"] = tag
        if not self._is_known(tag):
            return head
        kept = [(name, value) for name, value in head["headers"] if name.lower() in KEPT]
        return {**head, "status": NOT_MODIFIED, "headers": kept}

    def _is_known(self, tag: str) -> bool:
        """Whether the caller has this very answer."""
        if "if-none-match" in self.asked:
            return matches(self.asked["if-none-match"], tag)
        anonymous = not any(name in self.asked for name in WHO)
        since = self.asked.get("if-modified-since", "")
        return anonymous and self.seen is not None and is_since(since, self.seen.modified)

    def _state_tag(self, seen: Seen) -> str:
        scope = self.scope
        place = (scope["scheme"], scope["path"], scope["query_string"], scope["state"].get("prefix"))
        made_of = (seen.token, place, [self.asked.getlist(name) for name in ASKED])
        return f'W/"{sha256(repr(made_of).encode()).hexdigest()[:32]}"'

    def _is_comparable(self, head: Message) -> bool:
        headers = Headers(raw=head["headers"])
        if head["status"] != OK or "no-store" in headers.get("cache-control", ""):
            return False
        kind, opened = media_type_of(headers.get("content-type", "")), is_open(self.scope["path"])
        if kind == PAGE:
            return opened and POLICY in headers and not says_who(self.scope["headers"])
        return kind in DATA_TYPES and (opened or "etag" not in headers)


def matches(asked: str, tag: str) -> bool:
    """Whether `tag` is among those of an If-None-Match header, compared weakly. Source: RFC 9110, 13.1.2."""
    given = [each.strip().removeprefix("W/") for each in asked.split(",")]
    return tag.removeprefix("W/") in given or given == ["*"]


def is_since(asked: str, modified: str) -> bool:
    """Whether nothing changed after the moment of an If-Modified-Since header. Source: RFC 9110, 13.1.3."""
    if not asked or not modified:
        return False
    if asked == modified:
        return True
    asked_at, modified_at = _moment(asked), _moment(modified)
    return asked_at is not None and modified_at is not None and asked_at >= modified_at


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None
