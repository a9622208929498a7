"""What is checked before a body is read: sizes, host name, query, and which page started a change."""

from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from app.door.hosts import UNSAFE, host_name, is_loopback, origin_of
from app.door.public import is_open
from app.errors import BadRequest, Forbidden, HeadTooLarge
from app.settings import Settings

HEAD_BYTES: Final = 48 * 1024
"""What is read of a request before its body."""
MAX_HEAD_BYTES: Final = 32 * 1024
MAX_HEADERS: Final = 100
MAX_TARGET_BYTES: Final = 8 * 1024
MAX_PARAMETERS: Final = 100
ONCE: Final = frozenset(
    {"authorization", "content-length", "content-type", "host", "if-match", "origin", "sec-fetch-site"}
    | {"transfer-encoding"}
)
"""Headers that say who asks for what: of two, one part of us could read the first and another the second."""


class HeadCheck:
    """The checks of one installation, which knows its own names."""

    def __init__(self, settings: Settings) -> None:
        self.origin = origin_of(settings.origin)
        self.public = urlsplit(settings.origin).hostname or ""
        self.hosts = {self.public, settings.host} - {"", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound # nosec B104

    def __call__(self, scope: Scope) -> None:
        """Raise `BadRequest`, `HeadTooLarge` or `Forbidden` for a request that goes no further."""
        _check_sizes(scope)
        headers = Headers(scope=scope)
        _check_once(headers)
        host = host_name(headers.get("host", ""))
        if host not in self.hosts and not is_loopback(host):
            raise BadRequest(
                "This service does not answer under that host name. Set TALUY_BASE_URL to the address people use.",
                code="unknown-host",
            )
        _check_text(scope)
        if scope["method"] in UNSAFE:
            check_same_site(headers, self._own(scope, headers, host))

    def _own(self, scope: Scope, headers: Headers, host: str) -> set[str]:
        """Our origins: the public one; under another name of ours, that one too."""
        if host == self.public and not is_loopback(host):
            return {self.origin}
        return {self.origin, origin_of(f"{scope['scheme']}://{headers.get('host', '')}")}


def check_same_site(headers: Headers, own: AbstractSet[str]) -> None:
    """Refuse a write that another site's page started; `own` are our origins.

    A header that is there must be right; who sends neither is no browser, and `app.people.access` decides whether
    the session they bring may come without. Another port of the same host is another site. Raises `Forbidden`.
    Source: OWASP ASVS 5.0, 3.5.1.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    foreign = site is not None and site not in ("same-origin", "none")
    if foreign or (origin is not None and (origin not in own or not origin)):
        raise Forbidden("Another site started this change; it was not made.", code="cross-site")


def _check_sizes(scope: Scope) -> None:
    headers = scope["headers"]
    target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    size = sum(len(name) + len(value) for name, value in headers)
    if size > MAX_HEAD_BYTES or len(headers) > MAX_HEADERS or target > _longest_target(scope["path"]):
        raise HeadTooLarge("The address or the headers are longer than this service takes.")


def _longest_target(path: str) -> int:
    """Filters of the GIS door hold whole outlines: how long one may be says the door itself."""
    return HEAD_BYTES if is_open(path) else MAX_TARGET_BYTES


def _check_once(headers: Headers) -> None:
    counted = Counter(name for name in headers.keys() if name in ONCE)  # noqa: SIM118 - keys() repeats, iter() too
    if any(count > 1 for count in counted.values()):
        raise BadRequest("A header stands twice.", code="duplicate-header")
    if {"content-length", "transfer-encoding"} <= counted.keys():
        raise BadRequest("The length of the body is said in two ways.", code="two-lengths")


def _check_text(scope: Scope) -> None:
    try:
        query = parse_qsl(
            scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS
        )
    except ValueError:
        raise BadRequest(
            "The address has more than {limit} parameters.", code="too-many-parameters", limit=MAX_PARAMETERS
        ) from None
    told = set(query) if is_open(scope["path"]) else query
    if any(count > 1 for count in Counter(name for name, _ in told).values()):
        raise BadRequest("A query parameter stands twice.", code="duplicate-parameter")
    texts = (scope["path"], *(part for pair in query for part in pair))
    if any("\0" in text for text in texts):  # PostgreSQL takes no such text, not even to compare
        raise BadRequest("The text holds characters that cannot be stored.", code="bad-text")
