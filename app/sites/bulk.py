"""Registering thousands of sites at once: what an import does."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, cast

import shapely
from sqlalchemy import Table
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.bulk import insert_columns, new_ids
from app.codes import claim
from app.geometry import EDGES
from app.log import queries as log
from app.sites import queries
from app.sites.model import Site, SiteUnit
from app.text import nfc_texts

BATCH: Final = 2000

DEFAULTS: Final = {
    column.name: column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
    for column in cast("Table", Site.__table__).columns
    if column.name != "id"
}
"""Every column but the id, and what stands there where nothing is said."""

New = tuple[Mapping[str, Any], Collection[int]]
"""A site's values and the ids of its units."""


def add_many(db: Session, records: Iterable[New], *, at: datetime, by: int | None) -> int:
    """Register sites as `queries.add` does one by one, several times as fast, and give their number.

    Raises `Conflict` where a code is used.
    """
    return sum(_add(db, batch, at=at, by=by) for batch in _batches(records))


def _batches(records: Iterable[New]) -> Iterator[Sequence[New]]:
    waiting = iter(records)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _add(db: Session, records: Sequence[New], *, at: datetime, by: int | None) -> int:
    said = [nfc_texts(values) for values, _ids in records]
    claim(db, *(values["code"] for values in said))
    ids = new_ids(db, Site.__table__, len(said))
    insert_columns(db, Site.__table__, {"id": ids, **_columns(said, at=at, by=by)})
    links = [
        (site_id, unit_id)
        for site_id, (_, units) in zip(ids, records, strict=True)
        for unit_id in sorted(units)
    ]
    if links:
        site_ids, unit_ids = zip(*links, strict=True)
        insert_columns(db, SiteUnit.__table__, {"site_id": site_ids, "unit_id": unit_ids})
    log.append_added(db, [(values["code"], values) for values in said], at=at, by=by)
    return len(said)


def _columns(said: Sequence[Mapping[str, Any]], *, at: datetime, by: int | None) -> dict[str, Sequence[Any]]:
    """Every column but the id."""
    rows = [queries.stored(values, at=at, by=by) for values in said]
    columns = {name: [row.get(name, default) for row in rows] for name, default in DEFAULTS.items()}
    edges = shapely.bounds(columns["geometry"]).T.tolist()
    return columns | dict(zip(EDGES, edges, strict=True))
