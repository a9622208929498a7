"""The short links: all sites and all signboards, for tools that take an address and nothing else."""

from fastapi import APIRouter, Request, Response

from app.ogc import negotiation, routes
from app.people.access import Reader
from app.people.rules import Caller
from app.wire import MAX_PAGE

router = APIRouter(tags=["gis"], include_in_schema=False)


@router.get("/sites.geojson")
def all_sites(request: Request, caller: Reader) -> Response:
    """The largest page of sites."""
    return _largest_page(request, "sites", caller)


@router.get("/signboards.geojson")
def all_signboards(request: Request, caller: Reader) -> Response:
    """The largest page of signboards."""
    return _largest_page(request, "signboards", caller)


def _largest_page(request: Request, collection: str, caller: Caller) -> Response:
    """What the door answers to the long address, byte for byte; what else was asked goes on with it."""
    asked = request.scope["query_string"]
    limit = b"" if "limit" in request.query_params else f"limit={MAX_PAGE}".encode()
    path = f"{negotiation.ROOT}/collections/{collection}/items"
    request.state.ending = negotiation.GEOJSON.name
    scope = {
        **request.scope,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"&".join(part for part in (limit, asked) if part),
    }
    return routes.items(Request(scope), collection, caller)
