"""What an installation in production must not have: example secrets, plain http, debug, practice data, open keys.

The service refuses to start with any of these; elsewhere they are what `taluy doctor` warns about. All faults are told
at once. Nothing here says a secret.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from stat import S_IMODE, S_ISREG
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url

from app import keys
from app.db import Database
from app.door.hosts import is_loopback
from app.errors import Unavailable
from app.i18n import N_, translate
from app.seeding import is_practice
from app.settings import Settings, UnfitForProduction
from app.text import search_key

GUESSED: Final = frozenset(
    {
        *(
            "password",
            "passwd",
            "passphrase",
            "pass",
            "pwd",
            "secret",
            "changeme",
            "change",
            "example",
            "admin",
        ),
        *("administrator", "root", "user", "test", "guest", "default", "letmein", "welcome", "qwerty", "abc"),
        *(
            "taluy",
            "postgres",
            "postgresql",
            "postgis",
            "database",
            "matkhau",
            "mat khau",
            "dalat",
            "lamdong",
        ),
        *("yourpassword", "your-password", "mypassword", "mysecret", "placeholder", "todo", "xxx", "..."),
        "four words are long enough",  # stands in the description of the API
    }
)
"""Passwords of examples, here and elsewhere, and the first ones that are guessed; compared by `_bare`."""
LEAST_PASSWORD: Final = 8
LEAST_KEY_BYTES: Final[Mapping[str, int]] = {keys.SIGNING: 100, keys.SEALING: 44, keys.UNLOCKING: 32}
"""A PKCS #8 file of an Ed25519 key has 119 bytes, a Fernet key 44, the key of unlock keys 32."""
OTHER_KEY_BYTES: Final = 32
SOCKETS: Final = ("/", "@")
"""How the address of PostgreSQL's local socket begins; there the operating system says who asks."""


@dataclass(frozen=True)
class Fault:
    """One thing that production must not have: the variable, what is wrong, how to mend it (message ids)."""

    variable: str
    says: str
    mend: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """What is wrong."""
        return translate(self.says, language).format(**self.values)

    def way_out(self, language: str) -> str:
        """How to mend it."""
        return translate(self.mend, language).format(**self.values)

    def line(self, language: str = "vi") -> str:
        """All of it in one line."""
        return f"{self.variable}: {self.sentence(language)} {self.way_out(language)}"


def refuse(settings: Settings, database: Database) -> None:
    """Raise `UnfitForProduction` with every fault of an installation in production, all at once.

    Where the database does not answer now, its practice data is noticed by `refuse_practice` when it does.
    """
    if settings.env != "production":
        return
    found = list(faults(settings))
    with suppress(Unavailable):
        found += [PRACTICE] if is_practice(database) else []
    if found:
        database.dispose()
        raise UnfitForProduction([fault.line() for fault in found])


def refuse_practice(settings: Settings, database: Database, *, practice: bool) -> None:
    """Raise `UnfitForProduction` for practice data in production."""
    if practice and settings.env == "production":
        database.dispose()
        raise UnfitForProduction([PRACTICE.line()])


def faults(settings: Settings) -> Iterator[Fault]:
    """Every fault that the settings and the key files have."""
    yield from _of_database(settings.database_url)
    yield from _of_address(settings)
    if settings.log_level == "debug":
        yield Fault(
            "TALUY_LOG_LEVEL",
            N_("debug writes down more than production may keep."),
            N_("Set it to info, or leave it out."),
        )
    if settings.tls_key is not None:
        yield from of_key("TALUY_TLS_KEY", settings.tls_key, closed_to=0o007)
    for path in key_files(settings.data_dir):
        yield from of_key("TALUY_DATA_DIR", path, closed_to=0o077)


PRACTICE: Final = Fault(
    "TALUY_DATABASE_URL",
    N_("The database holds practice data."),
    N_(
        "Set TALUY_DATA_DIR or TALUY_DATABASE_URL to the real database; to practise, set TALUY_ENV=development."
    ),
)


def _of_database(address: str) -> Iterator[Fault]:
    url = make_url(address) if address else None
    if url is None or url.get_backend_name() != "postgresql":
        return
    mend = N_("Give the role {role} a random one (openssl rand -hex 24) and put it into the variable.")
    values = {"role": url.username or "?"}
    password = _password(url)
    if password is None:
        if not _knows_itself(url):
            yield Fault("TALUY_DATABASE_URL", N_("The database is reached without a password."), mend, values)
    elif is_guessed(password, url.username or "", url.database or "", url.host or ""):
        yield Fault(
            "TALUY_DATABASE_URL",
            N_("The database's password is one of an example, or among the first that are guessed."),
            mend,
            values,
        )


