"""The set-up keeps its promises: settings explained, locks without addresses, commands that exist."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
REGISTRY = re.compile(
    rb"pypi\.org|files\.pythonhosted|pypi\.python\.org|registry\.npmjs|registry\.yarnpkg|npmmirror"
    rb"|(?:extra-)?index-url\s*=|^\s*registry\s*=|--(?:extra-)?index-url\b(?!`)|--find-links"
)
_spec = importlib.util.spec_from_file_location("install", ROOT / "tools" / "install.py")
install = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(install)
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_readme_explains_every_setting(setting):
    assert f"`TALUY_{setting.upper()}`" in README


def test_readme_explains_no_setting_that_is_gone():
    explained = {name.lower() for name in re.findall(r"TALUY_([A-Z_]+)", README)}

    assert explained <= set(Settings.model_fields)


def test_every_command_in_the_documents_is_a_target_of_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = [path.read_text(encoding="utf-8") for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))]
    code = [block for text in texts for block in re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL)]
    named = set(re.findall(r"\bmake ([a-z]+)", "\n".join(code)))

    assert {"serve", "test"} <= named
    assert named <= targets


def test_no_tracked_file_names_the_address_of_a_registry():
    own = Path(__file__).resolve()
    found = [
        path.relative_to(ROOT)
        for path in tracked_files()
        if path != own and REGISTRY.search(path.read_bytes())
    ]

    assert found == []


def test_package_lock_holds_hashes_and_no_addresses():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_package_json_pins_exact_versions_that_the_lock_has_too():
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    root = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"][""]

    for group in ("dependencies", "devDependencies"):
        assert wanted[group] == root[group]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted[group].values())


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_every_locked_python_package_has_hashes(name):
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert len(blocks) >= 2
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_what_is_tested_is_what_is_served():
    run, tests = (
        set(PIN.findall((ROOT / name).read_text(encoding="utf-8")))
        for name in ("requirements.lock", "requirements-dev.lock")
    )

    assert run <= tests


def test_installing_again_does_nothing(tmp_path):
    nothing = {"PATH": str(tmp_path), "HOME": str(tmp_path)}

    again = subprocess.run(
        [sys.executable, ROOT / "tools" / "install.py", "run"],
        env=nothing,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("node", "wanted", "enough"),
    [
        ((18, 20, 4), ">=18", True),
        ((18, 20, 4), "^18.19.0 || >=20.6.0", True),
        ((20, 1, 0), ">=20.19.0 <22.0.0 || >=22.12.0", False),
        ((22, 18, 0), ">=22.19", False),
        ((24, 19, 0), ">=22.19", True),
        ((24, 19, 0), "6.* || 8.* || >= 10.*", True),
    ],
)
def test_node_must_be_as_new_as_the_packages_ask(node, wanted, enough):
    assert install.is_new_enough(node, wanted) is enough


def test_serving_needs_no_newer_node_than_debian_has_but_the_tools_of_the_tests_do():
    debian = (18, 20, 4)

    assert all(install.is_new_enough(debian, wanted) for wanted in install.node_engines("run"))
    assert not all(install.is_new_enough(debian, wanted) for wanted in install.node_engines("test"))


def test_only_the_tests_with_qgis_ask_the_machine_for_it(monkeypatch):
    monkeypatch.setattr(install, "has_file", lambda *_patterns: False)
    monkeypatch.setattr(install.shutil, "which", lambda _name: None)

    for_test, for_clients = (install.missing_on_machine(what) for what in ("test", "clients"))

    assert "gdal-bin" in for_test
    assert [package for package in for_clients if package not in for_test] == ["python3-qgis"]


def test_ci_runs_the_commands_that_people_run():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert re.findall(r"^make (\w+)", script, re.MULTILINE) == ["test", "clients"]
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0
