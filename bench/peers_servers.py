"""The servers that are compared: how each is started, one worker each, and what it is asked."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx2
from sqlalchemy import make_url

from bench import peers_environments as environments
from bench.peers_world import MIDDLE, Questions, write_json, written
from tests.running import environment_of, free_port

START_S: Final = 120
CELLS: Final = {
    "a": "limit=10",
    "b": "limit=1000",
    "c": "a box of about 100",
    "d": "one item",
    "f": "the page at 50,000",
}
Paths = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Server:
    """A running server: what each cell asks of it, and what GDAL opens."""

    name: str
    url: str
    process: "subprocess.Popen[bytes]"
    paths: Paths
    gdal: str
    layer: str


def paths_of_peer(items: str, asked: Questions, form: str) -> Paths:
    """The addresses under `items`; `form` asks for GeoJSON."""
    return {
        "a": [f"{items}?{form}&limit=10"],
        "b": [f"{items}?{form}&limit=1000"],
        "c": [f"{items}?{form}&limit=1000&bbox={written(box)}" for box, _hits in asked.boxes],
        "d": [f"{items}/{key}?{form}" for key, _code in asked.items],
        "f": [f"{items}?{form}&limit=10&offset={MIDDLE}"],
    }


def paths_of_ours(url: str, asked: Questions) -> Paths:
    """As `paths_of_peer`; the page at 50,000 is where the link of the page before leads."""
    items = "/ogc/collections/sites/items"
    middle = min(MIDDLE, asked.sites // 2)
    before = httpx2.get(f"{url}{items}?limit=10&offset={middle - 10}", timeout=60).raise_for_status().json()
    (following,) = (link["href"] for link in before["links"] if link["rel"] == "next")
    return {
        "a": [f"{items}?limit=10"],
        "b": [f"{items}?limit=1000"],
        "c": [f"{items}?limit=1000&bbox={written(box)}" for box, _hits in asked.boxes],
        "d": [f"{items}/{code}" for _key, code in asked.items],
        "f": [following.removeprefix(url)],
    }


@contextmanager
def tipg(folder: Path, libpq: str, asked: Questions) -> Iterator[Server]:
    """As its documentation serves it: uvicorn with uvloop and httptools."""
    port = free_port()
    settings = {
        "DATABASE_URL": libpq,
        "TIPG_DB_SCHEMAS": '["peers"]',
        "TIPG_ADD_TILES_VIEWER": "false",
    }
    programs = environments.environment("tipg")
    words = [programs / "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--workers", "1", "--no-access-log", "--log-level", "warning"]
    words += ["--loop", "uvloop", "--http", "httptools"]
    collection = "/collections/peers.site"
    paths = paths_of_peer(f"{collection}/items", asked, "f=geojson")
    with started("tipg", words, settings, folder, port, collection) as process:
        url = f"http://127.0.0.1:{port}"
        yield Server("tipg", url, process, paths, f"OAPIF:{url}", "peers.site")


@contextmanager
def pygeoapi(folder: Path, libpq: str, asked: Questions) -> Iterator[Server]:
    """As its container serves it: gunicorn."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    programs = environments.environment("pygeoapi")
    config = write_json(folder / "pygeoapi.yml", _pygeoapi_config(url, libpq))
    settings = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(folder / "pygeoapi-openapi.yml")}
    described = [
        programs / "pygeoapi",
        "openapi",
        "generate",
        config,
        "--output-file",
        settings["PYGEOAPI_OPENAPI"],
    ]
    subprocess.run(described, env=_environment(settings), check=True, capture_output=True)
    words = [
        programs / "gunicorn",
        "--workers",
        "1",
        "--worker-class",
        "gevent",
        "--bind",
        f"127.0.0.1:{port}",
    ]
    words += ["--timeout", "600", "--log-level", "warning", "pygeoapi.flask_app:APP"]
    paths = paths_of_peer("/collections/site/items", asked, "f=json")
    with started("pygeoapi", words, settings, folder, port, "/collections/site") as process:
        yield Server("pygeoapi", url, process, paths, f"OAPIF:{url}", "site")


