"""wrk: how many answers a second a server gives, for one kind of question."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 8
SECONDS: Final = 4
SCRIPT: Final = """
local requests, at = {}, 0
function init()
  for path in io.lines(os.getenv("PEERS_PATHS")) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"answers": %d, "microseconds": %d, "wrong": %d, "p50_us": %d}\\n', summary.requests,
    summary.duration, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50)))
end
"""


def answers_per_second(url: str, paths: Sequence[str], seconds: float = SECONDS) -> float:
    """Ask for `paths` in turn over eight connections. Raises `AssertionError` where an answer is no 200."""
    with tempfile.TemporaryDirectory(prefix="taluy-wrk-") as folder:
        script, listed = Path(folder, "ask.lua"), Path(folder, "paths")
        script.write_text(SCRIPT)
        listed.write_text("\n".join(paths) + "\n")
        done = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script), url],
            env={**os.environ, "PEERS_PATHS": str(listed)},
            capture_output=True,
            text=True,
            check=True,
        )
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said["wrong"] == 0, f"{url}{paths[0]}: {done.stdout}"
    return float(said["answers"] / said["microseconds"] * 1e6)
