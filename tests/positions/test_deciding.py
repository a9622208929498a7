"""The board decides once; the place moves, the log keeps where it was, and nobody's change is overwritten unseen."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import orjson
import pytest
from shapely import Point
from sqlalchemy import select

from app import clock
from app.log.model import LogDetail, LogEntry
from app.people.model import Person
from app.positions import queries
from app.positions.model import PositionProposal
from app.sites import queries as sites
from tests.make import inspection_id
from tests.people.test_tokens import waits

HERE = (108.4275, 11.9525)
ELSEWHERE = {"type": "Point", "coordinates": [108.43, 11.955]}


@pytest.fixture
def proposed(officer, make):
    """Propose `HERE` for an unlocated site; gives the site's code and the proposal's id."""

    def propose(code: str | None = None, **said) -> tuple[str, str]:
        site = code or make.site(location_status="unlocated", location_accuracy_m=1250.0)
        position = inspection_id()
        answer = officer.put(f"/api/positions/{position}", json=make.position_body(site, **said))
        assert answer.status_code == 201, answer.text
        return site, position

    return propose


def decide(board, position, decision, *, version=1, **said):
    headers = {"If-Match": f'"{version}"'} if version else {}
    return board.post(
        f"/api/positions/{position}/decision", json={"decision": decision, **said}, headers=headers
    )


def logged(database, code):
    with database.read() as db:
        rows = db.execute(
            select(LogEntry.verb, LogDetail.what)
            .join(LogDetail, LogDetail.seq == LogEntry.seq)
            .where(LogEntry.about == code)
            .order_by(LogEntry.seq)
        ).all()
    return [(row.verb, orjson.loads(row.what)) for row in rows]


def test_accepted_the_place_moves_and_the_log_keeps_where_it_was(board, proposed, database):
    site, position = proposed()
    before = board.get(f"/api/sites/{site}").json()

    answer = decide(board, position, "accept")

    assert answer.status_code == 200, answer.text
    now = board.get(f"/api/sites/{site}").json()
    assert now["geometry"]["coordinates"] == list(HERE)
    place = now["properties"]
    assert (place["location_status"], place["location_accuracy_m"], place["version"]) == ("surveyed", 6.5, 2)
    assert "GPS, 12 lần đo" in place["location_note"]
    entries = logged(database, site)
    assert [verb for verb, _ in entries] == ["add", "propose", "change", "accept_position"]
    assert entries[2][1]["before"]["geometry"] == before["geometry"]
    assert entries[2][1]["before"]["location_status"] == "unlocated"
    shown = answer.json()
    assert (shown["status"], shown["decision"]["before"]["geometry"]) == ("accepted", before["geometry"])
    assert shown["place_now"]["version"] == 2


def test_amended_the_place_takes_what_the_board_says(board, proposed):
    site, position = proposed(method="tapped", accuracy_m=None, fixes=None)
    assert decide(board, position, "accept").json()["code"] == "accuracy-needed"

    answer = decide(
        board,
        position,
        "amend",
        geometry=ELSEWHERE,
        location_accuracy_m=20,
        location_note="Đối chiếu bản đồ địa chính",
        reason="Điểm đo lệch sang bên kia đường",
    )

    assert answer.status_code == 200, answer.text
    now = board.get(f"/api/sites/{site}").json()
    assert now["geometry"] == ELSEWHERE
    place = now["properties"]
    assert place["location_status"] == "approximate"  # placed by hand: read off a map
    assert (place["location_accuracy_m"], place["location_note"]) == (20, "Đối chiếu bản đồ địa chính")
    assert (answer.json()["status"], answer.json()["decided_by"]) == (
        "amended",
        board.get("/api/session").json()["name"],
    )


def test_refused_nothing_moves_and_the_reason_reaches_the_phone(board, proposed, database):
    site, position = proposed()
    assert decide(board, position, "refuse", version=None).json()["code"] == "reason-needed"

    answer = decide(board, position, "refuse", version=None, reason="Đo nhầm sang ngõ bên cạnh")

    assert answer.status_code == 200, answer.text
    assert board.get(f"/api/sites/{site}").json()["properties"]["version"] == 1
    assert logged(database, site)[-1][0] == "refuse_position"
    with database.read() as db:
        sender = db.scalar(select(PositionProposal.person_id))
        (told,) = queries.of_person(db, sender, since=clock.now() - timedelta(days=90))
        nothing = queries.of_person(db, sender, since=clock.now() + timedelta(days=1))
    assert (str(told["id"]), told["place"], told["status"]) == (position, site, "refused")
    assert told["reason"] == "Đo nhầm sang ngõ bên cạnh"
    assert nothing == []


def test_a_signboards_position_is_decided_alike(board, proposed, make, database):
    where = {"geometry": ELSEWHERE, "location_status": "inferred", "location_accuracy_m": 300}
    made = {"code": "TH-BB-09", "name": "Biển thử", "site": make.site(), **where}
    assert board.post("/api/signboards", json=made).status_code == 201
    _, position = proposed("TH-BB-09")

    answer = decide(board, position, "accept")

    assert answer.status_code == 200, answer.text
    assert board.get("/api/signboards/TH-BB-09").json()["geometry"]["coordinates"] == list(HERE)
    assert logged(database, "TH-BB-09")[-2][1]["before"]["geometry"] == ELSEWHERE


def test_a_place_that_moved_meanwhile_is_shown_and_never_overwritten_unseen(board, make, sign_in, proposed):
    site, position = proposed()
    _, second = proposed(site)
    colleague = make.person("board")
    moved = {"geometry": ELSEWHERE, "location_status": "surveyed", "location_accuracy_m": 2}
    changed = sign_in(colleague).patch(f"/api/sites/{site}", json=moved, headers={"If-Match": '"1"'})
    assert changed.status_code == 200

    stale = decide(board, position, "accept")
    blind = board.post(
        f"/api/positions/{position}/decision", json={"decision": "accept"}, headers={"If-Match": "*"}
    )
    without = decide(board, position, "accept", version=None)

    assert (stale.status_code, stale.json()["code"]) == (412, "changed-meanwhile")
    assert colleague in stale.json()["detail"]
    assert (blind.status_code, blind.json()["code"]) == (412, "moved-meanwhile")
    assert without.status_code == 428
    assert board.get(f"/api/sites/{site}").json()["geometry"] == ELSEWHERE
    shown = board.get(f"/api/positions/{position}")
    assert shown.headers["ETag"] == '"2"'
    (change,) = shown.json()["changes_since"]
    assert (change["by"], change["after"]["geometry"]) == (colleague, ELSEWHERE)
    assert shown.json()["place_now"]["geometry"] == ELSEWHERE
    assert decide(board, position, "accept", version=None, site_version=2).status_code == 200
    assert board.get(f"/api/positions/{second}").json()["status"] == "pending"
    assert len(board.get(f"/api/positions/{second}").json()["changes_since"]) == 2


def test_a_change_under_way_is_waited_for_and_never_overwritten(board, proposed, database, app):
    site, position = proposed()

    with ThreadPoolExecutor(1) as pool:
        with database.write() as db:
            sites.change(
                db, sites.get(db, site), {"geometry": Point(108.43, 11.955)}, at=clock.now(), by=None
            )
            deciding = pool.submit(decide, board, position, "accept")
            until = time.monotonic() + 60
            while not waits(database, app.state.database.engine.pool):
                assert time.monotonic() < until, "it does not wait for us"
                time.sleep(0.01)
        answer = deciding.result()

    assert (answer.status_code, answer.json()["code"]) == (412, "changed-meanwhile")
    assert board.get(f"/api/sites/{site}").json()["geometry"] == ELSEWHERE


def test_a_change_of_something_else_is_no_move(board, proposed):
    site, position = proposed()
    renamed = board.patch(f"/api/sites/{site}", json={"name": "Tên mới"}, headers={"If-Match": "*"})
    assert renamed.status_code == 200

    assert board.get(f"/api/positions/{position}").json()["changes_since"] == []
    anyhow = board.post(
        f"/api/positions/{position}/decision", json={"decision": "accept"}, headers={"If-Match": "*"}
    )
    assert anyhow.status_code == 200


def test_of_two_who_decide_at_once_the_second_is_told_who_and_when(board, make, sign_in, proposed, database):
    site, position = proposed()
    names = [make.person("board"), make.person("board")]
    both = [sign_in(name) for name in names]
    ways = [("accept", {}), ("amend", {"geometry": ELSEWHERE})]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda n: decide(both[n], position, ways[n][0], **ways[n][1]), range(2)))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
    lost = answers[1 - won].json()
    assert lost["code"] == "already-decided"
    assert names[won] in lost["detail"]
    where = [list(HERE), ELSEWHERE["coordinates"]]
    assert board.get(f"/api/sites/{site}").json()["geometry"]["coordinates"] == where[won]
    assert [verb for verb, _ in logged(database, site)].count("change") == 1
    assert decide(board, position, "refuse", version=None, reason="x").status_code == 409


def test_decisions_that_make_no_sense_change_nothing(board, proposed, make):
    site, position = proposed()
    point = make.position_body(site)["geometry"]
    sent = {
        "accept elsewhere": decide(board, position, "accept", geometry=point),
        "refuse elsewhere": decide(board, position, "refuse", reason="x", location_accuracy_m=3),
        "amend nothing": decide(board, position, "amend", reason="x"),
        "no geometry": decide(board, position, "amend", geometry=None),
        "unlocated": decide(board, position, "accept", location_status="unlocated"),
        "no accuracy": decide(board, position, "amend", location_accuracy_m=None),
        "empty reason": decide(board, position, "refuse", reason="  "),
        "another word": decide(board, position, "approve"),
        "a word too many": decide(board, position, "accept", status="accepted"),
    }

    assert {name: answer.status_code for name, answer in sent.items()} == dict.fromkeys(sent, 422)
    assert board.get(f"/api/positions/{position}").json()["status"] == "pending"
    assert board.get(f"/api/sites/{site}").json()["properties"]["version"] == 1


def test_a_decided_position_of_somebody_erased_is_still_read(board, proposed, database):
    _, position = proposed()
    decide(board, position, "accept")
    with database.write() as db:
        sender = db.get_one(Person, db.scalar(select(PositionProposal.person_id)))
        sender.name = "Đã xóa 9"

    assert board.get(f"/api/positions/{position}").json()["proposed_by"] == "Đã xóa 9"
