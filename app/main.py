"""The one place where the parts are put together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from app import assets, health, problems, production
from app.db import Database
from app.documents import routes as documents
from app.door.keeper import Doorkeeper
from app.door.public import Manners
from app.inspections import photo_routes as photos
from app.inspections import routes as inspections
from app.inspections import sync_routes as sync
from app.inspections import upload_routes as uploads
from app.log import routes as log
from app.maps import routes as maps
from app.measures import proposal_routes as proposals
from app.measures import routes as measures
from app.memory.freshness import Freshness
from app.memory.front import Front
from app.memory.short_way import Recall
from app.ogc import ready
from app.ogc import routes as ogc
from app.ogc import short_routes as ogc_short
from app.ogc.documents import routes as ogc_documents
from app.ogc.negotiation import Endings
from app.pages import routes as pages
from app.pages.errors import page_for
from app.people import routes as people
from app.people.access import refuse_unguarded
from app.people.desk import Desk
from app.people.passwords import Gate
from app.phone import hand_in_routes as hand_in
from app.phone import pack_routes as phone_pack
from app.phone import routes as phone
from app.positions import routes as positions
from app.seeding import is_practice
from app.settings import Settings
from app.signboards import routes as signboards
from app.sites import routes as sites
from app.throttle import Throttle
from app.units import routes as units

DOORS = (
    ogc,
    ogc_documents,
    ogc_short,
    sites,
    signboards,
    inspections,
    photos,
    uploads,
    sync,
    positions,
    measures,
    proposals,
    documents,
    units,
    people,
    log,
    maps,
    pages,
    phone,
    phone_pack,
    hand_in,
    health,
    assets,
)
"""Asked in this order: the GIS door first, since finding a route among the others would take a fifth of its time."""

MEGABYTE = 1024**2


def _all(doors: Sequence[Any]) -> APIRouter:
    """The routes of every door, put together once in a process: that takes most of what making a service takes."""
    router = APIRouter(responses=problems.DOCUMENTED)
    for door in doors:
        router.include_router(door.router)
    return router


ROUTES = _all(DOORS)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service: settings, database, doors, and what every request passes.

    Raises `UnfitForProduction` with everything that forbids to start there.
    """
    settings = settings or Settings()
    database = Database(settings.database, settings.data_dir)
    production.refuse(settings, database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.desk = Desk(app.state.database, Gate(), app.state.throttle, settings)
        app.state.practice = is_practice(database)
        production.refuse_practice(settings, database, practice=app.state.practice)
        yield
        app.state.database.dispose()

    app = FastAPI(
        title="Taluy",
        summary="An open registry of landslide and flood hazard sites",
        version="0.1.0",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        routes=ROUTES.routes,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.recall = Recall(database.changes, settings.cache_mb * MEGABYTE)
    app.state.throttle = Throttle(database)
    ready.keep(database)
    problems.install(app, page_for)
    known, unexpected = problems.answers(page_for)
    app.add_middleware(Endings)
    app.add_middleware(Freshness, changes=database.changes)
    app.add_middleware(Manners)
    app.add_middleware(Doorkeeper, settings=settings, known=known, unexpected=unexpected)
    app.add_middleware(Front, recall=app.state.recall, proxies=settings.proxies)
    refuse_unguarded(app)
    _add_problem_schema(app)
    return app


def _add_problem_schema(app: FastAPI) -> None:
    """Put the problem document's schema where the answers refer to it."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        schema["components"]["schemas"].setdefault("Problem", problems.SCHEMA)
        return schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend OpenAPI
