"""One of several processes that change a place at the same time: `python -m tests.log.writer URL CODE TIMES`."""

import sys

from app import clock
from app.db import Database
from app.sites import queries as sites


def main(url: str, code: str, times: int) -> None:
    """Change the place's note so many times, a transaction each."""
    with Database(url) as database:
        for number in range(times):
            with database.write() as db:
                site = sites.get(db, code)
                sites.change(db, site, {"location_note": f"lần {number}"}, at=clock.now(), by=None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
