"""Nothing that is not public comes out: planted in every private column, looked for in every answer."""

import json
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Text, text

from app.maps.export import export_map
from app.models import Model
from app.outputs import OUTPUTS
from app.transfer import exporting
from tests.make import OTHER_WARD
from tests.security import canary
from tests.security.canary import SHOWN_PHOTO, SITE, UNIT
from tests.security.walk import every_address, query_names, reading_routes

ACCEPTS = ("text/html", "application/json", "*/*")
RATED_BY = "person.id"
"""Who rated a place stands in its `risk_rated_by_id`, which is internal."""


def answers(client: TestClient, addresses: list[str]) -> Iterator[tuple[str, str]]:
    """Every address in both languages, as a page and as data, with headers and body as one text."""
    for number, address in enumerate(addresses):
        some = ACCEPTS if "?" not in address else (ACCEPTS[number % len(ACCEPTS)],)
        for accept in some:
            language = "en" if accept == "*/*" else "vi"
            headers = {"Accept": accept, "Accept-Language": language}
            answer = client.get(address, headers=headers, follow_redirects=False)
            assert answer.status_code < 500, address
            text_ = f"{answer.headers}\n{answer.text}"
            random = answer.headers["x-request-id"]  # and so it could hold the digits of a number
            yield f"{address} ({accept}) {answer.status_code}", text_.replace(random, "")


def leaks(planted, client, addresses, *, allowed=frozenset()) -> dict[str, set[str]]:
    """What came out where; a number that stands in the very address asked for is no news."""
    found = {}
    for asked, text_ in answers(client, addresses):
        if leaked := planted.found_in(text_, allowed=allowed) - planted.found_in(asked):
            found[asked] = leaked
    return found


def test_every_private_column_is_planted(planted):
    """A new table or column is planted by itself, or this fails."""
    private = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if column.info.get("see") != "public"
    }
    told = set(canary.PUBLIC_BY_NATURE) | set(canary.unplanted())

    assert {each.where for each in planted.canaries} >= private - told
    assert len(planted.canaries) > 60


def test_what_is_public_by_nature_is_a_column(planted):
    columns = {
        f"{table.name}.{column.name}" for table in Model.metadata.sorted_tables for column in table.columns
    }

    assert set(canary.PUBLIC_BY_NATURE) - {"alembic_version.version_num"} <= columns


@pytest.mark.parametrize(
    "escape", [str, lambda word: json.dumps({"x": word}), lambda word: f"<td>{word}</td>"]
)
def test_a_leak_would_be_seen(planted, escape):
    for each in planted.canaries:
        for form in each.forms:
            assert planted.found_in(escape(form)), each.where


def test_nobody_anonymous_reads_a_private_word(app, client, planted, ground):
    """And the walk really reaches the planted rows: all their public words come out."""
    said, addresses = [], every_address(app, ground)
    for asked, text_ in answers(client, addresses):
        assert planted.found_in(text_) - planted.found_in(asked) == set(), asked
        said.append(text_)

    everything = "\n".join(said)
    words = {
        f"công khai {name}.{column.name}"
        for name in ("site", "signboard", "measure", "proposal", "document", "fact", "unit")
        for column in Model.metadata.tables[name].columns
        if column.info.get("see") == "public"
        and isinstance(column.type, Text)
        and f"{name}.{column.name}" not in canary.SAID
        and column.name not in canary.allowed(Model.metadata.tables[name])
    }
    assert {word for word in words if word not in everything} == set()
    assert SHOWN_PHOTO in everything
    assert len(addresses) > 150


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["viewer", "officer", "board"])
def test_another_unit_reads_what_is_public(app, planted, ground, make, sign_in, role):
    stranger = sign_in(make.person(role, unit=OTHER_WARD))

    assert leaks(planted, stranger, every_address(app, ground)) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_viewer_of_the_unit_reads_what_is_public(app, planted, ground, make, sign_in):
    viewer = sign_in(make.person("viewer", unit=UNIT))

    assert leaks(planted, viewer, every_address(app, ground)) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_officer_of_the_unit_reads_nothing_private(app, planted, ground, make, sign_in):
    officer = sign_in(make.person("officer", unit=UNIT))
    internal = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if column.info.get("see") == "internal"
    }
    internal |= {"person.name", "photo.sha256 of an unpublished photo", RATED_BY}

    found = leaks(planted, officer, every_address(app, ground))

    assert {address: left for address, where in found.items() if (left := where - internal)} == {}
    assert set().union(*found.values()) >= {"inspection.note", "inspection.answers", "person.name"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_board_of_the_unit_reads_what_is_private_but_no_secret(app, planted, ground, make, sign_in):
    board = sign_in(make.person("board", unit=UNIT))
    declared = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if column.info.get("see")
    }
    declared |= {"photo.sha256 of an unpublished photo", "person.id"}

    found = leaks(planted, board, every_address(app, ground))

    assert {address: left for address, where in found.items() if (left := where - declared)} == {}
    assert "site.households_at_risk" in set().union(*found.values())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_administrator_reads_no_secret(app, planted, ground, make, sign_in):
    administrator = sign_in(make.person("administrator", unit=UNIT))
    secrets = {each.where for each in planted.canaries if each.where.rpartition(".")[2] in SECRET_NAMES}

    found = leaks(planted, administrator, every_address(app, ground))

    assert {address: left for address, where in found.items() if (left := where & secrets)} == {}
    assert len(secrets) >= 8


