"""Who guesses is slowed down; who shares an address or a name with them is not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier

import httpx2
import pytest
from sqlalchemy import text

from app.db import Database
from app.errors import TooMany, Unavailable
from app.throttle import ACCOUNT, ADDRESS, DEVICE, LINKS, PAIR, Throttle
from tests.make import PASSWORD
from tests.running import running

WRONG = "quite the wrong one"
ATTACKER = "203.0.113.66"
OFFICE = "198.51.100.7"
HOUR = timedelta(hours=1)


@dataclass
class Watch:
    """A clock that a test sets."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 8, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def on(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def throttle(database: Database, watch: Watch) -> Throttle:
    return Throttle(database, watch)


def passes(throttle: Throttle, name: str, address: str) -> bool:
    try:
        throttle.attempt(name, address)
    except TooMany:
        return False
    return True


def sign_in(client, name, password=PASSWORD):
    return client.post("/api/session", json={"name": name, "password": password})


def rows(database: Database) -> list[tuple[str, int]]:
    with database.read() as db:
        return [tuple(row) for row in db.execute(text("SELECT key, count FROM throttled ORDER BY key"))]


def test_a_guesser_is_told_to_wait_even_with_the_right_password(make, come_from, still):
    name = make.person()
    attacker = come_from(ATTACKER)

    guesses = [sign_in(attacker, name, WRONG).status_code for _ in range(PAIR.amount)]
    late = sign_in(attacker, name)

    assert guesses == [401] * PAIR.amount
    assert late.status_code == 429
    assert late.headers["content-type"] == "application/problem+json"
    assert 0 < int(late.headers["retry-after"]) <= PAIR.get_expiry()
    assert late.json()["detail"] == "Đã thử quá nhiều lần. Thử lại sau 15 phút."
    assert sign_in(come_from(OFFICE), name).status_code == 204


def test_the_page_and_the_phone_are_throttled_like_the_api(make, come_from, still):
    name = make.person()
    attacker = come_from(ATTACKER)
    for _ in range(PAIR.amount):
        sign_in(attacker, name, WRONG)

    page = attacker.post("/sign-in", data={"name": name, "password": PASSWORD})
    phone = attacker.post("/api/devices", json={"name": name, "password": PASSWORD, "device": "Máy thử"})

    assert (page.status_code, phone.status_code) == (429, 429)
    assert "Thử lại sau 15 phút" in page.text
    assert "set-cookie" not in page.headers
    assert int(page.headers["retry-after"]) > 0


def test_a_hundred_officers_behind_one_address_pass_while_an_attacker_there_does_not(make, come_from):
    carrier = come_from(OFFICE)
    victim, *officers = [make.person() for _ in range(101)]

    guesses, entered = [], []
    for number, officer in enumerate(officers):
        entered.append(sign_in(carrier, officer).status_code)
        carrier.cookies.clear()
        if number % 4 == 0:
            guesses.append(sign_in(carrier, victim, WRONG).status_code)

    assert entered == [204] * 100
    assert guesses == [401] * PAIR.amount + [429] * (25 - PAIR.amount)


def test_a_neighbour_cannot_lock_an_officer_out_of_the_browser_that_signed_in_before(make, come_from):
    name = make.person()
    officer, neighbour = come_from(OFFICE), come_from(OFFICE)
    first = sign_in(officer, name)
    officer.post("/sign-out", headers={"origin": str(officer.base_url)})

    guesses = [sign_in(neighbour, name, WRONG).status_code for _ in range(PAIR.amount + 1)]

    assert (first.status_code, guesses) == (204, [401] * PAIR.amount + [429])
    assert sign_in(come_from(OFFICE), name).status_code == 429
    assert sign_in(officer, name).status_code == 204


def test_a_browser_that_signed_in_before_gets_only_so_many_tries_too(make, come_from):
    name, other = make.person(), make.person()
    officer = come_from(OFFICE)
    sign_in(officer, name)

    own = [sign_in(officer, name, WRONG).status_code for _ in range(DEVICE.amount + 1)]

    assert own == [401] * DEVICE.amount + [429]
    assert sign_in(officer, other).status_code == 204


