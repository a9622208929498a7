"""CQL2 a second time, plainly: a tree evaluated on one row by Python alone, and a tree written as text.

True, False and None are the standard's three values. Nothing of the service is used, so that agreement means something.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import starmap
from typing import Any

import shapely

Row = dict[str, Any]
HANOI = timedelta(hours=7)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
SPATIAL = {
    "s_contains": shapely.contains,
    "s_crosses": shapely.crosses,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_intersects": shapely.intersects,
    "s_overlaps": shapely.overlaps,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
}
CONDITIONS = {"and", "or", "not", "isNull", "between", "in", "like", *COMPARE, *SPATIAL}
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def both(values: list[bool | None]) -> bool | None:
    """AND."""
    return False if False in values else None if None in values else True


def either(values: list[bool | None]) -> bool | None:
    """OR."""
    return True if True in values else None if None in values else False


def opposite(value: bool | None) -> bool | None:  # noqa: FBT001 - one of three values
    """NOT."""
    return None if value is None else not value


def meets(tree: Any, row: Row) -> bool | None:  # noqa: C901, PLR0911 - one case for each operator
    """What a condition is for a row."""
    if isinstance(tree, bool):
        return tree
    if "property" in tree:
        return row[tree["property"]]
    op, args = tree["op"], tree["args"]
    if op in ("and", "or"):
        return (both if op == "and" else either)([meets(arg, row) for arg in args])
    if op == "not":
        return opposite(meets(args[0], row))
    if op == "isNull":
        return (meets(args[0], row) if is_condition(args[0]) else value(args[0], row)) is None
    if op in COMPARE:
        return compared(op, value(args[0], row), value(args[1], row))
    if op == "between":
        found, low, high = (value(arg, row) for arg in args)
        return both([compared(">=", found, low), compared("<=", found, high)])
    if op == "in":
        return either([compared("=", value(args[0], row), value(item, row)) for item in args[1]])
    if op == "like":
        return like(value(args[0], row), value(args[1], row))
    if op in SPATIAL:
        shapes = [value(arg, row) for arg in args]
        return None if None in shapes else bool(SPATIAL[op](*shapes))
    return temporal(op, *(span(arg, row) for arg in args))


def is_condition(tree: Any) -> bool:
    named = tree.get("op", "") if isinstance(tree, dict) else ""
    return named in CONDITIONS or named.startswith("t_")


def value(tree: Any, row: Row) -> Any:  # noqa: PLR0911 - as above
    """What an expression is for a row."""
    if not isinstance(tree, dict):
        return tree
    if "property" in tree:
        return row[tree["property"]]
    if "date" in tree:
        return date.fromisoformat(tree["date"])
    if "timestamp" in tree:
        return datetime.fromisoformat(tree["timestamp"])
    if "bbox" in tree:
        return shapely.box(*tree["bbox"])
    if "type" in tree:
        return shapely.geometry.shape(tree)
    args = [value(arg, row) for arg in tree["args"]]
    if None in args:
        return None
    return {"casei": casefolded, "accenti": bare}.get(
        tree["op"], lambda *pair: calculated(tree["op"], *pair)
    )(*args)


def casefolded(text: str) -> str:
    return text.casefold()


def bare(text: str) -> str:
    voiced = "\u3099\u309a"  # Japanese marks make other letters
    kept = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn" or c in voiced)
    return unicodedata.normalize("NFC", "".join(kept).replace("đ", "d").replace("Đ", "D"))


def calculated(op: str, a: float, b: float) -> float | None:  # noqa: PLR0911 - as above
    """None where there is no value: division by zero, roots of negative numbers, what leaves 1e±150."""
    a, b = float(a), float(b)
    if op in "+-":
        return None if max(abs(a), abs(b)) > 1e300 else a + b if op == "+" else a - b
    if any(number != 0 and not 1e-150 <= abs(number) <= 1e150 for number in (a, b)):
        return None
    if op == "*":
        return a * b
    if op == "^":
        if (a == 0 and b < 0) or (a < 0 and b % 1):
            return None
        return None if a != 0 and abs(b * math.log(abs(a))) > 600 else a**b
    if b == 0:
        return None
    return {"/": a / b, "div": float(math.trunc(a / b)), "%": a - b * math.trunc(a / b)}[op]


def like(text: str | None, pattern: str) -> bool | None:
    if text is None:
        return None
    wild = {"%": ".*", "_": "."}
    tokens = re.findall(r"\\.|.", pattern, re.DOTALL)
    expression = "".join(wild.get(token) or re.escape(token[-1]) for token in tokens)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def compared(op: str, a: Any, b: Any) -> bool | None:
    if a is None or b is None:
        return None
    if isinstance(a, datetime) != isinstance(b, datetime) and isinstance(a, date):
        a, b = ((side + HANOI).date() if isinstance(side, datetime) else side for side in (a, b))
    return COMPARE[op](a, b)


def span(tree: Any, row: Row) -> tuple[Any, Any]:
    """Start and end of an instant or interval; an open end is `...`."""
    ends = tree.get("interval")
    if ends is None:
        instant = value(tree, row)
        return instant, instant
    start, end = (... if end == ".." else value(timed(end), row) for end in ends)
    return start, end


def timed(end: Any) -> Any:
    return end if isinstance(end, dict) else {"timestamp" if "T" in end else "date": end}


def temporal(op: str, a: tuple[Any, Any], b: tuple[Any, Any]) -> bool | None:
    """Allen's relations. A day beside a moment is its first or last millisecond."""

    def holds(relation: str, left: int, right: int) -> bool | None:
        x, y = (a[left], b[right])
        return at(relation, x, left, y, right)

    if op == "t_equals" and a[0] is a[1] and b[0] is b[1] and ... not in (*a, *b):
        return compared("=", a[0], b[0])
    rules = {
        "t_after": [(">", 0, 1)],
        "t_before": [("<", 1, 0)],
        "t_contains": [("<", 0, 0), (">", 1, 1)],
        "t_during": [(">", 0, 0), ("<", 1, 1)],
        "t_equals": [("=", 0, 0), ("=", 1, 1)],
        "t_finishedBy": [("<", 0, 0), ("=", 1, 1)],
        "t_finishes": [(">", 0, 0), ("=", 1, 1)],
        "t_meets": [("=", 1, 0)],
        "t_metBy": [("=", 0, 1)],
        "t_overlappedBy": [(">", 0, 0), ("<", 0, 1), (">", 1, 1)],
        "t_overlaps": [("<", 0, 0), (">", 1, 0), ("<", 1, 1)],
        "t_startedBy": [("=", 0, 0), (">", 1, 1)],
        "t_starts": [("=", 0, 0), ("<", 1, 1)],
    }
    if op in ("t_disjoint", "t_intersects"):
        apart = either([holds("<", 1, 0), holds(">", 0, 1)])
        return apart if op == "t_disjoint" else opposite(apart)
    return both(list(starmap(holds, rules[op])))


