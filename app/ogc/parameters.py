"""The query of a request for items, read into `Asked`.

What is wrong is named with what is allowed. Nothing that was sent is said again but an unknown name that is a plain
word; any other is told by its place.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import Request

from app.errors import BadRequest
from app.i18n import N_
from app.ogc import crs, negotiation, paging
from app.ogc.asked import Asked, Sort
from app.ogc.cql2 import text as cql2_text
from app.ogc.cql2 import tree as cql2_tree
from app.ogc.fields import Field
from app.ogc.moments import period_in
from app.ogc.values import value_in
from app.ogc.view import View
from app.wire import MAX_PAGE

DEFAULT_PAGE: Final = 100
MAX_SORTED: Final = 6
"""Properties in `sortby`: a cursor holds a value of each, and an address has to hold the cursor."""
NAMES: Final = (
    *("limit", "offset", "cursor", "bbox", "bbox-crs", "datetime", "ids", "sortby", "properties", "crs"),
    *("filter", "filter-lang", "filter-crs", "resultType", "skipGeometry", "f", "lang"),
)
"""What items take besides the queryables. `f` and `lang` are read elsewhere (`negotiation`, `app.i18n`)."""
LANGUAGES: Final = ("cql2-text", "cql2-json")
RESULTS: Final = ("results", "hits")
BOOLEANS: Final = ("true", "false")

_DIGITS: Final = re.compile(r"\d{1,40}", re.ASCII)
_OFFSET_DIGITS: Final = 15

Given = Mapping[str, str]


def read(request: Request, view: View) -> Asked:
    """What the request asks of `view`. Raises `BadRequest` naming what is wrong and what is allowed."""
    given: Given = request.query_params
    if not given:
        return Asked()
    fields = {field.name: field for field in view.fields}
    negotiation.check_known(request, *NAMES, *fields)
    return asked_in(given, view, fields)


def read_one(request: Request) -> Asked:
    """What a request for one feature asks: in which system, and nothing else. Raises `BadRequest` as `read` does."""
    given: Given = request.query_params
    if not given:
        return Asked()
    negotiation.check_known(request, "crs")
    return Asked(crs=_crs(given, "crs"))


def asked_in(given: Given, view: View, fields: Mapping[str, Field]) -> Asked:
    """What `given` asks, where every name in it is known: one of `NAMES` or of `fields`. Raises `BadRequest`."""
    sort = _sort(given["sortby"], fields) if "sortby" in given else ()
    after = paging.after_in(given["cursor"], view, sort) if "cursor" in given else None
    boxes, outline = _box(given)
    filter_crs = _crs(given, "filter-crs")
    return Asked(
        limit=_limit(given),
        limited="limit" in given,
        offset=_offset(given),
        after=after,
        boxes=boxes,
        outline=outline,
        period=period_in(given["datetime"]) if "datetime" in given else None,
        ids=_listed(given["ids"]) if "ids" in given else None,
        equal=tuple((fields[name], value_in(given[name], fields[name])) for name in given if name in fields),
        filter=_filter(given, fields),
        filter_crs=filter_crs,
        sort=sort,
        shown=_shown(given["properties"], fields) if "properties" in given else None,
        geometry=_one_of(given, "skipGeometry", BOOLEANS, "false") == "false",
        crs=_crs(given, "crs"),
        hits=_one_of(given, "resultType", RESULTS, RESULTS[0]) == "hits",
    )


def _limit(given: Given) -> int:
    """More than a page may hold becomes what it may hold. Source: OGC 17-069r4, /req/core/fc-limit-response-1, C."""
    text = given.get("limit", str(DEFAULT_PAGE)).strip()
    if not _DIGITS.fullmatch(text) or int(text) < 1:
        raise _bad("limit", N_("Parameter limit: a whole number from 1 to {most}."), most=MAX_PAGE)
    return min(int(text), MAX_PAGE)


def _offset(given: Given) -> int:
    text = given.get("offset", "0").strip()
    if not _DIGITS.fullmatch(text) or len(text) > _OFFSET_DIGITS:
        raise _bad("offset", N_("Parameter offset: how many features to leave out, 0 or more."))
    return int(text)


def _box(given: Given) -> tuple[Any, Any]:
    code = _crs(given, "bbox-crs")
    return crs.boxes_in(given["bbox"], code) if "bbox" in given else ((), None)


def _crs(given: Given, name: str) -> int:
    return crs.code_of(given[name], name) if name in given else crs.CRS84


def _listed(text: str) -> tuple[str, ...]:
    """Each value once, in the order that they came."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _sort(text: str, fields: Mapping[str, Field]) -> tuple[Sort, ...]:
    """`sortby=+a,-b`; a plus may arrive as a space. Source: OGC 17-069r4 has none; the draft of Part 8."""
    found = {}
    for part in text.split(","):
        name = part.strip().lstrip("+-")
        if name not in fields or len(part.strip()) > len(name) + 1 or name in found:
            raise _bad(
                "sortby",
                N_(
                    "Parameter sortby: properties, each once, with - before those that fall. There are {names}."
                ),
                names=", ".join(fields),
            )
        found[name] = Sort(fields[name], part.strip().startswith("-"))
    if len(found) > MAX_SORTED:
        raise _bad("sortby", N_("Parameter sortby: at most {most} properties."), most=MAX_SORTED)
    return tuple(found.values())


def _shown(text: str, fields: Mapping[str, Field]) -> frozenset[str]:
    names = frozenset(_listed(text))
    if not names <= fields.keys():
        raise _bad(
            "properties",
            N_("Parameter properties: names with commas between them. There are {names}."),
            names=", ".join(fields),
        )
    return names


def _filter(given: Given, fields: Mapping[str, Field]) -> Any:
    language = _one_of(given, "filter-lang", LANGUAGES, LANGUAGES[0])
    if "filter" not in given:
        return None
    parse: Callable[[str], Any] = cql2_text.parse if language == LANGUAGES[0] else cql2_tree.from_json
    try:
        return cql2_tree.checked(parse(given["filter"]), fields)
    except BadRequest as problem:
        problem.pointer = problem.pointer or "?filter"
        raise


def _one_of(given: Given, name: str, allowed: Sequence[str], otherwise: str) -> str:
    found = given.get(name, otherwise)
    if found not in allowed:
        raise _bad(name, N_("Parameter {name}: one of {values}."), name=name, values=", ".join(allowed))
    return found


def _bad(parameter: str, message: str, /, **values: Any) -> BadRequest:
    return BadRequest(message, pointer=f"?{parameter}", **values)
