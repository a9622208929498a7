"""One of several processes that change a place at the same time: `python -m tests.log.writer URL CODE TIMES`."""

import sys

import app.db
from app import clock
from app.db import Database
from app.sites import queries as sites

PATIENCE_S = 900
"""SQLite lets in whoever asks first after a commit, so one of eight writers who never pause may wait for long."""


def main(url: str, code: str, times: int) -> None:
    """Change the place's note so many times, a transaction each."""
    app.db.BUSY_S, app.db.STATEMENT_MS = PATIENCE_S, PATIENCE_S * 1000
    with Database(url) as database:
        for number in range(times):
            with database.write() as db:
                site = sites.get(db, code)
                sites.change(db, site, {"location_note": f"lần {number}"}, at=clock.now(), by=None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
