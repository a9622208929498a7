"""Folium's elements, drawn by our own templates of `map_templates/`: no foreign script, no inline style.

What a macro returns is parsed as a template once more by Branca, so nothing that people typed may come here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.utilities import camelize
from jinja2 import Template


class Page(Figure):
    """The whole HTML page. Instead of Branca's own it renders `page.html`."""

    def __init__(self, template: Template, parts: Mapping[str, Any]) -> None:
        super().__init__()
        self._template = template
        self.parts = parts
        self.header._children.clear()  # noqa: SLF001 - our page says its charset itself


class Frame(folium.Map):
    """The one Folium map of a page, without the libraries that Folium loads by default."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - as Folium declares it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, template: Template, centre: Sequence[float], zoom: float) -> None:
        super().__init__(
            location=centre,
            zoom_start=zoom,  # type: ignore[arg-type] # Leaflet takes fractions of a zoom
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            zoom_snap=0.25,
        )
        self.options = {camelize(name): value for name, value in self.options.items()}
        self._template = template
        self._id = "taluy"


class Part(MacroElement):
    """One element of ours: its markup and the script that brings it to life."""

    def __init__(self, name: str, template: Template, look: object) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Branca's own
        self._name = name
        self._id = "taluy"
        self._template = template
        self.look = look