@pytest.mark.parametrize("claimed", [OFFICE, "A" * 43, "x", ""])
def test_a_browser_is_known_by_a_secret_that_was_given_out_only(make, come_from, claimed):
    name = make.person()
    sign_in(come_from(OFFICE), name)
    attacker = come_from(ATTACKER)
    attacker.cookies.set("taluy_device", claimed)

    guesses = [sign_in(attacker, name, WRONG).status_code for _ in range(PAIR.amount + 1)]

    assert guesses == [401] * PAIR.amount + [429]


def test_an_hour_of_guessing_is_bounded(throttle, watch):
    began, guesses = watch.now, 0
    while watch.now - began < HOUR:
        guesses += passes(throttle, "người thử", ATTACKER)
        watch.on(seconds=20)

    assert guesses == PAIR.amount * 4 == 32


def test_an_attacker_with_many_addresses_is_bounded_too(throttle, watch):
    began, guesses = watch.now, 0
    while watch.now - began < HOUR:
        guesses += passes(throttle, "người thử", f"203.0.113.{watch.now.minute * 4 + watch.now.second // 15}")
        watch.on(seconds=15)

    assert guesses == ACCOUNT.amount == 40


def test_many_names_from_one_address_are_bounded_by_the_address(throttle):
    tried = [passes(throttle, f"tên {number}", ATTACKER) for number in range(ADDRESS.amount + 20)]

    assert tried == [True] * ADDRESS.amount + [False] * 20
    assert passes(throttle, "tên 5", OFFICE)


def test_an_officer_known_at_an_address_passes_where_others_have_used_it_up(throttle, watch):
    throttle.attempt("cán bộ", OFFICE)
    throttle.succeeded("cán bộ", OFFICE)
    watch.on(days=20)
    for number in range(ADDRESS.amount):
        throttle.attempt(f"tên {number}", OFFICE)

    assert not passes(throttle, "người lạ", OFFICE)
    assert passes(throttle, "cán bộ", OFFICE)


def test_others_cannot_lock_an_officer_out_where_they_are_known(throttle, watch):
    throttle.attempt("cán bộ", OFFICE)
    throttle.succeeded("cán bộ", OFFICE)
    watch.on(days=20)

    guesses = [passes(throttle, "cán bộ", f"203.0.113.{number}") for number in range(60)]

    assert guesses == [True] * ACCOUNT.amount + [False] * (60 - ACCOUNT.amount)
    assert passes(throttle, "cán bộ", OFFICE)
    assert not passes(throttle, "cán bộ", "192.0.2.1"), "from elsewhere its owner waits like everybody"
    watch.on(hours=1)
    assert passes(throttle, "cán bộ", "192.0.2.1")


def test_even_a_known_address_gets_only_so_many_tries(throttle):
    throttle.attempt("cán bộ", OFFICE)
    throttle.succeeded("cán bộ", OFFICE)

    tried = [passes(throttle, "cán bộ", OFFICE) for _ in range(20)]

    assert tried == [True] * PAIR.amount + [False] * (20 - PAIR.amount)


def test_right_passwords_do_not_count_against_the_address(throttle, database):
    for number in range(ADDRESS.amount + 10):
        throttle.attempt(f"cán bộ {number % 7}", OFFICE)
        throttle.succeeded(f"cán bộ {number % 7}", OFFICE)

    (counted,) = [count for key, count in rows(database) if key.startswith("address/")]
    assert counted == 0


def test_the_window_ends_when_the_answer_said(throttle, watch):
    for _ in range(PAIR.amount):
        throttle.attempt("cán bộ", OFFICE)
    watch.on(minutes=4, seconds=30)
    with pytest.raises(TooMany) as refused:
        throttle.attempt("cán bộ", OFFICE)
    wait_s = int(refused.value.headers["Retry-After"])

    watch.on(seconds=wait_s - 1)
    early = passes(throttle, "cán bộ", OFFICE)
    watch.on(seconds=1)

    assert wait_s == 15 * 60 - 270
    assert str(refused.value) == "Too many tries. Try again in 11 minutes."
    assert (early, passes(throttle, "cán bộ", OFFICE)) == (False, True)


def test_fifty_guesses_at_once_get_no_more_than_the_limit_through(throttle):
    at_once = Barrier(50)

    def guess(_number: int) -> bool:
        at_once.wait()
        return passes(throttle, "cán bộ", ATTACKER)

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(guess, range(50))) == PAIR.amount


