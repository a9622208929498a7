"""The only place that asks what time it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """This moment, in UTC, to the millisecond (what both databases keep alike)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def local_date(moment: datetime) -> date:
    """The calendar day in Vietnam at `moment`."""
    return moment.astimezone(LOCAL).date()


def today() -> date:
    """The calendar day in Vietnam now."""
    return local_date(now())


def rfc3339(moment: datetime) -> str:
    """`moment` as UTC text with milliseconds and Z, one spelling everywhere."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
