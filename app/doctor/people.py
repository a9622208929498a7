"""Who can get in, and whether the record of what they did is whole."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select, text

from app import keys
from app.clock import rfc3339
from app.doctor.findings import Finding, Patient, ok, warning, wrong
from app.i18n import N_, translate
from app.log import entry_queries
from app.log.chain import ERASE, digest, header_of
from app.log.model import LogEntry
from app.log.verify import Chain, Detail
from app.log.witnesses import Broken, Outside
from app.people.model import Person, SetupLink
from app.people.rules import BOARD

LAST: Final = 1_000
REFUSALS: Final = {
    "sqlite": {
        *("log_entry_update", "log_entry_delete", "log_entry_insert"),
        *("log_detail_update", "log_detail_delete", "log_detail_insert"),
    },
    "postgresql": {
        *("log_entry_change", "log_entry_truncate", "log_detail_change", "log_detail_truncate"),
    },
}
"""Triggers that refuse to rewrite the log, by the kind of database."""


def _active(*more: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(Person).where(Person.disabled_at.is_(None), *more)


def administrators(patient: Patient) -> Iterator[Finding]:
    """Whether anybody can manage accounts; on the first start, whether the set-up link is open."""
    with patient.reading() as db:
        count = db.scalar(_active(Person.role == "administrator", Person.password_hash != "")) or 0
        anybody = db.scalar(_active()) or 0
        link = db.scalars(select(SetupLink).order_by(SetupLink.expires_at.desc()).limit(1)).first()
    if count:
        yield ok(N_("{count} administrators can sign in."), count=count)
    elif anybody:
        yield wrong(
            N_("Nobody can manage accounts: there is no active administrator."),
            N_("Run: taluy person add NAME --role administrator --unit CODE"),
        )
    elif link is not None and link.used_at is None and link.expires_at > patient.now:
        yield warning(
            N_("A set-up link is open until {at}: whoever has it becomes administrator."),
            N_("Open it now; starting the service again makes another one and ends this one."),
            at=rfc3339(link.expires_at),
        )
    else:
        yield wrong(
            N_("There is no account yet, and no set-up link is open."),
            N_("Start the service: taluy serve prints a new link, good once and for 24 hours."),
        )


def second_factor(patient: Patient) -> Iterator[Finding]:
    """Whether a stolen password of the board or an administrator is enough to get in."""
    with patient.reading() as db:
        everybody = db.scalar(_active(Person.role.in_(BOARD))) or 0
        without = db.scalar(_active(Person.role.in_(BOARD), Person.totp_sealed.is_(None))) or 0
    if patient.settings.second_factor != "required":
        yield warning(
            N_("A second factor is not required: {without} of {everybody} on the board have none."),
            N_("Set TALUY_SECOND_FACTOR=required; whoever has none is led to it at the next sign-in."),
            without=without,
            everybody=everybody,
        )
    elif without:
        yield warning(
            N_(
                "{without} of {everybody} on the board have no second factor yet; they can do nothing so far."
            ),
            N_("Let them sign in once and follow the page."),
            without=without,
            everybody=everybody,
        )
    else:
        yield ok(N_("A second factor is required, and everybody on the board has one."))


def sealing_key(patient: Patient) -> Iterator[Finding]:
    """Whether the key of this installation opens the second factors of its database."""
    with patient.reading() as db:
        sealed = db.scalars(select(Person.totp_sealed).where(Person.totp_sealed.is_not(None)).limit(3)).all()
    if not sealed:
        yield ok(N_("No second factor is kept yet."))
        return
    from cryptography.fernet import Fernet, InvalidToken

    try:
        key = Fernet((patient.settings.data_dir / keys.FOLDER / keys.SEALING).read_bytes())
        for one in sealed:
            key.decrypt(str(one).encode())
    except (OSError, ValueError, InvalidToken):
        yield wrong(
            N_("The key that opens second factors is missing or another one: their owners cannot sign in."),
            N_("Put the keys of the same backup back: taluy restore --keys; or reset the second factors."),
        )
    else:
        yield ok(N_("The key opens the second factors."))


def log_is_whole(patient: Patient) -> Iterator[Finding]:
    """The last entries of the log; `taluy log verify` checks all of them."""
    with patient.reading() as db:
        last, count = db.execute(select(func.max(LogEntry.seq), func.count(LogEntry.seq))).one()
        rows = db.execute(entry_queries.STORED.where(entry_queries.ENTRY.seq >= (last or 0) - LAST)).all()
    mend = N_(
        "Change nothing, make a copy, hold it against what was kept elsewhere: taluy log verify --checkpoint FILE"
    )
    if not rows:
        yield ok(N_("Nothing is logged yet."))
        return
    try:
        checked = _check_last(rows)
        if count != last:
            raise Broken(N_("{count} entries, but the last has the number {last}"), count=count, last=last)  # noqa: TRY301
    except Broken as broken:
        reason = translate(broken.reason, "vi").format(**broken.values)
        yield wrong(
            N_("The log is not whole, entry {seq}: {reason}."), mend, seq=broken.seq or last, reason=reason
        )
    else:
        yield ok(
            N_("The last {checked} of {count} entries of the log hold together."),
            checked=checked,
            count=count,
        )


def _check_last(rows: Sequence[Row[Any]]) -> int:
    """Check entries in a row, the first of which is only what the second follows unless it is the log's first.

    What entries that erase say of earlier ones needs the whole log and is left to `taluy log verify`.
    """
    chain = Chain(Outside())
    if rows[0].seq != 1:
        chain.seq, chain.entry_hash = rows[0].seq, rows[0].entry_hash
        rows = rows[1:]
    for row in rows:
        if row.verb == ERASE:
            header = header_of(row.header)
            if header is None or (header.seq, header.prev) != (chain.seq + 1, chain.entry_hash):
                raise Broken(N_("it does not continue the entry before it"), seq=row.seq)
            chain.seq, chain.entry_hash = row.seq, digest(row.header)
        else:
            if row.detailed is None:
                raise Broken(N_("who and what of it are gone"), seq=row.seq)
            header = chain.add(row.header, Detail(row.person_id, row.who_key, row.what, row.what_key))
        columns = (row.seq, row.prev_hash, row.entry_hash, row.verb, row.about)
        if columns != (header.seq, header.prev, chain.entry_hash, header.verb, header.about):
            raise Broken(N_("the columns of the table do not say what the header says"), seq=row.seq)
    return len(rows)


def log_is_locked(patient: Patient) -> Iterator[Finding]:
    """Whether the database itself refuses to change what was logged."""
    wanted = REFUSALS[patient.address.get_backend_name()]
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if patient.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with patient.reading() as db:
        lost = wanted - set(db.scalars(text(names)))
    if lost:
        yield wrong(
            N_("The database does not refuse to rewrite the log: {names} is missing or switched off."),
            N_("Find out who did that; taluy log verify says whether something was rewritten."),
            names=", ".join(sorted(lost)),
        )
    else:
        yield ok(N_("The database refuses to rewrite the log."))
