"""Addresses of the GIS door: every link of every document is made here, and none leaves the base."""

from fastapi import Request

from app.settings import Settings


class Links:
    """The links of one request's answer; behind a proxy they begin as its caller sees them."""

    def __init__(self, request: Request) -> None:
        settings: Settings = request.app.state.settings
        asked = f"{request.url.scheme}://{request.headers.get('host', '')}"
        prefix: str = getattr(request.state, "prefix", "")
        self.base = (settings.base_url.rstrip("/") or asked) + prefix + "/ogc"
        self.query = request.scope["query_string"].decode("latin-1")

    def to(self, *path: str) -> str:
        """The address of something under /ogc."""
        return "/".join((self.base, *path))
