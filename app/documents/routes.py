"""Source documents."""

from typing import Any

from fastapi import APIRouter

from app.db import ReadDb
from app.documents import queries
from app.documents.schemas import Documents
from app.people.access import Anybody

router = APIRouter(prefix="/api/documents", tags=["documents"])


@router.get("", response_model=Documents)
def documents(db: ReadDb, _caller: Anybody) -> dict[str, Any]:
    """Every source document with what it says about which record, word for word."""
    return {"documents": queries.every(db)}
