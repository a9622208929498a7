"""Whatever a phone, its network and the server do to each other: one row, one entry of the log, one receipt an id.

A machine of states tries what cannot be listed: sending again, in another order of members, other content, another
person, an answer that is lost, a server that fails before or after it has stored, two at once, corrections, batches.
"""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.db import Database
from app.inspections.model import Inspection
from app.log import entry_queries
from app.log.checkpoint import is_receipt_signed
from app.log.model import LogDetail, LogEntry
from app.log.witnesses import Outside
from app.positions.model import PositionProposal
from tests.make import Make, inspection_id

WAYS = st.sampled_from(["put", "sync"])
KINDS = st.sampled_from(["inspection", "position"])
PEOPLE = st.sampled_from([0, 1, 2])


@dataclass
class Ground:
    """What every run of the machine shares: the service, its people and two places."""

    database: Database
    clients: list[TestClient]
    places: list[str]
    failing: str | None = None


@dataclass
class Record:
    """Something that a phone made: who, what, and what is known of it."""

    kind: str
    person: int
    body: dict[str, Any]
    id: str = field(default_factory=inspection_id)
    receipt: dict[str, Any] | None = None
    unsure: bool = False
    """Whether nobody knows if the server has it."""
    corrected: bool = False


class Fault(Exception):
    """The server's own failure, wherever it is told to fail."""


@contextmanager
def faults(ground: Ground):
    """Fail in the middle of the next change, or right after it was kept and before it is answered."""

    def fail(moment: str) -> None:
        if ground.failing == moment:
            ground.failing = None
            raise Fault(moment)

    def before(session: Session) -> None:
        if session.new or session.info.get("log_head"):
            fail("before")

    def after(session: Session) -> None:
        if session.info.get("log_head"):
            fail("after")

    event.listen(Session, "before_commit", before)
    event.listen(Session, "after_commit", after)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", before)
        event.remove(Session, "after_commit", after)


