"""Environments of the peers: each in a folder of its own beside this file, kept as long as its list stays the same."""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
FOLDER: Final = HERE / ".peers"


def environment(name: str) -> Path:
    """The folder of programs of `peers-<name>.txt`, installed where it is not there yet."""
    listed = HERE / f"peers-{name}.txt"
    mark = hashlib.sha256(listed.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = FOLDER / f"{name}-{mark}"
    done = folder / "installed"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"  installing {name}", flush=True)
        venv.create(folder, with_pip=True)
        pip = [folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        got = subprocess.run(
            [*pip, "--no-deps", "--requirement", listed], capture_output=True, text=True, check=False
        )
        assert got.returncode == 0, got.stderr
        done.touch()
    return folder / "bin"


def programs_needed() -> list[str]:
    """What the machine lacks, as Debian's packages."""
    packages = {"wrk": "wrk", "ogr2ogr": "gdal-bin", "pgbench": "postgresql-contrib"}
    return sorted({package for program, package in packages.items() if shutil.which(program) is None})
