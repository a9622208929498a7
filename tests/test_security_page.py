"""docs/security.md keeps its word: every check stands in its table, and every file and test that it names is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| (\d+|the log:) ", line)]
TESTS = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)))


def test_every_check_has_a_row_of_its_own():
    assert [row[0].split()[0] for row in ROWS[:45]] == [str(number) for number in range(1, 46)]
    assert all(len(row) == 3 for row in ROWS)


def test_every_check_is_shown_by_a_test():
    assert [row[0] for row in ROWS if "::test_" not in row[2]] == []


@pytest.mark.parametrize("file", sorted({file for file, _name in TESTS}))
def test_every_test_that_is_named_is_there(file):
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

    assert {name for named, name in TESTS if named == file} - there == set()


def test_every_file_that_is_named_is_there():
    named = set(re.findall(r"`((?:app|migrations|tools|docs)/[\w./]+)`", PAGE)) | {"docs/operations.md"}

    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_page_names_no_address_of_a_person():
    assert re.findall(r"\S+@\S+", PAGE) == []
