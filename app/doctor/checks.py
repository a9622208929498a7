"""Every check, in the order in which they are printed: a new check is one entry."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy.exc import SQLAlchemyError

from app.doctor import database, machine, people, storage, web
from app.doctor.findings import Finding, Patient, State, worst, wrong
from app.errors import Problem
from app.i18n import N_

Needs = Literal["nothing", "database", "tables"]


@dataclass(frozen=True)
class Check:
    """One thing to look at. It is passed over where the database does not answer, or its tables are not the newest."""

    name: str
    title: str
    look: Callable[[Patient], Iterable[Finding]]
    needs: Needs = "nothing"


ANSWERS: Final = Check("database", N_("Database"), database.answers)
TABLES: Final = Check("tables", N_("Tables"), database.tables, "database")
CHECKS: Final = (
    Check("python", N_("Python"), machine.python),
    Check("packages", N_("Packages"), machine.packages),
    Check("browser-files", N_("Files for browsers"), machine.browser_files),
    Check("account", N_("Account"), machine.account),
    Check("settings", N_("Settings"), machine.known_settings),
    Check("environment", N_("Purpose"), web.environment),
    Check("production", N_("Production"), web.for_production),
    Check("certificate", N_("Certificate"), web.certificate),
    Check("proxies", N_("Proxies"), web.proxies),
    Check("tiles", N_("Map tiles"), web.tiles),
    Check("port", N_("Port"), machine.port),
    Check("clock", N_("Clock"), database.clock),
    Check("data-folder", N_("Data folder"), storage.folder),
    Check("space", N_("Free space"), storage.space),
    Check("file-system", N_("File system"), storage.file_system),
    Check("keys", N_("Keys"), storage.key_files),
    ANSWERS,
    TABLES,
    Check("durable", N_("Durability"), database.sound, "database"),
    Check("time-limit", N_("Time limit"), database.time_limit, "database"),
    Check("pg-dump", N_("Backup program"), database.dump_program, "database"),
    Check("backups", N_("Backups"), database.backups),
    Check("seed", N_("The ward's places"), database.seeded, "tables"),
    Check("database-clock", N_("Clock of the database"), database.clock_of_database, "tables"),
    Check("administrators", N_("Administrators"), people.administrators, "tables"),
    Check("second-factor", N_("Second factor"), people.second_factor, "tables"),
    Check("sealing-key", N_("Key of the second factor"), people.sealing_key, "tables"),
    Check("log", N_("Log"), people.log_is_whole, "tables"),
    Check("log-locked", N_("Lock of the log"), people.log_is_locked, "tables"),
    Check("photos", N_("Photos"), storage.photos, "tables"),
)


def examine(patient: Patient, checks: Iterable[Check] = CHECKS) -> Iterator[tuple[Check, list[Finding]]]:
    """Every check with what it found. A check that fails says so and does not keep the others from looking."""
    there: set[Needs] = {"nothing"}
    for check in checks:
        if check.needs not in there:
            yield check, [NOT_LOOKED]
            continue
        found = list(_look(check, patient))
        yield check, found
        if check in (ANSWERS, TABLES) and worst(found) != "wrong":
            there.add("database" if check == ANSWERS else "tables")


NOT_LOOKED: Final = Finding(
    "warning", N_("Not looked at: the database does not answer, or its tables are not the newest.")
)


def _look(check: Check, patient: Patient) -> Iterator[Finding]:
    try:
        yield from check.look(patient)
    except (Problem, OSError, SQLAlchemyError, ValueError, LookupError, TypeError) as failure:
        yield wrong(
            N_("The check itself failed ({kind})."),
            N_("Tell the maintainers the name of the check and this word."),
            kind=type(failure).__name__,
        )


def state_of(found: Iterable[tuple[Check, list[Finding]]]) -> State:
    """The worst that any check found."""
    return worst(finding for _check, findings in found for finding in findings)
