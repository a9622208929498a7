"""QGIS itself, without a screen, and the service that it reads."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ogc.conftest import gis, relay  # noqa: F401 - fixtures

PYTHON = os.environ.get("QGIS_PYTHON", "/usr/bin/python3")
"""The Python that QGIS's packages are for: the machine's own."""
SCRIPT = Path(__file__).with_name("in_qgis.py")
TIME_S = 120


@pytest.fixture(scope="session")
def qgis(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[dict[str, Any]]]:
    """Ask QGIS to open layers; gives what it made of each (see `in_qgis.py`)."""
    folder = tmp_path_factory.mktemp("qgis")
    folder.chmod(0o700)
    quiet = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }

    def ask(*asked: dict[str, Any]) -> list[dict[str, Any]]:
        done = subprocess.run(
            [PYTHON, "-I", SCRIPT, folder / "profile"],
            input="".join(f"{json.dumps(one)}\n" for one in asked),
            env=kept | quiet,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=TIME_S,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
        return [json.loads(line.removeprefix("ANSWER ")) for line in lines]

    return ask
