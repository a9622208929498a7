"""What every answer carries: the content security policy with its nonce, and the other headers."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser

from app.door.public import DATA_TYPES, EXPOSED_HEADERS, is_open, is_readable, media_type_of
from app.settings import Settings

YEAR_S: Final = 365 * 86400
DENIED: Final = (
    "accelerometer", "autoplay", "browsing-topics", "display-capture", "encrypted-media", "fullscreen",
    "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial",
    "usb", "xr-spatial-tracking",
)  # fmt: skip
"""What browsers offer to pages and we do not use. We use: position, and the camera for photos of a visit."""
PERMISSIONS: Final = ", ".join(
    ["geolocation=(self)", "camera=(self)", *(f"{feature}=()" for feature in DENIED)]
)
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
"""For answers that hold no script and draw nothing: no nonce, so that the same bytes may be sent again."""
UPLOADS: Final = "/api/uploads"
"""Where every answer, refusals too, says which version of tus it speaks."""
SESSIONS: Final = frozenset({"taluy", "__Host-taluy"})
"""Cookies that say who asks, whatever they hold."""
VARY: Final = b"Cookie, Authorization"
VARY_OPEN: Final = b"Cookie, Authorization, Accept, Accept-Language"
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
}
OPEN: Final = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": EXPOSED_HEADERS,
}
"""For pages of everybody, without cookies. Source: Fetch, 3.2."""
CLOSED: Final = {"Cross-Origin-Resource-Policy": "same-origin"}

Raw = tuple[bytes, bytes]


def says_who(headers: Iterable[Raw]) -> bool:
    """Whether the headers of a request hold something that says who asks."""
    return any(
        name == b"authorization" or (name == b"cookie" and b"taluy" in value and _has_session(value))
        for name, value in headers
    )


def _has_session(cookies: bytes) -> bool:
    return not SESSIONS.isdisjoint(cookie_parser(cookies.decode("latin-1")))


def source_of(script: str) -> str:
    """The source of a policy that allows this inline script and no other. Source: CSP Level 3, 2.3.1."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _raw(headers: Mapping[str, str]) -> list[Raw]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


class Dress:
    """The headers of one installation."""

    def __init__(self, settings: Settings) -> None:
        tiles = urlsplit(settings.tile_url)
        self.tile_host = f" {tiles.scheme}://{tiles.netloc.replace('{s}', '*')}" if tiles.netloc else ""
        stays = (
            {"Strict-Transport-Security": f"max-age={YEAR_S}"} if settings.origin.startswith("https:") else {}
        )
        self._open = _raw(ALWAYS | OPEN | stays)
        self._closed = _raw(ALWAYS | CLOSED | stays)

    def policy(self, nonce: str) -> str:
        """The content security policy of one answer."""
        return self.policy_for(script=f"'nonce-{nonce}'", style=f" 'nonce-{nonce}'")

    def policy_for(self, *, script: str, style: str = "") -> str:
        """The policy where inline scripts need the source `script`; tiles are the only foreign things shown."""
        return (
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'; "
            f"script-src 'self' {script}; style-src 'self'{style}; font-src 'self'; "
            f"img-src 'self' data: blob:{self.tile_host}; connect-src 'self'; manifest-src 'self'; worker-src 'self'"
        )

    def __call__(self, headers: MutableHeaders, *, nonce: str, path: str, known: bool) -> None:
        """Add what is missing. `known`: the request brought something that says who asks.

        Every answer passes here, so the names that it has are looked at once, and what is missing is appended.
        """
        raw = headers.raw
        held = dict(reversed(raw))
        if path.startswith(UPLOADS):
            headers["Tus-Resumable"] = "1.0.0"
        kind = held.get(b"content-type", b"").decode("latin-1")
        if b"content-security-policy" not in held:
            policy = DATA_POLICY if _is_data(kind, path) else self.policy(nonce)
            raw.append((b"content-security-policy", policy.encode("latin-1")))
        opened = is_open(path)
        raw.extend([row for row in (self._open if opened else self._closed) if row[0] not in held])
        kept = held.get(b"cache-control")
        if known and kind.startswith("text/html"):
            headers["Cache-Control"] = "no-store"
        elif kept is None:
            raw.append((b"cache-control", _kept(known=known, tagged=b"etag" in held)))
        elif b"immutable" in kept:
            return
        varies = [value for name, value in raw if name == b"vary"] if b"vary" in held else []
        varies.append(VARY_OPEN if opened else VARY)
        if len(varies) == 1:
            raw.append((b"vary", varies[0]))
        else:
            headers["Vary"] = b", ".join(varies).decode("latin-1")


def _is_data(kind: str, path: str) -> bool:
    """Whether nothing in the answer could run; what has no content, such as a 304, speaks of what the address holds."""
    return media_type_of(kind) in DATA_TYPES if kind else is_readable(path)


def _kept(*, known: bool, tagged: bool) -> bytes:
    """How an answer may be kept that does not say so itself: data with a version may be asked about again."""
    if not known:
        return b"no-cache"
    return b"private, no-cache" if tagged else b"no-store"
