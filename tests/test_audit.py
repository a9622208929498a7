"""`make audit` says of every locked package whether somebody was asked about it, and never takes silence for health.

pip-audit and npm are the real ones; the databases that they ask are small servers of these tests.
"""

import gzip
import importlib.util
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("audit", ROOT / "tools" / "audit.py")
audit = importlib.util.module_from_spec(spec)
sys.modules["audit"] = audit
spec.loader.exec_module(audit)

CANARY = audit.Package("python", *audit.PYTHON_CANARY)
NPM_CANARY = audit.Package("npm", *audit.NPM_CANARY)
HASH = f"sha256:{'0' * 64}"


def package(name: str, version: str = "1.0", kind: str = "python") -> "audit.Package":
    return audit.Package(kind, name, version, (HASH,))


def locked_packages() -> "list[audit.Package]":
    return [one for name in audit.LOCKS for one in audit.locked((ROOT / name).read_text("utf-8"))]


# The locks


@pytest.mark.parametrize("name", audit.LOCKS)
def test_every_line_with_a_version_in_a_lock_is_audited_and_has_hashes(name):
    text = (ROOT / name).read_text("utf-8")
    versions = re.findall(r"^([^\s#=]+)==", text, re.MULTILINE)

    found = audit.locked(text)

    assert [one.name for one in found] == [audit.canonical(each) for each in versions]
    assert [str(one) for one in found if not one.hashes] == []


@pytest.mark.parametrize("name", [*audit.LOCKS, audit.NPM_LOCK])
def test_a_lock_names_no_address(name):
    text = (ROOT / name).read_text("utf-8")
    if name == audit.NPM_LOCK:  # whom to thank is no address that anything is fetched from
        packages = json.loads(text)["packages"].values()
        text = json.dumps([{k: v for k, v in one.items() if k != "funding"} for one in packages])

    assert re.findall(r"https?://\S+|git\+|file:|^--\S+", text, re.MULTILINE) == []


def test_every_package_for_every_machine_and_python_is_asked_about_once():
    packages = locked_packages()

    rounds = list(audit.rounds(packages))

    assert sorted(one for each in rounds for one in each) == sorted(set(packages))
    assert all(len({one.name for one in each}) == len(each) for each in rounds)
    assert any("sys_platform == 'win32'" in (ROOT / name).read_text("utf-8") for name in audit.LOCKS)
    assert ";" not in "".join(audit.as_requirements(each) for each in rounds)


# The answers of pip-audit, in the form of its 2.10


def answer(*dependencies: dict) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


def test_an_answer_tells_clean_known_and_skipped_apart():
    asked = [package("clean"), package("bad"), package("skipped"), package("hidden"), package("other")]
    known = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"], "description": "x"}

    report = audit.read_pip_audit(
        answer(
            {"name": "clean", "version": "1.0", "vulns": []},
            {"name": "bad", "version": "1.0", "vulns": [known]},
            {"name": "skipped", "skip_reason": "Dependency not found on PyPI: skipped (1.0)"},
            {"name": "other", "version": "2.0", "vulns": []},
        ),
        asked,
    )

    assert report.clean == {package("clean")}
    assert report.known == {package("bad"): ["PYSEC-1 CVE-1 (mended in 1.1)"]}
    assert list(report.missed) == [package("skipped"), package("hidden"), package("other")]
    assert "not found on PyPI" in report.missed[package("skipped")]
    assert audit.verdict(report) == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", "no known vulnerabilities found", '{"dependencies": [{}]}'])
def test_no_answer_is_no_health(text):
    report = audit.read_pip_audit(text, [package("a"), package("b")], why="it broke")

    assert list(report.missed) == [package("a"), package("b")]
    assert audit.verdict(report) == 2


def test_everything_that_was_not_audited_is_printed_with_its_reason():
    report = audit.Report(
        clean={package("a")},
        missed={package(f"package-{number}"): "nobody knows" for number in range(60)},
    )

    printed = "\n".join(audit.lines(report))

    assert "NOT AUDITED 60 python packages: nobody knows" in printed
    assert all(re.search(rf"\bpackage-{number}==1\.0\b", printed) for number in range(60))
    assert audit.verdict(report) == 2
    assert audit.verdict(audit.Report(clean={package("a")})) == 0


@pytest.mark.parametrize(
    "canary",
    [
        audit.Report(clean={CANARY}),
        audit.Report(missed={CANARY: "pip-audit skipped it"}),
        audit.Report(),
    ],
)
def test_only_a_canary_that_is_known_proves_reach(canary):
    assert "out of reach" in audit.within_reach(CANARY, canary)
    assert audit.within_reach(CANARY, audit.Report(known={CANARY: ["CVE-1"]})) == ""


# The real programs, with databases of our own