def _pygeoapi_config(url: str, libpq: str) -> object:
    """JSON is YAML. Languages, contact and the like are what its configuration insists on."""
    database = make_url(libpq)
    words = {"en": "Sites"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": int(url.rpartition(":")[2])},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["en-US"],
            "pretty_print": False,
            "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": "https://tile.openstreetmap.org/{z}/{x}/{y}.png", "attribution": "OpenStreetMap"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": words, "description": words, "keywords": {"en": ["sites"]}, "keywords_type": "theme",
                "terms_of_service": "none", "url": url,
            },
            "license": {"name": "none", "url": url},
            "provider": {"name": "none", "url": url},
            "contact": {"name": "none"},
        },
        "resources": {
            "site": {
                "type": "collection", "title": words, "description": words, "keywords": {"en": ["sites"]},
                "links": [],
                "extents": {"spatial": {"bbox": [102, 8, 110, 24], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
                "providers": [
                    {
                        "type": "feature", "name": "PostgreSQL", "id_field": "id", "table": "site",
                        "geom_field": "geometry",
                        "data": {
                            "host": database.host, "port": database.port, "dbname": database.database,
                            "user": database.username, "password": "none", "search_path": ["peers", "public"],
                        },
                    }
                ],
            }
        },
    }  # fmt: skip


@contextmanager
def ours(name: str, folder: Path, address: str, asked: Questions, **settings: str) -> Iterator[Server]:
    """`taluy serve`; TALUY_ENV=production would only ask for https, which the peers do without as well.

    `settings` are TALUY_* values by their lower-case names.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    home = folder / name.replace(" ", "-")
    home.mkdir(exist_ok=True)
    environment = environment_of(
        home,
        port=str(port),
        base_url=url,
        database_url=address,
        log_level="warning",
        **settings,
    )
    words = [sys.executable, "-m", "app.cli", "serve"]
    with started(name, words, environment, home, port, "/ogc/collections/sites") as process:
        yield Server(name, url, process, paths_of_ours(url, asked), f"OAPIF:{url}/ogc", "sites")


@contextmanager
def constant(folder: Path, bodies: Mapping[str, bytes]) -> Iterator[Server]:
    """Nothing but Starlette and uvicorn: the answers of `bodies`, ready in memory."""
    port = free_port()
    kept = folder / "constant"
    kept.mkdir()
    for cell, body in bodies.items():
        (kept / cell).write_bytes(body)
    words = [
        sys.executable,
        "-m",
        "uvicorn",
        "bench.peers_constant:app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    words += ["--no-access-log", "--log-level", "warning"]
    first = next(iter(bodies))
    with started("constant", words, {"PEERS_BODIES": str(kept)}, folder, port, f"/{first}") as process:
        paths = {cell: [f"/{cell}"] for cell in bodies}
        yield Server("constant", f"http://127.0.0.1:{port}", process, paths, "", "")


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("TIPG_", "PYGEOAPI_"))
    }
    return {**inherited, **settings}


@contextmanager
def started(
    name: str, words: Sequence[object], settings: Mapping[str, str], folder: Path, port: int, path: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a server, wait until `path` answers 200, end it by its process at the end."""
    with ExitStack() as stack:
        log = stack.enter_context((folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [str(word) for word in words], env=_environment(settings), stdout=log, stderr=subprocess.STDOUT
        )
        stack.callback(_end, process)
        _wait(process, f"http://127.0.0.1:{port}{path}", folder / f"{name}.log")
        yield process


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            answer = httpx2.get(url, timeout=30)
        except httpx2.TransportError:
            time.sleep(0.1)
            continue
        assert answer.status_code == HTTPStatus.OK, (
            f"{answer.text[:1000]}\n{log.read_text(errors='replace')[-3000:]}"
        )
        return
    raise AssertionError(log.read_text(errors="replace")[-3000:])


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
