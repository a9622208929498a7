"""Turn bytes that claim to be a photo into two clean JPEGs: a program of its own, run in a subprocess.

Image decoders are large, old and written in C: whatever goes wrong in one must cost this process only.
Run it as `python -I photo_decoder.py` with the bytes on stdin; of `app` it imports its two neighbours alone.
On stdout it writes one line of JSON and, when that line has `sizes`, the photo and then the thumbnail; a
refusal is the line `{"refused": CODE}` alone.
"""

import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

MAX_MEMORY_BYTES: Final = 1200 * 1024 * 1024
"""A WebP of 50 Mpx needs 0.9 GB while it is decoded, a JPEG or PNG at most 0.6 GB."""
MAX_CPU_S: Final = 8
MAX_FILES: Final = 64


def limit_myself() -> None:
    """Give up memory, time, files and core dumps before the first byte is read."""
    with suppress(OSError):  # should memory run out, the kernel ends this process and not the server
        Path("/proc/self/oom_score_adj").write_text("1000")
    limits = {
        resource.RLIMIT_CPU: MAX_CPU_S,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: MAX_FILES,
    }
    if sys.platform == "linux":  # macOS counts shared libraries and refuses any useful figure
        limits[resource.RLIMIT_AS] = MAX_MEMORY_BYTES
    for name, value in limits.items():
        hard = resource.getrlimit(name)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (allowed, allowed))


def decode(data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """The line of JSON, the photo, the thumbnail; Pillow is not even imported for a bad container."""
    from app.inspections.photo_container import Refused, check_container

    try:
        kind = check_container(data)
        from app.inspections.photo_pixels import renditions

        return renditions(data, kind)
    except Refused as refusal:
        return {"refused": str(refusal)}, b"", b""


def main() -> None:
    """Read stdin, answer on stdout."""
    limit_myself()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    header, photo, thumbnail = decode(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + photo + thumbnail)


if __name__ == "__main__":
    main()
