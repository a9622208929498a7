"""The map's symbols as SVG for templates; their shapes are data in `app/static/map/symbols.json`.

Outline says the kind; fill and the notches under it the risk; top right the condition; top left the clock of a
place that is due. `app/static/map/symbols.js` builds the same in the browser from the same file.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

SHAPES_FILE: Final = Path(__file__).resolve().parent.parent / "static" / "map" / "symbols.json"


@cache
def shapes() -> dict[str, Any]:
    """Outlines, glyphs and badges as SVG paths."""
    found: dict[str, Any] = json.loads(SHAPES_FILE.read_text(encoding="utf-8"))
    return found


def _path(look: str, d: str) -> str:
    return f'<path class="{look}" d="{d}"/>' if d else ""


def _notches(top: float, level: int) -> str:
    """Four boxes: full height where the level reaches, low where not, dotted where nobody rated."""
    notch = shapes()["notch"]
    boxes = []
    for number in range(4):
        reached = number < level or level == 0
        height = notch["reached"] if reached else notch["open"]
        left, upper = notch["left"] + number * notch["step"], top + notch["reached"] - height
        look = "s-notch dotted f0" if level == 0 else f"s-notch f{level if reached else 0}"
        boxes.append(_path(look, f"M{left:g} {upper:g}h{notch['width']}v{height}h-{notch['width']}Z"))
    return "".join(boxes)


@cache
def symbol(
    kind: str,
    risk: str | None = None,
    condition: str | None = None,
    late: bool = False,  # noqa: FBT001, FBT002 - templates name it
    size: int = 44,
) -> Markup:
    """The symbol of a place, `size` pixels wide and high with its badges; decoration, so hidden from readers.

    `kind` is a site's kind, signboard, temporary_measure or proposal; `late` means due today or overdue.
    Raises `KeyError` for an unknown kind.
    """
    known = shapes()
    shape = known["kinds"][kind]
    rated = kind in known["rated"]
    level = known["risks"].index(risk) + 1 if rated and risk else 0
    parts = [_path("s-ring", known["ring"]) if condition == "danger" else "", _path("s-h", shape["outline"])]
    parts += [_path(f"s-o f{level}", shape["outline"]), *(_path(f"s-g g{level}", d) for d in shape["lines"])]
    parts.append(_path(f"s-dot g{level}", shape["dots"]))
    parts.append(_notches(shape["notches"], level) if rated else "")
    badges = [
        *(known["clock"] if late else ()),
        *known.get(condition if condition in ("worse", "danger") else "", ()),
    ]
    parts += [_path(look, d) for look, d in badges]
    return Markup(  # noqa: S704 - numbers and our own shapes # nosec B704
        f'<svg class="sym" viewBox="{known["box"]}" width="{size}" height="{size}" aria-hidden="true" '
        f'focusable="false">{"".join(parts)}</svg>'
    )
