"""Install what this checkout needs, into the checkout; does nothing, offline, when nothing is missing.

    python3 tools/install.py run     Python and browser packages to serve with
    python3 tools/install.py test    those, the tools of the tests, and PostgreSQL, PostGIS, Chromium and GDAL
    python3 tools/install.py clients those, and QGIS (1.3 GB) for its Python

Run by `make`. What was installed is noted in stamp files keyed by the hash of the lock files. Standard
library only: nothing is installed yet when this runs.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock", "clients": "requirements-dev.lock"}
NODE_LOCK = "requirements-node.lock"


def say(text: str) -> None:
    """Tell what is going on, at once."""
    print(f"taluy: {text}", flush=True)


def give_up(text: str) -> NoReturn:
    """End with one line that says what to do."""
    sys.exit(f"taluy: {text}")


def run(*command: str | Path, env: dict[str, str] | None = None, quiet: bool = False) -> None:
    """Run a command in the checkout; where it fails, say which one did. `quiet` shows only failures."""
    words = [str(word) for word in command]
    output = subprocess.PIPE if quiet else None
    done = subprocess.run(words, cwd=ROOT, env=env, stdout=output, stderr=output, text=True, check=False)
    if done.returncode:
        print((done.stdout or "") + (done.stderr or ""), end="", file=sys.stderr)
        give_up(f"this failed: {' '.join(str(word) for word in command)}")


def key_of(*names: str) -> str:
    """One hash for the content of files and for where and by which Python they are installed."""
    known = sha256(f"{ROOT} {sys.version_info[:2]} {os.uname().machine}".encode())
    for name in names:
        known.update(sha256((ROOT / name).read_bytes()).digest())
    return known.hexdigest()


def stamped(stamp: Path) -> set[str]:
    """The keys of what was installed completely."""
    return set(stamp.read_text().split()) if stamp.exists() else set()


# Python packages


def has_working_venv() -> bool:
    """Tell whether .venv is there, whole, and of the Python that runs this."""
    ask = "import pip, sys; print(sys.version_info[:2], sys.prefix)"
    try:
        answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.strip() == f"{sys.version_info[:2]} {VENV}"


def pip(*words: str) -> None:
    """Run the pip of .venv."""
    run(PYTHON, "-m", "pip", "--disable-pip-version-check", "-qq", "install", *words)


def install_python(what: str) -> None:
    """Bring .venv to what the lock file says; the test set contains the running set."""
    stamp = VENV / ".taluy-python"
    packages, checkout = key_of(LOCKS[what]), key_of("pyproject.toml")
    if {packages, checkout} <= stamped(stamp):
        return
    if not has_working_venv():
        say("making .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
        if done.returncode:
            give_up("Python cannot make a virtual environment; on Debian: apt-get install python3-venv")
    have = stamped(stamp)
    if packages not in have:
        say(f"installing the Python packages of {LOCKS[what]} into .venv")
        stamp.unlink(missing_ok=True)
        pip("--require-hashes", "--requirement", LOCKS[what])
        have = {packages, key_of(LOCKS["run"])}
    if checkout not in have:
        pip("--no-deps", "--no-build-isolation", "--no-index", "--editable", ".")
        have.add(checkout)
    stamp.write_text("\n".join(sorted(have)) + "\n")


# Browser packages


def version(text: str) -> tuple[int, ...]:
    """The leading numbers of a version: `v20.1.0` is (20, 1, 0)."""
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def is_new_enough(node: tuple[int, ...], wanted: str) -> bool:
    """Whether a version of Node satisfies a package's `engines.node`, such as `^18.19.0 || >=20.6.0` or `>=20 <23`.

    Only lower bounds count: nobody installs a Node that is too new for a package, and npm would only warn of it.
    """
    floors = (version(re.split(r"\s+<", choice.strip())[0]) for choice in wanted.split("||"))
    return any(node >= floor for floor in floors)


def node_engines(what: str) -> set[str]:
    """What the locked packages ask of Node; those of tools for tests count for tests only."""
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"].values()
    return {
        package["engines"]["node"]
        for package in packages
        if "node" in package.get("engines", {}) and (what == "test" or not package.get("dev"))
    }


def path_with_node(what: str) -> str:
    """A PATH on which `node` and `npm` are new enough: the machine's, or .venv's, put there if need be."""
    path = os.environ.get("PATH", os.defpath)
    ours = f"{VENV / 'bin'}{os.pathsep}{path}"
    for candidate in (ours, path):
        node, npm = (shutil.which(name, path=candidate) for name in ("node", "npm"))
        if node and npm:
            answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
            found = version(answer.stdout)
            if answer.returncode == 0 and all(is_new_enough(found, wanted) for wanted in node_engines(what)):
                return candidate
    say("installing Node.js into .venv: this machine has none that is new enough")
    pip("--require-hashes", "--requirement", NODE_LOCK)
    return ours


def install_node(what: str) -> None:
    """Bring node_modules to what package-lock.json says; type checker and test tools only for tests."""
    stamp = NODE_MODULES / ".taluy-node"
    key = key_of("package.json", "package-lock.json")
    have = stamped(stamp)
    if f"{key}-{what}" in have:
        return
    path = path_with_node(what)
    say("installing the browser packages of package-lock.json into node_modules")
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # Node trusts certificates of its own unless told to use the machine's, as pip does: offices need theirs.
    env = {"NODE_USE_SYSTEM_CA": "1"} | os.environ | {"PATH": path}
    run(*words, *([] if what == "test" else ["--omit=dev"]), env=env)
    done = [f"{key}-run", f"{key}-test"] if what == "test" else [f"{key}-run"]
    stamp.write_text("\n".join(done) + "\n")


# What the tests need of the machine


def has_file(*patterns: str) -> bool:
    """Tell whether any file of /usr matches."""
    return any(next(Path("/usr").glob(pattern), None) for pattern in patterns)


def missing_on_machine(what: str) -> list[str]:
    """Debian packages of what the tests (`clients`: and those with QGIS) need and the machine, of any kind, lacks."""
    browsers = ("chromium", "chromium-browser", "google-chrome")
    found = {
        "postgresql": shutil.which("initdb") or has_file("lib/postgresql/*/bin/initdb"),
        "postgresql-postgis": has_file(
            "share/p*/*/extension/postgis.control", "share/p*/extension/postgis.control"
        ),
        "chromium": any(map(shutil.which, browsers)),
        "fonts-dejavu-core": has_file("share/fonts/**/*.[to]tf"),
        "libatomic1": has_file("lib*/libatomic.so.1", "lib/*/libatomic.so.1"),  # Playwright's driver needs it
        "gdal-bin": shutil.which("ogrinfo") and shutil.which("ogr2ogr"),
    }
    if what == "clients":
        found["python3-qgis"] = has_file(
            "lib/python3/dist-packages/qgis/core/__init__.py",
            "lib*/python3*/site-packages/qgis/core/__init__.py",
        )
    return [package for package, there in found.items() if not there]


def install_machine(what: str) -> None:
    """Install PostgreSQL, PostGIS, Chromium, GDAL, a font and QGIS by apt, where we may and they are missing."""
    lacks = missing_on_machine(what)
    if not lacks:
        return
    install = f"apt-get install --no-install-recommends {' '.join(lacks)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        give_up(f"the tests need more of this machine; as an administrator: {install}")
    say(f"installing for the tests: {' '.join(lacks)}")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    run(*apt, "update", env=env, quiet=True)
    run(*apt, "-y", "install", "--no-install-recommends", *lacks, env=env, quiet=True)
    still = missing_on_machine(what)
    if still:
        give_up(f"apt-get installed, but these are still not found: {' '.join(still)}")


def main() -> None:
    """Install for one purpose, one process at a time."""
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what not in LOCKS:
        give_up("say what for: run, test or clients")
    with (ROOT / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if what != "run":
            install_machine(what)
        install_python(what)
        install_node("run" if what == "run" else "test")


if __name__ == "__main__":
    main()