def at(relation: str, x: Any, x_end: int, y: Any, y_end: int) -> bool | None:
    """A comparison of two ends, 0 a start and 1 an end."""
    if x is None or y is None:
        return None
    if x is not ... and y is not ... and isinstance(x, datetime) == isinstance(y, datetime):
        return COMPARE[relation](x, y)
    return COMPARE[relation](placed(x, x_end), placed(y, y_end))


def placed(end: Any, which: int) -> datetime:
    if end is ...:
        return (EARLIEST, LATEST)[which]
    if isinstance(end, datetime):
        return end
    first = datetime(end.year, end.month, end.day, tzinfo=UTC) - HANOI
    return first + which * timedelta(milliseconds=24 * 3600 * 1000 - 1)


OR, AND, NOT, PREDICATE, SUM, PRODUCT, POWER, PRIMARY = range(1, 9)


def written(tree: Any, level: int = OR) -> str:
    """The tree as text, with parentheses only where the grammar needs them."""
    text, own = _written(tree)
    return f"({text})" if own < level else text


def _written(tree: Any) -> tuple[str, int]:  # noqa: C901, PLR0911, PLR0912 - one case for each rule of the grammar
    if isinstance(tree, bool):
        return str(tree).upper(), PRIMARY
    if isinstance(tree, str):
        return quoted(tree), PRIMARY
    if isinstance(tree, int | float):
        return repr(tree), PRIMARY
    if "op" not in tree:
        return literal(tree), PRIMARY
    op, args = tree["op"], tree["args"]
    if op in ("and", "or"):
        inner = NOT if op == "and" else AND
        return f" {op.upper()} ".join(written(arg, inner) for arg in args), (AND if op == "and" else OR)
    if op == "not":
        return f"NOT {written(args[0], NOT)}", NOT
    if op in COMPARE:
        return f"{written(args[0], SUM)} {op} {written(args[1], SUM)}", PREDICATE
    if op == "like":
        return f"{written(args[0], SUM)} LIKE {written(args[1], SUM)}", PREDICATE
    if op == "between":
        value, low, high = (written(arg, SUM) for arg in args)
        return f"{value} between {low} AND {high}", PREDICATE
    if op == "in":
        return f"{written(args[0], SUM)} IN ({', '.join(written(arg, SUM) for arg in args[1])})", PREDICATE
    if op == "isNull":
        return f"{written(args[0], SUM)} IS NULL", PREDICATE
    if op in "+-":
        return f"{written(args[0], SUM)} {op} {written(args[1], PRODUCT)}", SUM
    if op in ("*", "/", "%", "div"):
        return f"{written(args[0], PRODUCT)} {op} {written(args[1], POWER)}", PRODUCT
    if op == "^":
        return f"{written(args[0], PRIMARY)} ^ {written(args[1], PRIMARY)}", POWER
    return f"{op.upper()}({', '.join(written(arg) for arg in args)})", PRIMARY


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def literal(tree: Any) -> str:
    if "property" in tree:
        return f'"{tree["property"]}"' if len(tree["property"]) % 2 else tree["property"]
    if "interval" in tree:
        ends = (quoted(end) if isinstance(end, str) else literal(end) for end in tree["interval"])
        return f"INTERVAL({', '.join(ends)})"
    if "bbox" in tree:
        return f"BBOX({', '.join(map(repr, tree['bbox']))})"
    if "type" in tree:
        return shapely.to_wkt(shapely.geometry.shape(tree), rounding_precision=-1)
    ((name, text),) = tree.items()
    return f"{name.upper()}({quoted(text)})"
