"""What every answer carries: the content security policy with its nonce, and the other headers."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders

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


class Dress:
    """The headers of one installation."""

    def __init__(self, settings: Settings) -> None:
        tiles = urlsplit(settings.tile_url)
        self.tile_host = f" {tiles.scheme}://{tiles.netloc.replace('{s}', '*')}" if tiles.netloc else ""
        self.https = settings.origin.startswith("https:")

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
        """Add what is missing. `known`: the request brought something that says who asks."""
        if path.startswith(UPLOADS):
            headers["Tus-Resumable"] = "1.0.0"
        policy = DATA_POLICY if _is_data(headers, path) else self.policy(nonce)
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        self._open(headers, path)
        if self.https:
            headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")
        if known and headers.get("content-type", "").startswith("text/html"):
            headers["Cache-Control"] = "no-store"
        headers.setdefault("Cache-Control", _kept(headers, known=known))
        if "immutable" not in headers["Cache-Control"]:
            headers.add_vary_header("Cookie")
            headers.add_vary_header("Authorization")
            if is_open(path):
                headers.add_vary_header("Accept")
                headers.add_vary_header("Accept-Language")

    def _open(self, headers: MutableHeaders, path: str) -> None:
        """Say who else's pages may read the answer: everybody's, without cookies, or nobody's. Source: Fetch, 3.2."""
        if is_open(path):
            headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        else:
            headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")


def _is_data(headers: MutableHeaders, path: str) -> bool:
    """Whether nothing in the answer could run; what has no content, such as a 304, speaks of what the address holds."""
    if "content-type" not in headers:
        return is_readable(path)
    return media_type_of(headers["content-type"]) in DATA_TYPES


def _kept(headers: MutableHeaders, *, known: bool) -> str:
    """How an answer may be kept that does not say so itself: data with a version may be asked about again."""
    if not known:
        return "no-cache"
    return "private, no-cache" if "etag" in headers else "no-store"
