"""The page that describes the service, drawn from its OpenAPI document by Swagger UI of our own server."""

from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.assets import asset_url
from app.i18n import language_of
from app.ogc.html import allowing
from app.ogc.negotiation import ROOT

PAGE: Final = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>OGC API - Features · Taluy</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{icon}" type="image/svg+xml"><link rel="stylesheet" href="{css}"></head>
<body><main id="api"></main>
<script src="{bundle}"></script>
<script>{draw}</script>
</body></html>
"""
DRAW: Final = 'SwaggerUIBundle({{url: "{url}", dom_id: "#api", deepLinking: true}})'


def api(request: Request) -> HTMLResponse:
    """The page. It holds nothing of anybody."""
    prefix = getattr(request.state, "prefix", "")
    draw = DRAW.format(url=f"{prefix}{ROOT}/api?f=json")
    text = PAGE.format(
        lang=language_of(request),
        icon=prefix + asset_url("taluy/icon.svg"),
        css=prefix + asset_url("swagger-ui/swagger-ui.css"),
        bundle=prefix + asset_url("swagger-ui/swagger-ui-bundle.js"),
        draw=draw,
    )
    return allowing(request, draw, HTMLResponse(text))
