"""Items and single items as GeoJSON answers: features that are texts already, with links and numbers around them."""

from typing import Any, NamedTuple

from app.ogc import crs, negotiation, paging
from app.ogc.asked import Asked
from app.ogc.links import Link, Links, header, link
from app.ogc.negotiation import Chosen
from app.ogc.reading import Piece
from app.ogc.view import View
from app.outputs import CREDIT, dump


class Page(NamedTuple):
    """One page of items: what was asked, what was found, and how it is answered."""

    view: View
    asked: Asked
    piece: Piece
    matched: int
    chosen: Chosen


def next_href(links: Links, page: Page) -> str | None:
    """Where the next page is, if there is one."""
    after = page.piece.after
    return None if after is None else links.again(cursor=paging.cursor(page.asked, after), offset=None)


def collection(links: Links, page: Page) -> tuple[bytes, dict[str, str]]:
    """The FeatureCollection of a page, and its headers.

    It says no `timeStamp`: the same features are the same bytes, so that an ETag can tell (OGC 17-069r4, 7.15.8).
    """
    listed = links.both(page.chosen, negotiation.ITEMS)
    further = _next(links, page)
    listed += [*further, *_around(links, page.view)]
    returned = len(page.piece.texts)
    head: dict[str, Any] = {
        "type": "FeatureCollection",
        "credit": CREDIT,
        "links": listed,
        "numberMatched": page.matched,
        "numberReturned": returned,
    }
    body = dump(head)[:-1] + b',"features":[' + b",".join(page.piece.texts) + b"]}"
    return body, {
        "Content-Crs": crs.content(page.asked.crs),
        "Link": header(*further, *_described(links, page.view)),
        "OGC-NumberMatched": str(page.matched),
        "OGC-NumberReturned": str(returned),
    }


def feature(
    links: Links, view: View, text: bytes, asked: Asked, chosen: Chosen
) -> tuple[bytes, dict[str, str]]:
    """One feature with its links, and its headers."""
    listed = [*links.both(chosen, negotiation.ITEM), *_around(links, view)]
    return text[:-1] + b',"links":' + dump(listed) + b"}", {"Content-Crs": crs.content(asked.crs)}


def _next(links: Links, page: Page) -> list[Link]:
    href = next_href(links, page)
    return [link("next", href, page.chosen.media_type)] if href else []


def _around(links: Links, view: View) -> list[Link]:
    return [link("collection", links.to("collections", view.collection.id), "application/json")]


def _described(links: Links, view: View) -> list[Link]:
    href = links.to("collections", view.collection.id, "queryables")
    return [link("http://www.opengis.net/def/rel/ogc/1.0/queryables", href, "application/schema+json")]
