"""What stands and is done at the invented places: boards, measures, proposals."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from pydantic.dataclasses import dataclass as checked
from shapely import LineString, Point

from app.measures.rules import expiry
from app.practice.places import CAM_LY, Planned
from app.practice.shapes import CENTRE, STREAMS, moved
from app.practice.words import LOCATION_NOTES, MEASURE_NOTES, RESPONSIBLE
from app.seed_files import STRICT, MeasureRow, ProposalRow, SignboardRow, Status, Text


@checked(frozen=True, config=STRICT)
class PracticeMeasure(MeasureRow):
    """A measure with its dates and amount."""

    starts_on: date | None
    expires_on: date | None
    quantity: float | None
    quantity_unit: Text | None


def signboards(rng: Random, planned: Sequence[Planned]) -> list[SignboardRow]:
    """A board at every place rated high or very high, at every stream reach and at two flood points."""
    wanted = [
        each.site
        for each in planned
        if each.site.kind == "drowning"
        or each.site.risk_level in ("high", "very_high")
        or each.site.code in ("LT-NL-01", "LT-NL-02")
    ]
    boards = []
    for number, site in enumerate(wanted, start=1):
        unlocated = site.location_status == "unlocated"
        start = site.geometry.representative_point() if site.geometry.area else Point(site.geometry.coords[0])
        where = moved((start.x, start.y), rng.uniform(-18, 18), rng.uniform(-18, 18))
        boards.append(
            SignboardRow(
                code=f"LT-BB-{number:02}",
                name=f"Biển cảnh báo luyện tập {number:02} (bịa)",
                site=site.code,
                state="missing" if number == 5 else "damaged" if number % 6 == 2 else "sound",
                location_status="unlocated" if unlocated else "surveyed",
                location_accuracy_m=1250 if unlocated else 5,
                location_note=LOCATION_NOTES["unlocated"] if unlocated else None,
                geometry=Point(CENTRE) if unlocated else Point(where),
            )
        )
    return boards


def measures(rng: Random, planned: Sequence[Planned], *, until: date) -> list[PracticeMeasure]:
    """Temporary measures of every age at the worse slopes, lasting ones elsewhere, two of the whole ward."""
    risky = [each.site for each in planned if each.site.risk_level in ("high", "very_high")]
    others = [each.site for each in planned if each.site.risk_level in ("medium", "low")]
    wet = [each.site for each in planned if each.site.kind != "slide"]
    ages = (20, 45, 70, 84, 100, 150, 12, 60)
    rows: list[tuple[str, str | None, int | None, Status]] = [
        *(("slope_tarpaulin", site.code, age, "done") for site, age in zip(risky, ages, strict=False)),
        *(("sandbags", site.code, age, "done") for site, age in zip(wet, (30, 95, 172, 200), strict=False)),
        *(("stakes", site.code, age, "done") for site, age in zip(risky[8:], (120, 280, 340), strict=False)),
        *(("unblock_drains", site.code, rng.randint(5, 60), "in_progress") for site in wet[:2]),
        *(("clear_brush", site.code, rng.randint(40, 200), "done") for site in others[:3]),
        *(("reinforce", site.code, None, "proposed") for site in risky[:2]),
        ("move_people", risky[0].code, 15, "ordered"),
        ("check_works", others[3].code, 30, "done"),
        ("inform_people", None, 220, "done"),
        ("dredge_stream", None, None, "ordered"),
    ]
    amounts = {"slope_tarpaulin": "m²", "sandbags": "bao", "stakes": "cọc"}
    found = []
    for number, (kind, site_code, age, status) in enumerate(rows, start=1):
        began = until - timedelta(days=age) if age is not None else None
        found.append(
            PracticeMeasure(
                code=f"LT-BP-{number:02}",
                kind=kind,
                site=site_code,
                unit=None if site_code else CAM_LY,
                status=status,
                responsible=rng.choice(RESPONSIBLE),
                note=rng.choice(MEASURE_NOTES[kind]),
                starts_on=began,
                expires_on=expiry(kind, began),
                quantity=float(rng.randint(6, 40) * 10) if kind in amounts else None,
                quantity_unit=amounts.get(kind),
            )
        )
    return found


def proposals() -> list[ProposalRow]:
    """Two reaches of stream for which works are asked."""
    return [
        ProposalRow(
            code=f"LT-KN-{number:02}",
            name=name,
            period_from=2026,
            period_to=2028,
            addressee="Cơ quan cấp trên luyện tập (bịa)",
            status="proposed",
            reason="Vượt khả năng của phường; đề nghị khảo sát, thiết kế, bố trí vốn (bịa).",
            location_status="approximate",
            location_accuracy_m=40,
            location_note=LOCATION_NOTES["approximate"],
            units=[CAM_LY],
            geometry=LineString(STREAMS[stream]),
        )
        for number, name, stream in (
            (1, "Luyện tập: kè suối Ví Dụ, đoạn 2 (bịa)", 2),
            (2, "Luyện tập: mở rộng cống suối Giả Định (bịa)", 3),
        )
    ]
