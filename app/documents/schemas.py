"""What crosses the wire for provenance."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

Certainty = Literal["certain", "conflicting", "inferred"]


class DocumentBrief(BaseModel):
    """Enough of a document to name it."""

    number: str | None
    date: date | None
    date_status: Literal["certain", "conflicting", "unknown"]
    title: str


class FactOut(BaseModel):
    """One statement about one field, and who says so."""

    field: str
    value: str | None
    quote: str | None
    certainty: Certainty
    note: str | None
    document: DocumentBrief | None


class FactAbout(BaseModel):
    """One statement of a document about one record."""

    about: str
    field: str
    value: str | None
    quote: str | None
    certainty: Certainty
    note: str | None


class DocumentOut(DocumentBrief):
    """A document with everything it says."""

    date_note: str | None
    issuer: str | None
    kind: str | None
    facts: list[FactAbout]


class Documents(BaseModel):
    """Every document."""

    documents: list[DocumentOut]
