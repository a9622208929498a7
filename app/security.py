"""What every request passes before it reaches a route, and what every answer carries.

Host names, cross-site writes, body size, strict JSON, repeated query keys on the way in; the content security
policy with its nonce and the other headers on the way out. Pure ASGI: streaming stays streaming.
"""

import secrets
from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems, strict_json
from app.errors import BadRequest, Forbidden, Problem, TooLarge, UnsupportedMedia
from app.i18n import language_of
from app.settings import Settings

BODY_LIMIT = 256 * 1024
PHOTO_LIMIT = 12 * 1024 * 1024
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
JSON_TYPES = frozenset({"application/json", "application/geo+json", "application/merge-patch+json"})
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or address, without port) is this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_name(value: str) -> str:
    """The host of a Host header, without its port; empty for what is none."""
    try:
        return urlsplit(f"//{value}").hostname or ""
    except ValueError:
        return ""


def client_address(request: HTTPConnection) -> str:
    """Who is at the other end, for counting: an IPv4 address, the /64 of an IPv6 one, or `unknown`.

    Behind a proxy that TALUY_TRUSTED_PROXIES names, it is the address which that proxy saw.
    """
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped
        return str(inner or ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


def content_security_policy(nonce: str, tile_url: str) -> str:
    """The policy of one answer; tiles are the only foreign thing a page may show."""
    tiles = urlsplit(tile_url)
    tile_host = f" {tiles.scheme}://{tiles.netloc.replace('{s}', '*')}" if tiles.netloc else ""
    return (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'; "
        f"script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; "
        f"img-src 'self' data: blob:{tile_host}; connect-src 'self'; manifest-src 'self'; worker-src 'self'"
    )


def add_headers(headers: MutableHeaders, nonce: str, tile_url: str) -> None:
    """What every answer carries."""
    headers.setdefault("Content-Security-Policy", content_security_policy(nonce, tile_url))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")


def dress(request: Request, answer: Response) -> Response:
    """An answer that is made outside the doorkeeper, for a failure nobody expected, with the same headers."""
    add_headers(answer.headers, request.state.csp_nonce, request.app.state.settings.tile_url)
    return answer


class Doorkeeper:
    """The ASGI middleware described above."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.tile_url = settings.tile_url
        self.origin = settings.origin
        public = urlsplit(settings.origin).hostname or ""
        self.hosts = {public, settings.host} - {"", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, hand on, add headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), nonce, self.tile_url)
            await send(message)

        try:
            self._check_head(scope)
            receive = await self._checked_body(scope, receive)
        except Problem as problem:
            answer = problems.answer(problem, language_of(HTTPConnection(scope)))
            await answer(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)

    def _check_head(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = host_name(headers.get("host", ""))
        if host not in self.hosts and not is_loopback(host):
            raise BadRequest(
                "This service does not answer under that host name. Set TALUY_BASE_URL to the address people use.",
                code="unknown-host",
            )
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if any(count > 1 for count in Counter(name for name, _ in query).values()):
            raise BadRequest("A query parameter stands twice.", code="duplicate-parameter")
        if any("\0" in value for _, value in query):  # PostgreSQL takes no such text, not even to compare
            raise BadRequest("The text holds characters that cannot be stored.", code="bad-text")
        if scope["method"] in UNSAFE:
            check_same_site(headers, {f"{scope['scheme']}://{headers.get('host', '')}", self.origin})

    async def _checked_body(self, scope: Scope, receive: Receive) -> Receive:
        """Read a JSON body whole and strictly, then replay it; bound every other body as it streams."""
        if scope["method"] not in UNSAFE:
            return receive
        headers = Headers(scope=scope)
        path: str = scope["path"]
        photo = scope["method"] != "PATCH" and path.startswith("/api/photos/")
        limit = PHOTO_LIMIT if photo else BODY_LIMIT
        body = await read_body(headers, receive, limit)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if body and kind in JSON_TYPES and not photo:
            scope["state"]["json"] = strict_json.loads(body)
        elif body and path.startswith("/api/") and not photo:
            raise UnsupportedMedia("Send JSON with Content-Type: application/json.")
        elif body and not photo and kind not in FORM_TYPES:
            raise UnsupportedMedia("Send a form or JSON.")
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        return replay


def check_same_site(headers: Headers, own: set[str]) -> None:
    """Refuse a write that another site's page started; `own` are our origins, the public one among them.

    Raises `Forbidden`. Source: OWASP ASVS 5.0, 3.5.1.
    """
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    foreign = site not in ("same-origin", "none") if site else bool(origin) and origin not in own
    if foreign:
        raise Forbidden("Another site started this change; it was not made.", code="cross-site")


async def read_body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises `TooLarge` past `limit` bytes, without reading on."""
    too_large = TooLarge("At most {limit} kB are taken here.", limit=limit // 1024)
    declared = headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit:
        raise too_large
    chunks = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The connection ended before the body did.", code="cut-short")
        chunks += message.get("body", b"")
        if len(chunks) > limit:
            raise too_large
        if not message.get("more_body", False):
            return bytes(chunks)
