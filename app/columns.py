"""Column types that mean the same on both databases: moments and JSON (geometries: `app.geometry`)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, TIMESTAMP, Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.processors import str_to_datetime
from sqlalchemy.types import TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC to the millisecond; on SQLite text that sorts. Raises `ValueError` for a time without a zone."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`timestamptz` on PostgreSQL."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the driver."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """From the driver, without the decorator's extra call: lists of places read five moments a row."""
        del coltype
        return _from_timestamp if dialect.name == "postgresql" else str_to_datetime


def _from_timestamp(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


Json: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
