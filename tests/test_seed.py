"""Seeding on both databases: everything once, and never over what people changed."""

from collections.abc import Mapping
from datetime import UTC, date
from shutil import copytree
from typing import Any

import pytest
from shapely import Point
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.clock import local_date
from app.db import Database
from app.documents.model import Document, Fact
from app.errors import Unprocessable
from app.installation import fact, set_fact
from app.log.model import LogEntry
from app.measures.model import Measure, Proposal, ProposalUnit
from app.models import Model
from app.seed import seed
from app.seed_files import FOLDER, read
from app.seeding import PRACTICE, seed_real
from app.signboards.model import Signboard
from app.sites.model import Site, SiteUnit
from app.units.model import Unit, UnitSuccession

COUNTS = {
    "units": 4,
    "documents": 12,
    "sites": 6,
    "signboards": 5,
    "proposals": 2,
    "measures": 14,
    "facts": 172,
}
TABLES = {
    "units": Unit,
    "documents": Document,
    "sites": Site,
    "signboards": Signboard,
    "proposals": Proposal,
    "measures": Measure,
    "facts": Fact,
}
NOTHING = dict.fromkeys(COUNTS, 0)


def rows(db: Session) -> Mapping[str, list[Any]]:
    """Every row of every table, to compare before and after."""
    db.expire_all()
    return {
        name: [tuple(row) for row in db.execute(select(table).order_by(*table.primary_key))]
        for name, table in Model.metadata.tables.items()
    }


def one(db: Session, model: type[Any], code: str) -> Any:
    return db.scalars(select(model).where(model.code == code)).one()


def test_an_empty_database_gets_everything_once(db):
    added = seed(db)

    stored = {name: db.scalar(select(func.count()).select_from(model)) for name, model in TABLES.items()}
    assert added == stored == COUNTS
    assert fact(db, "seeded_at") is not None
    assert db.scalar(select(func.count()).select_from(LogEntry)) == 6 + 5 + 2 + 14


def test_seeding_again_changes_no_row(db):
    seed(db)
    before = rows(db)

    assert seed(db) == NOTHING
    assert rows(db) == before


def test_seeding_again_keeps_what_people_edited(db):
    seed(db)
    site = one(db, Site, "P6-ST-01")
    site.name, site.geometry, site.location_status = (
        "Taluy sau nhà văn hóa",
        Point(108.428, 11.952),
        "surveyed",
    )
    site.location_accuracy_m, site.version = 6, 2
    one(db, Signboard, "P6-BB-01").state = "missing"
    one(db, Measure, "P6-BP-12").status = "done"
    one(db, Proposal, "P6-KN-01").addressee = "UBND tỉnh Lâm Đồng"
    document = db.scalars(select(Document).where(Document.key == "bc-84")).one()
    document.title = "Báo cáo tình hình ngập"
    said = db.scalars(select(Fact).where(Fact.about == "P6-NL-01", Fact.field == "phenomenon")).one()
    said.value, said.certainty = "ngập 30 cm", "inferred"
    flood = one(db, Site, "P6-NL-01")
    old_ward = db.scalars(select(Unit).where(Unit.code == "24769")).one()
    db.execute(delete(SiteUnit).where(SiteUnit.site_id == flood.id, SiteUnit.unit_id == old_ward.id))
    db.flush()
    before = rows(db)

    assert seed(db) == NOTHING
    assert rows(db) == before


def test_only_what_is_missing_is_added(db):
    seed(db)
    db.execute(delete(Signboard).where(Signboard.code == "P6-BB-05"))
    db.execute(delete(Measure).where(Measure.code == "P6-BP-03"))
    db.execute(delete(Fact).where(Fact.about == "07-NQ/ThU"))
    db.flush()

    assert seed(db) == NOTHING | {"signboards": 1, "measures": 1, "facts": 3}
    board = one(db, Signboard, "P6-BB-05")
    assert board.site_id == one(db, Site, "P6-DN-01").id


def test_a_code_that_people_gave_to_another_record_is_left_alone(db):
    """Codes are unique over all kinds: a proposal of the files steps aside for a measure with its code."""
    files = read()
    seed(db)
    proposal = one(db, Proposal, "P6-KN-02")
    db.execute(delete(ProposalUnit).where(ProposalUnit.proposal_id == proposal.id))
    db.delete(proposal)
    one(db, Measure, "P6-BP-14").code = "P6-KN-02"
    db.flush()

    assert seed(db, files) == NOTHING | {"measures": 1}
    assert db.scalars(select(Proposal.code)).all() == ["P6-KN-01"]


def test_the_four_unlocated_share_the_centre_and_its_circle(db):
    seed(db)

    four = db.scalars(select(Site).where(Site.kind == "slide")).all()

    assert [site.code for site in four] == ["P6-ST-01", "P6-ST-02", "P6-ST-03", "P6-ST-04"]
    assert {site.geometry for site in four} == {Point(108.4272, 11.9518)}
    assert {(site.location_status, site.location_accuracy_m) for site in four} == {("unlocated", 1250)}


