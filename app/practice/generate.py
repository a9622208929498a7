"""The practice set: about forty invented places, two years of rain and visits, sixty drawn photos.

Everything follows from a seed and a last day; the same two give the same set, byte for byte. It is made to look
like the ward at work and is named as invented wherever it is seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from app.measures.rules import is_temporary
from app.practice import places, visits, works
from app.practice.drawings import draw
from app.practice.places import Ending, Planned, PracticeSite
from app.practice.readings import Ground
from app.practice.scenes import Scene
from app.practice.shapes import CENTRE, LonLat
from app.practice.visits import OFFICERS, PracticeVisit
from app.practice.weather import RainEvent, Weather, weather
from app.practice.works import PracticeMeasure
from app.seed_files import ProposalRow, SignboardRow

YEARS: Final = 2
PHOTOS: Final = 60
SCENES: Final[dict[str, tuple[Scene, ...]]] = {
    "slide": ("slope", "crack"),
    "flood": ("flood", "culvert"),
    "drowning": ("stream",),
    "signboard": ("signboard",),
    "temporary_measure": ("slope",),
}
BADNESS: Final = {"no_change": 0.0, "worse": 0.45, "danger": 0.9}


@dataclass(frozen=True)
class PracticePhoto:
    """A photo of one visit, drawn when it is asked for."""

    inspection_id: UUID
    scene: Scene
    seed: int
    bad: float
    line: str
    taken_at: datetime
    position: LonLat | None
    published: bool

    def jpeg(self) -> bytes:
        """The picture, with its time and place in EXIF as a phone writes them."""
        return draw(
            self.scene,
            self.seed,
            bad=self.bad,
            line=self.line,
            taken_at=self.taken_at,
            position=self.position,
        )


@dataclass(frozen=True)
class PracticeSet:
    """Everything of one practice database; `visits` in the order in which they were received."""

    until: date
    sites: list[PracticeSite]
    signboards: list[SignboardRow]
    measures: list[PracticeMeasure]
    proposals: list[ProposalRow]
    officers: tuple[str, ...]
    visits: list[PracticeVisit]
    photos: list[PracticePhoto]
    rain: list[RainEvent]


def practice_set(seed: int, until: date) -> PracticeSet:
    """The set for two years up to and including `until`."""
    rng = Random(f"practice {seed}")  # nosec B311 # an invention, the same for the same seed
    begins = until - timedelta(days=365 * YEARS)
    sky = weather(rng, begins - timedelta(days=20), until)
    planned = places.sites(rng, until=until)
    sites = [each.site for each in planned]
    boards = works.signboards(rng, planned)
    measures = works.measures(rng, planned, until=until)
    visited = _visited(rng, planned, boards, measures, begins=begins, until=until)
    seen = {place.code: visits.visits(rng, place, sky) for place in visited}
    ordered = list(visits.in_order(seen))
    return PracticeSet(
        until,
        sites,
        boards,
        measures,
        works.proposals(),
        OFFICERS,
        ordered,
        _photos(rng, {place.code: place for place in visited}, seen),
        _events(rng, sky, begins),
    )


def _events(rng: Random, sky: Weather, begins: date) -> list[RainEvent]:
    return [event for event in sky.events(rng) if event.began_at.date() >= begins]


def _visited(
    rng: Random,
    planned: list[Planned],
    boards: list[SignboardRow],
    measures: list[PracticeMeasure],
    *,
    begins: date,
    until: date,
) -> list[visits.Place]:
    """Everything that is inspected: places, boards, temporary measures."""
    where = {each.site.code: _middle(each.site) for each in planned}
    risks = {each.site.code: each.site.risk_level for each in planned}
    return [
        *(_of_site(rng, each, where, begins=begins, until=until) for each in planned),
        *(_of_board(rng, board, where, begins=begins, until=until) for board in boards),
        *(
            _of_measure(rng, row, row.site, row.starts_on, risks, where, until=until)
            for row in measures
            if row.site and row.starts_on and is_temporary(row.kind)
        ),
    ]


def _of_site(
    rng: Random, each: Planned, where: Mapping[str, LonLat], *, begins: date, until: date
) -> visits.Place:
    site = each.site
    ends = until - timedelta(days=150) if site.state == "closed" else until
    ground = Ground(rng, site.kind, site.risk_level)
    return visits.Place(
        site.code, site.kind, site.kind, site.risk_level, where[site.code], ground, each.ending, begins, ends
    )


def _of_board(
    rng: Random, board: SignboardRow, where: Mapping[str, LonLat], *, begins: date, until: date
) -> visits.Place:
    ground = Ground(rng, "signboard", None, board=board.state)
    ending: Ending = "regular" if board.state == "sound" else "worse"
    return visits.Place(
        board.code, "signboard", "signboard", None, where[board.site], ground, ending, begins, until
    )


def _of_measure(
    rng: Random,
    row: PracticeMeasure,
    site: str,
    begins: date,
    risks: Mapping[str, str | None],
    where: Mapping[str, LonLat],
    *,
    until: date,
) -> visits.Place:
    ground = Ground(rng, "slide", risks[site], measure=row.kind)
    ends = min(until, row.expires_on or until)
    kind = "temporary_measure"
    return visits.Place(
        row.code, kind, row.kind, risks[site], where[site], ground, "regular", begins, ends, row.expires_on
    )


def _middle(site: PracticeSite) -> LonLat:
    if site.location_status == "unlocated":
        return CENTRE
    point = site.geometry.representative_point()
    return point.x, point.y


def _photos(
    rng: Random, by_code: dict[str, visits.Place], seen: dict[str, list[PracticeVisit]]
) -> list[PracticePhoto]:
    """The last visits first, the worrying ones before the quiet; two pictures where the kind has two."""
    last = [of_place[-1] for of_place in seen.values() if of_place]
    older = [
        each for of_place in seen.values() for each in of_place[:-1] if each.body["condition"] != "no_change"
    ]
    rng.shuffle(older)
    worst_first = sorted(last, key=lambda each: -BADNESS.get(each.body["condition"], -1))
    found: list[PracticePhoto] = []
    for each in [*worst_first[:26], *older]:
        condition = each.body["condition"]
        if condition == "not_seen" or len(found) >= PHOTOS:
            continue
        scenes = SCENES[by_code[each.body["place"]].kind]
        for scene in scenes if condition != "no_change" else scenes[:1]:
            found.append(_photo(rng, each, scene, len(found)))
    return found[:PHOTOS]


def _photo(rng: Random, each: PracticeVisit, scene: Scene, number: int) -> PracticePhoto:
    position = each.body["position"]
    seen_at = each.seen_at
    return PracticePhoto(
        each.id,
        scene,
        number,
        min(1.0, BADNESS[each.body["condition"]] + rng.uniform(0, 0.1))
        if each.body["condition"] != "no_change"
        else 0,
        f"{each.body['place']} · {seen_at.day}/{seen_at.month}/{seen_at.year}",
        seen_at + timedelta(minutes=rng.randint(0, 4), seconds=rng.randint(0, 59)),
        (position["lon"], position["lat"]) if position else None,
        published=number % 2 == 0,
    )
