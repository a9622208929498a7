"""schemathesis against the description of the GIS door: every operation of it, anonymously and with a token."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
"""How many cases an operation gets in each phase; `make fuzz` sets more."""
SOME = "^/(collections(/sites(/.*)?)?|conformance)?$"
"""Paths that `make test` tries: the others are made from the same pieces."""


@pytest.mark.fuzz
def test_the_gis_door_keeps_what_its_description_promises(gis, tmp_path: Path) -> None:
    secret = gis.token("Người thử fuzz", "board", "write")
    everything = [] if "FUZZ_EXAMPLES" in os.environ else [f"--include-path-regex={SOME}"]
    words = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{gis.root}/api",
        "--header",
        f"Authorization: Bearer {secret}",
        "--checks=all",
        "--exclude-checks=positive_data_acceptance",
        f"--max-examples={EXAMPLES}",
        "--continue-on-failure",
        "--no-color",
        "--warnings=off",
        "--generation-deterministic",
        "--suppress-health-check=too_slow",
        *everything,
    ]

    hooks = {"SCHEMATHESIS_HOOKS": "tests.ogc.fuzz_hooks", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=tmp_path, env=os.environ | hooks, capture_output=True, text=True, timeout=3000, check=False
    )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert gis.service.process.poll() is None