SECRET_NAMES = {
    "password_hash",
    "totp_sealed",
    "totp_step",
    "token_sha256",
    "code_sha256",
    "key",
    "name_key",
}


@pytest.mark.parametrize("what", exporting.WHAT)
@pytest.mark.parametrize("form", OUTPUTS)
def test_a_public_export_holds_nothing_private(planted, database, tmp_path, what, form):
    out = tmp_path / f"out.{form}"
    with database.read() as db:
        count = exporting.export(db, str(out), what=what, form=form, scope="public")

    assert count > 0
    assert planted.found_in(out.read_text("utf-8")) == set()


def test_an_internal_export_holds_nothing_private(planted, database, tmp_path):
    private = {
        each.where
        for each in planted.canaries
        if each.where not in ("person.name", "photo.sha256 of an unpublished photo", RATED_BY)
        and Model.metadata.tables[each.where.partition(".")[0]]
        .columns[each.where.partition(".")[2]]
        .info.get("see")
        != "internal"
    }
    found = set()
    for what in exporting.WHAT:
        out = tmp_path / f"{what}.geojson"
        with database.read() as db:
            exporting.export(db, str(out), what=what, form="geojson", scope="internal")
        found |= planted.found_in(out.read_text("utf-8"))

    assert found & private == set()
    assert "inspection.note" in found


def test_the_map_as_a_file_holds_nothing_private(planted, database, settings, tmp_path):
    out = tmp_path / "map.html"
    export_map(database, settings, out)

    written = out.read_text("utf-8")
    assert planted.found_in(written) == set()
    assert "Vị trí công khai" in written


def neutral(answer, word: str) -> str:
    """The answer without the word asked for, and without a page's nonce; data has none."""
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"])
    text_ = answer.text.replace(word, "?")
    return text_.replace(nonce[1], "!") if nonce else text_


def test_a_search_finds_nobody_by_what_is_private(app, client, planted, ground):
    """Not only is it not shown: whether it is there cannot be asked either."""
    nothing = "qzxnichtsdaheim"
    searching = [route for route in reading_routes(app) if "q" in query_names(route.original_route.dependant)]
    assert {route.path for route in searching} >= {"/api/sites", "/places"}

    for route in searching:
        bare = next(iter(ground.addresses(route)))
        for where, word in planted.words.items():
            asked = client.get(bare, params={"q": word}, headers={"Accept": "*/*"})
            other = client.get(bare, params={"q": nothing}, headers={"Accept": "*/*"})
            assert neutral(asked, word) == neutral(other, nothing), (route.path, where)


def test_no_list_sorts_or_filters_by_a_private_column(app, client, planted, ground):
    private = {each.where.rpartition(".")[2] for each in planted.canaries if " " not in each.where}
    for route in reading_routes(app):
        names = query_names(route.original_route.dependant)
        assert names & private <= {"name", "key", "kind", "about", "seq"}, route.path
        if "sort" in names:
            bare = next(iter(ground.addresses(route)))
            for column in sorted(private - {"name", "kind"}):
                for by in (column, f"-{column}"):
                    assert client.get(bare, params={"sort": by}).status_code in (404, 422), (route.path, by)


def test_a_failure_tells_nothing(client, planted, database):
    """An error that nobody expected, in the middle of reading private rows."""
    with database.write() as db:
        db.execute(text("ALTER TABLE photo RENAME TO photo_away"))

    for accept in ACCEPTS:
        answer = client.get("/api/inspections", headers={"Accept": accept})
        page = client.get(f"/s/{SITE}", headers={"Accept": accept})
        for each in (answer, page):
            assert each.status_code == 500
            assert planted.found_in(f"{each.headers}\n{each.text}") == set()
            for word in ("photo_away", "SELECT", "Traceback", "/app/", "sqlalchemy", "no such table"):
                assert word not in each.text
