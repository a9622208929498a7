"""Pages of what phones sent, newest first."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from app.outputs import dump
from app.wire import next_link


class NewestFirst(BaseModel):
    """Which records, and how many of them."""

    model_config = ConfigDict(extra="forbid")

    place: str | None = Field(None, description="Code of the place", pattern=r"^[A-Z0-9-]{1,40}$")
    limit: int = Field(100, ge=1, le=1000)
    cursor: str | None = Field(
        None,
        description="From the `next` link",
        pattern=r"^[0-9]{1,13}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    )

    def before(self) -> tuple[datetime, UUID] | None:
        """Where the last page ended."""
        if self.cursor is None:
            return None
        milliseconds, _, last = self.cursor.partition("_")
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), UUID(last)


def page(
    request: Request,
    name: str,
    rows: Sequence[Row[Any]],
    limit: int,
    end: Callable[[Row[Any]], tuple[datetime, UUID]],
    members: Callable[[Sequence[Row[Any]]], list[dict[str, Any]]],
) -> Response:
    """At most `limit` of `rows` under `name`; where one row more was found, a `next` link follows.

    `end` gives the moment and the id of a row, by which the rows are ordered.
    """
    shown, more = rows[:limit], None
    if len(rows) > limit:
        moment, record_id = end(shown[-1])
        more = f"{round(moment.timestamp() * 1000)}_{record_id}"
    links, headers = next_link(request, more, "application/json")
    body = {name: members(shown), "links": links}
    return Response(dump(body), media_type="application/json", headers=headers)
