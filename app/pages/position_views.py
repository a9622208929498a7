"""What the board sees of proposed positions: the old one and the new one drawn alike, with what is known of each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.geojson import geometry_in
from app.geometry import metres_per_degree
from app.i18n import N_, translate
from app.pages import views
from app.pages.log_words import Teller
from app.pages.sketch import draw
from app.people.rules import Caller
from app.positions import arrivals, queries, rules
from app.positions.model import PositionProposal
from app.sent.rules import is_doubtful
from app.units import queries as units

METHODS: Final = {
    "gps": N_("GPS, averaged"),
    "corners": N_("GPS at each corner"),
    "tapped": N_("placed by hand"),
}
STATUSES: Final = {
    "pending": N_("Waiting for the board"),
    "accepted": N_("Accepted"),
    "amended": N_("Accepted with changes"),
    "refused": N_("Not accepted"),
}
STATUS_LOOK: Final = {
    "pending": ("sync", "clock"),
    "accepted": ("same", "check"),
    "amended": ("same", "pencil"),
    "refused": ("unseen", "x"),
}
UNSURE: Final = ("unlocated", "inferred")
SIZE: Final = (420, 300)
LEAST_M: Final = 40


def pinnable(db: Session, features: Iterable[Mapping[str, Any]], caller: Caller) -> frozenset[str]:
    """Codes of the places that nobody has found yet and for which `caller` may go and measure the position."""
    if not caller.may("inspect"):
        return frozenset()
    brief = units.brief(db)
    own = {(brief[unit_id]["code"], brief[unit_id]["valid_from"]) for unit_id in caller.unit_ids}
    found = (feature["properties"] for feature in features)
    return frozenset(
        p["code"]
        for p in found
        if p["location_status"] in UNSURE
        and any((unit["code"], unit["valid_from"]) in own for unit in p["units"])
    )


def here(db: Session, record: views.Record, caller: Caller, *, may_inspect: bool) -> dict[str, Any]:
    """What a place's page says of measured positions: whether to go and measure, and how many wait."""
    located = record.sort in ("site", "signboard")
    seen = located and caller.may("read_internal")
    return {
        "pin": located and may_inspect,
        "unsure": located and record.properties["location_status"] in UNSURE,
        "waiting_here": queries.how_many_pending(db, caller.unit_ids, record.code) if seen else 0,
    }


def row_of(db: Session, row: Row[Any], caller: Caller) -> dict[str, Any]:
    """One line of the list."""
    proposal: PositionProposal = row.PositionProposal
    place = queries.place_of(db, proposal)
    (member,) = arrivals.members(db, [row])
    pending = proposal.status == "pending"
    return {
        **member,
        "p": views.find(db, row.place, caller).properties,
        "distance_m": _distance_m(place.record, proposal.geometry) if pending else None,
        "moved": pending and bool(queries.changes_since(db, place.record, proposal.place_version)),
    }


def _distance_m(record: queries.Located, geometry: BaseGeometry) -> float | None:
    """Metres from where the place is now; None where nobody knows where that is."""
    if record.location_status == "unlocated":
        return None
    return rules.distance_m(record.geometry, geometry)


def one(db: Session, row: Row[Any], caller: Caller, language: str) -> dict[str, Any]:
    """Everything that the page of one proposal shows."""
    proposal: PositionProposal = row.PositionProposal
    place = queries.place_of(db, proposal)
    p = views.find(db, row.place, caller).properties
    decision = proposal.decision
    old = _stored(decision["before"]) if decision else _stored(queries.standing(place.record))
    sides = [_side(N_("Was") if decision else N_("Now"), old), _proposed(proposal)]
    if proposal.status == "amended" and decision:
        sides.append(_side(N_("Decided"), _stored(decision["after"])))
    _draw(sides, p, language)
    waiting = queries.page(db, caller.unit_ids, code=row.place, statuses={"pending"}, limit=20)
    return {
        "row": arrivals.detail(db, row, place),
        "p": p,
        "sides": sides,
        "geometry": proposal.geometry,
        "distance_m": None
        if old["location_status"] == "unlocated"
        else rules.distance_m(old["geometry"], proposal.geometry),
        "doubt_m": old["location_accuracy_m"] + (proposal.accuracy_m or 0),
        "doubtful": is_doubtful(proposal.seen_at, now=proposal.received_at),
        "moves": _moves(db, place.record, proposal, language) if proposal.status == "pending" else [],
        "others": [other for other in waiting if other.PositionProposal.id != proposal.id],
    }


def _stored(position: Mapping[str, Any]) -> dict[str, Any]:
    return {**position, "geometry": geometry_in(position["geometry"])}


def _side(title: str, position: Mapping[str, Any]) -> dict[str, Any]:
    """One of the positions that are shown side by side."""
    geometry: BaseGeometry = position["geometry"]
    east_m, north_m = metres_per_degree(geometry.centroid.y)
    return {
        **position,
        "title": title,
        "new": False,
        "where": (geometry.x, geometry.y) if isinstance(geometry, Point) else None,
        "length_m": views.length_m(geometry) if geometry.geom_type.endswith("LineString") else 0,
        "area_m2": geometry.area * east_m * north_m,
    }


def _proposed(proposal: PositionProposal) -> dict[str, Any]:
    position = {
        "geometry": proposal.geometry,
        "location_status": "approximate" if proposal.method == "tapped" else "surveyed",
        "location_accuracy_m": proposal.accuracy_m,
        "location_note": None,
    }
    return {**_side(N_("Measured"), position), "new": True}


def _draw(sides: Sequence[dict[str, Any]], p: Mapping[str, Any], language: str) -> None:
    """Draw every side on the same ground at the same scale."""
    names = ("geometry", "location_status", "location_accuracy_m")
    features = []
    for side in sides:
        position = {name: side[name] for name in names}
        position["location_accuracy_m"] = position["location_accuracy_m"] or 0
        features.append({"geometry": side["geometry"], "properties": {**p, **position}})
    for side, feature in zip(sides, features, strict=True):
        label = f"{p['code']}: {translate(side['title'], language)}"
        side["sketch"] = draw([feature], label=label, size=SIZE, least_m=LEAST_M, beside=features)


def _moves(
    db: Session, record: queries.Located, proposal: PositionProposal, language: str
) -> list[dict[str, Any]]:
    """What changed of the place's position since the phone knew it, in words."""
    teller = Teller(language)
    return [
        {**each, "changes": teller.changes({side: _position_of(each[side]) for side in ("before", "after")})}
        for each in queries.changes_since(db, record, proposal.place_version)
    ]


def _position_of(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in rules.POSITION if name in said}
