"""Time that passes at once, callers from many addresses, and a second factor set up as people do."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient

from app import clock
from tests.make import PASSWORD


@pytest.fixture
def later(monkeypatch) -> Callable[..., None]:
    """Let time pass: `later(hours=13)`. The service asks `app.clock` alone, and that asks this clock."""

    class Shifted(datetime):
        by = timedelta()

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + cls.by

    monkeypatch.setattr("app.clock.datetime", Shifted)

    def pass_by(**time: float) -> None:
        Shifted.by += timedelta(**time)

    return pass_by


@pytest.fixture
def stop_clock(monkeypatch) -> Callable[[datetime], None]:
    """Let it be one moment from now on."""

    def stop(moment: datetime) -> None:
        class Still(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return moment.astimezone(tz)

        monkeypatch.setattr("app.clock.datetime", Still)

    return stop


@pytest.fixture
def still(stop_clock) -> None:
    """Let no time pass: answers that name minutes are alike however slow the machine is."""
    stop_clock(datetime.now(UTC))


@pytest.fixture
def come_from(app, client) -> Callable[[str], TestClient]:
    """A client at an address; `client` keeps the service going."""
    assert client is not None

    def at(address: str) -> TestClient:
        return TestClient(
            app,
            base_url=str(client.base_url),
            raise_server_exceptions=False,
            client=(address, 40000),
            follow_redirects=False,
        )

    return at


@dataclass(frozen=True)
class Factor:
    """An authenticator app with one secret, the recovery codes that were shown, and the code that was used first."""

    secret: str
    recovery: tuple[str, ...]
    first_code: str = ""

    def code(self, steps: int = 0) -> str:
        """The code that the app shows now, or some steps of 30 s from now."""
        return pyotp.TOTP(self.secret).at(clock.now(), counter_offset=steps)


def begun(page: str) -> tuple[str, str]:
    """The sealed secret in a page's form, and the same as people read it."""
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    return sealed, re.search(r'class="secret">([^<]+)<', page)[1].replace(" ", "")


def shown_codes(page: str) -> tuple[str, ...]:
    """The recovery codes on a page."""
    return tuple(re.search(r'id="f-codes"[^>]*>([^<]*)<', page)[1].split())


def set_up(client: TestClient) -> Factor:
    """Turn the second factor of a signed-in person on, by its page."""
    sealed, secret = begun(client.get("/account/second-factor").text)
    code = Factor(secret, ()).code()
    form = {"sealed": sealed, "password": PASSWORD, "code": code}
    answer = client.post("/account/second-factor", data=form)
    assert answer.status_code == 200, answer.text
    return Factor(secret, shown_codes(answer.text), code)


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def phone(client) -> Callable[..., dict[str, Any]]:
    """Sign a person in on a phone; gives the whole answer."""

    def add(name: str, device: str = "Máy thử", **more: str) -> dict[str, Any]:
        body = {"name": name, "password": PASSWORD, "device": device, **more}
        answer = client.post("/api/devices", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return add
