"""Forms as they were sent, and what was wrong with them in words beside the field."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import ValidationError

from app.errors import BadGeometry, Problem
from app.i18n import translate
from app.problems import OTHERWISE, SENTENCES, body_of


async def sent_form(request: Request) -> dict[str, list[str]]:
    """Every name of the form with its values in order; files are not taken here."""
    form = await request.form(max_files=0, max_fields=400)
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


Sent = Annotated[dict[str, list[str]], Depends(sent_form)]


def one_each(sent: dict[str, list[str]]) -> dict[str, str]:
    """The last value of every name, without spaces around it."""
    return {name: values[-1].strip() for name, values in sent.items() if values}


def field_at(pointer: str) -> str:
    """The field of a form that is named like the first member of `pointer`; "" for the form as a whole."""
    return pointer.strip("/").partition("/")[0]


def reasons(
    error: Problem | ValidationError, language: str, name_of: Callable[[str], str] = field_at
) -> dict[str, str]:
    """Field name to reason, for the top of the form and beside the field; "" for the form as a whole."""
    if isinstance(error, Problem):
        body = body_of(error, language)
        where = error.pointer or ("/geometry" if isinstance(error, BadGeometry) else "")
        return {name_of(where): str(body.get("detail", body["title"]))}
    found: dict[str, str] = {}
    for row in error.errors():
        own: Any = row.get("ctx", {}).get("error")
        if isinstance(own, Problem):
            reason = str(body_of(own, language).get("detail", ""))
        else:
            reason = translate(SENTENCES.get(row["type"], OTHERWISE), language)
        found.setdefault(name_of("/".join(["", *(str(part) for part in row["loc"])])), reason)
    return found
