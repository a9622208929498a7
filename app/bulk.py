"""Many rows at once, given column by column: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, FromClause, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.columns import UtcDateTime
from app.geometry import Geometry


def insert_columns(db: Session, table: FromClause, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows in the caller's transaction; values are what a record would hold, defaults are not filled in."""
    db.flush()
    connection = db.connection()
    stored = [_for_driver(table.c[name].type, values, connection.dialect) for name, values in columns.items()]
    rows = list(zip(*stored, strict=True))
    names = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {table.description} ({names}) FROM STDIN", rows)
        return
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT INTO {table.description} ({names}) VALUES ({marks})"  # noqa: S608 - our own names # nosec B608
    connection.exec_driver_sql(insert, rows)


def new_ids(db: Session, table: FromClause, count: int) -> list[int]:
    """The next `count` ids. They stay free: PostgreSQL's sequence passed them, SQLite lets nobody else write."""
    if db.connection().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.description, "id")
        return list(db.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))
    last: int = db.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
    return list(range(last + 1, last + 1 + count))


def _for_driver(kind: Any, values: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
    if isinstance(kind, Geometry):
        return kind.bind_all(values, dialect)
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    if isinstance(kind, UtcDateTime):  # rows of one import share their moments
        known = {value: process(value) for value in set(values)}
        return [known[value] for value in values]
    return [process(value) for value in values]


def _copy(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Psycopg's own way in; its failures leave as SQLAlchemy's, like those of every other statement."""
    cursor: Any = connection.connection.cursor()
    failure = connection.dialect.loaded_dbapi.Error
    try:
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except failure as error:
        raise DBAPIError.instance(statement, None, error, failure, dialect=connection.dialect) from error
