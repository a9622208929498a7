"""What a browser may fetch below /assets: a table of names, each with the hash of its content.

Nothing that a caller sends becomes a path: a name is looked up here, or it does not exist.
"""

import gzip
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from app.errors import NotFound
from app.people.access import Everybody
from app.scripts import without_comments

_ROOT: Final = Path(__file__).resolve().parent.parent
_OWN: Final = _ROOT / "app" / "static"
_PACKAGES: Final = _ROOT / "node_modules"
_ICONS: Final = _PACKAGES / "lucide-static" / "icons"

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_SQUEEZED: Final = {".css", ".js", ".json", ".svg", ".webmanifest"}

_FONT: Final = "@fontsource/be-vietnam-pro/files/be-vietnam-pro-"

#: Public name -> file of an npm package. The files of app/static join it as `taluy/<path>`.
FROM_PACKAGES: Final = {
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "supercluster/supercluster.js": "supercluster/dist/supercluster.min.js",
    "idb/idb.js": "idb/build/index.js",
    "tus-js-client/tus.js": "tus-js-client/dist/tus.min.js",
    "jsqr/jsqr.js": "jsqr/dist/jsQR.js",
    "swagger-ui/swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui/swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "fonts/be-vietnam-pro-latin-400.woff2": f"{_FONT}latin-400-normal.woff2",
    "fonts/be-vietnam-pro-latin-700.woff2": f"{_FONT}latin-700-normal.woff2",
    "fonts/be-vietnam-pro-vietnamese-400.woff2": f"{_FONT}vietnamese-400-normal.woff2",
    "fonts/be-vietnam-pro-vietnamese-700.woff2": f"{_FONT}vietnamese-700-normal.woff2",
}

BARE: Final = {
    "idb": "idb/idb.js",
    "jsqr": "jsqr/jsqr.js",
    "leaflet": "leaflet/leaflet.js",
    "tus-js-client": "tus-js-client/tus.js",
}
"""Packages that our modules import by their names."""

_BARED: Final = {"idb/idb.js"}
"""Scripts of packages that go out without comments, as our own do."""

_URL: Final = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
_CSS_COMMENT: Final = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One public file as it goes out; `squeezed` is gzip, or None where that gains nothing."""

    body: bytes
    squeezed: bytes | None
    media_type: str
    hash: str


class UnknownAssetError(LookupError):
    """A template or program asked for a name that is not in the table, or not installed."""


MADE: Final[dict[str, tuple[str, Callable[[bytes], bytes]]]] = {}
"""Public names whose content is made from files of ours, anew whenever it is asked for: one file's name, and how."""

_loaded: dict[str, tuple[tuple[int, int], Asset]] = {}
_own_seen: tuple[tuple[tuple[Path, int], ...], dict[str, Path]] = ((), {})


