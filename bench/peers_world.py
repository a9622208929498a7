"""What every server is measured on: the same sites, in the registry's tables and in a table of the peers' own."""

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import text

from app import clock
from app.db import Database, migrate
from app.ogc import ready
from app.practice.many import generated_sites
from app.records import visible
from app.seed import seed
from app.sites import bulk
from app.sites.model import Site
from app.units import queries as units
from bench.report import Report, stopwatch
from bench.storage import SAID, SIDE, SITES

BOXES, ITEMS = 100, 200
MIDDLE: Final = 50_000
Box = tuple[float, float, float, float]
COLUMNS: Final = ", ".join(["id", *visible(Site, "public")])


@dataclass(frozen=True)
class Questions:
    """Boxes of about a hundred sites each with the number they meet, and sites with the peers' key and their code."""

    sites: int
    boxes: Sequence[tuple[Box, int]]
    items: Sequence[tuple[int, str]]


def load(address: str, sites: int, report: Report) -> None:
    """Do what an import does until there are `sites`, a fifth of them polygons and a tenth lines."""
    migrate(address)
    with Database(address) as database:
        with database.write() as db:
            seed(db)
        with database.read() as db:
            unit_ids = sorted(units.brief(db))[:1]
            there = db.scalar(text("SELECT count(*) FROM site")) or 0
        rows = generated_sites(sites - there, 1)
        records = (({name: row[name] for name in SAID}, unit_ids) for row in rows)
        with stopwatch() as seconds, database.write() as db:
            bulk.add_many(db, records, at=clock.now(), by=None)
        report.add(f"{database.dialect}: {sites:,} sites registered", f"{seconds():.1f} s")
        with stopwatch() as seconds:
            made = ready.fill(database)
        report.add(f"{database.dialect}: {made:,} texts of features made ready", f"{seconds():.1f} s")
        _settle(database)


def _settle(database: Database) -> None:
    """Statistics and visibility as they are in a database that has been there for a while."""
    patient = ("SET statement_timeout = 0", "VACUUM ANALYZE", "RESET statement_timeout")
    words = patient if database.dialect == "postgresql" else ("ANALYZE",)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for word in words:
            connection.exec_driver_sql(word)


def give_to_peers(libpq: str) -> None:
    """A table of the public columns, with the key and the index that both peers ask for, in the order of the codes."""
    with psycopg.connect(libpq, autocommit=True) as connection:
        for statement in (
            "CREATE SCHEMA peers",
            f"CREATE TABLE peers.site AS SELECT {COLUMNS} FROM public.site ORDER BY id",  # noqa: S608 - our own names
            "ALTER TABLE peers.site ADD PRIMARY KEY (id)",
            "CREATE INDEX ON peers.site USING gist (geometry)",
            "CREATE INDEX ON peers.site (code)",
            "VACUUM ANALYZE peers.site",
        ):
            connection.execute(statement)


def questions(libpq: str) -> Questions:
    """The same for the same sites; PostGIS says how many each box meets."""
    chosen = random.Random(5)
    with psycopg.connect(libpq) as connection:
        count = "SELECT count(*) FROM site"
        (sites,) = connection.execute(count).fetchone() or (0,)
        places = connection.execute(
            "SELECT id, code, west, south FROM site WHERE code LIKE 'BM-%' ORDER BY code"
        ).fetchall()
        half = SIDE * math.sqrt(SITES / sites) / 2
        picked = chosen.sample(places, min(ITEMS, len(places)))
        boxes: list[tuple[Box, int]] = []
        for _id, _code, west, south in picked[:BOXES]:
            box = (
                round(west - half, 5),
                round(south - half, 5),
                round(west + half, 5),
                round(south + half, 5),
            )
            (hits,) = connection.execute(
                f"{count} WHERE ST_Intersects(geometry, ST_MakeEnvelope(%s, %s, %s, %s, 4326))", box
            ).fetchone() or (0,)
            boxes.append((box, hits))
    return Questions(sites, boxes, [(key, code) for key, code, *_ in picked])


def written(box: Box) -> str:
    """As the `bbox` parameter takes it."""
    return ",".join(f"{edge:.5f}" for edge in box)


def write_json(path: Path, value: object) -> Path:
    """A file for a peer that reads its settings from one."""
    path.write_text(json.dumps(value))
    return path
