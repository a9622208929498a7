"""The front: answers a public read again from memory, before anything else looks at the request.

Only what went the whole way once is answered, and only to a request that is the same in everything that an answer may
depend on: path and query byte by byte, host, scheme, what is accepted, what a named proxy says. A request with any
header that is not known here to make no difference goes the whole way; so does one with a cookie, a token or a body.
What is kept was read by nobody in particular, is complete, is data, and was made from the state in which the database
still is: `app.memory.changes` says so each time, and why that is never stale. Each answer has its own request id.
Pages are not kept: they are also made of templates and of files under `app/static`, which are read again once they
change, and no state of the database says that they did.

Memory: answers and what surrounds them stay within three quarters of the budget, the least recently asked leave first;
what is being gathered of answers in pieces stays within the last quarter.

The journal counts such answers once a minute (`repeated`), since a line each would take a quarter of their time.
"""

from ipaddress import IPv4Network, IPv6Network
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.door.head import MAX_HEAD_BYTES, MAX_HEADERS
from app.door.hosts import REQUEST_ID, Proxies
from app.door.public import DATA_TYPES, RECORDS, SHORT_LINKS, media_type_of
from app.memory.answers import Kept, Key, Memory
from app.memory.changes import Seen
from app.memory.freshness import KEPT, OK
from app.memory.short_way import PIECE, Asked, Recall

PLACES: Final = tuple(path.encode() for path in ("/ogc", *sorted(SHORT_LINKS), *RECORDS))
METHODS: Final = frozenset({"GET", "HEAD"})
NO_MATTER: Final = frozenset(
    {
        *(b"accept-encoding", b"cache-control", b"connection", b"dnt", b"from", b"keep-alive", b"origin"),
        *(b"pragma", b"priority", b"purpose", b"referer", b"sec-fetch-dest", b"sec-fetch-mode"),
        *(b"sec-fetch-site", b"sec-fetch-user", b"sec-gpc", b"sec-purpose", b"te", b"user-agent"),
        *(b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"upgrade-insecure-requests", b"via"),
    }
)
"""Headers that no public read depends on. Answers that vary by one of them are not kept: see `VARY`."""
MATTER: Final = (b"host", b"accept", b"accept-language")
CONDITIONS: Final = (b"if-none-match", b"if-modified-since")
FROM_PROXIES: Final = (
    b"x-forwarded-proto",
    b"x-forwarded-prefix",
    b"x-forwarded-host",
    b"x-forwarded-for",
    b"x-real-ip",
    b"x-request-id",
)
NAMED_BY_PROXIES: Final = FROM_PROXIES[:3]
"""What an answer may depend on; the others say who calls, which public answers do not depend on."""
ONE_EACH: Final = frozenset({*MATTER, *CONDITIONS, *FROM_PROXIES})
VARY: Final = frozenset({"accept", "accept-language", "authorization", "cookie", "host"})
"""By what an answer that is kept may say it varies: each is in its key, or was not there."""
OF_THE_DOOR: Final = frozenset(
    {
        *(b"access-control-allow-origin", b"access-control-expose-headers", b"content-security-policy"),
        *(b"cross-origin-opener-policy", b"cross-origin-resource-policy", b"permissions-policy"),
        *(b"referrer-policy", b"strict-transport-security", b"x-content-type-options"),
    }
)
ONCE_ONLY: Final = frozenset({b"x-request-id", b"last-modified", b"date"})
"""Made anew for each answer."""
HEAD: Final = "head"
"""Where `app.door.serving` leaves the bytes of a request's head, if they are all that came."""


