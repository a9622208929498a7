"""`taluy doctor`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from app import clock
from app.i18n import N_, translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.doctor.checks import Check
    from app.doctor.findings import Finding, State
    from app.settings import Settings

STATES: dict[State, str] = {"ok": N_("fine"), "warning": N_("look"), "wrong": N_("wrong")}
COLOURS: dict[State, str] = {"ok": "green", "warning": "yellow", "wrong": "red"}
WIDTH = 8


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document for machines.")
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Say what is wrong with this installation and how to mend it; exit code 1 where something is.

    It changes nothing.
    """
    from app.doctor.checks import examine, state_of
    from app.doctor.findings import Patient

    settings: Settings = ctx.obj
    found = []
    for check, findings in examine(Patient(settings, dict(os.environ), clock.now())):
        found.append((check, findings))
        if not as_json:
            for finding in findings:
                for line in _lines(check, finding):
                    click.echo(line)
    if as_json:
        click.echo(json.dumps(_document(found), ensure_ascii=False, indent=2))
    else:
        states = [finding.state for _check, findings in found for finding in findings]
        counts = {str(state): states.count(state) for state in STATES}
        click.echo(_say(N_("{ok} fine, {warning} to look at, {wrong} wrong."), **counts))
    ctx.exit(1 if state_of(found) == "wrong" else 0)


def _say(message: str, **values: object) -> str:
    return translate(message, "vi").format(**values)


def _lines(check: Check, finding: Finding) -> Iterator[str]:
    state = click.style(_say(STATES[finding.state]).ljust(WIDTH), fg=COLOURS[finding.state])
    yield f"{state}  {_say(check.title)}: {_say(finding.says, **finding.values)}"
    if finding.mend:
        yield f"{' ' * WIDTH}  → {_say(finding.mend, **finding.values)}"


def _document(found: list[tuple[Check, list[Finding]]]) -> dict[str, object]:
    return {
        "checks": [
            {
                "check": check.name,
                "state": finding.state,
                "says": _say(finding.says, **finding.values),
                "mend": _say(finding.mend, **finding.values) if finding.mend else None,
            }
            for check, findings in found
            for finding in findings
        ]
    }
