"""Items as CSV and GeoJSON sequences: everything that matches, whole or visibly broken, never in one lump."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

import pytest
from shapely import from_wkt
from shapely.geometry import shape
from sqlalchemy import text

from app.ogc.formats import streams
from app.outputs import OUTPUTS
from tests.loops import finished
from tests.ogc import rows
from tests.ogc.rows import COUNT, Door

door = rows.door
WARD_SITES = 6
ALL = COUNT + WARD_SITES
EPSG = "http://www.opengis.net/def/crs/EPSG/0"
FILES = ("csv", "geojsonseq")
ITEMS = "/ogc/collections/sites/items"


def items(door: Door, query: str = "", **headers: str) -> Any:
    """The answer to a request for sites."""
    answer = door.client.get(f"{ITEMS}?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def table(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def sequence(answer: Any) -> list[bytes]:
    """The texts of a GeoJSON sequence. Source: RFC 8142, 2."""
    nothing, *texts = answer.content.split(b"\x1e")
    assert nothing == b""
    assert all(each.endswith(b"\n") and each.count(b"\n") == 1 for each in texts)
    return [each[:-1] for each in texts]


def features(door: Door, query: str = "") -> list[dict[str, Any]]:
    return items(door, f"limit=1000&{query}").json()["features"]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a few features, each sent on its own."""
    for name, value in {"FIRST": 2, "PIECE": 4, "SORTED_PIECE": 4, "FIRST_CHUNK": 1, "CHUNK": 1}.items():
        monkeypatch.setattr(streams, name, value)


