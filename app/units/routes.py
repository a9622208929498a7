"""Administrative units."""

from fastapi import APIRouter, Response

from app.db import ReadDb
from app.outputs import CREDIT, dump
from app.people.access import Anybody
from app.records import visible
from app.units import queries, rules
from app.units.model import Unit
from app.units.schemas import UnitCollection
from app.wire import GeoJson

router = APIRouter(default_response_class=GeoJson, prefix="/api/units", tags=["units"])

FIELDS = [name for name in visible(Unit, "public") if name != "geometry"]


@router.get("", response_model=UnitCollection)
def units(db: ReadDb, _caller: Anybody) -> Response:
    """Every unit of every period, with its outline where one is known."""
    brief, before = queries.brief(db), queries.predecessors(db)
    features = [
        rules.as_feature(
            {name: getattr(unit, name) for name in FIELDS},
            unit.geometry,
            [
                {"code": brief[old]["code"], "valid_from": brief[old]["valid_from"]}
                for old in before.get(unit.id, ())
            ],
        )
        for unit in queries.every(db)
    ]
    body = {"type": "FeatureCollection", "credit": CREDIT, "features": features}
    return GeoJson(dump(body))
