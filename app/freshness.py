"""Telling tools that what they hold is still fresh: an ETag on data, and 304 where it is the same.

The tag is the hash of the answer itself: it changes with the data, with the local date (`overdue`), with who asks.
Single records keep the tag of their version, which `If-Match` needs; pages and private answers get none.
"""

from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATA: Final = ("application/json", "application/geo+json", "text/csv")
KEPT: Final = frozenset(
    {b"cache-control", b"content-location", b"date", b"etag", b"expires", b"vary", b"set-cookie"}
)
"""What a 304 carries. Source: RFC 9110, 15.4.5."""


class Freshness:
    """The ASGI middleware described above; answers in pieces pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request for data with an answer that can be compared."""
        reading = scope["type"] == "http" and scope["method"] == "GET"
        await self.app(scope, receive, _Comparing(scope, send) if reading else send)


class _Comparing:
    """Holds the head of one answer back until its body is there."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.asked = Headers(scope=scope).get("if-none-match", "")
        self._send = send
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Pass on one message of the answer."""
        if message["type"] == "http.response.start" and _is_data(message):
            self._head = message
            return
        if self._head is not None:
            head, self._head = self._head, None
            if not message.get("more_body", False):
                head, message = self._compared(head, message)
            await self._send(head)
        await self._send(message)

    def _compared(self, head: Message, message: Message) -> tuple[Message, Message]:
        tag = f'"{sha256(message.get("body", b"")).hexdigest()[:32]}"'
        MutableHeaders(scope=head)["ETag"] = tag
        if not matches(self.asked, tag):
            return head, message
        headers = [(name, value) for name, value in head["headers"] if name.lower() in KEPT]
        return {**head, "status": 304, "headers": headers}, {**message, "body": b""}


def matches(asked: str, tag: str) -> bool:
    """Whether `tag` is among those of an If-None-Match header, compared weakly. Source: RFC 9110, 13.1.2."""
    given = [each.strip().removeprefix("W/") for each in asked.split(",")]
    return tag in given or given == ["*"]


def _is_data(head: Message) -> bool:
    headers = Headers(raw=head["headers"])
    kind = headers.get("content-type", "").partition(";")[0]
    kept = "etag" in headers or "no-store" in headers.get("cache-control", "")
    return head["status"] == 200 and kind in DATA and not kept  # noqa: PLR2004 - OK
