"""Turning what went wrong into problem+json (RFC 9457), in the caller's language, without echoing input."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app import errors
from app.i18n import N_, language_of, translate

MEDIA_TYPE = "application/problem+json"

TITLES: Mapping[int, str] = {
    kind.status: kind.title
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.Problem) and "status" in vars(kind)
} | {405: N_("This address does not take that method")}

SENTENCES: Mapping[str, str] = {
    "missing": N_("This value is needed."),
    "extra_forbidden": N_("This name is not known here."),
    "literal_error": N_("This value is not one of the allowed ones."),
    "enum": N_("This value is not one of the allowed ones."),
    "greater_than_equal": N_("This number is too small."),
    "greater_than": N_("This number is too small."),
    "less_than_equal": N_("This number is too large."),
    "less_than": N_("This number is too large."),
    "string_too_long": N_("This text is too long."),
    "string_too_short": N_("This text is too short."),
    "too_long": N_("There are too many values."),
    "timezone_aware": N_("This time needs its zone, such as +07:00."),
}
OTHERWISE = N_("This value cannot be read as what is expected here.")

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    code: {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for code, title in sorted(TITLES.items())
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable name of the problem"},
        "detail": {"type": "string", "description": "What happened and what to do"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def body_of(problem: errors.Problem, language: str) -> dict[str, Any]:
    """The members of the problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": translate(problem.title, language),
        "status": problem.status,
        "code": problem.code,
    }
    if problem.detail:
        detail = translate(problem.detail, language)
        body["detail"] = detail.format(**problem.values) if problem.values else detail
    if problem.pointer:
        body["errors"] = [{"pointer": problem.pointer, "detail": body.get("detail", body["title"])}]
    return body


def answer(problem: errors.Problem, language: str) -> Response:
    """`problem` as an HTTP answer; a 401 says how to prove who one is (RFC 9110, 15.5.2)."""
    asks = {"WWW-Authenticate": "Bearer"} if problem.status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(
        body_of(problem, language),
        status_code=problem.status,
        headers={**asks, **problem.headers},
        media_type=MEDIA_TYPE,
    )


def pointer_of(location: Sequence[int | str]) -> str:
    """A JSON pointer into the body, or the parameter's name behind `?`. Holds names of ours only."""
    where, *rest = location or ("body",)
    if where == "body":
        return "".join(f"/{part}" for part in rest) or "/"
    return f"?{'.'.join(str(part) for part in rest)}"


def _validation(error: RequestValidationError, language: str) -> Response:
    return JSONResponse(validation_body(error.errors(), language), status_code=422, media_type=MEDIA_TYPE)


def validation_body(rows: Sequence[Any], language: str) -> dict[str, Any]:
    """The members of the problem document for values that pydantic refused; `rows` are its errors."""
    problem = errors.Unprocessable(N_("Some values are missing or not allowed; see errors."))
    body = body_of(problem, language)
    found = []
    for row in rows[:20]:
        own = row.get("ctx", {}).get("error")
        if isinstance(own, errors.Problem):
            own.pointer = None
            detail = body_of(own, language).get("detail", "")
        else:
            detail = translate(SENTENCES.get(row["type"], OTHERWISE), language)
        location = row["loc"][:-1] if row["type"] == "extra_forbidden" else row["loc"]
        found.append({"pointer": pointer_of(location), "detail": detail})
    return {**body, "errors": found}


def methods_of(app: FastAPI, path: str) -> set[str]:
    """Every method that some route of `app` takes at `path` (the router itself names those of one route only)."""
    return {
        method
        for context in iter_route_contexts(app.routes)
        if context.methods and compile_path(context.path or "")[0].match(path)
        for method in context.methods
    }


AsPage = Callable[[Request, errors.Problem], Response | None]
Answer = Callable[[Request, Any], Response]


def unknown(mark: str) -> errors.Problem:
    """What is said of a failure that nobody expected: the journal tells more under `mark`, the request's id."""
    return errors.Problem(N_("An error on the server. Error code: {mark}"), mark=mark)


def answers(as_page: AsPage) -> tuple[Answer, Answer]:
    """How a problem is answered, and how anything else that went wrong: as a page where `as_page` makes one."""

    def known(request: Request, problem: errors.Problem) -> Response:
        request.state.problem = problem.code
        return as_page(request, problem) or answer(problem, language_of(request))

    def unexpected(request: Request, _error: Exception) -> Response:
        return known(request, unknown(request.state.request_id))

    return known, unexpected


def install(app: FastAPI, as_page: AsPage) -> None:
    """Answer every failure of `app` that is expected; the doorkeeper answers the others."""
    known, _ = answers(as_page)
    app.add_exception_handler(errors.Problem, known)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        reading = request.method in ("GET", "HEAD")
        page = as_page(request, errors.NotFound() if reading else errors.Unprocessable())
        return page or _validation(error, language_of(request))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        problem = errors.Problem(code={404: "not-found", 405: "wrong-method"}.get(error.status_code, "http"))
        problem.status = error.status_code
        problem.title = TITLES.get(error.status_code, "Error")
        problem.headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            problem.headers["Allow"] = ", ".join(sorted(methods_of(app, request.url.path)))
        return known(request, problem)
