"""The database: does it answer, is it ours, does it keep what it was told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app import installation
from app.archive import postgres
from app.clock import LOCAL, rfc3339
from app.db import STATEMENT_MS, Database, newest_revision
from app.doctor.findings import Finding, Patient, ok, warning, wrong
from app.errors import Unavailable
from app.i18n import N_, translate
from app.log.model import LogEntry
from app.seeding import PRACTICE

TOLD: Final = timedelta(minutes=1)
FAR: Final = timedelta(minutes=15)
VIETNAM: Final = timedelta(hours=7)
OLDEST_POSTGIS: Final = (3, 0)
WAL_AT, WAL = 18, b"\x02\x02"
"""Where the head of an SQLite file says that it is written ahead. Source: sqlite.org/fileformat2.html, 1.3.3."""


def answers(patient: Patient) -> Iterator[Finding]:
    """Whether the database can be reached at all; the driver says why not, without the password."""
    if patient.is_sqlite:
        path = Path(patient.address.database or "").absolute()
        if not path.is_file():
            yield wrong(N_("There is no database file {path}."), N_("Make it with: taluy migrate"), path=path)
            return
    try:
        with patient.reading() as db:
            db.execute(text("SELECT 1"))
            if patient.is_sqlite:
                db.execute(text("SELECT count(*) FROM sqlite_master"))
    except (Unavailable, SQLAlchemyError) as problem:
        error = problem.__cause__ if isinstance(problem, Unavailable) else problem
        reason = str(getattr(error, "orig", None) or type(problem).__name__)
        yield wrong(
            N_("The database does not answer: {reason}"),
            N_("Look whether it runs, and at TALUY_DATABASE_URL or at the owner of the file."),
            reason=patient.without_secrets(reason),
        )
    else:
        yield ok(N_("The database answers ({kind})."), kind=patient.address.get_backend_name())


def tables(patient: Patient) -> Iterator[Finding]:
    """Whether the tables are the newest."""
    try:
        with patient.reading() as db:
            revision = db.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        revision = None
    newest = newest_revision()
    if revision == newest:
        yield ok(N_("The tables are the newest ({revision})."), revision=newest)
    elif revision is None:
        yield wrong(N_("The database has no tables of ours."), N_("Run: taluy migrate"))
    elif str(revision) > newest:
        yield wrong(
            N_("The tables ({revision}) are newer than this version ({newest})."),
            N_("Use the version that made them, or restore a backup of this version."),
            revision=revision,
            newest=newest,
        )
    else:
        yield wrong(
            N_("The tables ({revision}) are older than this version ({newest})."),
            N_("Make a backup, then run: taluy migrate"),
            revision=revision,
            newest=newest,
        )


def seeded(patient: Patient) -> Iterator[Finding]:
    """Whether the ward's places are in, or practice data."""
    with patient.reading() as db:
        at, practice = installation.fact(db, "seeded_at"), installation.fact(db, PRACTICE)
    if practice is not None:
        yield patient.serious(
            N_("The database holds practice data."),
            N_("Set TALUY_DATA_DIR or TALUY_DATABASE_URL to the real database where people rely on it."),
        )
    elif at is None:
        yield wrong(N_("The ward's places are not in the database yet."), N_("Run: taluy seed"))
    else:
        yield ok(N_("The ward's places are in the database since {at}."), at=at[:10])


def sound(patient: Patient) -> Iterator[Finding]:
    """Versions, and whether what was committed outlives a power cut."""
    yield from _sqlite(patient) if patient.is_sqlite else _postgis(patient)


def _sqlite(patient: Patient) -> Iterator[Finding]:
    with patient.reading() as db:
        number = db.scalar(text("SELECT sqlite_version()"))
        said = db.scalar(text("PRAGMA quick_check(1)"))
    if said != "ok":
        yield wrong(
            N_("The database file is damaged: {said}"),
            N_("Stop the service, keep a copy of the file, restore the newest backup."),
            said=patient.without_secrets(str(said)),
        )
    with Path(patient.address.database or "").open("rb") as file:
        wal = file.read(WAL_AT + 2)[WAL_AT:] == WAL
    if not wal:
        yield wrong(N_("The database file is not in WAL mode."), N_("Run: taluy migrate"))
    mode = S_IMODE(Path(patient.address.database or "").stat().st_mode)
    if mode & 0o007 and S_IMODE(patient.settings.data_dir.stat().st_mode) & 0o001:
        yield warning(
            N_("Other accounts of this machine can read the database file ({mode})."),
            N_("Run: chmod 600 {path}"),
            mode=f"{mode:04o}",
            path=patient.address.database,
        )
    if said == "ok" and wal:
        yield ok(N_("SQLite {version}, WAL, no damage found."), version=number)


