"""The few statements that most requests need, given to the driver as they are.

SQLAlchemy takes longer to put one of them together than PostgreSQL to answer it. So each is compiled once for each kind
of database, what is asked is bound to it, and the text of a feature comes as the bytes that leave again. Everything
else goes through `app.ogc.queries`, which says the same; `tests/ogc/test_quick.py` holds them against each other.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Dialect, Integer, Select, bindparam, select

from app import tallies
from app.geometry import box_values, intersects_bbox
from app.ogc import queries
from app.ogc.asked import Asked
from app.ogc.collections import COLLECTIONS
from app.ogc.view import View
from app.ogc.view import view as view_of
from app.people.rules import ANONYMOUS

Found = Sequence[tuple[Any, ...]]
"""Keys with texts; None for a text that waits to be made. A page of everything has its number in the first row too."""


class Statement(NamedTuple):
    """A compiled statement: its text, the values that stand in it, and how the others are handed to the driver."""

    text: str
    order: Sequence[str] | None
    fixed: Mapping[str, Any]
    handed: Mapping[str, Callable[[Any], Any]]


def suits(view: View, asked: Asked) -> bool:
    """Whether `asked` is a page in the order of the keys, of everything or of one box, whose texts are kept."""
    apart = (asked.offset, asked.sort, asked.period, asked.equal, asked.outline, asked.hits)
    absent = asked.ids is None and asked.filter is None
    return absent and not any(apart) and len(asked.boxes) <= 1 and queries.is_ready(view, asked)


def page(connection: Connection, view: View, asked: Asked, *, today: date) -> Found:
    """As `queries.page`, of what `suits`."""
    values = {"today": today, "most": asked.limit + 1}
    if asked.after is not None:
        values["after"] = asked.after[-1]
    if asked.boxes:
        values |= box_values(asked.boxes[0])
    shape = (view.collection.id, asked.after is not None, bool(asked.boxes))
    if not asked.narrows:
        values["name"] = view.collection.tally
    return _run(connection, _page(*shape, connection.dialect), values)


def one(connection: Connection, view: View, feature_id: str, *, today: date) -> Found:
    """The feature called so, if there is one."""
    values = {"today": today, "feature_id": feature_id}
    return _run(connection, _one(view.collection.id, connection.dialect), values)


def count(connection: Connection, view: View) -> int:
    """As `queries.count`, of everything."""
    ((rows,),) = _run(connection, _count(connection.dialect), {"name": view.collection.tally})
    return int(rows)


@lru_cache(maxsize=256)
def _page(collection_id: str, behind: bool, in_box: bool, dialect: Dialect) -> Statement:  # noqa: FBT001 - as a tuple
    collection = COLLECTIONS[collection_id]
    found = _texts(collection_id) if in_box else _texts(collection_id, tallies.ROWS.scalar_subquery())
    if behind:
        found = found.where(collection.key > bindparam("after", type_=collection.key.type))
    if in_box:
        found = found.where(intersects_bbox(collection.geometries[0]))
    return _compiled(found.order_by(collection.key).limit(bindparam("most", type_=Integer())), dialect)


@lru_cache(maxsize=64)
def _one(collection_id: str, dialect: Dialect) -> Statement:
    collection = COLLECTIONS[collection_id]
    named = collection.feature_id == bindparam("feature_id", type_=collection.feature_id.type)
    return _compiled(_texts(collection_id).where(named), dialect)


@lru_cache(maxsize=8)
def _count(dialect: Dialect) -> Statement:
    return _compiled(tallies.ROWS, dialect)


def _texts(collection_id: str, *more: ColumnElement[Any]) -> Select[Any]:
    collection = COLLECTIONS[collection_id]
    columns = queries.ready_columns(view_of(collection, ANONYMOUS))
    found = select(collection.key.label("_key"), *columns, *more).select_from(collection.source)
    return found if collection.where is None else found.where(collection.where)


def _compiled(statement: Select[Any], dialect: Dialect) -> Statement:
    compiled: Any = statement.compile(dialect=dialect)
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    return Statement(str(compiled), compiled.positiontup, fixed, compiled._bind_processors)  # noqa: SLF001 - SQLAlchemy's own dialects read it


def _run(connection: Connection, statement: Statement, values: Mapping[str, Any]) -> Sequence[Any]:
    given = {**statement.fixed, **values}
    for name, hand in statement.handed.items():
        given[name] = hand(given[name])
    order = statement.order
    bound = given if order is None else tuple(given[name] for name in order)
    found = connection.exec_driver_sql(statement.text, bound)
    rows: Sequence[Any] = (
        found.cursor.fetchall()
    )  # plain tuples: a page's Row objects took as long as its bytes
    found.close()
    return rows
