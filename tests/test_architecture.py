"""The layout keeps itself: what each file may import and do, how long functions and files may be."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "app").rglob("*.py"))
FUNCTION_LINES = 50
FILE_LINES = 300
DATA_TABLES = {"app/hazards.py"}

MODEL, RULES, QUERIES, ROUTES, SCHEMAS = "model.py", "rules.py", "queries.py", "routes.py", "schemas.py"
FORBIDDEN = {
    MODEL: {"fastapi", "starlette", "pydantic"},
    RULES: {"fastapi", "starlette", "sqlalchemy", "geoalchemy2", "app.db", "app.settings", "app.clock"},
    QUERIES: {"fastapi", "starlette", "pydantic"},
    SCHEMAS: {"sqlalchemy", "geoalchemy2", "app.db"},
    ROUTES: {"sqlalchemy", "geoalchemy2"},
}
"""The table of docs: a file's name, and what it may not import."""
ALLOWED = {
    ROUTES: {"sqlalchemy.orm.Session"},  # handed on, so its type may be named
    RULES: {"app.clock.LOCAL", "app.clock.local_date", "app.clock.rfc3339"},  # these ask nobody the time
}
HEAVY = {"pyogrio", "docxtpl", "matplotlib", "geopandas", "pandas"}
"""Never in the server process."""
PROGRAMS = {"app/ogc/formats/geopackage_writer.py"}
"""Run in processes of their own; nobody imports them."""
SQL_WORDS = {"select", "insert", "update", "delete", "text"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Full names of what a file imports, wherever it does so, except for type checkers only."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(path: Path) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def falls_under(module: str, forbidden: set[str]) -> bool:
    return any(module == root or module.startswith(f"{root}.") for root in forbidden)


def role(path: Path) -> str:
    """`routes.py` for `photo_routes.py` too."""
    return next((role for role in FORBIDDEN if path.name == role or path.name.endswith(f"_{role}")), "")


@pytest.mark.parametrize("path", [path for path in FILES if role(path)], ids=name)
def test_a_file_imports_only_what_its_role_may(path: Path) -> None:
    wrong = {module for module in imported(path) if falls_under(module, FORBIDDEN[role(path)])}

    assert wrong <= ALLOWED.get(role(path), set())


@pytest.mark.parametrize("path", [path for path in FILES if role(path) == QUERIES], ids=name)
def test_queries_never_commit(path: Path) -> None:
    ended = {call.func.attr for call in called(path) if isinstance(call.func, ast.Attribute)}

    assert ended & {"commit", "rollback", "begin"} == set()


@pytest.mark.parametrize("path", [path for path in FILES if role(path) == ROUTES], ids=name)
def test_routes_speak_no_sql(path: Path) -> None:
    plain = {call.func.id for call in called(path) if isinstance(call.func, ast.Name)}

    assert plain & SQL_WORDS == set()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_the_database_module_commits(path: Path) -> None:
    ended = [
        call for call in called(path) if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]

    assert ended == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_the_clock_asks_the_time(path: Path) -> None:
    if name(path) == "app/clock.py":
        return
    asked = {
        ast.unparse(call.func)
        for call in called(path)
        if ast.unparse(call.func).endswith(("datetime.now", "datetime.utcnow", "date.today", "time.time"))
    }

    assert asked == set()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_heavy_libraries_stay_out(path: Path) -> None:
    programs = {program.removesuffix(".py").replace("/", ".") for program in PROGRAMS}
    heavy = set() if name(path) in PROGRAMS else HEAVY

    assert {module for module in imported(path) if falls_under(module, heavy | programs)} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "migrations" / "versions").glob("*.py")), ids=name)
def test_a_migration_is_frozen_history(path: Path) -> None:
    functions = {node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)}

    assert {module for module in imported(path) if falls_under(module, {"app"})} == set()
    assert {"upgrade", "downgrade"} <= functions


@pytest.mark.parametrize("path", FILES, ids=name)
def test_functions_fit_on_a_screen(path: Path) -> None:
    long = {
        node.name: lines
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }

    assert long == {}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_stay_short(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())

    assert lines <= FILE_LINES or name(path) in DATA_TABLES


def test_every_model_is_imported_for_the_migrations() -> None:
    models = {name(path).removesuffix(".py").replace("/", ".") for path in FILES if role(path) == MODEL}

    assert models <= set(imported(ROOT / "app" / "models.py"))
