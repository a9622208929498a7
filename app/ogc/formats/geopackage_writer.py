"""Write features into a GeoPackage: a program of its own, run in a subprocess, since GDAL is large and written in C.

Run it as `python -I geopackage_writer.py FILE` with lines of JSON on stdin: first the `head` that `geopackage.py`
makes, then a feature each. Of `app` it imports nothing. On stdout it writes how many features the file holds.
"""

import json
import os
import resource
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

MAX_MEMORY_BYTES: Final = 2 * 1024**3
MAX_CPU_S: Final = 100
MAX_FILE_BYTES: Final = 2 * 1024**3
MAX_FILES: Final = 64
LAST: Final = 19
BATCH: Final = 5_000
VERSION: Final = "1.2"
"""Of GeoPackage: GDAL 3.6 warns of newer ones than 1.3."""
UTC: Final = 100
"""What GDAL calls the zone."""
GEOMETRY: Final = "geom"
SCHEMA: Final = "http://www.geopackage.org/spec120/#extension_schema"

Head = Mapping[str, Any]


def limit_myself() -> None:
    """Give up memory, time, space, core dumps and a place before others, before the first byte is read."""
    os.nice(LAST)
    with suppress(OSError):  # should memory run out, the kernel ends this process and not the server
        Path("/proc/self/oom_score_adj").write_text("1000")
    limits = {
        resource.RLIMIT_CPU: MAX_CPU_S,
        resource.RLIMIT_FSIZE: MAX_FILE_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: MAX_FILES,
    }
    if sys.platform == "linux":  # macOS counts shared libraries and refuses any useful figure
        limits[resource.RLIMIT_AS] = MAX_MEMORY_BYTES
    for name, value in limits.items():
        hard = resource.getrlimit(name)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (allowed, allowed))


def batches(lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    """The features, some at a time; at least one batch, so that an empty file has its layer too."""
    import orjson

    waiting = iter(lines)
    batch = [orjson.loads(line) for line in islice(waiting, BATCH)]
    yield batch
    while batch := [orjson.loads(line) for line in islice(waiting, BATCH)]:
        yield batch


def column(kind: str, values: Sequence[Any]) -> tuple[Any, Any]:
    """Values of one field as GDAL takes them, and which of them are missing."""
    import numpy as np

    missing = np.array([value is None for value in values], dtype=bool)
    if kind == "date-time":
        return np.array(
            [value and value.removesuffix("Z") for value in values], dtype="datetime64[ms]"
        ), missing
    types = {"integer": "int64", "number": "float64", "boolean": "bool", "date": "datetime64[D]"}
    kept = values if kind in ("date", "string") else [value or 0 for value in values]
    return np.array(kept, dtype=types.get(kind, "object")), missing


def write_features(target: Path, head: Head, lines: Iterable[bytes]) -> int:
    """The layer with its spatial index; gives how many features it has."""
    import numpy as np
    import orjson
    import pyogrio
    import shapely

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": head["moment"], "OGR_SQLITE_SYNCHRONOUS": "OFF"})
    fields = head["fields"]
    count = 0
    for batch in batches(lines):
        drawn = [feature["geometry"] and orjson.dumps(feature["geometry"]) for feature in batch]
        columns = [
            column(field["type"], [_value(feature, field["name"]) for feature in batch]) for field in fields
        ]
        pyogrio.raw.write(
            target,
            shapely.to_wkb(shapely.from_geojson(np.array(drawn, dtype=object))),
            [values for values, _ in columns],
            [field["name"] for field in fields],
            field_mask=[missing for _, missing in columns],
            layer=head["layer"],
            driver="GPKG",
            geometry_type="Unknown",
            crs=head["crs"],
            promote_to_multi=False,
            append=count > 0,
            gdal_tz_offsets={
                field["name"]: np.full(len(batch), UTC) for field in fields if field["type"] == "date-time"
            },
            dataset_options={"VERSION": VERSION},
            layer_options=None
            if count
            else {"IDENTIFIER": head["title"], "DESCRIPTION": head["description"], "GEOMETRY_NAME": GEOMETRY},
        )
        count += len(batch)
    return count


def _value(feature: Mapping[str, Any], name: str) -> Any:
    properties = feature["properties"]
    return properties[name] if name in properties else feature.get("id")


def is_whole(database: sqlite3.Connection, layer: str, count: int) -> bool:
    """Whether the layer has all its features, each place in the index: where no space was left GDAL says nothing."""
    index = database.execute(
        "SELECT 1 FROM sqlite_schema WHERE name = ?", (f"rtree_{layer}_{GEOMETRY}_rowid",)
    )
    if index.fetchone() is None:
        return False
    ((rows, placed, indexed),) = database.execute(
        f'SELECT count(*), count({GEOMETRY}), (SELECT count(*) FROM "rtree_{layer}_{GEOMETRY}_rowid") FROM "{layer}"'  # noqa: S608 - the name of a collection # nosec B608
    )
    ((counted,),) = database.execute("SELECT sum(feature_count) FROM gpkg_ogr_contents")
    return bool(rows == counted == count and placed == indexed)


def add_titles(database: sqlite3.Connection, head: Head) -> None:
    """What the fields are called on screens. Source: GeoPackage 1.2, extension `schema`."""
    database.execute(
        "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,"
        " description TEXT, mime_type TEXT, constraint_name TEXT,"
        " CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name))"
    )
    database.execute(
        "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL,"
        " value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,"
        " CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
    )
    database.executemany(
        "INSERT INTO gpkg_extensions (table_name, extension_name, definition, scope)"
        " VALUES (?, 'gpkg_schema', ?, 'read-write')",
        [("gpkg_data_columns", SCHEMA), ("gpkg_data_column_constraints", SCHEMA)],
    )
    database.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
        [(head["layer"], field["name"], field["title"], field["title"]) for field in head["fields"]],
    )


def add_style(database: sqlite3.Connection, head: Head) -> None:
    """The table in which QGIS looks for a layer's own style."""
    database.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),"
        " f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),"
        " styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
        " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
    )
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
        (head["moment"],),
    )
    layer = head["layer"]
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
        " VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', ?)",
        (layer, GEOMETRY, layer[:30], head["qml"], head["title"], head["moment"]),
    )


def main() -> None:
    """Read stdin, write the file, answer on stdout."""
    limit_myself()
    target = Path(sys.argv[1])
    head = json.loads(sys.stdin.buffer.readline())
    count = write_features(target, head, sys.stdin.buffer)
    with closing(sqlite3.connect(target)) as database, database:
        add_titles(database, head)
        add_style(database, head)
        if not is_whole(database, head["layer"], count):
            sys.exit(1)
    sys.stdout.write(json.dumps({"features": count}))


if __name__ == "__main__":
    main()