class Front:
    """The outermost ASGI middleware."""

    def __init__(
        self, app: ASGIApp, recall: Recall, proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    ) -> None:
        self.app = app
        self.recall = recall
        self.memory = recall.memory
        self.proxies = Proxies(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or hand on and keep what comes back."""
        asked = self._asked(scope) if scope["type"] == "http" and self.memory.budget else None
        if asked is None:
            await self.app(scope, receive, send)
            if scope["type"] == "lifespan":
                self.recall.count.tell()
            return
        seen = self.recall.changes.look()
        kept = self.memory.find(seen.token, asked.key)
        if kept is not None:
            await self._repeat(scope, asked, kept, seen, send)
            return
        scope.setdefault("state", {})["seen"] = seen
        if scope["method"] == "HEAD" or not seen.sure:
            await self.app(scope, receive, send)
            return
        keeping = Keeping(self.memory, scope, asked.key, send)
        try:
            await self.app(scope, receive, keeping)
        finally:
            keeping.end()

    async def _repeat(self, scope: Scope, asked: Asked, kept: Kept, seen: Seen, send: Send) -> None:
        head = scope.get("state", {}).get(HEAD)
        if head and _is_plain(scope, asked):
            self.recall.learn(head, asked)
        status, own, body = self.recall.answer(asked, kept, seen.modified, bare=scope["method"] == "HEAD")
        headers = kept.headers if status == OK else kept.unchanged
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *own]})
        for at in range(0, len(body) or 1, PIECE):
            more = at + PIECE < len(body)
            await send({"type": "http.response.body", "body": body[at : at + PIECE], "more_body": more})

    def _asked(self, scope: Scope) -> Asked | None:
        """The request in short; None for one that has to go the whole way."""
        path = scope.get("raw_path") or b""
        if scope["method"] not in METHODS or not path.startswith(PLACES):
            return None
        headers = scope["headers"]
        found: dict[bytes, bytes] = {}
        size = 0
        for name, value in headers:
            size += len(name) + len(value)
            if name in NO_MATTER:
                continue
            if name not in ONE_EACH or name in found:
                return None
            found[name] = value
        if size > MAX_HEAD_BYTES or len(headers) > MAX_HEADERS:
            return None
        get = found.get
        key: Key = (path, scope["query_string"], scope["scheme"], *[get(name) for name in MATTER])
        mark = ""
        if not found.keys().isdisjoint(FROM_PROXIES):
            if not self.proxies.names((scope.get("client") or ("", 0))[0]):
                return None
            key = (*key, *[get(name) for name in NAMED_BY_PROXIES])
            mark = get(b"x-request-id", b"").decode("latin-1")
        mark = mark if REQUEST_ID.fullmatch(mark) else ""
        return Asked(key, get(CONDITIONS[0], b""), get(CONDITIONS[1], b""), mark)


def _is_plain(scope: Scope, asked: Asked) -> bool:
    """Whether the request would mean the same on any connection that stays open: no proxy spoke of it."""
    headers = scope["headers"]
    plain = scope["method"] == "GET" and scope["http_version"] == "1.1" and not asked.id
    stays = all(value.lower() == b"keep-alive" for name, value in headers if name == b"connection")
    return plain and stays and not any(name in FROM_PROXIES for name, _ in headers)


class Keeping:
    """One answer on its way out, kept when it was complete."""

    def __init__(self, memory: Memory, scope: Scope, key: Key, send: Send) -> None:
        self._memory = memory
        self._scope = scope
        self._key = key
        self._send = send
        self._head: Message | None = None
        self._pieces: list[bytes] = []
        self._size = 0

    async def __call__(self, message: Message) -> None:
        """Pass on one message; what is complete is kept before its last piece leaves."""
        if message["type"] == "http.response.start":
            self._head = message if _may_be_kept(message, self._scope) else None
        elif self._head is not None:
            head = self._head
            if self._gather(message.get("body", b"")) and not message.get("more_body", False):
                self._keep(head)
        await self._send(message)

    def end(self) -> None:
        """Let go of what was gathered."""
        self._memory.gathered -= self._size
        self._head, self._pieces, self._size = None, [], 0

    def _gather(self, piece: bytes) -> bool:
        """Whether there was room for it."""
        if self._size + len(piece) > self._memory.most or not self._memory.may_gather(len(piece)):
            self.end()
            return False
        self._pieces.append(piece)
        self._size += len(piece)
        self._memory.gathered += len(piece)
        return True

    def _keep(self, head: Message) -> None:
        body = b"".join(self._pieces)
        headers = [(name.lower(), value) for name, value in head["headers"]]
        length = str(len(body)).encode()
        headers = [row for row in headers if row[0] not in ONCE_ONLY]
        said = dict(headers).get(b"content-length")
        self.end()
        if said is None:
            headers.append((b"content-length", length))
        elif said != length:
            return
        unchanged = [row for row in headers if row[0] in KEPT or row[0] in OF_THE_DOOR]
        state = self._scope["state"]
        kept = Kept(headers, unchanged, body, state.get("tag", ""))
        self._memory.keep(state["seen"].token, self._key, kept)


def _may_be_kept(head: Message, scope: Scope) -> bool:
    """Whether an answer that begins so is the same for everybody who asks like that."""
    state = scope["state"]
    if head["status"] != OK or getattr(state.get("caller"), "person_id", None) is not None:
        return False
    headers = {name.lower(): value.decode("latin-1") for name, value in head["headers"]}
    kept = headers.get(b"cache-control", "")
    varies = {each.strip().lower() for each in headers.get(b"vary", "").split(",") if each.strip()}
    return (
        media_type_of(headers.get(b"content-type", "")) in DATA_TYPES
        and b"set-cookie" not in headers
        and b"connection" not in headers
        and "no-store" not in kept
        and "private" not in kept
        and varies <= VARY
    )
