"""Nobody learns from an answer, or from how long it takes, who has an account."""

import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from app import clock
from app.people import account_queries, passwords, queries
from app.throttle import PAIR
from tests.make import PASSWORD, hashed

WRONG = "quite the wrong one"
OF_ONE_ANSWER = {"x-request-id", "date", "content-security-policy", "content-length"}
ROUNDS = 9


@pytest.fixture
def addresses():
    """Addresses that nobody has come from yet."""
    return (f"203.0.{third}.{fourth}" for third in range(256) for fourth in range(1, 255))


@pytest.fixture
def subjects(make, database) -> dict[str, str]:
    """Names, equally long: of an account, of nobody, of a closed account, of somebody invited, of a second factor."""
    names = {
        "known": make.person("officer", password_hash=hashed()),
        "closed": make.person("board", password_hash=hashed()),
        "invited": make.person("officer", password_hash=hashed()),
        "two factors": make.person("board", password_hash=hashed()),
        "unknown": "Người thử 0",
    }
    with database.write() as db:
        account_queries.disable(db, queries.by_name(db, names["closed"]), at=clock.now(), by=None)
        queries.by_name(db, names["invited"]).password_hash = ""
        queries.by_name(db, names["two factors"]).totp_sealed = "sealed"
    return names


DOORS = {
    "api": lambda client, name, password: client.post(
        "/api/session", json={"name": name, "password": password}
    ),
    "api with a code": lambda client, name, password: client.post(
        "/api/session", json={"name": name, "password": password, "code": "123456"}
    ),
    "page": lambda client, name, password: client.post("/sign-in", data={"name": name, "password": password}),
    "phone": lambda client, name, password: client.post(
        "/api/devices", json={"name": name, "password": password, "device": "Máy thử"}
    ),
}


def seen(answer, *own: str):
    """What somebody sees of an answer, without what differs each time and what they sent themselves."""
    body = re.sub(r'nonce="[^"]*"', "", answer.text)
    for text in own:
        body = body.replace(text, "…")
    headers = {name: value for name, value in answer.headers.items() if name not in OF_ONE_ANSWER}
    return answer.status_code, headers, body


@pytest.mark.parametrize("door", DOORS)
def test_every_name_is_answered_alike_until_and_after_the_limit(door, subjects, come_from, addresses):
    courses = {}
    for kind, name in subjects.items():
        client = come_from(next(addresses))
        courses[kind] = [seen(DOORS[door](client, name, WRONG), name) for _ in range(PAIR.amount + 2)]

    assert [status for status, *_ in courses["unknown"]] == [401] * PAIR.amount + [429] * 2
    for kind, course in courses.items():
        for alike, unknown in zip(course, courses["unknown"], strict=True):
            assert _but_wait(alike) == _but_wait(unknown), kind


def _but_wait(answer):
    """Seconds to wait go by between two answers."""
    status, headers, body = answer
    return status, {**headers, "retry-after": "retry-after" in headers}, body


@pytest.mark.parametrize("door", DOORS)
def test_the_right_password_of_a_closed_account_is_answered_like_a_wrong_one(
    door, subjects, come_from, addresses
):
    right = DOORS[door](come_from(next(addresses)), subjects["closed"], PASSWORD)
    unknown = DOORS[door](come_from(next(addresses)), subjects["unknown"], PASSWORD)

    assert unknown.status_code == 401
    assert seen(right, subjects["closed"]) == seen(unknown, subjects["unknown"])


def compared(took: Callable[[str], float], kinds: dict[str, str]) -> dict[str, float]:
    """How long each kind takes, as a share of an unknown one: by the quickest of several rounds.

    In seconds of the processor: however much else runs on the machine, the same work takes the same of them.
    """
    took(kinds["unknown"])
    rounds = [{kind: took(given) for kind, given in kinds.items()} for _ in range(ROUNDS)]
    quick = {kind: statistics.mean(sorted(each[kind] for each in rounds)[:3]) for kind in kinds}
    return {kind: taken / quick["unknown"] for kind, taken in quick.items()}


@pytest.mark.parametrize("door", DOORS)
def test_every_name_takes_like_time(door, subjects, come_from, addresses):
    def took(name: str) -> float:
        client = come_from(next(addresses))
        began = time.process_time()
        answer = DOORS[door](client, name, WRONG)
        taken = time.process_time() - began
        assert answer.status_code == 401
        return taken

    shares = compared(took, subjects)

    assert all(0.6 < share < 1.7 for share in shares.values()), shares