def _changed_at(path: Path) -> int:
    """When a file or a folder changed last, in nanoseconds; 0 for one that is gone."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def stamp(*more: Path) -> tuple[tuple[Path, int], ...]:
    """What differs once a file of app/static, or one of `more`, has changed: for what is made of many of them."""
    return tuple((path, _changed_at(path)) for path in (*_own_files().values(), *more))


def _own_files() -> dict[str, Path]:
    """The files of app/static by public name; read again when a folder there changes."""
    global _own_seen  # noqa: PLW0603 - one cache a process, replaced as a whole
    seen, files = _own_seen
    if seen and all(_changed_at(folder) == when for folder, when in seen):
        return files
    folders = [_OWN, *(path for path in sorted(_OWN.rglob("*")) if path.is_dir())]
    changed = tuple((folder, _changed_at(folder)) for folder in folders)
    files = {
        f"taluy/{path.relative_to(_OWN).as_posix()}": path
        for path in sorted(_OWN.rglob("*"))
        if path.is_file() and path.suffix in _TYPES
    }
    _own_seen = (changed, files)
    return files


def _file(name: str) -> Path | None:
    package = FROM_PACKAGES.get(name)
    if name in MADE:
        return _own_files().get(MADE[name][0])
    return _PACKAGES / package if package else _own_files().get(name)


def _beside(name: str, link: str) -> str | None:
    """The asset that a stylesheet means by `link`, or None for anything that is none."""
    if link.startswith("/assets/"):
        found = link.removeprefix("/assets/")
    elif ":" in link or link.startswith(("/", "#")):
        return None
    else:
        found = normpath(f"{PurePosixPath(name).parent}/{link}")
    return found if _file(found) else None


def _with_hashes(name: str, css: str) -> str:
    """A stylesheet of ours without comments, whose links carry the hashes of what they name.

    They are relative: a proxy may hang the service below a path of its own.
    """
    here = PurePosixPath("/assets", name).parent

    def hashed(match: re.Match[str]) -> str:
        target = _beside(name, match[1])
        return f'url("{relpath(asset_url(target), here)}")' if target else match[0]

    return _URL.sub(hashed, _CSS_COMMENT.sub("", css))


def own_names() -> list[str]:
    """Public names of the files of app/static, in order."""
    return sorted(_own_files())


def known(name: str) -> bool:
    """Whether an asset is called `name`."""
    return _file(name) is not None


def asset(name: str) -> Asset:
    """The public file called `name`, as `leaflet/leaflet.js`; raises `UnknownAssetError`."""
    path = _file(name)
    if path is None:
        raise UnknownAssetError(f"no asset is called {name!r}; the table is in app/assets.py")
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise UnknownAssetError(f"{name} is not installed: run `make install`") from None
    now = (stat.st_mtime_ns, stat.st_size)
    known = _loaded.get(name)
    linked = name in MADE or (name.startswith("taluy/") and name.endswith(".css"))
    if known and known[0] == now and not linked:
        return known[1]
    body = path.read_bytes()
    if name in MADE:
        body = MADE[name][1](body)
    if (name.startswith("taluy/") and name.endswith(".js")) or name in _BARED:
        body = without_comments(body.decode()).encode()
    if linked and name not in MADE:
        body = _with_hashes(name, body.decode()).encode()
    hashed = sha256(body).hexdigest()[:12]
    if known and known[1].hash == hashed:
        return known[1]
    squeezed = gzip.compress(body, 9, mtime=0) if path.suffix in _SQUEEZED else None
    made = Asset(
        body=body,
        squeezed=squeezed if squeezed and len(squeezed) < len(body) else None,
        media_type=_TYPES[path.suffix],
        hash=hashed,
    )
    _loaded[name] = (now, made)
    return made


def asset_url(name: str) -> str:
    """Address of the asset, changing with its content: `/assets/<name>?v=<hash>`."""
    return f"/assets/{name}?v={asset(name).hash}"


def import_map(names: Iterable[str] | None = None, bare: Iterable[str] = ()) -> Markup:
    """The JSON of `<script type="importmap">`: our modules import each other by hashed address.

    All of them, or those of `names`; `bare` are packages of `BARE` that they import by name.

    `import "./symbols.js"` resolves to `/assets/taluy/…/symbols.js`, which the map turns into the
    address that a browser may keep for ever.
    """
    wanted = [name for name in (_own_files() if names is None else names) if name.endswith(".js")]
    imports = {f"/assets/{name}": asset_url(name) for name in wanted}
    imports |= {package: asset_url(BARE[package]) for package in bare}
    table = orjson.dumps({"imports": imports}).decode()
    return Markup(table.replace("<", "\\u003c"))  # noqa: S704 - our own names, "<" escaped # nosec B704


def data_uri(name: str) -> str:
    """The asset as a `data:` address."""
    found = asset(name)
    return f"data:{found.media_type.replace(' ', '')};base64,{b64encode(found.body).decode()}"


def inline(name: str) -> str:
    """Text of a script or stylesheet, fit to stand inside one HTML file that needs no other.

    Links of a stylesheet become `data:` addresses; `</script` and `<!--` cannot end the element.
    """
    path = _file(name)
    text = asset(name).body.decode()
    if path is not None and path.suffix == ".css":

        def carried(match: re.Match[str]) -> str:
            target = _beside(name, match[1].partition("?")[0])
            return f'url("{data_uri(target)}")' if target else match[0]

        return _URL.sub(carried, text).replace("</style", "<\\/style")
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def has_icon(name: str) -> bool:
    """Whether Lucide has an icon of that name."""
    return bool(re.fullmatch(r"[a-z0-9-]+", name)) and (_ICONS / f"{name}.svg").is_file()


@cache
def icon(name: str) -> Markup:
    """A Lucide icon as inline SVG for a template: decoration only, so hidden from screen readers."""
    path = _ICONS / f"{name}.svg"
    if not has_icon(name):
        raise UnknownAssetError(
            f"no Lucide icon is called {name!r}, or it is not installed: run `make install`"
        )
    svg = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    svg = re.sub(r'\s*class="[^"]*"', ' class="ic" aria-hidden="true" focusable="false"', svg, count=1)
    svg = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", svg)).replace(" >", ">").strip()
    return Markup(svg)  # noqa: S704 - a file of a pinned package, chosen by our own template # nosec B704


router = APIRouter(include_in_schema=False)


@router.api_route("/assets/{name:path}", methods=["GET", "HEAD"])
def send_asset(name: str, request: Request, _caller: Everybody) -> Response:
    """One public file; a browser keeps it for ever when it asked for this content by hash."""
    try:
        found = asset(name)
    except UnknownAssetError:
        raise NotFound from None
    packed = found.squeezed is not None and "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{found.hash}-gzip"' if packed else f'"{found.hash}"'
    headers = {
        "Cache-Control": _FOREVER if request.query_params.get("v") == found.hash else "no-cache",
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }
    if found.squeezed is not None:
        headers["Vary"] = "Accept-Encoding"
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if packed and found.squeezed is not None:
        headers["Content-Encoding"] = "gzip"
        return Response(found.squeezed, headers=headers, media_type=found.media_type)
    return Response(found.body, headers=headers, media_type=found.media_type)