def test_names_at_once_from_one_address_are_all_counted(throttle, database):
    at_once = Barrier(40)

    def guess(number: int) -> None:
        at_once.wait()
        for turn in range(5):
            throttle.attempt(f"tên {number} {turn}", ATTACKER)

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(guess, range(40)))

    (counted,) = [count for key, count in rows(database) if key.startswith("address/")]
    assert counted == 200


def test_two_services_on_one_database_count_together(database_url, tmp_path):
    with (
        running(tmp_path / "data", database_url=database_url) as first,
        running(tmp_path / "data", database_url=database_url) as second,
    ):
        first.person("can-bo", "officer")

        def guess(number: int) -> int:
            service = (first, second)[number % 2]
            body = {"name": "can-bo", "password": WRONG}
            return httpx2.post(f"{service.url}/api/session", json=body, timeout=60).status_code

        with ThreadPoolExecutor(24) as pool:
            answers = sorted(pool.map(guess, range(24)))

    assert answers == [401] * PAIR.amount + [429] * (24 - PAIR.amount)


def test_wrong_tokens_are_throttled_and_right_ones_behind_the_same_address_are_not(make, come_from):
    carrier = come_from(OFFICE)
    phone = {"name": make.person(), "password": PASSWORD, "device": "Máy thử"}
    right = {"Authorization": f"Bearer {carrier.post('/api/devices', json=phone).json()['token']}"}
    wrong = {"Authorization": "Bearer of-a-season-that-has-ended"}

    answers = [carrier.get("/api/session", headers=wrong).status_code for _ in range(LINKS.amount + 3)]

    assert answers == [401] * LINKS.amount + [429] * 3
    assert carrier.get("/api/session", headers=right).json()["name"] == phone["name"]
    assert sign_in(carrier, phone["name"]).status_code == 204


@pytest.mark.parametrize("door", ["/setup", "/join"])
def test_wrong_links_are_throttled_with_wrong_tokens(door, app, come_from):
    attacker = come_from(ATTACKER)
    form = {"token": "a" * 43, "name": "Kẻ lạ", "password": PASSWORD, "password_again": PASSWORD}
    for _ in range(LINKS.amount - 1):
        app.state.throttle.failed(ATTACKER)

    answers = [attacker.post(door, data=form).status_code for _ in range(3)]

    assert answers == [404, 429, 429]


def test_a_try_stays_counted_when_the_request_keeps_nothing_else(make, come_from, database):
    refused = sign_in(come_from(ATTACKER), make.person(), WRONG)

    assert refused.status_code == 401
    assert {key.partition("/")[0]: count for key, count in rows(database)} == {
        "account-address": 1,
        "address": 1,
        "account": 1,
    }


def test_neither_names_nor_addresses_stand_in_the_table(make, come_from, database):
    name = make.person()
    come_from(OFFICE).get("/api/session", headers={"Authorization": "Bearer wrong"})
    sign_in(come_from(OFFICE), name)

    kept = str(rows(database))
    assert "known/" in kept
    assert name not in kept
    assert name.casefold() not in kept
    assert OFFICE not in kept


def test_what_has_ended_is_swept_out(throttle, watch, database):
    for number in range(30):
        throttle.attempt(f"tên {number}", f"203.0.113.{number}")
    before = len(rows(database))
    watch.on(minutes=30)

    throttle.attempt("cán bộ", OFFICE)

    kept = [key.partition("/")[0] for key, _ in rows(database)]
    assert before == 90
    assert sorted(kept) == ["account"] * 31 + ["account-address", "address"]


@pytest.mark.parametrize("url", ["sqlite:///{folder}", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_where_the_database_is_away_the_caller_is_told_so(url, tmp_path):
    throttle = Throttle(Database(url.format(folder=tmp_path)))

    for work in (
        lambda: throttle.attempt("cán bộ", OFFICE),
        lambda: throttle.succeeded("cán bộ", OFFICE),
        lambda: throttle.failed(OFFICE),
    ):
        with pytest.raises(Unavailable) as away:
            work()
        assert int(away.value.headers["Retry-After"]) > 0
