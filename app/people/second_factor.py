"""The second factor: codes of an authenticator app (TOTP, RFC 6238), each used once, and recovery codes.

The secret is sealed by a key outside the database, so that a stolen database makes no codes. pyotp counts.
"""

import logging
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
import pyotp
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app import journal, keys
from app.errors import Conflict
from app.i18n import N_
from app.people import account_queries
from app.people.model import Person, RecoveryCode
from app.people.queries import close_sessions, digest

ISSUER: Final = "Taluy"
STEP_S: Final = 30
DRIFT_STEPS: Final = 1
"""A phone's clock may be one step off either way. Source: RFC 6238, 5.2."""
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
PENDING_S: Final = 15 * 60


@dataclass(frozen=True)
class Pending:
    """A secret that waits for its first code. `replaces`: its owner has proven to have the one before."""

    secret: str
    replaces: bool = False


def new_secret() -> str:
    """A fresh secret of 160 bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """The otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def seal(pending: Pending, person_id: int, *, data_dir: Path, at: datetime) -> str:
    """`pending` for a hidden field: nobody reads or makes one, it is good for one person and 15 minutes."""
    said = orjson.dumps(["pending", person_id, pending.replaces, pending.secret])
    return keys.sealer(data_dir).encrypt_at_time(said, int(at.timestamp())).decode()


def unseal(sealed: str, person_id: int, *, data_dir: Path, at: datetime) -> Pending | None:
    """What `seal` made for this person; None for anything else, and after 15 minutes."""
    from cryptography.fernet import InvalidToken

    try:
        said = keys.sealer(data_dir).decrypt_at_time(sealed, PENDING_S, int(at.timestamp()))
        word, owner, replaces, secret = orjson.loads(said)
    except (InvalidToken, ValueError):
        return None
    return Pending(secret, replaces) if (word, owner) == ("pending", person_id) else None


def right_step(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code `code` is, near `at`; None where it is none."""
    totp = pyotp.TOTP(secret)
    now = int(at.timestamp()) // STEP_S
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def turn_on(
    db: Session, person: Person, pending: Pending, code: str, *, data_dir: Path, at: datetime, but: str | None
) -> list[str] | None:
    """Start asking for codes, once `code` shows that the app has the secret; the recovery codes, shown once.

    None where the code is wrong. Other sessions of the person end. Raises `Conflict` where there is a second factor
    that `pending` does not replace: two pages open at once must not leave recovery codes that open nothing.
    """
    if person.totp_sealed is not None and not pending.replaces:
        raise Conflict(N_("A second factor is on already."), code="second-factor-on")
    step = right_step(pending.secret, "".join(code.split()), at)
    if step is None:
        return None
    person.totp_sealed = keys.sealer(data_dir).encrypt(pending.secret.encode()).decode()
    person.totp_step = step
    close_sessions(db, person.id, but=but)
    account_queries.note(db, person, "second_factor_on", at=at, by=person.id)
    return new_recovery_codes(db, person)


def new_recovery_codes(db: Session, person: Person) -> list[str]:
    """Ten fresh codes of 80 random bits in groups of four; older ones end."""
    codes = [b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    db.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    db.add_all(RecoveryCode(person_id=person.id, code_sha256=digest(code)) for code in codes)
    db.flush()
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def recovery_codes_left(db: Session, person_id: int) -> int:
    """How many recovery codes of a person were not used yet."""
    unused = (RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def use(db: Session, person_id: int, code: str, *, data_dir: Path, at: datetime) -> bool:
    """Whether `code` is right and was never used, however many ask at once; it is used up by that."""
    typed = "".join(code.split()).replace("-", "").lower()
    person = db.get(Person, person_id)
    if person is None or person.totp_sealed is None:
        return False
    if not typed.isdecimal():
        return _use_recovery(db, person_id, typed, at=at)
    secret = _opened(person.totp_sealed, data_dir)
    step = right_step(secret, typed, at) if secret else None
    if step is None:
        return False
    fresh = (Person.id == person_id, or_(Person.totp_step.is_(None), Person.totp_step < step))
    return (
        db.execute(update(Person).where(*fresh).values(totp_step=step).returning(Person.id)).first()
        is not None
    )


def _opened(sealed: str, data_dir: Path) -> str | None:
    """The secret that was sealed; None where the key is not the one it was sealed with: then no code is right."""
    from cryptography.fernet import InvalidToken

    try:
        return keys.sealer(data_dir).decrypt(sealed.encode()).decode()
    except InvalidToken:
        journal.note("second_factor_unreadable", level=logging.ERROR)
        return None


def _use_recovery(db: Session, person_id: int, code: str, *, at: datetime) -> bool:
    unused = (
        RecoveryCode.person_id == person_id,
        RecoveryCode.code_sha256 == digest(code),
        RecoveryCode.used_at.is_(None),
    )
    used = update(RecoveryCode).where(*unused).values(used_at=at).returning(RecoveryCode.person_id)
    return db.execute(used).first() is not None
