"""What an entry of the log says, in words: labels of verbs and fields, and values as people read them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from app.i18n import N_, translate
from app.pages import words
from app.pages.formats import Formats

VERBS: Final = {
    "add": N_("Registered"),
    "change": N_("Changed the record"),
    "inspect": N_("Logged an inspection"),
    "photo": N_("Added a photo"),
    "publish": N_("Showed a photo to everybody"),
    "unpublish": N_("Took a photo back"),
    "propose": N_("Proposed a position"),
    "accept_position": N_("Accepted a proposed position"),
    "amend_position": N_("Accepted a proposed position with changes"),
    "refuse_position": N_("Refused a proposed position"),
    "erase": N_("Erased a person's data"),
    "gap": N_("Number not used"),
    "invite": N_("Made an invitation"),
    "reset": N_("Made a link for a new password"),
    "password": N_("Chose a password"),
    "disable": N_("Closed the account"),
    "enable": N_("Opened the account again"),
    "token": N_("Made a token"),
    "revoke": N_("Took a token back"),
    "second_factor_on": N_("Turned the second factor on"),
    "second_factor_off": N_("Turned the second factor off"),
    "recovery_codes": N_("Made new recovery codes"),
    "hand_in": N_("Handed in for somebody else, by a file"),
}
ACCOUNT_VERBS: Final = {"add": N_("Added the account"), "change": N_("Changed the account")}
FIELDS: Final = {
    **words.FIELDS,
    **words.COUNTS,
    "code": N_("Code"),
    "location_status": N_("How it is known"),
    "location_accuracy_m": N_("Accuracy, metres"),
    "location_note": N_("How it was found"),
    "state_reason": N_("Reason of the state"),
    "risk_rated_by_id": N_("Rated by"),
    "site_id": N_("Place"),
    "unit_id": N_("Area"),
    "wording": N_("Wording of the board"),
    "starts_on": N_("Starts on"),
    "expires_on": N_("Ends on"),
    "quantity": N_("Quantity"),
    "quantity_unit": N_("Unit of the quantity"),
    "note": N_("Note"),
    "condition": N_("Condition"),
    "last_inspected_at": N_("Last inspected"),
    "due_on": N_("Due on"),
    "inspection": N_("Inspection"),
    "position": N_("Proposed position"),
    "sha256": N_("Hash of the content"),
    "published": N_("Shown to everybody"),
    "rainy": N_("Rainy season, days"),
    "dry": N_("Dry season, days"),
    "holidays": N_("Before holidays, days"),
    "role": N_("Role"),
    "scope": N_("Reach of the token"),
    "who": N_("Erased who wrote"),
    "what": N_("Erased what was written"),
}
HIDDEN: Final = frozenset({"stored", "search"})
VALUES: Final[Mapping[str, Mapping[Any, str]]] = {
    **words.VALUES,
    "location_status": words.LOCATION_STATUSES,
    "condition": words.CONDITIONS,
    "role": words.ROLES,
    "kind": {**words.VALUES["kind"], "device": N_("Phone"), "tool": N_("Tool")},
    "scope": {"public": N_("public data"), "internal": N_("internal data"), "write": N_("writing")},
}
NOTHING: Final = "–"
MOST_POINTS: Final = 6
SHORT: Final = 16
HASH: Final = 64


@dataclass(frozen=True)
class Change:
    """One field: what it is called, and its value before and after in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Teller:
    """Puts values into words, in one language, knowing the names behind ids."""

    language: str
    units: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    sites: Mapping[int, str] = field(default_factory=dict)

    def verb(self, verb: str, about: str) -> str:
        """What was done."""
        known = ACCOUNT_VERBS if about.startswith("person:") else {}
        label = known.get(verb) or VERBS.get(verb)
        return translate(label, self.language) if label else verb

    def interval(self, key: str) -> str:
        """A kind of place, for slides with its risk."""
        kind, _, risk = key.partition("/")
        said = translate(VALUES["kind"].get(kind, kind), self.language)
        return f"{said}, {translate(words.RISKS.get(risk, risk), self.language)}" if risk else said

    def changes(self, said: Mapping[str, Any]) -> list[Change]:
        """The fields of an entry that differ before and after."""
        before, after = said.get("before") or {}, said.get("after") or {}
        names = [name for name in {**before, **after} if name not in HIDDEN]
        return [
            Change(self.label(name), self.value(name, before.get(name)), self.value(name, after.get(name)))
            for name in names
            if before.get(name) is not None or after.get(name) is not None
        ]

    def label(self, name: str) -> str:
        """What a field is called."""
        return translate(FIELDS[name], self.language) if name in FIELDS else name

    def value(self, name: str, value: Any) -> str:
        """A value in words; never JSON."""
        if value is None:
            nothing = VALUES.get(name, {}).get(None)
            return translate(nothing, self.language) if nothing else NOTHING
        if isinstance(value, bool):
            return translate(N_("yes") if value else N_("no"), self.language)
        if isinstance(value, str):
            return self._text(name, value)
        if isinstance(value, int | float):
            return self._number(name, value)
        return self._position(value) if name == "geometry" else self._several(name, value)

    def _several(self, name: str, value: Mapping[str, Any] | Sequence[Any]) -> str:
        if isinstance(value, Mapping):
            return "; ".join(f"{self.label(key)}: {self.value(key, each)}" for key, each in value.items())
        if name in ("who", "what"):  # numbers of entries
            ends = (f"{first}" if first == last else f"{first}–{last}" for first, last in value)
            return ", ".join(ends) or NOTHING
        return ", ".join(self.value(name, each) for each in value) or NOTHING

    def _text(self, name: str, value: str) -> str:
        known = VALUES.get(name, {}).get(value)
        if known:
            return translate(known, self.language)
        formats = Formats(self.language)
        read: tuple[tuple[str, Callable[[str], str]], ...] = (
            ("_at", lambda text: formats.stamp(datetime.fromisoformat(text))),
            ("_on", lambda text: formats.day(date.fromisoformat(text))),
        )
        for ending, shown in read:
            if name.endswith(ending):
                try:
                    return shown(value)
                except (ValueError, TypeError):
                    return value
        return f"{value[:SHORT]}…" if name == "sha256" and len(value) == HASH else value

    def _number(self, name: str, value: float) -> str:
        number = int(value)
        if name in ("units", "unit_id") and number in self.units:
            return str(self.units[number]["name"])
        if name == "risk_rated_by_id":
            return self.people.get(number, NOTHING)
        if name == "site_id":
            return self.sites.get(number, NOTHING)
        plain = name.startswith("period_")  # a year has no point for thousands
        return str(value) if plain else Formats(self.language).number(value)

    def _position(self, geometry: Mapping[str, Any]) -> str:
        points = list(_points(geometry.get("coordinates")))
        if len(points) == 1:
            return Formats(self.language).degrees(points[0])
        shown = "; ".join(f"{lat:.6f}, {lon:.6f}" for lon, lat in points[:MOST_POINTS])
        if len(points) > MOST_POINTS:
            shown += " …"
        text = translate(N_("{n} points (latitude, longitude): {points}"), self.language)
        return text.format(n=len(points), points=shown)


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:
    """Longitude and latitude of every point of a GeoJSON geometry."""
    if isinstance(coordinates, list) and coordinates and isinstance(coordinates[0], int | float):
        yield float(coordinates[0]), float(coordinates[1])
    elif isinstance(coordinates, list):
        for part in coordinates:
            yield from _points(part)
