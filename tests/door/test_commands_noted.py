"""What leaves by the command line stands in the journal too, as JSON on stderr (ASVS 5.0, 16.3)."""

import json
import subprocess
import sys

import pytest

from tests.running import environment_of, prepare


def events(words, environment):
    """The journal's lines of one command."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words], env=environment, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]


@pytest.fixture
def environment(tmp_path):
    """An installation with the ward's places."""
    made = environment_of(tmp_path / "data")
    prepare(made)
    return made


def test_exports_and_restores_are_noted(environment, tmp_path):
    exported = events(["export", str(tmp_path / "out.csv")], environment)
    log = events(["log", "export", str(tmp_path / "log.jsonl")], environment)
    backed_up = events(["backup", str(tmp_path / "all.tar.gz")], environment)
    elsewhere = environment | {"TALUY_DATA_DIR": str(tmp_path / "again")}
    restored = events(["restore", str(tmp_path / "all.tar.gz")], elsewhere)

    assert [(line["event"], line["scope"]) for line in exported] == [("exported", "public")]
    assert [(line["event"], line["what"]) for line in log] == [("exported", "log")]
    assert [line["event"] for line in backed_up] == ["backed_up"]
    assert [line["event"] for line in restored] == ["restored"]
