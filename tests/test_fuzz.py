"""schemathesis against the running service: every operation of the API, signed in as the board."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import running

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "6")
"""How many cases an operation gets in each phase; `make fuzz` sets more."""


@pytest.mark.fuzz
def test_the_api_keeps_what_its_description_promises(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        service.person("Ban chỉ huy thử", "board")
        words = [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{service.url}/api/openapi.json",
            "--header",
            f"Cookie: {service.cookie('Ban chỉ huy thử')}",
            "--checks=all",
            "--exclude-checks=positive_data_acceptance",
            f"--max-examples={EXAMPLES}",
            "--continue-on-failure",
            "--no-color",
            "--warnings=off",
            "--generation-deterministic",
            "--suppress-health-check=too_slow",
        ]

        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=3000, check=False)

        log = (tmp_path / "serve.log").read_text(errors="replace")
        assert done.returncode == 0, f"{done.stdout[-6000:]}\n{log[-3000:]}"
        assert service.process.poll() is None
