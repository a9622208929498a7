"""What people feel: the time in which GDAL's `ogr2ogr` pulls every site from a server into a file."""

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from bench.peers_servers import Server
from bench.report import stopwatch

LARGEST: Final = 10_000
"""Features a page that every server gives at most."""
FORMATS: Final = {"FlatGeobuf": "fgb", "GPKG": "gpkg"}
WAIT_S: Final = 900


def pull(server: Server, form: str, sites: int, *, page: int | None = None) -> float:
    """Seconds; `page` tells GDAL how many features to ask for at once, else it asks the server."""
    with tempfile.TemporaryDirectory(prefix="taluy-pull-") as folder:
        out = Path(folder, f"sites.{FORMATS[form]}")
        words = ["ogr2ogr", "-f", form, str(out), server.gdal, server.layer]
        words += [] if page is None else ["-oo", f"PAGE_SIZE={page}"]
        with stopwatch() as seconds:
            done = subprocess.run(words, capture_output=True, text=True, timeout=WAIT_S, check=False)
            taken = seconds()
        assert done.returncode == 0, f"{server.name}: {done.stderr[-2000:]}"
        read = subprocess.run(["ogrinfo", "-so", "-al", str(out)], capture_output=True, text=True, check=True)
        assert f"Feature Count: {sites}\n" in read.stdout, (
            f"{server.name}: {read.stdout[:500]}{done.stderr[-500:]}"
        )
    return taken
