"""A bare Starlette application that answers each path with a file's bytes: nothing in Python answers faster here."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODIES = {path.name: path.read_bytes() for path in Path(os.environ["PEERS_BODIES"]).iterdir()}


async def answer(request: Request) -> Response:
    return Response(BODIES[request.path_params["name"]], media_type="application/geo+json")


app = Starlette(routes=[Route("/{name}", answer)])
