"""Ask what is known of the locked packages: `make audit`. Needs the network and is no part of `make test`.

pip-audit and npm say "no known vulnerabilities" just the same where they could not ask anybody. So each is first asked
about a canary, a package whose vulnerabilities have been public for years: where that comes back clean, its database is
out of reach and nothing was audited. Every package that was not audited is printed with the reason, those too that
pip-audit passes over in silence because they are for another machine or another Python than this one.

Exit code 0: everything was audited and nothing is known; 1: something is known; 2: something was not audited.
"""

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")
NPM_LOCK = "package-lock.json"
PYTHON_CANARY = ("jinja2", "2.4.1")
NPM_CANARY = ("minimist", "0.0.8")
PATIENCE_S = 900
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)([^\\\n]*)")


@dataclass(frozen=True, order=True)
class Package:
    """One locked package; `hashes` as the lock has them."""

    kind: str
    name: str
    version: str
    hashes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.name}{'==' if self.kind == 'python' else '@'}{self.version}"


@dataclass
class Report:
    """What came back: packages about which nothing is known, what is known, and why a package was not audited."""

    clean: set[Package] = field(default_factory=set)
    known: dict[Package, list[str]] = field(default_factory=dict)
    missed: dict[Package, str] = field(default_factory=dict)

    def take(self, other: "Report") -> None:
        """Add what another report says."""
        self.clean |= other.clean
        self.known |= other.known
        self.missed |= other.missed


# Reading the locks


def locked(text: str) -> list[Package]:
    """The packages of a requirements lock, whatever machine and Python they are for."""
    found = []
    for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE):
        pin = PIN.match(block)
        if pin:
            hashes = tuple(re.findall(r"--hash=(sha256:[0-9a-f]{64})", block))
            found.append(Package("python", canonical(pin[1]), pin[2], hashes))
    return found


def locked_npm(text: str) -> list[Package]:
    """The packages of a package-lock.json."""
    packages = json.loads(text)["packages"]
    return [
        Package("npm", path.rpartition("node_modules/")[2], str(about.get("version", "?")))
        for path, about in packages.items()
        if path
    ]


