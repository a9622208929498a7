"""The query of a request for items, read into `Asked`."""

from fastapi import Request

from app.geojson import bbox_in
from app.ogc.asked import Asked
from app.ogc.view import View


def read(request: Request, view: View) -> Asked:
    """What the request asks of `view`. Raises `BadRequest` naming what is wrong and what is allowed."""
    del view
    given = request.query_params
    return Asked(
        limit=int(given.get("limit", 100)),
        offset=int(given.get("offset", 0)),
        after=(int(given["cursor"]),) if "cursor" in given else None,
        bbox=bbox_in(given["bbox"]) if "bbox" in given else None,
    )
