"""How QGIS draws a layer by itself: a style in QML, with the map's shapes and colours.

A layer holds points, lines and areas together and a symbol of QGIS draws one of these, so that every category has a
rule of its own for each. Colours are the light tokens of `app/static/taluy.css`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from app.i18n import translate
from app.pages.words import CONDITIONS, RISKS

INK: Final = "#12211A"
SURFACE: Final = "#FFFFFF"
UNKNOWN: Final = (SURFACE, INK)
COLOURS: Final[Mapping[str, Mapping[str | None, tuple[str, str]]]] = {
    "risk_level": {
        "very_high": ("#12211A", INK),
        "high": ("#5A6961", INK),
        "medium": ("#A5B1A9", INK),
        "low": ("#DCE3DD", INK),
        None: UNKNOWN,
    },
    "condition": {
        "danger": ("#AD0F2B", INK),
        "worse": ("#FAEBC8", "#7D4B00"),
        "no_change": ("#DAEBE2", "#0B5B44"),
        "not_seen": ("#F0F4ED", "#66766D"),
        None: UNKNOWN,
    },
}
"""Fill and outline of each value of the field that a layer is drawn by; None: nobody said."""
WORDS: Final[Mapping[str, Mapping[str | None, str]]] = {"risk_level": RISKS, "condition": CONDITIONS}
SHAPES: Final[Mapping[str, str]] = {"slide": "triangle", "flood": "circle", "drowning": "diamond"}
OTHER_SHAPES: Final[Mapping[str, str]] = {
    "signboards": "square",
    "measures": "square",
    "proposals": "pentagon",
}
FILTERS: Final[Mapping[str, str]] = {
    "marker": "area($geometry) IS NULL AND length($geometry) IS NULL",
    "line": "length($geometry) IS NOT NULL",
    "fill": "area($geometry) IS NOT NULL",
}
"""Which geometries a type of symbol draws; QGIS measures areas of areas only, lengths of lines only."""
SEE_THROUGH: Final = "70"
"""Of 255: what lies under an area stays to be seen."""


@dataclass(frozen=True)
class Rule:
    """One line of the legend, what it draws, and its two colours."""

    label: str
    filter: str
    fill: str
    outline: str

    @property
    def line(self) -> str:
        """The colour of a line: the one of the two that tells the categories apart."""
        return self.fill if self.outline == INK and self.fill != SURFACE else self.outline


def qml(layer: str, title: str, names: Mapping[str, str], language: str) -> str:
    """The style of a layer with the fields `names`, which say what each is called on screens."""
    rules = _rules(title, names, language)
    shape = OTHER_SHAPES.get(layer, "circle")
    kind = next((each for each in SHAPES if layer.endswith(f"-{each}")), None)
    shape = SHAPES[kind] if kind else shape
    by_kind = layer == "sites" and "kind" in names
    symbols = (
        _symbol(number * len(FILTERS) + place, drawn, rule, shape, by_kind=by_kind)
        for number, rule in enumerate(rules)
        for place, drawn in enumerate(FILTERS)
    )
    return Markup(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22.0" styleCategories="Symbology|Fields">'
        '<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0" forceraster="0">'
        '<rules key="{{root}}">{rules}</rules><symbols>{symbols}</symbols></renderer-v2>'
        "<aliases>{aliases}</aliases></qgis>"
    ).format(
        rules=Markup("").join(_rule(number, rule) for number, rule in enumerate(rules)),
        symbols=Markup("").join(symbols),
        aliases=Markup("").join(_aliases(names)),
    )


def _rules(title: str, names: Mapping[str, str], language: str) -> Sequence[Rule]:
    by = next((field for field in COLOURS if field in names), None)
    if by is None:
        return [Rule(title, "", *UNKNOWN)]
    return [
        Rule(
            _sentence(translate(WORDS[by][value], language)),
            f'"{by}" IS NULL' if value is None else f"\"{by}\" = '{value}'",
            *colours,
        )
        for value, colours in COLOURS[by].items()
    ]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rule(number: int, rule: Rule) -> Markup:
    """A line of the legend, with a rule of its own for each type of geometry."""
    inner = (
        Markup('<rule key="{{r{n}-{type}}}" symbol="{symbol}" filter="{filter}"/>').format(
            n=number, type=drawn, symbol=number * len(FILTERS) + place, filter=each
        )
        for place, (drawn, each) in enumerate(FILTERS.items())
    )
    return Markup('<rule key="{{r{n}}}" label="{label}"{filter}>{inner}</rule>').format(
        n=number,
        label=rule.label,
        filter=Markup(' filter="{}"').format(rule.filter) if rule.filter else "",
        inner=Markup("").join(inner),
    )


def _symbol(number: int, drawn: str, rule: Rule, shape: str, *, by_kind: bool) -> Markup:
    fill, outline = _rgba(rule.fill), _rgba(rule.outline)
    looks: dict[str, dict[str, str]] = {
        "marker": {
            "name": shape,
            "color": fill,
            "outline_color": outline,
            "outline_width": "0.4",
            "size": "3.6",
        },
        "line": {"line_color": _rgba(rule.line), "line_width": "0.8"},
        "fill": {
            "color": _rgba(rule.fill, SEE_THROUGH),
            "outline_color": outline,
            "outline_width": "0.5",
            "style": "solid",
        },
    }
    classes = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
    return Markup(
        '<symbol type="{type}" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        '<layer class="{layer}" pass="0" locked="0" enabled="1"><Option type="Map">{options}</Option>{more}</layer>'
        "</symbol>"
    ).format(
        type=drawn,
        number=number,
        layer=classes[drawn],
        options=Markup("").join(_option(name, value) for name, value in looks[drawn].items()),
        more=_shape_by_kind() if by_kind and drawn == "marker" else "",
    )


def _option(name: str, value: str, kind: str = "QString") -> Markup:
    return Markup('<Option name="{}" value="{}" type="{}"/>').format(name, value, kind)


def _shape_by_kind() -> Markup:
    """The marker's shape worked out for each place, as on the map."""
    cases = " ".join(f"WHEN \"kind\" = '{kind}' THEN '{shape}'" for kind, shape in SHAPES.items())
    worked_out = (
        _option("active", "true", "bool"),
        _option("expression", f"CASE {cases} END", "QString"),
        _option("type", "3", "int"),
    )
    return Markup(
        '<data_defined_properties><Option type="Map"><Option name="name" value="" type="QString"/>'
        '<Option name="properties" type="Map"><Option name="name" type="Map">{}</Option></Option>'
        '<Option name="type" value="collection" type="QString"/></Option></data_defined_properties>'
    ).format(Markup("").join(worked_out))


def _rgba(colour: str, alpha: str = "255") -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


def _aliases(names: Mapping[str, str]) -> Iterator[Markup]:
    """What each field is called; the file's own number of a feature comes first."""
    for index, (name, title) in enumerate(names.items(), start=1):
        yield Markup('<alias field="{}" index="{}" name="{}"/>').format(name, index, title)
