"""What a place's page shows, gathered from the rooms of the house; templates only lay it out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app import clock
from app.documents import queries as documents
from app.errors import NotFound
from app.i18n import N_, translate
from app.inspections import queries as inspections
from app.inspections import visits
from app.measures import proposal_routes as proposal_features
from app.measures import queries as measures
from app.pages import words
from app.pages.formats import Formats
from app.pages.readings import readings_of
from app.pages.sketch import M_PER_DEGREE, Sketch, draw
from app.people.rules import Caller
from app.signboards import queries as signboards
from app.signboards import routes as signboard_features
from app.sites import queries as sites
from app.sites import routes as site_features
from app.units import queries as units

SHOWN_VISITS = 5
ALL_VISITS = 200
LABELLED = ("site", "signboard")
LAST = ("name", "state", "status", "source")
PLACE_SKETCH = (360, 260)


@dataclass(frozen=True)
class Record:
    """One record of any sort: what it is, its feature's members, and its units."""

    sort: str
    id: int
    properties: dict[str, Any]
    geometry: BaseGeometry | None
    site_id: int | None = None

    @property
    def code(self) -> str:
        """Its code."""
        return str(self.properties["code"])

    @property
    def inspectable(self) -> bool:
        """Whether officers log visits to it."""
        if self.sort == "measure":
            return bool(self.properties["temporary"] and self.site_id)
        return self.sort in ("site", "signboard") and self.properties["state"] != "closed"


def find(db: Session, code: str, caller: Caller) -> Record:
    """The record that `code` names, whatever it is, with what `caller` may see. Raises `NotFound`."""
    for finder in (_site, _signboard, _measure, _proposal):
        try:
            return finder(db, code, caller)
        except NotFound:
            continue
    raise NotFound(N_("There is no place with this code."))


def _site(db: Session, code: str, caller: Caller) -> Record:
    row = sites.row(db, code)
    (feature,) = site_features.features(db, [row], caller)
    return Record("site", row.id, dict(feature["properties"]), feature["geometry"], row.id)


def _signboard(db: Session, code: str, caller: Caller) -> Record:
    row = signboards.row(db, code)
    (feature,) = signboard_features.features(db, [row], caller)
    members = {**feature["properties"], "kind": "signboard", "risk_level": None}
    return Record("signboard", row.id, members, feature["geometry"], row.site_id)


def _proposal(db: Session, code: str, caller: Caller) -> Record:
    row = measures.proposal_row(db, code)
    (feature,) = proposal_features.features(db, [row], caller)
    members = {**feature["properties"], "kind": "proposal", **_UNINSPECTED}
    return Record("proposal", row.id, members, feature["geometry"])


_UNINSPECTED: dict[str, Any] = {
    "risk_level": None, "state": "active", "condition": None, "due_on": None, "last_inspected_at": None,
}  # fmt: skip


def _measure(db: Session, code: str, caller: Caller) -> Record:
    member = measures.member(db, code, today=clock.today())
    site = sites.row(db, member["site"]) if member["site"] else None
    members = {
        **_UNINSPECTED,
        **member,
        "measure": member["kind"],
        "kind": "temporary_measure",
        "name": "",
        "units": [],
    }
    del caller
    return Record("measure", 0, members, None, site.id if site else None)


def unit_ids(db: Session, record: Record) -> frozenset[int]:
    """Ids of the units whose board may correct the record."""
    if record.site_id is not None:
        return sites.unit_ids(db, [record.site_id]).get(record.site_id, frozenset())
    if record.sort == "proposal":
        return measures.proposal_unit_ids(db, [record.id]).get(record.id, frozenset())
    return measures.unit_ids(db, record.code)


