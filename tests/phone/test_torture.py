"""A hundred random faults on a real phone with the real service: nothing saved is lost, nothing is there twice.

`make torture` does a thousand; both print the seed with which a run is repeated.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e
MOST_S = 900
"""No round waits without end, so that this is only for what nobody thought of."""


def test_a_hundred_kills_lose_nothing_and_double_nothing(
    sqlite_seeded: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    file = tmp_path / "report.json"
    words = [
        sys.executable,
        "-m",
        "tests.phone.torture",
        "--report",
        str(file),
        "--seeded",
        str(sqlite_seeded),
    ]

    done = subprocess.run(
        words,
        env={**os.environ, "TORTURE_KILLS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MOST_S,
        check=False,
    )

    record_property("torture", done.stdout)
    assert done.returncode == 0, done.stdout
    report = json.loads(file.read_text("utf-8"))
    assert (report["lost"], report["doubled"], report["wrong"]) == ([], [], []), done.stdout
    assert report["saved"] == report["received"] >= 20
    assert report["photos"] > 0
    assert sum(report["faults"].values()) >= 100, done.stdout
    assert len(report["faults"]) >= 6, done.stdout
