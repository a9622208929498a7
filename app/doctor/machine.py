"""The machine and what is installed on it."""

import os
import re
import socket
import ssl
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from app import assets
from app.doctor.findings import Finding, Patient, ok, warning, wrong
from app.i18n import N_
from app.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
OLDEST: Final = (3, 11)
ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound # nosec B104
SHOWN: Final = 4
ALIVE: Final = b'{"status":"alive"}'
ANSWER_S: Final = 10
"""For whoever listens on our port to say who they are: the service itself may have much to do at this moment."""


def few(names: list[str]) -> str:
    """The first names, and that there are more."""
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def python(_patient: Patient) -> Iterator[Finding]:
    """The Python that runs this."""
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        yield wrong(
            N_("Python {version} is too old."), N_("Install Python 3.11 or newer: make install"), version=here
        )
    else:
        yield ok(N_("Python {version}."), version=here)


def packages(_patient: Patient) -> Iterator[Finding]:
    """Installed versions against the lock file; a package for other machines may be missing."""
    text = (ROOT / "requirements.lock").read_text("utf-8")
    locked: dict[str, set[str]] = {}
    needed = set()
    for name, number, marker in re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)( ;)?", text, re.MULTILINE):
        locked.setdefault(name, set()).add(number)
        if not marker:
            needed.add(name)
    other = []
    for name, numbers in locked.items():
        try:
            if version(name) not in numbers:
                other.append(name)
        except PackageNotFoundError:
            other += [name] if name in needed else []
    if other:
        yield wrong(
            N_("Other versions are installed than were tested: {packages}."),
            N_("Run: make install"),
            packages=few(other),
        )
    else:
        yield ok(N_("{count} packages as locked."), count=len(locked))


def browser_files(_patient: Patient) -> Iterator[Finding]:
    """What a browser fetches: the files of npm packages."""
    lost = [
        name for name, file in assets.FROM_PACKAGES.items() if not (ROOT / "node_modules" / file).is_file()
    ]
    if lost:
        yield wrong(N_("Files for browsers are missing: {names}."), N_("Run: make install"), names=few(lost))
    else:
        yield ok(N_("All files for browsers are installed."))


def account(patient: Patient) -> Iterator[Finding]:
    """Who runs this, and so probably the service."""
    if os.geteuid() == 0:
        yield warning(
            N_("This runs as root: a hole in the service would be one in the whole machine."),
            N_("Run the service as an account of its own: useradd --system taluy; chown -R taluy {folder}"),
            folder=patient.settings.data_dir,
        )
    else:
        yield ok(N_("It runs as an ordinary account."))


def known_settings(patient: Patient) -> Iterator[Finding]:
    """Variables TALUY_* that no setting knows: most are typing mistakes."""
    known = [f"TALUY_{name.upper()}" for name in Settings.model_fields]
    strange = sorted(
        name
        for name in patient.environment
        if name.upper().startswith("TALUY_") and name.upper() not in known
    )
    for name in strange:
        near = get_close_matches(name.upper(), known, n=1, cutoff=0.6)
        if near:
            yield warning(
                N_("No setting is called {name}: it does nothing."),
                N_("Perhaps {near} is meant."),
                name=name,
                near=near[0],
            )
        else:
            yield warning(
                N_("No setting is called {name}: it does nothing."),
                N_("Remove it; the README lists every setting."),
                name=name,
            )
    if not strange:
        yield ok(N_("Every TALUY_ variable is a setting."))


def port(patient: Patient) -> Iterator[Finding]:
    """Whether the service can listen, or does so already."""
    settings = patient.settings
    host, number = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, number))
    except PermissionError:
        yield wrong(
            N_("Port {port} is for administrators of the machine only."),
            N_("Set TALUY_PORT to 1024 or more, and let the web server in front listen on 443."),
            port=number,
        )
    except socket.gaierror:
        yield wrong(
            N_("This machine has no address {host}."),
            N_("Set TALUY_HOST=127.0.0.1, or to an own address."),
            host=host,
        )
    except OSError:
        yield from _who_listens(settings)
    else:
        yield ok(N_("Port {port} is free; the service is not running."), port=number)


def _who_listens(settings: Settings) -> Iterator[Finding]:
    host = ANYWHERE.get(settings.host, settings.host)
    connection: HTTPConnection
    if settings.tls_cert:
        unseen = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # this machine asks itself, and sends nothing
        unseen.check_hostname = False
        unseen.verify_mode = ssl.CERT_NONE
        connection = HTTPSConnection(host, settings.port, timeout=ANSWER_S, context=unseen)
    else:
        connection = HTTPConnection(host, settings.port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"127.0.0.1:{settings.port}"})
        ours = connection.getresponse().read(100) == ALIVE
    except (OSError, HTTPException):
        ours = False
    finally:
        connection.close()
    if ours:
        yield ok(N_("The service is running on port {port}."), port=settings.port)
    else:
        yield wrong(
            N_("Another program listens on {host}, port {port}."),
            N_("Find it with: ss -ltnp 'sport = :{port}'; or set TALUY_PORT to another port."),
            host=settings.host,
            port=settings.port,
        )
