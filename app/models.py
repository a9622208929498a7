"""Imports every table once, for Alembic and the drift test."""

from app import installation, tallies, throttle
from app.db import Model
from app.documents import model as documents
from app.inspections import model as inspections
from app.log import model as log
from app.measures import model as measures
from app.people import model as people
from app.positions import model as positions
from app.signboards import model as signboards
from app.sites import model as sites
from app.units import model as units

__all__ = [
    "Model",
    "documents",
    "inspections",
    "installation",
    "log",
    "measures",
    "people",
    "positions",
    "signboards",
    "sites",
    "tallies",
    "throttle",
    "units",
]