class Phones(RuleBasedStateMachine):
    """Three phones and one server."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Record] = []
        self.refused: list[str] = []

    def send(self, record: Record, way: str, *, by: int | None = None, body: Any = None) -> tuple[str, Any]:
        """Send it once; what came of it, and the receipt."""
        client = self.ground.clients[record.person if by is None else by]
        body = record.body if body is None else body
        if way == "put":
            answer = client.put(f"/api/{record.kind}s/{record.id}", json=body)
            known = {201: "stored", 200: "known", 409: "conflict", 500: "failed"}
            return known.get(answer.status_code, "refused"), answer.json()
        answer = client.post("/api/sync", json={f"{record.kind}s": [{"id": record.id, record.kind: body}]})
        if answer.status_code == 500:
            return "failed", None
        (result,) = answer.json()["results"]
        return result["status"], result.get("receipt")

    def check(self, record: Record, outcome: str, receipt: Any, *, fresh: set[str]) -> None:
        """Compare what the server said of a record that was sent as it is."""
        allowed = fresh | {"known"} if record.unsure else fresh if record.receipt is None else {"known"}
        assert outcome in allowed, (outcome, allowed)
        assert record.receipt in (None, receipt)
        record.receipt, record.unsure = receipt, False

    def make(self, kind: str, person: int, **more: Any) -> Record:
        place = self.ground.places[len(self.records) % 2]
        body = Make.inspection_body(place) if kind == "inspection" else Make.position_body(place)
        record = Record(kind, person, {**body, "note": f"lần {len(self.records)}", **more})
        self.records.append(record)
        return record

    def any(self, data: Any, *, kept: bool = False) -> Record | None:
        found = [record for record in self.records if record.receipt or not kept]
        place = data.draw(st.integers(0, 10_000))
        return found[place % len(found)] if found else None

    @initialize(kind=KINDS, person=PEOPLE, way=WAYS)
    def first(self, kind, person, way):
        self.new(kind, person, way)

    @rule(kind=KINDS, person=PEOPLE, way=WAYS)
    def new(self, kind, person, way):
        record = self.make(kind, person)
        self.check(record, *self.send(record, way), fresh={"stored"})

    @rule(data=st.data(), way=WAYS)
    def again(self, data, way):
        record = self.any(data)
        if record:
            self.check(record, *self.send(record, way), fresh={"stored"})

    @rule(data=st.data(), way=WAYS)
    def again_in_another_order(self, data, way):
        record = self.any(data)
        if record:
            body = dict(reversed(record.body.items()))
            self.check(record, *self.send(record, way, body=body), fresh={"stored"})

    @rule(kind=KINDS, person=PEOPLE, way=WAYS)
    def the_answer_is_lost(self, kind, person, way):
        record = self.make(kind, person)
        record.unsure = True
        self.send(record, way)

    @rule(kind=KINDS, person=PEOPLE, way=WAYS, moment=st.sampled_from(["before", "after"]))
    def the_server_fails(self, kind, person, way, moment):
        record = self.make(kind, person)
        record.unsure = True
        self.ground.failing = moment
        outcome, _ = self.send(record, way)
        assert (outcome, self.ground.failing) == ("failed", None)

    @rule(data=st.data(), way=WAYS)
    def other_content(self, data, way):
        record = self.any(data, kept=True)
        if record:
            other = {**record.body, "note": f"{record.body['note']}, khác"}
            assert self.send(record, way, body=other)[0] == "conflict"

    @rule(data=st.data(), way=WAYS, steps=st.sampled_from([1, 2]))
    def another_person(self, data, way, steps):
        record = self.any(data, kept=True)
        if record:
            assert self.send(record, way, by=(record.person + steps) % 3)[0] == "conflict"

    @rule(kind=KINDS, person=PEOPLE, way=WAYS)
    def refused_and_then_right(self, kind, person, way):
        record = self.make(kind, person)
        outcome, _ = self.send(record, way, body={**record.body, "place": "TH-ZZ-99"})
        assert outcome == "refused"
        if person:  # one of three gives up
            self.check(record, *self.send(record, way), fresh={"stored"})
        else:
            self.records.remove(record)
            self.refused.append(record.id)

    @rule(kind=KINDS, person=PEOPLE, ways=st.tuples(WAYS, WAYS))
    def two_at_once(self, kind, person, ways):
        record = self.make(kind, person)
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda way: self.send(record, way), ways))
        assert sorted(outcome for outcome, _ in found) == ["known", "stored"]
        assert found[0][1] == found[1][1]
        record.receipt = found[0][1]

    @rule(kind=KINDS, people=st.tuples(PEOPLE, PEOPLE), ways=st.tuples(WAYS, WAYS))
    def two_at_once_with_other_content(self, kind, people, ways):
        record = self.make(kind, people[0])
        bodies = [record.body, {**record.body, "note": "khác"}]

        def one(number: int) -> tuple[str, Any]:
            return self.send(record, ways[number], by=people[number], body=bodies[number])

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(one, (0, 1)))
        assert sorted(outcome for outcome, _ in found) == ["conflict", "stored"]
        won = [outcome for outcome, _ in found].index("stored")
        record.person, record.body, record.receipt = people[won], bodies[won], found[won][1]

    @rule(data=st.data(), way=WAYS)
    def corrected(self, data, way):
        record = self.any(data, kept=True)
        if record is None or record.kind == "position":
            return
        newer = self.make("inspection", record.person, corrects=record.id, place=record.body["place"])
        outcome, receipt = self.send(newer, way)
        if record.corrected:
            assert outcome == "conflict"
            self.records.remove(newer)
            self.refused.append(newer.id)
            return
        self.check(newer, outcome, receipt, fresh={"stored"})
        record.corrected = True

    @rule(seed=st.integers(0, 2**32), person=PEOPLE)
    def a_batch_of_everything(self, seed, person):
        dice = Random(seed)  # whose a record is may depend on a race, and what is drawn may not
        mine = [record for record in self.records if record.person == person]
        chosen = dice.choices(mine, k=dice.randint(0, 6)) if mine else []
        chosen += [self.make("inspection", person), self.make("position", person)]
        order = dice.sample([*chosen, chosen[-1]], k=len(chosen) + 1)  # with a twin
        batch = {
            f"{kind}s": [{"id": one.id, kind: one.body} for one in order if one.kind == kind]
            for kind in ("inspection", "position")
        }
        answer = self.ground.clients[person].post("/api/sync", json=batch)
        assert answer.status_code == 200
        by_id = {record.id: record for record in chosen}
        for result in answer.json()["results"]:
            self.check(by_id[result["id"]], result["status"], result["receipt"], fresh={"stored"})

    def teardown(self) -> None:
        """Look at the tables: one row and one entry for each id, and they say the same."""
        self.ground.failing = None
        for record in self.records:
            if record.unsure:
                self.check(record, *self.send(record, "put"), fresh={"stored"})
        with self.ground.database.read() as db:
            rows = {
                str(row.id): row
                for kind in (Inspection, PositionProposal)
                for row in db.scalars(select(kind))
            }
            said = db.execute(
                select(LogEntry.seq, LogEntry.verb, LogDetail.what)
                .join(LogDetail, LogDetail.seq == LogEntry.seq)
                .where(LogEntry.verb.in_(["inspect", "propose"]))
            ).all()
        entries = Counter()
        for entry in said:
            after = orjson.loads(entry.what)["after"]
            entries[after.get("inspection") or after.get("position"), entry.seq] += 1
        public = self.ground.clients[0].get("/api/log/checkpoint").json()["public_key"]
        for record in self.records:
            assert rows[record.id].receipt == record.receipt
            assert rows[record.id].content_sha256 == record.receipt["content_sha256"]
            assert [key for key in entries if key[0] == record.id] == [(record.id, record.receipt["log_seq"])]
            assert is_receipt_signed(record.receipt, public)
        assert not {record_id for record_id, _ in entries} & set(self.refused)
        assert not rows.keys() & set(self.refused)


@pytest.fixture
def ground(make, sign_in, database):
    """The service with two officers and a member of the board."""
    people = [make.person("officer"), make.person("officer"), make.person("board")]
    return Ground(database, [sign_in(name) for name in people], [make.site(), make.site()])


def test_whatever_happens_a_record_is_kept_once(ground, database):
    machine = type("PhonesOfThisService", (Phones,), {"ground": ground})
    few = settings(
        max_examples=10,
        stateful_step_count=14,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    with faults(ground):
        run_state_machine_as_test(machine, settings=few)

    with database.read() as db:
        assert entry_queries.check(db, Outside(), key="").seq > 0


def test_the_order_of_members_does_not_change_the_receipt(officer, make):
    body, name = make.inspection_body(make.site()), inspection_id()
    texts = [json.dumps(each, indent=2) for each in (body, dict(sorted(body.items())))]
    headers = {"Content-Type": "application/json"}

    first, again = (officer.put(f"/api/inspections/{name}", content=text, headers=headers) for text in texts)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
