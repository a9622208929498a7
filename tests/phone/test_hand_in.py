"""What a phone could not send is handed in as a file: kept once, as its author's, with who carried it in the log."""

import base64
import copy
import json
import os
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, text

from app import clock
from app.db import READERS
from app.errors import Unprocessable
from app.inspections.model import Inspection, Photo
from app.log import queries as log_queries
from app.log.model import LogDetail, LogEntry
from app.people import account_queries, erasing
from app.people import queries as people
from app.phone.hand_in_file import read
from app.phone.hand_in_schemas import MOST_RECORDS
from app.phone.sealed import Unopened, vault
from app.positions.model import PositionProposal
from app.transfer.commands import import_
from tests.make import OTHER_WARD, PASSWORD, inspection_id
from tests.people.conftest import bearer

HERE = Path(__file__).parent
NODE = shutil.which("node", path=f"{HERE.parents[1] / '.venv/bin'}{os.pathsep}{os.environ['PATH']}") or "node"
PAGE = "/phone/hand-in"


def written(author: dict[str, Any], *records: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The file that the author's phone writes, by the phone's own code in Node."""
    asked = {
        "unlock_key": author["unlock_key"],
        "person": author["person"]["id"],
        "made_at": clock.rfc3339(clock.now()),
        "records": records,
        **more,
    }
    done = subprocess.run(
        [NODE, HERE / "hand_in.mjs"], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def visit(make, place: str, *photos: bytes, **body: Any) -> dict[str, Any]:
    """An inspection that waits on a phone."""
    return {
        "id": inspection_id(),
        "kind": "inspection",
        "place": place,
        "body": make.inspection_body(place, **body),
        "photos": [base64.b64encode(photo).decode() for photo in photos],
    }


def position(place: str, *photos: bytes) -> dict[str, Any]:
    """A proposed position that waits on a phone."""
    body = {
        "place": place,
        "seen_at": clock.rfc3339(clock.now() - timedelta(hours=1)),
        "geometry": {"type": "Point", "coordinates": [108.4271, 11.9521]},
        "accuracy_m": 6.5,
        "method": "gps",
        "fixes": 12,
        "note": None,
        "place_version": 1,
    }
    kept = [base64.b64encode(photo).decode() for photo in photos]
    return {"id": inspection_id(), "kind": "position", "place": place, "body": body, "photos": kept}


def hand_in(client, file: dict[str, Any] | bytes, **more: Any):
    """Send the page's form."""
    data = file if isinstance(file, bytes) else json.dumps(file).encode()
    return client.post(PAGE, files={"file": ("x.taluy.json", data)}, follow_redirects=False, **more)


def kept(database) -> dict[str, Any]:
    """Everything that a hand-in may add: ids with who, photos, and the log's length."""
    with database.read() as db:
        return {
            "inspections": {str(row.id): row.person_id for row in db.scalars(select(Inspection))},
            "positions": {str(row.id): row.person_id for row in db.scalars(select(PositionProposal))},
            "photos": {(row.sha256, row.person_id) for row in db.scalars(select(Photo))},
            "log": log_queries.head(db)[0],
        }


def logged(database, verb: str) -> list[tuple[int | None, dict[str, Any]]]:
    """Who is written down for entries of one verb, and what."""
    with database.read() as db:
        rows = db.execute(
            select(LogDetail.person_id, LogDetail.what)
            .join(LogEntry, LogEntry.seq == LogDetail.seq)
            .where(LogEntry.verb == verb)
            .order_by(LogEntry.seq)
        ).all()
    return [(row.person_id, json.loads(row.what)["after"]) for row in rows]


@pytest.fixture
def phone(client) -> Callable[[str], dict[str, Any]]:
    """Sign a person in on a phone; gives the answer."""

    def add(name: str) -> dict[str, Any]:
        body = {"name": name, "password": PASSWORD, "device": "Máy thử"}
        answer = client.post("/api/devices", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return add


def test_it_is_recorded_once_as_its_authors_whichever_way_it_comes(make, sign_in, phone, client, database):
    author, site = phone(make.person()), make.site()
    carrier_name = make.person("viewer")
    carrier = sign_in(carrier_name)
    sha, photo = make.photo()
    records = [visit(make, site, photo, note="Ở xa, không có sóng"), visit(make, site), position(site, photo)]
    sent = client.put(
        f"/api/inspections/{records[1]['id']}", json=records[1]["body"], headers=bearer(author["token"])
    )
    file = written(author, *records)

    first = hand_in(carrier, file)
    after = kept(database)
    again = hand_in(carrier, file)
    then = client.post(
        "/api/sync",
        json={
            "inspections": [{"id": each["id"], "inspection": each["body"]} for each in records[:2]],
            "positions": [{"id": records[2]["id"], "position": records[2]["body"]}],
        },
        headers=bearer(author["token"]),
    )

    with database.read() as db:
        carried_by = people.by_name(db, carrier_name).id
        noted = db.get(Inspection, UUID(records[0]["id"])).note
    mine = author["person"]["id"]
    assert (first.status_code, again.status_code, sent.status_code) == (200, 200, 201)
    assert after["inspections"] == {records[0]["id"]: mine, records[1]["id"]: mine}
    assert after["positions"] == {records[2]["id"]: mine}
    assert after["photos"] == {(sha, mine)}
    assert noted == "Ở xa, không có sóng"
    assert kept(database) == after
    assert [row["status"] for row in then.json()["results"]] == ["known"] * 3
    assert logged(database, "hand_in") == [
        (carried_by, {"inspection": records[0]["id"]}),
        (carried_by, {"inspection": records[0]["id"], "sha256": sha}),
        (carried_by, {"position": records[2]["id"]}),
        (carried_by, {"position": records[2]["id"], "sha256": sha}),
    ]
    assert [by for by, _what in logged(database, "inspect")] == [mine, mine]
    assert first.text.count("Đã nhận</span>") == 2
    assert again.text.count("Đã có</span>") == 3
    assert first.text.count("Ảnh: 1/1 đã nhận") == 2
    assert first.headers["cache-control"] == "no-store"


def flipped(spelt: str) -> str:
    """Other bytes of the same length."""
    return spelt[:-2] + ("A" if spelt[-2] != "A" else "E") + spelt[-1]


def changed(file: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """A copy in which one member is something else, or what `to` makes of it."""
    made = copy.deepcopy(file)
    inner = made
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to(inner[path[-1]]) if callable(to) else to
    return made


def test_a_file_that_is_not_what_a_phone_wrote_changes_nothing(make, sign_in, phone, database):
    author, other, site = phone(make.person()), phone(make.person()), make.site()
    carrier = sign_in(make.person())
    file, theirs = written(author, visit(make, site)), written(other, visit(make, site))
    before = kept(database)

    files: list[dict[str, Any] | bytes] = [
        b"{",
        b"[" * 100_000,
        b'{"taluy":"hand-in",' + b'"a":[' * 50_000,
        b"\xff\xd8\xff\xe0 no text",
        b'{"taluy":"hand-in","taluy":"hand-in"}',
        {},
        {"taluy": "hand-in", "v": 2},
        changed(file, "more", to=1),
        changed(file, "made_at", to="yesterday"),
        changed(file, "records", to=[]),
        changed(file, "records", to=[1] * (MOST_RECORDS + 1)),
        changed(file, "records", to=[{}] * 10_001),
        *(changed(file, "person", to=value) for value in ("1", True, 0, -1, 2**31, 2**63, 1.5, None)),
        changed(file, "person", to=other["person"]["id"]),
        changed(file, "person", to=999_999),
        changed(file, "public_key", to=theirs["public_key"]),
        *(changed(file, "public_key", to=value) for value in ("", "A", "a+b/", "AA==", "ÀÀ", "B" * 87)),
        changed(file, "wrapped", to=theirs["wrapped"]),
        changed(file, "wrapped", "data", to=flipped),
        changed(file, "wrapped", "iv", to=flipped),
        changed(file, "wrapped", "data", to="A" * 10_000),
    ]
    answers = [hand_in(carrier, each) for each in files]

    assert {answer.status_code for answer in answers} == {422}
    assert all('role="alert"' in answer.text and "Chưa nhận gì." in answer.text for answer in answers)
    assert kept(database) == before


@pytest.mark.parametrize("packed", [b"", b"\x30\x03\x02\x01\x00", "another kind of key", "another curve"])
def test_what_an_author_wrapped_instead_of_a_key_opens_nothing(packed):
    """Who is signed in has the unlock key, and can wrap anything."""
    key = ec.generate_private_key(ec.SECP256R1())
    wanted, curve = bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d030107")
    der = key.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
    if isinstance(packed, str):
        known = wanted if packed == "another kind of key" else curve
        packed = der.replace(known, known[:-1] + b"\x09")
    public = key.public_key().public_bytes(form.Encoding.X962, form.PublicFormat.UncompressedPoint)
    wrapped = AESGCM(bytes(32)).encrypt(bytes(12), packed, b"taluy-vault-1:7")

    with pytest.raises(Unopened):
        vault(bytes(32), 7, public, bytes(12), wrapped)


def test_what_is_no_file_of_a_phone_is_not_made_into_a_million_objects():
    data = b'{"taluy":"hand-in","v":1,"records":[' + b"[]," * 300_000 + b"0]}"

    tracemalloc.start()
    try:
        with pytest.raises(Unprocessable):
            read(data)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < len(data)


def test_whoever_brings_a_file_holds_no_reader_while_it_arrives(make, sign_in, phone, app):
    author, site = phone(make.person()), make.site()
    carrier, file = sign_in(make.person("viewer")), written(author, visit(make, site))
    with ExitStack() as others:
        for _ in range(READERS - 1):
            others.enter_context(app.state.database.read()).execute(text("SELECT 1"))

        answer = hand_in(carrier, file)

    assert answer.status_code == 200, "it waited for a second reader while it kept the first"


def test_a_bad_record_is_named_and_holds_up_no_other(make, sign_in, phone, database):
    author, thief, site, far = (
        phone(make.person()),
        phone(make.person()),
        make.site(),
        make.site(unit=OTHER_WARD),
    )
    carrier = sign_in(make.person())
    sha, photo = make.photo((1, 2, 3))
    forged = {**visit(make, site), "voucher": thief["unlock_key"]}
    bad_body = visit(make, site, seen_at="2031-01-01T00:00:00+07:00")
    unknown = visit(make, site, surprise=1)
    elsewhere = visit(make, far)
    nowhere = visit(make, "TH-XX-99")
    good = [visit(make, site), visit(make, site, photo)]
    file = written(author, good[0], forged, bad_body, unknown, elsewhere, nowhere, good[1])
    first, last = file["records"][0], file["records"][-1]
    hostile = [
        None,
        "x" * 1000,
        {**first, "id": inspection_id()},
        {**first, "kind": "position"},
        {**first, "place": far},
        {**first, "extra": 1},
        {**first, "mac": flipped(first["mac"])},
        *(
            {**first, "sealed": {**first["sealed"], name: flipped(value)}}
            for name, value in first["sealed"].items()
        ),
        {**first, "sealed": {**first["sealed"], "epk": "BA" + "A" * 85}},
        {**first, "photos": last["photos"] * 11},
    ]
    swapped = {**last["photos"][0], "sha": "0" * 64}
    broken = {**last["photos"][0], "sealed": first["sealed"]}
    file["records"] = [*hostile, *file["records"], {**last, "photos": [swapped, broken, last["photos"][0]]}]

    answer = hand_in(carrier, file)

    found = kept(database)
    assert answer.status_code == 200
    assert set(found["inspections"]) == {good[0]["id"], good[1]["id"]}
    assert {hash_ for hash_, _by in found["photos"]} == {sha}
    assert answer.text.count("Từ chối</span>") == len(hostile) + 5
    assert answer.text.count("Đã nhận</span>") == 2
    assert answer.text.count("Đã có</span>") == 1
    assert "Phường đã có 3/" in answer.text
    assert "Hãy giữ tệp" in answer.text
    for said in ("tương lai", "thuộc phường khác", "Ảnh: 1/3 đã nhận"):
        assert said in answer.text, said
    assert "surprise" not in answer.text


def test_the_same_number_with_other_content_is_refused(make, sign_in, phone, database):
    author, site = phone(make.person()), make.site()
    carrier = sign_in(make.person())
    one = visit(make, site, note="một")
    hand_in(carrier, written(author, one))

    answer = hand_in(carrier, written(author, {**one, "body": {**one["body"], "note": "hai"}}))

    assert "Trùng, nội dung khác</span>" in answer.text
    assert len(kept(database)["inspections"]) == 1


def test_a_closed_account_loses_nothing_and_an_erased_one_is_nobody(make, sign_in, phone, database):
    name, site = make.person(), make.site()
    author, carrier = phone(name), sign_in(make.person())
    files = [written(author, visit(make, site)) for _ in range(4)]

    def as_now(change: Callable[[Any, Any], object], file: dict[str, Any]):
        with database.write() as db:
            change(db, people.by_name(db, name) or db.get(people.Person, author["person"]["id"]))
        return hand_in(carrier, file)

    at = clock.now()
    closed = as_now(lambda db, one: account_queries.disable(db, one, at=at, by=None), files[0])
    viewer = as_now(
        lambda db, one: account_queries.change(
            db, one, role="viewer", units=people.unit_ids(db, one.id), at=at, by=None
        ),
        files[1],
    )
    moved = as_now(
        lambda db, one: account_queries.change(
            db,
            one,
            role="officer",
            units=[people.units.find(db, OTHER_WARD, on=at.date()).id],
            at=at,
            by=None,
        ),
        files[2],
    )
    erased = as_now(lambda db, one: erasing.erase(db, one, at=at), files[3])

    assert "Tài khoản của tác giả đã đóng" in closed.text
    assert kept(database)["inspections"] == {files[0]["records"][0]["id"]: author["person"]["id"]}
    assert "không còn quyền ghi kiểm tra" in viewer.text
    assert "thuộc phường khác" in moved.text
    assert (erased.status_code, "đã được xóa" in erased.text) == (422, True)


def test_it_takes_a_form_with_one_file_of_twelve_megabytes_from_somebody_signed_in(
    make, sign_in, client, database
):
    carrier = sign_in(make.person("viewer"))
    most = 12 * 1024 * 1024

    answers = {
        "anonymous": hand_in(client, b"x" * most).status_code,
        "largest": hand_in(carrier, b"x" * most).status_code,
        "too large": hand_in(carrier, b"x" * (most + 1)).status_code,
        "far too large": hand_in(carrier, b"x" * (most + 20_000)).status_code,
        "json": carrier.post(PAGE, json={"taluy": "hand-in"}).status_code,
        "no file": carrier.post(PAGE, files={"file": ("", b"")}).status_code,
        "another field": carrier.post(PAGE, files={"other": ("x", b"x")}).status_code,
        "two": carrier.post(PAGE, files=[("file", ("a", b"x")), ("file", ("b", b"x"))]).status_code,
        "a long field": carrier.post(PAGE, files={"file": ("x", b"x")}, data={"a": "x" * 5000}).status_code,
        "foreign": hand_in(carrier, b"x", headers={"origin": "https://evil.example"}).status_code,
    }

    assert answers == {
        "anonymous": 401,
        "largest": 422,
        "too large": 413,
        "far too large": 413,
        "json": 415,
        "no file": 422,
        "another field": 422,
        "two": 400,
        "a long field": 400,
        "foreign": 403,
    }
    assert kept(database)["inspections"] == {}


def test_the_command_line_shows_a_table_first_and_then_takes_it(make, phone, database, settings, tmp_path):
    author, site, name = phone(make.person()), make.site(), make.person("viewer")
    path = tmp_path / "anything.txt"
    path.write_text(json.dumps(written(author, visit(make, site, make.photo()[1]), visit(make, "TH-XX-99"))))
    before = kept(database)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(import_, [str(path), *words], obj=settings)
        return done.exit_code, done.output

    seen = run()
    untouched = kept(database)
    taken = run("--apply", "--by", name)
    after = kept(database)
    again = run("--apply")

    assert untouched == before
    assert "Mới: 1 · Sửa: 0 · Giữ nguyên: 0 · Từ chối: 1" in seen[1], seen[1]
    assert (seen[0], taken[0], again[0]) == (1, 1, 1)
    assert list(after["inspections"].values()) == [author["person"]["id"]]
    assert len(after["photos"]) == 1
    assert kept(database) == after
    with database.read() as db:
        assert {by for by, _what in logged(database, "hand_in")} == {people.by_name(db, name).id}
