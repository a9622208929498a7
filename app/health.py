"""Whether the service is up and ready, and the API's own documentation page."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from app import installation
from app.assets import asset_url
from app.db import Database, migrated
from app.errors import Unavailable
from app.i18n import N_
from app.people.access import Anybody, Everybody

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def alive(_caller: Everybody) -> Response:
    """The process answers."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz")
def ready(request: Request, _caller: Anybody) -> Response:
    """The database is migrated and seeded. Answers 503 until it is."""
    database: Database = request.app.state.database
    if not migrated(database):
        raise Unavailable(
            N_("The database is not migrated yet: run `taluy migrate`."), headers={"Retry-After": "2"}
        )
    with database.read() as db:
        if installation.fact(db, "seeded_at") is None:
            raise Unavailable(
                N_("The database is not seeded yet: run `taluy seed`."), headers={"Retry-After": "2"}
            )
    return JSONResponse({"status": "ready"})


DOCS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Taluy API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{css}"></head>
<body><main id="api"></main>
<script src="{bundle}" nonce="{nonce}"></script>
<script nonce="{nonce}">SwaggerUIBundle({{url: "/api/openapi.json", dom_id: "#api", deepLinking: true}})</script>
</body></html>
"""


@router.get("/api/docs")
def docs(request: Request, _caller: Anybody) -> HTMLResponse:
    """The API's documentation, from our own server."""
    return HTMLResponse(
        DOCS.format(
            css=asset_url("swagger-ui/swagger-ui.css"),
            bundle=asset_url("swagger-ui/swagger-ui-bundle.js"),
            nonce=request.state.csp_nonce,
        )
    )
