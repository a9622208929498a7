"""`make bench`: each figure with its goal, on 100,000 generated sites; medians, since machines are noisy."""

import sys
import tempfile
from pathlib import Path

from bench import drawing, exporting, hostile, log, phone, serving, signing_in, storage
from bench.report import Report

PARTS = {
    "storage": storage.measure,
    "log": log.measure,
    "serving": serving.measure,
    "signing-in": signing_in.measure,
    "hostile": hostile.measure,
    "drawing": drawing.measure,
    "phone": phone.measure,
    "texts": phone.send_texts,
    "photos": phone.send_photos,
    "exporting": exporting.measure,
}


def main() -> None:
    """Measure the parts named on the command line, or all."""
    report = Report()
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="taluy-bench-") as folder:
            Path(folder).chmod(0o755)
            PARTS[name](Path(folder), report)
    report.show()


main()