def cell(value: Any) -> str:
    """What a cell of a table says of a property."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def test_a_table_holds_everything_that_the_features_say(door: Door, small_pieces: None):
    answer = items(door, "f=csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="sites.csv"'
    assert "content-length" not in answer.headers
    wanted = features(door)
    for row, feature in zip(table(answer), wanted, strict=True):
        wkt, lon, lat = row.pop("wkt"), row.pop("lon"), row.pop("lat")
        assert row == {name: cell(value) for name, value in feature["properties"].items()}
        geometry = shape(feature["geometry"])
        assert from_wkt(wkt) == geometry
        assert (lon, lat) == (
            (str(geometry.x), str(geometry.y)) if geometry.geom_type == "Point" else ("", "")
        )
    assert len(wanted) == ALL


@pytest.mark.parametrize(
    "query", ["", "sortby=-name,risk_level", "kind=slide&offset=3", "bbox=108.4,11.9,108.41,11.91"]
)
def test_a_sequence_holds_the_same_features_in_the_same_order(door: Door, small_pieces: None, query):
    answer = items(door, f"f=geojsonseq&{query}")

    assert answer.headers["content-type"] == "application/geo+json-seq"
    assert [json.loads(each) for each in sequence(answer)] == features(door, query)
    assert len(sequence(answer)) == int(answer.headers["ogc-numberreturned"]) > 0


@pytest.mark.parametrize("form", FILES)
def test_a_page_has_a_next_one_until_everything_was_there(door: Door, form):
    found, query = [], f"f={form}&limit=7"
    while query:
        answer = items(door, query)
        page = [row["code"] for row in table(answer)] if form == "csv" else sequence(answer)
        assert answer.headers["ogc-numbermatched"] == str(ALL)
        assert answer.headers["ogc-numberreturned"] == str(len(page)) == str(min(7, ALL - len(found)))
        found += page
        link = answer.headers.get("link", "")
        assert 'rel="next"' in link or not link
        query = link.partition(">")[0].partition("?")[2]

    assert len(found) == len(set(found)) == ALL


@pytest.mark.parametrize(
    ("code", "axes"), [(4326, ("lat", "lon")), (3857, ("east", "north")), (5899, ("east", "north"))]
)
def test_another_system_names_its_axes(door: Door, code, axes):
    query = f"crs={EPSG}/{code}"

    answer = items(door, f"f=csv&{query}")

    assert answer.headers["content-crs"] == f"<{EPSG}/{code}>"
    first, feature = table(answer)[0], features(door, query)[0]
    assert [float(first[axis]) for axis in axes] == feature["geometry"]["coordinates"]
    assert list(first)[-3:] == [*axes, "wkt"]


def test_a_table_without_rows_has_its_columns(door: Door):
    answer = items(door, "f=csv&kind=flood&state=closed&risk_level=low")

    assert answer.headers["ogc-numbermatched"] == "0"
    (head,) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:2] == ["code", "name"]


def test_only_the_properties_that_were_asked_for_are_columns(door: Door):
    answer = items(door, "f=csv&properties=name,overdue&limit=1")

    assert [*table(answer)[0]] == ["id", "name", "overdue", "lon", "lat", "wkt"]


def test_a_count_alone_is_a_file_without_features(door: Door):
    answer = items(door, "f=geojsonseq&resultType=hits")

    assert (answer.content, answer.headers["ogc-numbermatched"]) == (b"", str(ALL))


def test_text_that_would_run_gets_an_apostrophe():
    feature = {"id": "x", "geometry": None, "properties": {"name": "=1+1", "n": -5}}

    written = b"".join(OUTPUTS["csv"].write([json.dumps(feature).encode()], ["name", "n"]))

    assert written.decode("utf-8-sig") == "name,n,lon,lat,wkt\r\n'=1+1,-5,,,\r\n"


@pytest.mark.parametrize("form", FILES)
def test_what_is_unchanged_is_not_sent_again(door: Door, form):
    def tagged(**headers: str) -> Any:
        """The answer of a moment in which somebody listens to the database: else it has no tag."""
        until = monotonic() + 60
        while "etag" not in (answer := door.client.get(f"{ITEMS}?f={form}", headers=headers)).headers:
            assert monotonic() < until
        return answer

    again = tagged(**{"If-None-Match": tagged().headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_more_than_a_few_at_once_are_told_to_wait(door: Door, monkeypatch):
    monkeypatch.setattr(streams, "_places", BoundedSemaphore(1))
    streams._places.acquire()

    refused = door.client.get(f"{ITEMS}?f=csv&offset=1")
    streams._places.release()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert refused.headers["content-type"] == "application/problem+json"
    assert [items(door, "f=csv").status_code for _ in range(3)] == [200, 200, 200]


def test_somebody_of_the_unit_gets_their_own_columns(client, board, make):
    code = make.site(people_at_risk=4)

    everybody, inside = (table(each.get(f"{ITEMS}?f=csv")) for each in (client, board))

    assert "people_at_risk" not in everybody[0]
    assert {row["code"]: row["people_at_risk"] for row in inside}[code] == "4"


Message = dict[str, Any]


def begun(door: Door, sent: Callable[[Message], bool]) -> list[Message]:
    """What the service itself sends of a sequence; when `sent` says so of a message, its reader goes away."""
    messages: list[Message] = []
    gone = asyncio.Event()

    async def send(message: Message) -> None:
        messages.append(message)
        if await asyncio.to_thread(sent, message):
            gone.set()

    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if asked:
            return asked.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": ITEMS,
        "raw_path": ITEMS.encode(),
        "query_string": b"f=geojsonseq",
        "headers": [(b"host", b"127.0.0.1:8000")],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 4711),
    }
    finished(door.client.app(scope, receive, send))  # type: ignore[arg-type]
    return messages


def bodies(messages: list[Message]) -> list[bytes]:
    return [each["body"] for each in messages if each["type"] == "http.response.body" and each["body"]]


def ends(messages: list[Message]) -> bool:
    """Whether the answer ends as HTTP asks."""
    return messages[-1]["type"] == "http.response.body" and not messages[-1].get("more_body", False)


def test_a_whole_file_ends_as_http_asks(door: Door, small_pieces: None):
    messages = begun(door, lambda _message: False)

    assert b"".join(bodies(messages)).count(b"\x1e") == ALL
    assert len(bodies(messages)) > ALL / 2
    assert ends(messages)


def test_what_goes_wrong_on_the_way_leaves_the_file_without_its_end(client, database, small_pieces: None):
    statements = [text("ALTER TABLE site RENAME TO elsewhere")]

    def broken(message: Message) -> bool:
        while message.get("body") and statements:
            with database.write() as db:
                db.execute(statements.pop())
        return False

    messages = begun(Door(client, database), broken)

    assert messages[0]["status"] == 200
    assert b"".join(bodies(messages)).count(b"\x1e") == 2
    assert not ends(messages)


def test_nothing_is_read_for_somebody_who_went_away(door: Door, small_pieces: None):
    messages = begun(door, lambda message: bool(message.get("body")))

    assert len(bodies(messages)) < ALL / 2
