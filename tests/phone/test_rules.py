"""The phone's rules beside the server's: for any visit they give the same suggestion for the same reasons."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.hazards import CONTEXT, KINDS, Item, context_choices, forms
from app.inspections.readings import Reading, suggest

ROOT = Path(__file__).resolve().parents[2]
NODE = shutil.which("node", path=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}") or "node"
VISITS = 3000


def value_of(item: Item, dice: Random) -> Any:
    """Anything that the checklist takes."""
    if item.choices:
        return dice.choice([choice.code for choice in item.all_choices])
    low, step = item.min or 0, item.step or 1
    top = dice.choice([item.max or 0, low + 4 * step, low + 60 * step])
    number = low + dice.randrange(round((min(top, item.max or 0) - low) / step) + 1) * step
    number = round(number, 6) if isinstance(step, float) else int(number)
    if item.type == "series":
        return {"V1": number, "V2": 200 + dice.randrange(15)}
    return number


def readings(kind: str, measure: str | None, dice: Random, share: float) -> dict[str, dict[str, Any]]:
    """What somebody may have noted."""
    found: dict[str, dict[str, Any]] = {"answers": {}, "measurements": {}}
    for item in KINDS[kind].fields():
        if (
            not item.stream_mouth_only
            and (not item.measures or measure in item.measures)
            and dice.random() < share
        ):
            found[item.where][item.code] = value_of(item, dice)
    return found


def a_visit(dice: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A visit as the phone sees it, and what the server answers."""
    kind = dice.choice(list(KINDS))
    measure = dice.choice(["slope_tarpaulin", "sandbags", "stakes"]) if kind == "temporary_measure" else None
    at = datetime(2026, dice.randrange(1, 13), dice.randrange(1, 29), dice.randrange(24), tzinfo=UTC)
    context = {code: dice.choice(context_choices(code)).code for code in CONTEXT if dice.random() < 0.7}
    now, then = (readings(kind, measure, dice, share) for share in (dice.choice([0.1, 0.3, 0.7]), 0.5))
    seen = at - timedelta(hours=dice.choice([0.5, 2, 7, 20, 30, 240]))
    risk = dice.choice([None, "low", "medium", "high", "very_high"])
    said = suggest(
        kind, context, now["answers"], now["measurements"], [Reading(seen, **then)], risk, seen_at=at
    )
    stamp = seen.isoformat()
    last = {code: {"value": value, "at": stamp} for part in then.values() for code, value in part.items()}
    if gauges := then["measurements"].get("crack_gauge_mm"):
        last["crack_gauge_mm"] = {name: {"value": mm, "at": stamp} for name, mm in gauges.items()}
    asked = {
        "place": {"kind": kind, "measure": measure, "risk_level": risk},
        "context": context,
        **now,
        "before": {"seen_at": stamp, "condition": "no_change", "readings": last},
        "at": round(at.timestamp() * 1000),
    }
    reasons = [[each.item, each.effect, each.rule, each.mark, each.source] for each in said.reasons]
    return asked, {"condition": said.condition, "reasons": sorted(reasons)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_phone_suggests_what_the_server_suggests(seed: int, tmp_path: Path):
    dice = Random(seed)  # the same visits in every run
    (tmp_path / "forms.json").write_text(json.dumps(forms()))
    visits = [a_visit(dice) for _ in range(VISITS)]
    told = subprocess.run(
        [NODE, "tests/phone/suggest.mjs", tmp_path / "forms.json"],
        cwd=ROOT,
        input="\n".join(json.dumps(asked) for asked, _ in visits),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found = [json.loads(line) for line in told.stdout.splitlines()]

    wrong = [
        (asked, here, there)
        for (asked, there), here in zip(visits, found, strict=True)
        if {**here, "reasons": sorted(here["reasons"])} != there
    ]
    assert wrong == []
    assert {here["condition"] for here in found} == {"no_change", "not_seen", "worse", "danger"}