def _postgis(patient: Patient) -> Iterator[Finding]:
    with patient.reading() as db:
        number = str(db.scalar(text("SHOW server_version"))).partition(" ")[0]
        extension = db.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'postgis'"))
        careless = [
            name
            for name in ("fsync", "full_page_writes", "synchronous_commit")
            if db.scalar(text(f"SHOW {name}")) == "off"
        ]
        superuser = db.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
    if extension is None:
        yield wrong(
            N_("PostGIS is missing in the database."),
            N_('As an administrator of PostgreSQL run: psql -d {database} -c "CREATE EXTENSION postgis;"'),
            database=patient.address.database,
        )
    elif tuple(int(part) for part in extension.split(".")[:2]) < OLDEST_POSTGIS:
        yield wrong(N_("PostGIS {version} is too old."), N_("Install PostGIS 3 or newer."), version=extension)
    if careless:
        yield wrong(
            N_("A power cut loses what the service has confirmed: {names} is off."),
            N_("Set it to on in postgresql.conf and reload: SELECT pg_reload_conf();"),
            names=", ".join(careless),
        )
    if superuser:
        yield patient.serious(
            N_("The service reaches the database as its administrator, who may change the log."),
            N_("Make a role of its own (docs/operations.md) and put it into TALUY_DATABASE_URL."),
        )
    if extension is not None and not careless:
        yield ok(N_("PostgreSQL {server}, PostGIS {postgis}."), server=number, postgis=extension)


def time_limit(patient: Patient) -> Iterator[Finding]:
    """Whether a statement of the service ends in time, also through a connection pooler in between."""
    if patient.is_sqlite:
        yield ok(N_("The service itself ends a statement after {seconds} s."), seconds=STATEMENT_MS // 1000)
        return
    with Database(patient.settings.database) as database, database.read() as db:
        limit = db.scalar(text("SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'"))
    if limit == STATEMENT_MS:
        yield ok(N_("A statement ends after {seconds} s."), seconds=STATEMENT_MS // 1000)
    else:
        yield wrong(
            N_(
                "Statements are not ended after {seconds} s: a connection pooler drops the service's options."
            ),
            N_("Run: ALTER ROLE {role} SET statement_timeout = {limit};"),
            seconds=STATEMENT_MS // 1000,
            role=patient.address.username,
            limit=STATEMENT_MS,
        )


def clock(patient: Patient) -> Iterator[Finding]:
    """Whether this machine's clock can be right: against the version's age, the zone data and the database."""
    mend = N_("Set the clock and let it follow a time server: timedatectl set-ntp true")
    built = datetime.strptime(newest_revision()[:8], "%Y%m%d").replace(tzinfo=LOCAL)
    if patient.now < built - timedelta(days=1):
        yield wrong(
            N_("The clock says {now}: that was before this version was made."), mend, now=rfc3339(patient.now)
        )
    elif patient.now.astimezone(LOCAL).utcoffset() != VIETNAM:
        yield wrong(
            N_("This machine does not know Vietnam's time zone."), N_("On Debian: apt-get install tzdata")
        )
    else:
        yield ok(N_("The clock says {now}."), now=rfc3339(patient.now))


def clock_of_database(patient: Patient) -> Iterator[Finding]:
    """This machine's clock against the database's, and against what was logged last."""
    mend = N_("Set the clock and let it follow a time server: timedatectl set-ntp true")
    with patient.reading() as db:
        newest = db.scalar(select(func.max(LogEntry.at)))
        there = None if patient.is_sqlite else db.scalar(text("SELECT clock_timestamp()"))
    apart = abs(there - patient.now) if there is not None else timedelta()
    if apart > TOLD:
        yield (wrong if apart > FAR else warning)(
            N_("The clocks of this machine and of the database are {seconds} s apart."),
            mend,
            seconds=round(apart.total_seconds()),
        )
    if newest is not None and newest > patient.now + FAR:
        yield wrong(
            N_("The newest entry of the log is from the future ({at}): a clock was wrong."),
            mend,
            at=rfc3339(newest),
        )
    elif apart <= TOLD:
        yield ok(N_("The clock agrees with the database and the log."))


def dump_program(patient: Patient) -> Iterator[Finding]:
    """Whether a backup can be made."""
    if patient.is_sqlite:
        yield ok(N_("A backup needs no other program."))
        return
    with patient.reading() as db:
        major = int(str(db.scalar(text("SHOW server_version_num")))) // 10_000
    try:
        postgres.find("pg_dump", major)
    except Unavailable as missing:
        yield wrong(
            N_("Backups cannot be made: {reason}"),
            N_("On Debian: apt-get install postgresql-client-{version}"),
            reason=translate(missing.detail, "vi").format(**missing.values),
            version=major,
        )
    else:
        yield ok(N_("pg_dump is as new as the server ({version})."), version=major)


def backups(_patient: Patient) -> Iterator[Finding]:
    """Backups lie where the service does not know."""
    yield warning(
        N_("How old the newest backup is cannot be seen from here."),
        N_("Look where taluy backup writes to, and restore one on trial every quarter (docs/operations.md)."),
    )
