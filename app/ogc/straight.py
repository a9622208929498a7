"""The straight way to routes that everybody may ask for features.

FastAPI reads parameters, solves dependencies and finds a thread for every request; for one feature that takes longer
than reading it. Whoever brings nothing that says who asks needs none of it: such a request goes from the path to the
route, in a thread of a pool of our own. Every other goes FastAPI's way. The verb is asked for on both.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.db import READERS
from app.people.access import Passing, permission_of

THREADS: Final = ThreadPoolExecutor(READERS // 2, thread_name_prefix="straight")
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
            work = partial(call, request=request, caller=caller, **request.path_params)
            loop = asyncio.get_running_loop()
            answered: Response = await loop.run_in_executor(THREADS, copy_context().run, work)
            return answered

        return answer