@contextmanager
def database(known: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """A server that speaks OSV's and npm's protocol and knows one vulnerability of each package in `known`."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            query = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
            told: dict = {}
            if "package" in query:
                name = query["package"]["name"]
                asked.append(f"{name}=={query['version']}")
                affected = [{"package": {"name": name, "ecosystem": "PyPI"}}]
                if name in known:
                    told = {"vulns": [{"id": known[name], "summary": "x", "affected": affected}]}
            else:
                asked.extend(query)
                about = {"severity": "high", "title": "x", "vulnerable_versions": "*"}
                told = {name: [{"id": 1, "url": known[name], **about}] for name in query if name in known}
            content = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.send_error(404)  # npm looks for versions that mend; there are none here

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_pip_audit_asks_about_packages_for_other_machines_too():
    packages = audit.locked(
        f"a==1 ; sys_platform == 'win32' \\\n    --hash={HASH}\nb==2 \\\n    --hash={HASH}\n"
    )

    with database({CANARY.name: "CVE-1", "b": "CVE-2"}) as (address, asked):
        report = audit.audit_python(packages, "--vulnerability-service", "osv", "--osv-url", address)

    assert sorted(asked) == ["a==1", "b==2", str(CANARY)]
    assert (report.clean, list(report.known), report.missed) == ({packages[0]}, [packages[1]], {})


def test_a_database_that_knows_nothing_is_out_of_reach():
    with database({}) as (address, asked):
        report = audit.audit_python([package("a")], "--vulnerability-service", "osv", "--osv-url", address)

    assert asked == [str(CANARY)]
    assert "out of reach: it knows nothing of jinja2==2.4.1" in report.missed[package("a")]
    assert audit.verdict(report) == 2


def test_a_database_that_does_not_answer_is_out_of_reach():
    closed = "http://127.0.0.1:9"

    report = audit.audit_python([package("a")], "--vulnerability-service", "osv", "--osv-url", closed)

    assert "out of reach: pip-audit failed" in report.missed[package("a")]
    assert closed not in report.missed[package("a")]


def test_npm_is_believed_only_after_its_canary(monkeypatch):
    packages = audit.locked_npm((ROOT / audit.NPM_LOCK).read_text("utf-8"))
    known = {audit.NPM_CANARY[0]: "advisory 1", "leaflet": "advisory 2"}

    with database(known) as (address, asked):
        monkeypatch.setenv("npm_config_registry", address)
        report = audit.audit_npm(packages)
    with database({"leaflet": "advisory 2"}) as (address, _asked):
        monkeypatch.setenv("npm_config_registry", address)
        unproved = audit.audit_npm(packages)

    assert {one.name for one in packages} | {NPM_CANARY.name} <= set(asked)
    assert [one.name for one in report.known] == ["leaflet"]
    assert report.missed == {}
    assert set(unproved.missed) == set(packages)
    assert audit.verdict(unproved) == 2


def test_npm_that_was_refused_audited_nothing():
    refused = json.dumps({"message": "405 Method Not Allowed - POST http://127.0.0.1/-/npm", "error": {}})

    report = audit.read_npm_audit(refused, [package("leaflet", kind="npm")])

    assert list(report.missed.values()) == ["npm failed: 405 Method Not Allowed"]


def test_make_audit_is_the_program_and_no_part_of_make_test():
    def dry(target: str) -> str:
        words = ["make", "--dry-run", "--always-make", target]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "tools/audit.py" in dry("audit")
    assert "tools/audit.py" not in dry("test")


# What bandit is told to pass over


def python_files() -> "list[Path]":
    return [path for folder in ("app", "migrations", "tools") for path in (ROOT / folder).rglob("*.py")]


def test_what_bandit_passes_over_has_a_name_and_a_reason_beside_it():
    said = [
        line for path in python_files() for line in path.read_text("utf-8").splitlines() if "# nosec" in line
    ]

    wrong = [
        line.strip()
        for line in said
        if not re.search(r"# noqa: S\d{3}(?:, \w+)* - \w.+ # nosec B\d{3}$|# nosec B\d{3} # \w.+$", line)
    ]

    assert said != []
    assert wrong == []


def test_bandit_is_part_of_make_check_and_looks_at_everything():
    words = ["make", "--dry-run", "--always-make", "check"]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    looked = re.findall(r"bandit .*--recursive(?: --skip \w+)? ([a-z ]+?) 2>&1", said)

    assert " ".join(looked).split() == ["app", "tools", "migrations"]


def test_bandit_finds_what_it_should_under_our_configuration(tmp_path):
    bad = {
        "shell.py": "import subprocess\nsubprocess.run(input(), shell=True)\n",
        "sql.py": 'def f(db, x):\n    return db.execute(f"SELECT * FROM t WHERE a = {x}")\n',
        "pickled.py": "import pickle\npickle.loads(b'')\n",
        "hashed.py": "import hashlib\nhashlib.md5(b'')\n",
    }
    for name, code in bad.items():
        (tmp_path / name).write_text(code, encoding="utf-8")

    words = [
        sys.executable,
        "-m",
        "bandit",
        "-q",
        "-c",
        ROOT / "pyproject.toml",
        "-f",
        "json",
        "-r",
        tmp_path,
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    found = {Path(one["filename"]).name for one in json.loads(done.stdout)["results"]}
    assert (done.returncode, found) == (1, set(bad))
