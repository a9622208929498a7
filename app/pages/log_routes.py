"""The history for the board: who changed what and when, and the signed head of the log."""

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.db import ReadDb
from app.errors import NotFound
from app.i18n import N_, language_of, translate
from app.log import desk, entry_queries
from app.log.checkpoint import grouped
from app.pages.log_words import Teller
from app.pages.render import page
from app.people.access import LogReader, Now
from app.text import CODE
from app.units import queries as units

router = APIRouter()

PER_PAGE = 50
LONGEST = 2**31 - 1


class Asked(BaseModel):
    """Which entries, as the form sends it; an empty choice means all."""

    model_config = ConfigDict(extra="ignore")

    place: str = Field("", pattern=r"^[A-Za-z0-9-]{0,40}$")
    person: str = Field("", pattern=r"^[0-9]{0,9}$")
    before: int | None = Field(None, ge=1, le=LONGEST)


@router.get("/log")
def history(
    request: Request, db: ReadDb, reader: LogReader, now: Now, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """What was changed, newest first: all of it for administrators, for the board what is about its own places."""
    unit_ids = None if reader.may("manage_people") else reader.unit_ids
    wanted = entry_queries.Wanted(
        place=asked.place.upper(),
        person=int(asked.person) if asked.person else None,
        before=asked.before,
        unit_ids=unit_ids,
        limit=PER_PAGE,
    )
    rows = entry_queries.page(db, wanted)
    shown = rows[:PER_PAGE]
    context = {
        "entries": entries(db, shown, language_of(request)),
        "more": shown[-1].seq if len(rows) > PER_PAGE else None,
        "people": {str(key): name for key, name in entry_queries.people(db, unit_ids).items()},
        "form": {"typed": {"place": asked.place.upper(), "person": asked.person}, "errors": {}},
        "filtered": bool(asked.place or asked.person),
        "later": asked.before is not None,
        "signed": signed_head(request, db, now),
    }
    return page(request, "log.html", context, caller=reader)


def signed_head(request: Request, db: Session, now: Now) -> dict[str, Any] | None:
    """The checkpoint in the form in which people compare it; None while nothing is logged."""
    try:
        found = desk.signer(request.app.state.settings.data_dir).checkpoint(db, now=now)["checkpoint"]
    except NotFound:
        return None
    return {
        "seq": found["seq"],
        "hash": grouped(found["entry_hash"]),
        "key": grouped(found["key"]),
        "at": now,
    }


def entries(db: Session, rows: Sequence[Any], language: str) -> list[dict[str, Any]]:
    """Entries with everything in words."""
    said = [orjson.loads(row.what) if row.what is not None else {} for row in rows]
    parts = [part for each in said for part in (each.get("before"), each.get("after")) if part]
    people = {part["risk_rated_by_id"] for part in parts if part.get("risk_rated_by_id")}
    people |= {int(row.about.partition(":")[2]) for row in rows if row.about.startswith("person:")}
    sites = {part["site_id"] for part in parts if part.get("site_id")}
    names = entry_queries.names(db, people)
    teller = Teller(language, units.brief(db), names, entry_queries.site_codes(db, sites))
    return [
        {
            "seq": row.seq,
            "at": row.at,
            "who": _who(row, language),
            "verb": teller.verb(row.verb, row.about),
            **_about(row.about, teller),
            "changes": teller.changes(each),
            "had_before": bool(each.get("before")),
            "erased": row.what is None,
        }
        for row, each in zip(rows, said, strict=True)
    ]


def _who(row: Any, language: str) -> str:
    if row.person_id is not None:
        return str(row.person)
    return translate(N_("the server") if row.who_key else N_("erased"), language)


def _about(about: str, teller: Teller) -> dict[str, Any]:
    """What the entry is about: a record's code, or in words."""
    sort, _, key = about.partition(":")
    if sort == "person":
        name = teller.people.get(int(key), key)
        return {"code": None, "name": translate(N_("account {name}"), teller.language).format(name=name)}
    if sort == "interval":
        label = translate(N_("days between inspections: {key}"), teller.language)
        return {"code": None, "name": label.format(key=teller.interval(key))}
    if about == "log":
        return {"code": None, "name": translate(N_("the log itself"), teller.language)}
    return {"code": about if CODE.fullmatch(about) else None, "name": about}
