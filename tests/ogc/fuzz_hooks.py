"""What schemathesis is told of the GIS door beside its description."""

from typing import Any

import schemathesis


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """A `limit` above the maximum is served as the maximum, as Part 1 demands, and not refused."""
    del raw_schema["components"]["parameters"]["limit"]["schema"]["maximum"]
