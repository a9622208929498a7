"""A server whose page holds one `folium.Marker` a place, made when it is asked for: `folium_page.py PORT PLACES`.

Leaflet comes from node_modules, and tiles are left out, so that no network takes part.
"""

import json
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import folium

LEAFLET = Path(__file__).parent.parent / "node_modules" / "leaflet" / "dist"


def page(places: list[tuple[float, float]]) -> bytes:
    """The page as Folium makes it."""
    made = folium.Map(location=places[0], zoom_start=10, tiles=None)
    made.default_js = [("leaflet", "/leaflet.js")]
    made.default_css = [("leaflet_css", "/leaflet.css")]
    for place in places:
        folium.Marker(place).add_to(made)
    made.fit_bounds(
        [[min(lats) for lats in zip(*places, strict=True)], [max(lats) for lats in zip(*places, strict=True)]]
    )
    return made.get_root().render().encode()


class Handler(SimpleHTTPRequestHandler):
    """The page at /, Leaflet's files beside it."""

    places: list[tuple[float, float]]

    def do_GET(self) -> None:
        """Answer."""
        if self.path != "/":
            super().do_GET()
            return
        body = page(self.places)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until stopped."""
    port, file = sys.argv[1:]
    Handler.places = [(lat, lon) for lat, lon in json.loads(Path(file).read_text())]
    ThreadingHTTPServer(("127.0.0.1", int(port)), partial(Handler, directory=str(LEAFLET))).serve_forever()


if __name__ == "__main__":
    main()
