"""Reading provenance."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.model import Document, Fact
from app.records import visible

FACT_FIELDS = visible(Fact, "public")
DOCUMENT_FIELDS = visible(Document, "public")


def _fields(record: Document | Fact, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def _named(document: Document | None) -> dict[str, Any] | None:
    return None if document is None else _fields(document, DOCUMENT_FIELDS)


def about(db: Session, code: str) -> list[dict[str, Any]]:
    """What is said about one record, with the document that says it; in the order of the fields."""
    rows = db.execute(
        select(Fact, Document)
        .outerjoin(Document, Document.id == Fact.document_id)
        .where(Fact.about == code)
        .order_by(Fact.id)
    )
    return [{**_fields(fact, FACT_FIELDS), "document": _named(document)} for fact, document in rows]


def every(db: Session) -> list[dict[str, Any]]:
    """Every document with its facts, oldest first; those without a date last."""
    facts: dict[int | None, list[dict[str, Any]]] = {}
    for fact in db.scalars(select(Fact).order_by(Fact.about, Fact.id)):
        facts.setdefault(fact.document_id, []).append(_fields(fact, FACT_FIELDS))
    documents = db.scalars(select(Document).order_by(Document.date.is_(None), Document.date, Document.id))
    return [
        {**_fields(document, DOCUMENT_FIELDS), "facts": facts.get(document.id, [])} for document in documents
    ]
