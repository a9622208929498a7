"""Addresses of the GIS door: every link of every document is made here, and none leaves the base."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import HTTPConnection

from app.ogc.negotiation import ROOT, Chosen, Format
from app.settings import Settings

Link = dict[str, Any]

REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
IN_PATH: Final = "/@:~!$&'()*+,;="
IN_QUERY: Final = "%/:?@!$&'()*+,;=~[]"


class Links:
    """The links of one request's answer; behind a proxy they begin as its caller sees them.

    `root` is the address of the service, `base` that of /ogc; `here` and `bare` are the one that was asked for, with
    its ending and without.
    """

    def __init__(self, request: HTTPConnection) -> None:
        settings: Settings = request.app.state.settings
        scope = request.scope
        state: Mapping[str, Any] = scope.get("state", {})
        asked = f"{scope['scheme']}://{request.headers.get('host', '')}"
        self.root = f"{settings.base_url.rstrip('/') or asked}{state.get('prefix', '')}"
        self.base = self.root + ROOT
        self.bare = self.base + quote(scope["path"].removeprefix(ROOT), safe=IN_PATH)
        self.here = self.base + quote(state.get("asked_path", scope["path"]).removeprefix(ROOT), safe=IN_PATH)
        self.query = quote(scope["query_string"].decode("latin-1"), safe=IN_QUERY)

    def to(self, *path: str) -> str:
        """The address of something under /ogc."""
        return "/".join((self.base, *path))

    def items(self, collection_id: str) -> str:
        """The address of a collection's items; behind it and a slash stands an item's id."""
        return f"{self.base}/collections/{collection_id}/items"

    def own(self) -> str:
        """The address that was asked for."""
        return f"{self.here}?{self.query}" if self.query else self.here

    def again(self, **changes: object) -> str:
        """The address that was asked for, with some of its query changed; None takes a name away."""
        return _with(self.here, {**self._asked, **changes})

    @cached_property
    def _asked(self) -> dict[str, object]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def both(self, chosen: Chosen, offered: Sequence[Format]) -> list[Link]:
        """The answer itself, and the same in the other formats."""
        so_far = _with(self.bare, {**self._asked, "f": None})
        so_far += "&f=" if "?" in so_far else "?f="
        found = [link("self", self.own(), chosen.media_type)]
        found += [
            link("alternate", so_far + each.name, each.media_types[0], each.title)
            for each in offered
            if each is not chosen.format
        ]
        return found


def _with(path: str, query: Mapping[str, object]) -> str:
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(kept)}" if kept else path


def link(rel: str, href: str, media_type: str | None = None, title: str | None = None) -> Link:
    """One link. Source: RFC 8288; schema link.yaml of OGC 17-069r4."""
    found = {"rel": rel, "type": media_type, "title": title, "href": href}
    return {name: value for name, value in found.items() if value is not None}


def header(*links: Link) -> str:
    """The value of a Link header."""
    return ", ".join(
        f'<{each["href"]}>; rel="{each["rel"]}"' + (f'; type="{each["type"]}"' if "type" in each else "")
        for each in links
    )