def _password(url: URL) -> str | None:
    """The database's password where libpq would look for it, `""` if that is empty; None for none."""
    in_query = url.query.get("password")
    given = url.password if url.password is not None else in_query if isinstance(in_query, str) else None
    return given if given is not None else os.environ.get("PGPASSWORD")


def _knows_itself(url: URL) -> bool:
    """Whether the database tells who asks by something else: its local socket, a certificate, a password file."""
    host = url.host or url.query.get("host") or os.environ.get("PGHOST", "/")
    if str(host).startswith(SOCKETS) or {"sslcert", "passfile", "service"} & set(url.query):
        return True
    kept = os.environ.get("PGPASSFILE")
    return (Path(kept) if kept else Path.home() / ".pgpass").is_file()


def is_guessed(password: str, *names: str) -> bool:
    """Whether `password` is empty, short, a placeholder, of an example, or one of `names`, whatever trails behind."""
    bare = _bare(password)
    known = {_bare(one) for one in GUESSED} | {_bare(name) for name in names if name}
    return (
        len(password) < LEAST_PASSWORD
        or len(set(password)) < len("abc")
        or bare in known | {""}
        or re.fullmatch(r"[<\[{$%].*[>\]}%]", password) is not None
    )


def _bare(text: str) -> str:
    """`text` in small letters, without digits and signs: Change_Me-2026 is changeme."""
    return re.sub(r"[^a-z]", "", search_key(text))


def _of_address(settings: Settings) -> Iterator[Fault]:
    public = urlsplit(settings.base_url)
    mend = N_("Set it to the address that people open, such as https://registry.your-ward.vn.")
    if not settings.base_url:
        yield Fault("TALUY_BASE_URL", N_("The public address is not set."), mend)
    elif public.scheme != "https":
        yield Fault(
            "TALUY_BASE_URL",
            N_("Over plain http everybody on the way reads along and signs in with what they read."),
            N_(
                "Put a web server that speaks https in front, or set TALUY_TLS_CERT and TALUY_TLS_KEY;"
                " then begin the address with https://."
            ),
        )
    if settings.base_url and is_nowhere(public.hostname or ""):
        yield Fault("TALUY_BASE_URL", N_("The host is this very machine, or one of an example."), mend)
    trusted = bool(getattr(settings, "trusted_proxies", ""))
    if not is_loopback(settings.host) and settings.tls_cert is None and not trusted:
        yield Fault(
            "TALUY_HOST",
            N_("It listens on the network without https, and no proxy is named."),
            N_(
                "Set TALUY_HOST=127.0.0.1 with the web server on this machine, or name its address in"
                " TALUY_TRUSTED_PROXIES, or set TALUY_TLS_CERT and TALUY_TLS_KEY."
            ),
        )


def is_nowhere(host: str) -> bool:
    """Whether nobody on another machine gets to `host`: this machine, no machine, or an example (RFC 2606)."""
    labels = host.casefold().rstrip(".").split(".")
    if is_loopback(host) or labels[-1] in {"", "test", "invalid", "localhost"}:
        return True
    try:
        return ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return any(label == "example" or label.startswith("your-") for label in labels)


def key_files(data_dir: Path) -> list[Path]:
    """The key files of an installation; the folder itself where it cannot be read."""
    folder = data_dir / keys.FOLDER
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError:
        return [folder]


def of_key(variable: str, path: Path, *, closed_to: int) -> Iterator[Fault]:
    """Faults of one key file; `closed_to` are the bits of its mode that may not be set."""
    values = {"path": path}
    try:
        state = path.stat()
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        yield Fault(
            variable,
            N_("The key file {path} cannot be read."),
            N_("Give it to the account that runs the service: chown."),
            values,
        )
        return
    if S_IMODE(state.st_mode) & closed_to:
        yield Fault(variable, N_("Others can read the key file {path}."), N_("Run: chmod 600 {path}"), values)
    if not S_ISREG(state.st_mode) or state.st_size < LEAST_KEY_BYTES.get(path.name, OTHER_KEY_BYTES):
        yield Fault(
            variable,
            N_("The key file {path} is empty or too short: it is no key."),
            N_("Put it back from the keys of the backup (taluy restore --keys), never by hand."),
            values,
        )
