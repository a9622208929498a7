"""Whether a server's answers are right: measured is only what gives the features that were asked for."""

from http import HTTPStatus
from typing import Any, Final

import httpx2

from bench.peers_servers import Server
from bench.peers_world import Questions

LOOKED_AT: Final = 25
"""Of the addresses of a cell; wrk itself fails on any answer that is no 200."""
WAIT_S: Final = 120


def check(server: Server, asked: Questions) -> dict[str, bytes]:
    """The first answer of each cell. Raises `AssertionError` naming what is wrong."""
    first: dict[str, bytes] = {}
    with httpx2.Client(base_url=server.url, timeout=WAIT_S) as client:
        for cell, paths in server.paths.items():
            for number, path in enumerate(paths[:LOOKED_AT]):
                answer = client.get(path)
                assert answer.status_code == HTTPStatus.OK, f"{server.name} {path}: {answer.text[:500]}"
                _check(f"{server.name} {path}", cell, number, answer.json(), asked)
                first.setdefault(cell, answer.content)
    return first


def _check(where: str, cell: str, number: int, said: dict[str, Any], asked: Questions) -> None:
    if cell == "d":
        _key, code = asked.items[number]
        assert (said["type"], said["properties"]["code"]) == ("Feature", code), where
        assert said["geometry"]["type"] in ("Point", "Polygon", "LineString"), where
        return
    features = said["features"]
    wanted = {"a": 10, "b": min(1000, asked.sites), "c": asked.boxes[number][1], "f": 10}[cell]
    matched = asked.boxes[number][1] if cell == "c" else asked.sites
    assert len(features) == wanted, f"{where}: {len(features)} features, not {wanted}"
    assert said["numberMatched"] == matched, f"{where}: {said['numberMatched']} matched, not {matched}"
    assert all(feature["geometry"] and feature["properties"]["name"] for feature in features), where
    rels = {link["rel"] for link in said["links"]}
    assert {"self"} | ({"next"} if cell in "abf" and matched > 1000 else set()) <= rels, f"{where}: {rels}"