def test_the_rating_is_of_the_same_day_in_vietnam_and_in_utc(db):
    seed(db)

    rated = db.scalars(select(Site.risk_rated_at).where(Site.risk_level == "high")).all()

    assert [local_date(at) for at in rated] == [date(2023, 8, 28)] * 4
    assert [at.astimezone(UTC).date() for at in rated] == [date(2023, 8, 28)] * 4


def test_nothing_is_said_that_the_notice_does_not_give(db):
    seed(db)

    counts = select(
        Site.households_at_risk, Site.people_at_risk, Site.households_moved_out, Site.people_moved_out
    )
    dates = select(Measure.starts_on, Measure.expires_on, Measure.quantity, Measure.site_id)
    visits = select(Site.condition, Site.last_inspected_at, Site.due_on)
    told = {value for query in (counts, dates, visits) for row in db.execute(query) for value in row}

    assert told == {None}
    assert set(db.scalars(select(Signboard.wording))) == {None}
    assert set(db.scalars(select(Signboard.state))) == {"unknown"}


def test_old_wards_lead_to_the_new_and_border_places_to_both(db):
    seed(db)
    names = {unit.id: unit.name for unit in db.scalars(select(Unit))}
    flood = one(db, Site, "P6-NL-01")

    pairs = {
        (names[row.predecessor_id], names[row.successor_id]) for row in db.scalars(select(UnitSuccession))
    }
    of_flood = {
        names[id_] for id_ in db.scalars(select(SiteUnit.unit_id).where(SiteUnit.site_id == flood.id))
    }

    assert pairs == {("Phường 6", "Phường Cam Ly - Đà Lạt"), ("Phường 7", "Phường Lang Biang - Đà Lạt")}
    assert of_flood == set(names.values())


def test_old_ward_6_and_its_streets_find_their_places(client):
    def codes(**query: str) -> set[str]:
        return {feature["id"] for feature in client.get("/api/sites", params=query).json()["features"]}

    assert codes(unit="24787") == codes()
    assert codes(unit="24846") == {"P6-NL-01"}
    assert codes(q="hai ba trung") == {"P6-NL-01"}


def test_the_documents_carry_both_conflicts_with_their_quotes(client):
    documents = client.get("/api/documents").json()["documents"]
    conflicting = {entry["number"]: entry for entry in documents if entry["date_status"] == "conflicting"}

    quotes = {
        number: " | ".join(said["quote"] for said in entry["facts"] if said["field"] == "date")
        for number, entry in conflicting.items()
    }

    assert set(quotes) == {"2381/QĐ-UBND", "07-NQ/ThU"}
    assert "29/4/2023" in quotes["07-NQ/ThU"]
    assert "29/4/2022" in quotes["07-NQ/ThU"]
    assert "30/8/2023" in quotes["2381/QĐ-UBND"]
    assert {"132/BC-UBND", "150/BC-UBND", "33/TB-UBND", "84/BC-UBND"} <= {
        entry["number"] for entry in documents
    }


def test_a_place_says_what_is_known_and_who_says_so(client):
    facts = client.get("/api/sites/P6-NL-01").json()["properties"]["facts"]
    said = {(entry["field"], entry["certainty"]): entry for entry in facts}

    assert said["phenomenon", "certain"]["quote"] == "thường xuyên bị ngập lụt sau mỗi trận mưa lớn"
    assert said["source", "certain"]["document"]["number"] == "84/BC-UBND"
    assert said["geometry", "inferred"]["quote"] is None
    assert said["geometry", "inferred"]["note"]


def test_the_command_says_in_one_line_what_it_added(settings):
    first, again = seed_real(settings), seed_real(settings)

    assert first == (
        "Seeded: 4 units, 12 documents, 6 sites, 5 signboards, 2 proposals, 14 measures, 172 facts"
    )
    assert again.count(" 0 ") == len(COUNTS)


def test_a_practice_database_gets_no_real_places(settings, database: Database):
    with database.write() as db:
        set_fact(db, PRACTICE, "1")

    assert "nothing added" in seed_real(settings)
    with database.read() as db:
        assert db.scalar(select(Site.id).limit(1)) is None


@pytest.mark.parametrize("broken", ["sites.geojson", "facts.csv"])
def test_a_wrong_file_leaves_the_database_empty(db, tmp_path, broken):
    folder = copytree(FOLDER, tmp_path / "seed")
    path = folder / broken
    path.write_text(path.read_text("utf-8-sig").replace("P6-ST-04", "P6-ST-99", 1), "utf-8")

    with pytest.raises(Unprocessable):
        seed(db, read(folder))

    assert db.scalar(select(Unit.id).limit(1)) is None
