"""What happens while the service runs, as JSON lines on stderr: `note("signed_in", person=7)`.

The journal is for whoever runs the service; who changed what in the registry stands in `app.log`. Each line holds
`time` (UTC, RFC 3339), `level`, `event`, the id of its request and the fields of the event. Persons stand in it by
id. What must not be written down is left out by its name, and of an unexpected failure only where it happened is
kept, since the messages of drivers and parsers repeat what was sent. Source: OWASP ASVS 5.0, 16.2 and 16.3.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any, Final, TextIO

import orjson


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Import what follows as if `module` were not installed, where nobody imported it before."""
    had = module in sys.modules
    if not had:
        sys.modules[module] = None  # type: ignore[assignment] # Python's own way to say "not there"
    try:
        yield
    finally:
        if not had:
            del sys.modules[module]


with _without("rich"):  # structlog takes it for colours: 7 MB that a server does not need
    import structlog

from structlog.typing import EventDict, WrappedLogger  # noqa: E402 - as above

LEFT_OUT: Final = "[left out]"
UNSPEAKABLE: Final = frozenset(
    {
        "address", "authorization", "body", "code", "codes", "cookie", "cookies", "email", "form",
        "geometry", "headers", "ip", "lat", "latitude", "lon", "longitude", "mail", "name", "note",
        "password", "passwords", "path", "phone", "phones", "position", "query", "secret",
        "secrets", "token", "tokens", "totp", "url",
    }
)  # fmt: skip
"""Words in a field's name that say: this is somebody's business. `token_id` and the like may hold a number."""
PLAIN: Final = (
    RuntimeError,
    TypeError,
    AttributeError,
    NameError,
    RecursionError,
    MemoryError,
    AssertionError,
)
"""Failures whose message speaks of code, not of what was sent."""
FRAMES: Final = 30
ROOT: Final = Path(__file__).resolve().parents[1]

logger = logging.getLogger("taluy")


def _may_stand(name: str, value: object) -> bool:
    speakable, is_id = _judged(name)
    return speakable or (is_id and isinstance(value, int))


@lru_cache(maxsize=1_024)
def _judged(name: str) -> tuple[bool, bool]:
    """Whether no word of `name` is unspeakable, and whether it says that its value is an id."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    return not UNSPEAKABLE.intersection(words), bool(words) and words[-1] == "id"


def _cleaned(value: object) -> object:
    if isinstance(value, Mapping):
        return {
            str(name): _cleaned(inner) if _may_stand(str(name), inner) else LEFT_OUT
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def leave_out(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Replace what must not be written down, however deep it lies."""
    return {name: _cleaned(value) if _may_stand(name, value) else LEFT_OUT for name, value in line.items()}


def _where(traceback: TracebackType | None) -> list[str]:
    steps = [(frame.f_code, line) for frame, line in walk_tb(traceback)]
    return [f"{_short(code.co_filename)}:{line} {code.co_name}" for code, line in steps[-FRAMES:]]


def _short(path: str) -> str:
    """`app/main.py` for ours, `starlette/routing.py` for a library's."""
    found = Path(path)
    if "site-packages" in found.parts:
        return "/".join(found.parts[found.parts.index("site-packages") + 1 :])
    return found.relative_to(ROOT).as_posix() if found.is_relative_to(ROOT) else path


def describe(error: BaseException) -> list[dict[str, object]]:
    """`error` and what led to it, the last first: the kind of each, where it happened, and a message that is ours."""
    told: list[dict[str, object]] = []
    at: BaseException | None = error
    while at is not None and len(told) < FRAMES:
        kind = type(at)
        one: dict[str, object] = {"error": f"{kind.__module__}.{kind.__qualname__}"}
        if kind.__module__.partition(".")[0] == "app" or isinstance(at, PLAIN):
            one["says"] = str(at)
        elif isinstance(at, OSError):
            one["says"] = at.strerror
        elif (state := getattr(at, "sqlstate", None)) is not None:
            one["says"] = f"SQLSTATE {state}"
        told.append({**one, "where": _where(at.__traceback__)})
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return told


def tell_failure(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Put the description of an exception in the place of `exc_info`."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["failure"] = describe(error)
    return line


def as_json(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    """One line, what happened first."""
    first = {name: line.pop(name) for name in ("time", "level", "event") if name in line}
    return orjson.dumps({**first, **line}, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


SHARED: Final[tuple[Any, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
)

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


_speaker = structlog.stdlib.get_logger(logger.name)


def note(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Write down that `event` happened; `fields` are ids, counts and names of ours, never what was sent.

    An exception goes in as `exc_info=error`.
    """
    _speaker.log(level, event, **fields)


def begin(request_id: str) -> None:
    """Let every line from now on, in this task and the threads it starts, carry the id of its request."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)


def configure(level: str = "info", *, to: TextIO | None = None) -> None:
    """Send everything to stderr as JSON: our events from `level` on, those of libraries from warnings on."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                tell_failure,
                leave_out,
                as_json,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logger.setLevel(level.upper())
    logging.captureWarnings(capture=True)
