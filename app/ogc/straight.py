"""The straight way to routes that everybody may ask for features.

FastAPI reads parameters, solves dependencies and finds a thread for every request; for one feature that takes longer
than reading it. Whoever brings nothing that says who asks needs none of it: such a request goes from the path to the
route, in a thread of our own. Every other goes FastAPI's way. The verb is asked for on both.

Waking a thread costs as much as a small statement, so what is answered in a moment shares two that rarely sleep. What
may take its time (filters, files, pages for people) has threads of its own, and so has whoever would wait long for
those two, as where the database stands far away.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from time import monotonic
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.db import READERS
from app.errors import Crowded, Problem
from app.ogc import negotiation
from app.people.access import Passing, permission_of

PATIENCE_S: Final = 10.0
"""So long a request waits for a thread; then it is told so."""
MOMENTARY: Final = frozenset({"bbox", "cursor", "f", "lang", "limit"})
"""What a page asks for whose statements end in a moment."""

Work = Callable[[], Response]


class Lane:
    """Threads for requests, `inside` being how many of those wait or are answered."""

    def __init__(self, name: str, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self.inside = 0

    async def run(self, work: Work) -> Response:
        """What `work` gives. Raises `Crowded` where it waited for too long."""
        self.inside += 1
        try:
            loop = asyncio.get_running_loop()
            inside = partial(copy_context().run, _in_time, work, monotonic())
            return await loop.run_in_executor(self._threads, inside)
        finally:
            self.inside -= 1


MOMENT: Final = Lane("moment", 2)
MOST: Final = 16
WHILE: Final = Lane("while", READERS // 2)
"""Half as many as there are connections to read by: the other routes' threads need some too."""


class Straight(APIRoute):
    """A route whose function takes the request, the names in its path and `caller`, a `Passing`, and answers itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The way of one request."""
        careful, permission, call = super().get_route_handler(), permission_of(self), self.endpoint
        if not isinstance(permission, Passing):
            raise TypeError(f"{self.path} is not for everybody")

        async def answer(request: Request) -> Response:
            if Passing.names_somebody(request):
                return await careful(request)
            caller = await permission(request)
            lane = MOMENT if MOMENT.inside < MOST and _is_momentary(request) else WHILE
            return await lane.run(partial(call, request=request, caller=caller, **request.path_params))

        return answer


def _in_time(work: Work, since: float) -> Response:
    if monotonic() - since > PATIENCE_S:
        raise Crowded
    return work()


def _is_momentary(request: Request) -> bool:
    """Whether a page or a feature is asked for that tools read: no filter, no order, no file."""
    if not MOMENTARY.issuperset(request.query_params):
        return False
    try:
        return negotiation.chosen(request, negotiation.ITEMS).format is negotiation.GEOJSON
    except Problem:
        return False
