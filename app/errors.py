"""Every way to fail, drawn as a tree.

    Problem
    ├── BadRequest 400          the request cannot be read
    ├── Unauthorized 401        nobody is signed in
    ├── Forbidden 403           somebody is, but may not
    ├── NotFound 404
    ├── NotAcceptable 406
    ├── TooSlow 408             the body did not arrive in time
    ├── Conflict 409            the same id with other content, a code already used
    ├── PreconditionFailed 412  somebody else changed it in between
    ├── TooLarge 413
    ├── UnsupportedMedia 415
    ├── Unprocessable 422       readable, but not true of this domain
    │   ├── BadGeometry
    │   ├── BadReading
    │   └── BadPhoto
    ├── PreconditionRequired 428
    ├── TooMany 429
    ├── HeadTooLarge 431        an address or headers longer than anybody needs
    ├── Unavailable 503
    │   └── Crowded             more requests than there is room or a thread for
    └── OutOfSpace 507

Each is answered as problem+json (RFC 9457) by one handler in `app.problems`. `detail` is an English
message id, translated on the way out; `values` fill its braces and hold our own limits and names,
never what the caller sent.
"""

from collections.abc import Mapping


class Problem(Exception):
    """Something the caller must be told: `status`, a stable `code`, and a sentence saying what to do."""

    status = 500
    code = "server-error"
    title = "Server error"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        pointer: str | None = None,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.pointer = pointer
        self.headers = dict(headers or {})
        self.values = values

    def sentence(self) -> str:
        """The English sentence with its values filled in."""
        return self.detail.format(**self.values) if self.values else self.detail

    def __str__(self) -> str:
        return self.sentence() or self.title


class BadRequest(Problem):
    """The request cannot be read."""

    status = 400
    code = "bad-request"
    title = "The request cannot be read"


class Unauthorized(Problem):
    """Nobody is signed in."""

    status = 401
    code = "sign-in-needed"
    title = "Sign in first"


class Forbidden(Problem):
    """Somebody is signed in, but may not do this."""

    status = 403
    code = "not-allowed"
    title = "You may not do this"


class NotFound(Problem):
    """Nothing is there, or nothing that the caller may know of."""

    status = 404
    code = "not-found"
    title = "Not found"


class NotAcceptable(Problem):
    """None of the formats asked for exists."""

    status = 406
    code = "not-acceptable"
    title = "No such format"


class TooSlow(Problem):
    """The body did not arrive in time."""

    status = 408
    code = "too-slow"
    title = "It took too long"


class Conflict(Problem):
    """The same id with other content, or a code already used."""

    status = 409
    code = "conflict"
    title = "It is already there with other content"


class PreconditionFailed(Problem):
    """Somebody else changed it in between."""

    status = 412
    code = "changed-meanwhile"
    title = "Somebody changed it in the meantime"


class TooLarge(Problem):
    """More bytes than this door takes."""

    status = 413
    code = "too-large"
    title = "Too large"


class UnsupportedMedia(Problem):
    """A body of a type this door does not read."""

    status = 415
    code = "unsupported-media"
    title = "This type of content is not read here"


class Unprocessable(Problem):
    """Readable, but not true of this domain."""

    status = 422
    code = "not-valid"
    title = "Some values are not right"


class BadGeometry(Unprocessable):
    """A geometry that the registry does not keep."""

    code = "bad-geometry"


class BadReading(Unprocessable):
    """An answer or a measurement that cannot be."""

    code = "bad-reading"


class BadPhoto(Unprocessable):
    """Bytes that are no photo we keep."""

    code = "bad-photo"


class PreconditionRequired(Problem):
    """A change without If-Match could overwrite somebody's work."""

    status = 428
    code = "if-match-needed"
    title = "Say which version you are changing"


class TooMany(Problem):
    """More than the allowance of this day or minute."""

    status = 429
    code = "too-many"
    title = "Too many requests"


class HeadTooLarge(Problem):
    """An address or headers longer than anybody needs."""

    status = 431
    code = "head-too-large"
    title = "Too large"


class Unavailable(Problem):
    """The database is away for a moment."""

    status = 503
    code = "unavailable"
    title = "The service is not ready"


class Crowded(Unavailable):
    """More requests than are taken in or have a thread in time."""

    def __init__(self) -> None:
        super().__init__(
            "Very many requests are arriving. Try again in a moment.", headers={"Retry-After": "5"}
        )


class OutOfSpace(Problem):
    """The disk is full; nothing was changed."""

    status = 507
    code = "out-of-space"
    title = "The server's disk is full"
