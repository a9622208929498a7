"""Finding and changing signboards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.codes import claim
from app.errors import NotFound
from app.geometry import BBox, intersects_bbox
from app.i18n import N_
from app.log import queries as log
from app.records import visible
from app.signboards.model import Signboard
from app.sites.model import Site
from app.text import nfc_texts

COLUMNS = [getattr(Signboard, name) for name in visible(Signboard, "private")]
SELECT = select(Signboard.id, Signboard.site_id, Site.code.label("site"), *COLUMNS).join(
    Site, Site.id == Signboard.site_id
)


def page(
    db: Session, *, site: str | None = None, bbox: BBox | None = None, after: int = 0, limit: int
) -> Sequence[Row[Any]]:
    """One page of signboards as plain rows with the code of their site; one row more if more follow."""
    found = SELECT.where(Signboard.id > after).order_by(Signboard.id).limit(limit + 1)
    if site is not None:
        found = found.where(Site.code == site)
    if bbox is not None:
        found = found.where(intersects_bbox(Signboard.geometry, bbox))
    return db.execute(found).all()


def row(db: Session, code: str) -> Row[Any]:
    """One signboard as a plain row. Raises `NotFound`."""
    found = db.execute(SELECT.where(Signboard.code == code)).first()
    if found is None:
        raise NotFound(N_("There is no signboard with this code."))
    return found


def get(db: Session, code: str) -> Signboard:
    """The signboard to change. Raises `NotFound`."""
    board = db.scalar(select(Signboard).where(Signboard.code == code).with_for_update())
    if board is None:
        raise NotFound(N_("There is no signboard with this code."))
    return board


def codes_at(db: Session, site_id: int) -> list[str]:
    """Codes of the boards that stand at a site."""
    return list(
        db.scalars(select(Signboard.code).where(Signboard.site_id == site_id).order_by(Signboard.code))
    )


def add(db: Session, values: Mapping[str, Any], *, at: datetime, by: int | None) -> Signboard:
    """Register a signboard. Raises `Conflict` where the code is used."""
    kept = nfc_texts(values)
    claim(db, kept["code"])
    board = Signboard(**kept, version=1, created_at=at, updated_at=at)
    db.add(board)
    db.flush()
    log.append(
        db, "add", board.code, at=at, by=by, after={name: log.plain(value) for name, value in kept.items()}
    )
    return board
