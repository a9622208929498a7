"""Which addresses hold data that anybody may read, and which of them other sites' pages may read too."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

SHORT_LINKS: Final = frozenset({"/sites.geojson", "/signboards.geojson"})
RECORDS: Final = tuple(
    f"/api/{name}" for name in ("sites", "signboards", "units", "measures", "proposals", "inspections")
)
DATA_TYPES: Final = frozenset(
    {
        "application/json",
        "application/geo+json",
        "application/geo+json-seq",
        "application/schema+json",
        "application/problem+json",
        "application/vnd.oai.openapi+json",
        "application/geopackage+sqlite3",
        "text/csv",
    }
)
"""Types that no browser runs or draws."""
OURS: Final = ("HEAD", "OPTIONS")
"""Methods that no route has to name."""
METHODS: Final = ", ".join(("GET", *OURS))
ALLOWED_HEADERS: Final = (
    "Authorization, Accept, Accept-Crs, Accept-Language, Cache-Control, Content-Crs, Content-Type, "
    "If-Modified-Since, If-None-Match"
)
EXPOSED_HEADERS: Final = (
    "Content-Crs, Content-Disposition, ETag, Last-Modified, Link, OGC-NumberMatched, OGC-NumberReturned, "
    "Retry-After, X-Request-Id"
)
REMEMBERED_S: Final = 86400


def is_open(path: str) -> bool:
    """Whether pages of other sites may read `path`: the GIS door and the short links."""
    return path in SHORT_LINKS or path == "/ogc" or path.startswith("/ogc/")


def is_readable(path: str) -> bool:
    """Whether `path` holds public data."""
    return is_open(path) or any(path == begins or path.startswith(f"{begins}/") for begins in RECORDS)


def media_type_of(value: str) -> str:
    """The media type of a Content-Type header, without its parameters."""
    return value.partition(";")[0].strip().lower()


class Manners:
    """The ASGI middleware that gives public data the methods every resource has: HEAD as GET, OPTIONS where open.

    `Allow` names them too wherever a method is refused, as the answer to OPTIONS does (RFC 9110, 10.2.1). Every
    Location is put under the prefix that a trusted proxy named: inside, addresses begin without it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, or answer OPTIONS; the other headers for pages of other sites come from `app.door.headers`."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if prefix := scope.get("state", {}).get("prefix"):
            send = _leading_under(prefix, send)
        if scope["method"] == "OPTIONS" and is_open(scope["path"]):
            await _say_methods(send)
        elif scope["method"] == "HEAD" and is_readable(scope["path"]):
            await self._head(scope, receive, send)
        elif scope["method"] != "GET" and is_readable(scope["path"]):
            await self.app(
                scope, receive, _with_our_methods(send, OURS if is_open(scope["path"]) else OURS[:1])
            )
        else:
            await self.app(scope, receive, send)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["method"] = "GET"
        scope.setdefault("state", {})["head_only"] = True
        try:
            await self.app(scope, receive, _without_body(send))
        finally:
            scope["method"] = "HEAD"


def _without_body(send: Send) -> Send:
    async def sending(message: Any) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sending


def _leading_under(prefix: str, send: Send) -> Send:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if headers.get("Location", "").startswith("/"):
                headers["Location"] = prefix + headers["Location"]
        await send(message)

    return sending


def _with_our_methods(send: Send, ours: Sequence[str]) -> Send:
    """Add our methods to those of the routes, where one is refused that reads."""

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
            headers = MutableHeaders(raw=message["headers"])
            allowed = {each.strip() for each in headers.get("Allow", "").split(",")}
            if "GET" in allowed:
                headers["Allow"] = ", ".join(sorted({*allowed, *ours}))
        await send(message)

    return sending


async def _say_methods(send: Send) -> None:
    headers = {
        "Allow": METHODS,
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(REMEMBERED_S),
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 204, "headers": raw})
    await send({"type": "http.response.body", "body": b""})
