"""Builders for tests: people, places and bodies, all plainly made up."""

import hashlib
import io
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from PIL import Image
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from shapely import Point

from app import clock
from app.db import Database
from app.hazards import FORM_VERSION
from app.people import passwords
from app.people import queries as people
from app.sites import queries as sites
from app.units import queries as units

PASSWORD = "bon con meo xanh la"
WARD = "24787"
OTHER_WARD = "24846"
SITE = {
    "code": "TH-ST-77",
    "name": "Vị trí thử",
    "kind": "slide",
    "geometry": {"type": "Point", "coordinates": [108.427, 11.952]},
    "location_status": "surveyed",
    "location_accuracy_m": 5,
}


@dataclass
class Make:
    """Makes what a test needs in one database, through the same queries as the service."""

    database: Database
    _numbers: Any = field(default_factory=lambda: count(1))

    def person(
        self,
        role: str = "officer",
        unit: str = WARD,
        *,
        name: str | None = None,
        password_hash: str | None = None,
    ) -> str:
        """Add an account; gives its name, the password is `PASSWORD`, its hash one that is checked in no time."""
        name = name or f"Người thử {next(self._numbers)}"
        now = clock.now()
        with self.database.write() as db:
            unit_id = units.find(db, unit, on=clock.local_date(now)).id
            kept = password_hash or QUICK.hash(PASSWORD)
            people.add(db, name, role=role, password_hash=kept, unit_ids=[unit_id], at=now)
        return name

    def site(self, *, unit: str = WARD, at: tuple[float, float] = (108.427, 11.952), **values: Any) -> str:
        """Register a slide site; gives its code."""
        code = values.pop("code", f"TH-ST-{next(self._numbers):02d}")
        now = clock.now()
        with self.database.write() as db:
            unit_id = units.find(db, unit, on=clock.local_date(now)).id
            sites.add(
                db,
                {
                    "code": code,
                    "name": f"Vị trí thử {code}",
                    "kind": "slide",
                    "geometry": Point(*at),
                    "location_status": "surveyed",
                    "location_accuracy_m": 5.0,
                    **values,
                },
                unit_ids=[unit_id],
                at=now,
                by=None,
            )
        return code

    @staticmethod
    def inspection_body(place: str, **values: Any) -> dict[str, Any]:
        """A body that says nothing has changed."""
        return {
            "place": place,
            "seen_at": clock.rfc3339(datetime.now(UTC) - timedelta(minutes=5)),
            "condition": "no_change",
            "context": {"seen_from": "close", "rain_now": "none", "rain_last_24h": "no", "light": "day"},
            "answers": {},
            "measurements": {},
            "note": "",
            "position": None,
            "corrects": None,
            "form_version": FORM_VERSION,
            **values,
        }

    @staticmethod
    def position_body(
        place: str, at: tuple[float, float] = (108.4275, 11.9525), **values: Any
    ) -> dict[str, Any]:
        """A body that says where a place is, by twelve fixes."""
        return {
            "place": place,
            "seen_at": clock.rfc3339(datetime.now(UTC) - timedelta(minutes=5)),
            "geometry": {"type": "Point", "coordinates": list(at)},
            "accuracy_m": 6.5,
            "method": "gps",
            "fixes": 12,
            "note": None,
            "place_version": 1,
            **values,
        }

    @staticmethod
    def photo(colour: tuple[int, int, int] = (90, 120, 80)) -> tuple[str, bytes]:
        """A small JPEG and the SHA-256 of its bytes."""
        file = io.BytesIO()
        Image.new("RGB", (320, 240), colour).save(file, "JPEG")
        data = file.getvalue()
        return hashlib.sha256(data).hexdigest(), data


class Upload:
    """An upload of a photo by the tus protocol, as a phone begins it."""

    def __init__(self, client: TestClient, record: str) -> None:
        self.client, self.record = client, record
        self.sha, self.data = Make.photo((7, 8, 9))
        self.tus = {"Tus-Resumable": "1.0.0"}

    def begin(self) -> Any:
        """Announce it."""
        said = {"record": self.record, "sha256": self.sha}
        pairs = (f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())
        headers = {"Upload-Length": str(len(self.data)), "Upload-Metadata": ",".join(pairs)}
        return self.client.post("/api/uploads", headers=self.tus | headers)

    def ask(self, method: str, path: str) -> Any:
        """Begin it, then send a well-formed request about it: its first bytes with PATCH."""
        self.begin()
        address = path.format(record=self.record, sha256=self.sha)
        if method != "PATCH":
            return self.client.request(method, address, headers=self.tus)
        headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        return self.client.patch(address, headers=self.tus | headers, content=self.data[:10])


QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
"""What a hash costs stands in it, so the service checks these as it checks all others."""


@cache
def hashed() -> str:
    """A hash of `PASSWORD` that costs what those of the service do."""
    return passwords.HASHER.hash(PASSWORD)


SignIn = Callable[[str], TestClient]


def inspection_id() -> str:
    """A fresh id, as a phone would make it."""
    return str(uuid4())