def canonical(name: str) -> str:
    """The one spelling of a Python package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def rounds(packages: Iterable[Package]) -> Iterator[list[Package]]:
    """The packages in as few lists as have no name twice: pip-audit takes one version of each."""
    left = sorted(set(packages))
    while left:
        now = {package.name: package for package in reversed(left)}
        yield sorted(now.values())
        left = [package for package in left if now[package.name] != package]


def as_requirements(packages: Iterable[Package]) -> str:
    """A requirements file with hashes and without the markers that would hide packages from pip-audit."""
    return "".join(
        " ".join([f"{package.name}=={package.version}", *(f"--hash={one}" for one in package.hashes)]) + "\n"
        for package in packages
    )


# Reading the answers


def read_pip_audit(answer: str, asked: Sequence[Package], *, why: str = "") -> Report:
    """What pip-audit's JSON says of the packages it was asked about; `why` is what it complained of.

    A package that the answer does not name, or names in another version, was not audited.
    """
    try:
        told = {canonical(one["name"]): one for one in json.loads(answer)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        return Report(missed=dict.fromkeys(asked, f"pip-audit failed: {why or 'it gave no answer'}"))
    report = Report()
    for package in asked:
        one = told.get(package.name)
        if one is None:
            report.missed[package] = "pip-audit left it out"
        elif "skip_reason" in one:
            reason = str(one["skip_reason"]).replace(f": {package.name} ({package.version})", "")
            report.missed[package] = f"pip-audit skipped it: {reason}"
        elif one.get("version") != package.version or "vulns" not in one:
            report.missed[package] = "pip-audit answered about another version"
        elif one["vulns"]:
            report.known[package] = [told_of(vulnerability) for vulnerability in one["vulns"]]
        else:
            report.clean.add(package)
    return report


def told_of(vulnerability: dict[str, Any]) -> str:
    """One vulnerability in a line: its names, and the versions that mend it."""
    names = " ".join([vulnerability["id"], *vulnerability.get("aliases", [])])
    mended = ", ".join(vulnerability.get("fix_versions", []))
    return f"{names} ({f'mended in {mended}' if mended else 'no version mends it'})"


def read_npm_audit(answer: str, asked: Sequence[Package]) -> Report:
    """What npm's JSON says of the packages of a lock."""
    try:
        told = json.loads(answer)
        vulnerabilities = told["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return Report(missed=dict.fromkeys(asked, f"npm failed: {npm_complaint(answer)}"))
    report = Report()
    for package in asked:
        one = vulnerabilities.get(package.name)
        if one is None:
            report.clean.add(package)
        else:
            via = [str(each.get("url", each.get("title"))) for each in one["via"] if isinstance(each, dict)]
            report.known[package] = via or [f"through {', '.join(one['via'])}"]
    return report


def npm_complaint(answer: str) -> str:
    """Why npm gave no report, without addresses."""
    try:
        told = json.loads(answer)
        text = str(told.get("message") or told["error"]["summary"] or told["error"]["code"])
    except (ValueError, KeyError, TypeError, AttributeError):
        text = "it gave no answer"
    return without_addresses(text)


def without_addresses(text: str) -> str:
    """One line of `text`, with no address of a registry in it."""
    return re.sub(r"\s*(?:- (?:GET|POST) )?https?://\S+", "", " ".join(text.split()))


def within_reach(canary: Package, report: Report) -> str:
    """Empty where the database knows the canary; otherwise why nothing else need be asked."""
    if canary in report.known:
        return ""
    reason = report.missed.get(canary) or f"it knows nothing of {canary}, which is vulnerable for years"
    return f"the vulnerability database is out of reach: {reason}"


# Asking


def ask_pip_audit(packages: Sequence[Package], *options: str) -> Report:
    """Audit packages of one round; nothing is resolved or installed."""
    with TemporaryDirectory(prefix="taluy-audit-") as folder:
        wanted = Path(folder, "requirements.txt")
        wanted.write_text(as_requirements(packages), encoding="utf-8")
        words = [
            sys.executable,
            "-m",
            "pip_audit",
            "--requirement",
            str(wanted),
            "--no-deps",
            "--disable-pip",
        ]
        words += ["--format", "json", "--progress-spinner", "off", "--cache-dir", folder, *options]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired:
            return read_pip_audit("", packages, why=f"no answer within {PATIENCE_S} s")
    complaints = [line for line in done.stderr.splitlines() if line.startswith(("ERROR", "CRITICAL"))]
    last = (complaints or done.stderr.splitlines() or [""])[-1]
    return read_pip_audit(done.stdout, packages, why=without_addresses(last))


def ask_npm(folder: Path, packages: Sequence[Package]) -> Report:
    """Audit the package-lock.json of a folder."""
    environment = {"NODE_USE_SYSTEM_CA": "1"} | os.environ
    environment["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    words = ["npm", "audit", "--json", "--package-lock-only"]
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return read_npm_audit(json.dumps({"message": type(error).__name__}), packages)
    return read_npm_audit(done.stdout, packages)


def audit_python(packages: Sequence[Package], *options: str) -> Report:
    """Audit the packages of the requirements locks, after their canary."""
    canary = Package("python", *PYTHON_CANARY)
    unreached = within_reach(canary, ask_pip_audit([canary], *options))
    if unreached:
        return Report(missed=dict.fromkeys(packages, unreached))
    report = Report()
    for one in rounds(packages):
        report.take(ask_pip_audit(one, *options))
    return report


def audit_npm(packages: Sequence[Package]) -> Report:
    """Audit the packages of package-lock.json, after their canary."""
    name, version = NPM_CANARY
    wanted = {"name": "canary", "version": "1.0.0", "dependencies": {name: version}}
    lock = {
        "name": "canary",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {"": wanted, f"node_modules/{name}": {"version": version}},
    }
    canary = Package("npm", name, version)
    with TemporaryDirectory(prefix="taluy-audit-") as folder:
        Path(folder, "package.json").write_text(json.dumps(wanted), encoding="utf-8")
        Path(folder, NPM_LOCK).write_text(json.dumps(lock), encoding="utf-8")
        unreached = within_reach(canary, ask_npm(Path(folder), [canary]))
    if unreached:
        return Report(missed=dict.fromkeys(packages, unreached))
    return ask_npm(ROOT, packages)


# Saying it


def lines(report: Report) -> Iterator[str]:
    """The report as people read it."""
    for package, known in sorted(report.known.items()):
        yield f"VULNERABLE {package.kind} {package}"
        yield from (f"    {one}" for one in known)
    by_reason = sorted(report.missed.items(), key=lambda item: (item[0].kind, item[1], item[0]))
    for (kind, reason), group in groupby(by_reason, key=lambda item: (item[0].kind, item[1])):
        missed = [str(package) for package, _reason in group]
        yield f"NOT AUDITED {len(missed)} {kind} packages: {reason}"
        yield from textwrap.wrap(
            ", ".join(missed), 100, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
        )
    counts = f"{len(report.clean)} without known vulnerabilities, {len(report.known)} vulnerable"
    yield f"audited: {counts}; not audited: {len(report.missed)}"


def verdict(report: Report) -> int:
    """The exit code."""
    return 1 if report.known else 2 if report.missed else 0


def main() -> int:
    """Audit every lock and print what came back."""
    python = [package for lock in LOCKS for package in locked((ROOT / lock).read_text(encoding="utf-8"))]
    report = audit_python(sorted(set(python)))
    report.take(audit_npm(locked_npm((ROOT / NPM_LOCK).read_text(encoding="utf-8"))))
    print("\n".join(lines(report)))
    return verdict(report)


if __name__ == "__main__":
    sys.exit(main())