def said(fact: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A fact with its value in words: our own words translated, days as people write them."""
    value = fact["value"]
    known = words.VALUES.get(fact["field"], {}).get(value)
    if known:
        return {**fact, "value": translate(known, language), "spoken": True}
    if value and fact["field"] in ("risk_rated_at", "date", "valid_from", "valid_to"):
        try:
            value = Formats(language).day(date.fromisoformat(value))
        except ValueError:
            return {**fact, "spoken": False}
        return {**fact, "value": value, "spoken": True}
    return {**fact, "spoken": False}


def label_of(field: str, language: str) -> str:
    """What a field is called on screens."""
    return translate(words.FIELDS.get(field, field), language)


def fact_groups(facts: Iterable[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Facts by field in the order they came; the position has a place of its own."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for fact in sorted(facts, key=lambda each: each["field"] in LAST):
        if fact["field"] != "geometry":
            groups.setdefault(label_of(fact["field"], language), []).append(said(fact, language))
    return [{"label": label, "facts": found} for label, found in groups.items()]


def unsaid(record: Record, facts: Iterable[Mapping[str, Any]]) -> list[str]:
    """What nobody has said of this record, by the question a reader would ask."""
    told = {fact["field"] for fact in facts} | {name for name, value in record.properties.items() if value}
    return [label for field, label in words.UNSAID.get(record.properties["kind"], ()) if field not in told]


def visits_of(
    db: Session, code: str, caller: Caller, language: str, *, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The visits to a place for its time line, newest first, and whether there are more."""
    rows = inspections.page(db, code=code, limit=limit)
    shown = [_visit(member, language) for member in visits.members(db, rows[:limit], caller)]
    return [visit for visit in shown if visit["corrected_by"] is None], len(rows) > limit


def _visit(member: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A visit with its answers in words and its photos as links."""
    formats = Formats(language)
    photos = [
        {
            "href": f"/api/photos/{photo['sha256']}",
            "thumbnail": f"/api/photos/{photo['sha256']}?size=thumb",
            "sha256": photo["sha256"],
            "published": photo["published"],
        }
        for photo in member["photos"]
    ]
    details = [str(member["observer"])] if member.get("observer") else []
    if member.get("position_accuracy_m") is not None:
        details.append(f"GPS {formats.within(member['position_accuracy_m'])}")
    if details:
        details.append(
            translate(N_("received {time}"), language).format(time=formats.ago(member["received_at"]))
        )
    if member["corrects"]:
        details.append(translate(N_("corrects an earlier entry"), language))
    return {**member, "photos": photos, "details": details, "readings": readings_of(member, language)}


def length_m(geometry: BaseGeometry) -> float:
    """Length of a line near 12° north, to about 1 %."""
    return float(geometry.length) * M_PER_DEGREE


def unit_names(properties: Mapping[str, Any], db: Session) -> list[str]:
    """Names of the units that a record lies in today, successors for units that have ended."""
    today = set(units.valid_ids(db, on=clock.today()))
    of_record = {(unit["code"], unit["valid_from"]) for unit in properties["units"]}
    brief = units.brief(db)
    own = {unit_id for unit_id, unit in brief.items() if (unit["code"], unit["valid_from"]) in of_record}
    now = {unit_id for unit_id in today if own & units.with_predecessors(db, [unit_id])}
    return units.names(db, now)


def _units_of(db: Session, properties: Mapping[str, Any]) -> frozenset[int]:
    """Ids of the units of a record that stands at no site."""
    codes = [properties["unit"]] if properties.get("unit") else [unit["code"] for unit in properties["units"]]
    return frozenset(found for code in codes for found in units.ids_for_filter(db, code))


def old_outlines(db: Session) -> list[BaseGeometry]:
    """Outlines of units that are known, for drawn maps."""
    return [unit.geometry for unit in units.every(db) if unit.geometry is not None]


def sketch_of(
    db: Session, features: Sequence[Mapping[str, Any]], label: str, *, size: tuple[int, int] = (620, 460)
) -> Sketch | None:
    """A drawn map of these features."""
    return draw(features, outlines=old_outlines(db), label=label, size=size)


def place(db: Session, record: Record, caller: Caller, language: str, *, every_visit: bool) -> dict[str, Any]:
    """Everything the page of one record shows."""
    p, geometry = record.properties, record.geometry
    facts = documents.about(db, record.code)
    shown, more = visits_of(
        db, record.code, caller, language, limit=ALL_VISITS if every_visit else SHOWN_VISITS
    )
    ids = (
        sites.unit_ids(db, [record.site_id]).get(record.site_id, frozenset())
        if record.site_id
        else frozenset()
    )
    feature = {"geometry": geometry, "properties": p}
    name = p["name"] or translate(words.MEASURES[p["measure"]], language)
    ward = measures.of_units(db, ids, today=clock.today()) if record.sort == "site" else []
    return {
        "p": {**p, "name": name},
        "kind": translate(words.KINDS[p["kind"]], language),
        "inspectable": record.inspectable,
        "rated": record.sort == "site",
        "advice": words.ADVICE.get(_danger_kind(db, record, caller)),
        "facts": fact_groups(facts, language),
        "unsaid": unsaid(record, facts),
        "located": geometry is not None,
        "where": (geometry.x, geometry.y) if isinstance(geometry, Point) else None,
        "length_m": length_m(geometry) if geometry is not None else 0,
        "unit_names": unit_names(p, db),
        "units_said": any(fact["field"] == "units" for fact in facts),
        "counts": [(translate(label, language), p[key]) for key, label in words.COUNTS.items() if key in p],
        "visits": shown,
        "more_visits": more,
        "may_inspect": record.inspectable and caller.may("inspect") and caller.covers(ids),
        "may_edit": caller.may("edit_places") and caller.covers(ids or _units_of(db, p)),
        "sketch": sketch_of(db, [feature], name, size=PLACE_SKETCH) if geometry is not None else None,
        "measures": measures.at_site(db, record.id, today=clock.today()) if record.sort == "site" else [],
        "ward_measures": ward,
        **_related(db, record, caller, language),
        "has_label": record.sort in LABELLED,
    }


def due_next(db: Session, caller: Caller, *, besides: str) -> Mapping[str, Any] | None:
    """The place to go to next: the most urgent one of the caller's units that is due."""
    today = clock.today()
    for row in sites.urgent(db, limit=50, today=today):
        if row.code != besides and (row.due_on is None or row.due_on <= today):
            ids = sites.unit_ids(db, [row.id]).get(row.id, frozenset())
            if caller.covers(ids):
                return {"code": row.code, "name": row.name}
    return None


def _danger_kind(db: Session, record: Record, caller: Caller) -> str:
    """The kind of the danger that a passer-by must know of: a board's is its site's."""
    if record.sort in ("signboard", "measure") and record.properties.get("site"):
        return str(_site(db, record.properties["site"], caller).properties["kind"])
    return str(record.properties["kind"])


def _related(db: Session, record: Record, caller: Caller, language: str) -> dict[str, Any]:
    """The boards of a site, or the site of a board or a measure."""
    if record.sort == "site":
        found = [_signboard(db, code, caller) for code in signboards.codes_at(db, record.id)]
        return {
            "related": [row.properties for row in found],
            "related_title": _say(N_("Warning signboards"), language),
        }
    site = record.properties.get("site")
    found = [_site(db, site, caller)] if site else []
    return {
        "related": [row.properties for row in found],
        "related_title": _say(N_("It belongs to"), language),
    }


def _say(message: str, language: str) -> str:
    return translate(message, language)