def test_the_hash_that_unknown_names_are_checked_against_costs_what_others_cost():
    kept = passwords.HASHER.hash(PASSWORD)

    assert passwords.NOBODY.split("$")[:4] == kept.split("$")[:4]
    assert len(passwords.NOBODY) == len(kept)
    assert not passwords.HASHER.verify(PASSWORD, passwords.NOBODY)


@pytest.fixture
def links(subjects, database) -> dict[str, str]:
    """Links that do not work, equally long: of nobody, used, ended, replaced, of a closed account."""
    secrets = {kind: queries.new_token() for kind in ("unknown", "used", "ended", "replaced", "closed")}
    now = clock.now()
    with database.write() as db:
        invited, closed = (queries.by_name(db, subjects[kind]) for kind in ("invited", "closed"))

        def invite(kind: str, person, at) -> None:
            account_queries.invite(db, secrets[kind], person, purpose="invite", at=at, days=7, by=None)

        invite("closed", closed, now)
        known = queries.by_name(db, subjects["known"])
        invite("used", known, now)
        assert account_queries.use_invite(db, secrets["used"], at=now) is known
        invite("replaced", invited, now)
        account_queries.invite(db, queries.new_token(), invited, purpose="invite", at=now, days=7, by=None)
        invite("ended", queries.by_name(db, subjects["two factors"]), now - timedelta(days=8))
    return secrets


def test_a_link_that_does_not_work_does_not_tell_why(links, come_from, addresses):
    form = {"password": PASSWORD, "password_again": PASSWORD}
    client = come_from(next(addresses))

    opened = {kind: client.get("/join", params={"token": token}) for kind, token in links.items()}
    sent = {kind: client.post("/join", data={**form, "token": token}) for kind, token in links.items()}

    for answers in (opened, sent):
        assert answers["unknown"].status_code == 404
        assert {kind: seen(answer, links[kind]) for kind, answer in answers.items()} == dict.fromkeys(
            links, seen(answers["unknown"], links["unknown"])
        )


def test_a_link_that_does_not_work_takes_like_time(links, come_from, addresses):
    form = {"password": PASSWORD, "password_again": PASSWORD}
    client = come_from(next(addresses))

    def took(token: str) -> float:
        began = time.process_time()
        client.post("/join", data={**form, "token": token})
        return time.process_time() - began

    shares = compared(took, links)

    assert all(0.5 < share < 2 for share in shares.values()), shares


ABOUT_PEOPLE = [
    ("GET", "/people/{id}"),
    ("POST", "/people/{id}"),
    ("POST", "/people/{id}/close"),
    ("POST", "/people/{id}/open"),
    ("POST", "/people/{id}/reset"),
    ("POST", "/people/{id}/second-factor"),
    ("POST", "/people/{id}/revoke"),
]


@pytest.mark.parametrize("caller", ["anonymous", "officer", "board"])
def test_forms_about_people_tell_others_nothing(caller, request, subjects, client, database):
    visitor = client if caller == "anonymous" else request.getfixturevalue(caller)
    with database.read() as db:
        there = {str(queries.by_name(db, subjects[kind]).id) for kind in subjects if kind != "unknown"}

    for method, path in ABOUT_PEOPLE:
        nobody = visitor.request(method, path.format(id="2147483"), follow_redirects=False)
        assert nobody.status_code in (401, 403)
        for person_id in there:
            somebody = visitor.request(method, path.format(id=person_id), follow_redirects=False)
            assert seen(somebody, f"/people/{person_id}") == seen(nobody, "/people/2147483"), path


def test_a_name_that_is_taken_is_told_to_administrators_only(subjects, officer, client):
    for visitor in (client, officer):
        answers = [
            visitor.post("/people", data={"name": name, "role": "officer"}) for name in subjects.values()
        ]
        assert answers[0].status_code in (401, 403)
        assert len({str(seen(answer)) for answer in answers}) == 1


def test_phones_and_tokens_of_others_look_like_none(subjects, come_from, addresses, officer):
    phone = {"name": subjects["known"], "password": PASSWORD, "device": "Máy thử"}
    theirs = str(come_from(next(addresses)).post("/api/devices", json=phone).json()["id"])

    of_another = officer.delete(f"/api/devices/{theirs}")
    of_nobody = officer.delete("/api/devices/2147483")

    assert of_nobody.status_code == 404
    assert seen(of_another) == seen(of_nobody)
