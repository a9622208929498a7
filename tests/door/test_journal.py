"""The journal: JSON lines, with the id of the request, without anything that is somebody's business."""

import io
import json
import logging
import subprocess
import sys
from datetime import datetime

import pytest

from app import journal
from app.errors import Unavailable

CANARY = "CANARY-7f3a"
SPOKEN = ["token", "new_token", "password", "passwordAgain", "Authorization", "cookie", "set_cookie", "phone",
          "phone_number", "lon", "lat", "position", "name", "person_name", "query", "path", "secret"]  # fmt: skip


@pytest.fixture
def lines():
    """Configure the journal as `taluy serve` does; gives what it wrote, line by line, and puts everything back."""
    root, ours = logging.getLogger(), logging.getLogger("taluy")
    before = root.handlers[:], root.level, ours.level
    paper = io.StringIO()
    journal.configure("info", to=paper)
    yield lambda: [json.loads(line) for line in paper.getvalue().splitlines()]
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, ours.level = before
    journal.structlog.contextvars.clear_contextvars()


def test_an_event_is_one_json_line_with_its_request(lines):
    journal.begin("0123456789ab")

    journal.note("signed_in", person=7)

    (line,) = lines()
    assert datetime.fromisoformat(line.pop("time")).utcoffset().total_seconds() == 0
    assert line == {"level": "info", "event": "signed_in", "person": 7, "request_id": "0123456789ab"}


@pytest.mark.parametrize("field", SPOKEN)
def test_what_is_somebodys_business_is_left_out_by_its_name(lines, field):
    journal.note("odd", **{field: CANARY, "deep": {"list": [{field: CANARY}]}, "kept": 1})

    (line,) = lines()
    assert CANARY not in json.dumps(line)
    assert (line[field], line["kept"]) == ("[left out]", 1)


def test_ids_are_kept_and_only_ids(lines):
    journal.note("token_made", token_id=5, role="board")
    journal.note("token_made", token_id=CANARY)

    first, second = lines()
    assert (first["token_id"], first["role"]) == (5, "board")
    assert second["token_id"] == "[left out]"


def test_a_failure_says_where_but_not_what_was_sent(lines):
    def fail() -> None:
        try:
            int(CANARY)
        except ValueError as error:
            raise RuntimeError("our own words") from error

    try:
        fail()
    except RuntimeError as error:
        journal.note("failed", level=logging.ERROR, exc_info=error)

    (line,) = lines()
    outer, inner = line["failure"]
    assert (outer["error"], outer["says"], inner["error"]) == (
        "builtins.RuntimeError",
        "our own words",
        "builtins.ValueError",
    )
    assert outer["where"][-1].startswith("tests/door/test_journal.py:")
    assert CANARY not in json.dumps(line)


def test_our_own_problems_keep_their_sentence(lines):
    journal.note("failed", level=logging.ERROR, exc_info=Unavailable("The disk is away."))

    assert lines()[0]["failure"][0]["says"] == "The disk is away."


def test_libraries_speak_through_the_same_renderer(lines):
    logging.getLogger("uvicorn.error").info("too quiet")
    logging.getLogger("uvicorn.error").warning("Invalid %s", "request")

    (line,) = lines()
    assert (line["level"], line["event"]) == ("warning", "Invalid request")


def test_a_line_break_in_a_field_does_not_forge_a_line(lines):
    journal.note("odd", role='x\n{"event": "signed_in"}')

    assert [line["event"] for line in lines()] == ["odd"]


def test_the_journal_costs_the_server_little_memory():
    rss = "int(open('/proc/self/statm').read().split()[1]) * 4"
    program = (
        f"import fastapi, orjson, sys, uvicorn; a = {rss}; import app.journal; b = {rss}; import app.cli;"
        "print(b - a, 'rich' in sys.modules)"
    )

    kilobytes, rich = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()

    assert rich == "False"
    assert int(kilobytes) < 3000
