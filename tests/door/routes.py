"""Every route of the service with a path that fits its template."""

from app.door.hosts import UNSAFE
from app.people.access import api_routes

VALUES = {
    "code": "TH-ST-01",
    "inspection_id": "00000000-0000-4000-8000-000000000001",
    "record": "00000000-0000-4000-8000-000000000001",
    "sha256": "0" * 64,
    "name:path": "taluy/fonts.css",
    "token_id": "1",
    "person_id": "1",
    "device_id": "1",
    "group": "early",
}
"""What to put where a path has a name; a name that is missing here gets `1`."""


def filled(path: str, value: str | None = None) -> str:
    """`path` with every name filled in: by what fits, or by `value`."""
    while "{" in path:
        before, _, rest = path.partition("{")
        name, _, after = rest.partition("}")
        path = before + (value or VALUES.get(name, "1")) + after
    return path


def every_route(app) -> list[tuple[str, str]]:
    """Method and template of each."""
    return sorted({(method, context.path) for context in api_routes(app) for method in context.methods})


def unsafe_routes(app) -> list[tuple[str, str]]:
    """Those that may change something."""
    return [(method, path) for method, path in every_route(app) if method in UNSAFE]
