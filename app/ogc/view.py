"""A collection as one caller sees it. What they may not see is no field of theirs, or null in rows of others."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import case, null

from app.ogc.fields import Collection, Field
from app.people.rules import Caller
from app.records import SCOPES, Scope


@dataclass(frozen=True)
class View:
    """A collection with the fields that somebody may see; `public`: no more than everybody."""

    collection: Collection
    fields: tuple[Field, ...]
    public: bool

    def field(self, name: str) -> Field | None:
        """The field called `name`."""
        return next((field for field in self.fields if field.name == name), None)


def view(collection: Collection, caller: Caller) -> View:
    """`collection` as `caller` sees it: filters and answers go through its fields alone."""
    scope = caller.scope(caller.unit_ids) if caller.unit_ids else "public"
    return _view(collection.id, scope, caller.unit_ids if scope != "public" else frozenset())


@lru_cache(maxsize=512)
def _view(collection_id: str, scope: Scope, unit_ids: frozenset[int]) -> View:
    from app.ogc.collections import COLLECTIONS

    collection = COLLECTIONS[collection_id]
    seen = SCOPES[: SCOPES.index(scope) + 1]
    fields = tuple(field for field in collection.fields if field.see in seen)
    public = all(field.see == "public" for field in fields)
    covered: Any = None if public else collection.covers(unit_ids)
    guarded = (
        field if field.see == "public" else replace(field, column=case((covered, field.column), else_=null()))
        for field in fields
    )
    return View(collection, tuple(guarded), public)
