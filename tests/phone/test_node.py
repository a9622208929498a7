"""The phone's pure parts, tested where they run without a browser: Node's own runner."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent / "node"


def test_the_pure_parts_of_the_phone_hold_in_node(request):
    root = request.config.rootpath
    node = shutil.which("node", path=f"{root / '.venv/bin'}{os.pathsep}{os.environ['PATH']}")
    assert node is not None, "there is no node: `make install` brings one"
    tests = sorted(str(path) for path in HERE.glob("*.test.mjs"))

    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *tests],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "# pass 0" not in done.stdout
