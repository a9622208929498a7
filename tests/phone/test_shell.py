"""The shell of the phone's app: small, whole, the same for everybody, with words in both languages."""

import gzip
import re
import sys
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, normpath

import orjson
import pytest

from app import assets
from app.phone.parts import EARLY_TEXTS, TEXTS, files
from app.phone.shell import in_one, shell
from app.scripts import without_comments

PHONE = Path(assets.__file__).parent / "static" / "phone"
MOST = 60_000
TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
SCRIPTS = sorted(PHONE.rglob("*.js"))
KEY = re.compile(r"""["'`]([a-z][a-z0-9_]*\.[a-z0-9_.]*)(\$\{)?""")
TABLE = orjson.loads((PHONE / "texts.json").read_bytes())
BRACES = re.compile(r"\{[a-z_]+")
FAMILIES = {"time", "direction"}
"""Beginnings of keys that are put together from a table."""


@cache
def made():
    return shell(practice=False, tile_url=TILES)


def packed(body):
    return len(gzip.compress(body, 9, mtime=0))


def test_the_page_is_the_same_for_everybody_and_names_its_one_inline_script(client, officer):
    ours, theirs = client.get("/phone"), officer.get("/phone", headers={"accept-language": "en"})

    assert ours.content == theirs.content
    policy = ours.headers["content-security-policy"]
    scripts = re.findall(r'<script type="importmap">(.*?)</script>', ours.text, re.DOTALL)
    digest = b64encode(sha256(scripts[0].encode()).digest()).decode()
    assert len(scripts) == 1
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "nonce" not in policy + ours.text
    assert "unsafe-" not in policy
    assert "set-cookie" not in ours.headers
    assert ours.headers["taluy-version"] in ours.text
    assert ours.headers["cache-control"] == "no-cache"


def test_the_worker_may_answer_for_the_whole_origin_and_is_asked_for_anew(client):
    answer = client.get("/phone/sw.js")

    assert answer.headers["service-worker-allowed"] == "/"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    told = orjson.loads(re.match(r"self\.TALUY = (\{.*?\});\n", answer.text)[1])
    assert told["version"] == client.get("/phone").headers["taluy-version"]
    for address in (*told["pages"], *told["early"], *told["late"]):
        found = client.get(address)
        assert found.status_code == 200, address
        if "?v=" in address:
            assert "immutable" in found.headers["cache-control"], address


def test_the_worker_names_neither_writing_nor_the_database(client):
    code = client.get("/phone/sw.js").text

    assert 'request.method!=="GET"' in code
    for word in ("indexedDB", "POST", "PUT", "/api/"):
        assert word not in code


def test_the_shell_is_small():
    """Page, worker, styles, modules and one language, each as it travels; fonts, map and late screens are apart."""
    found = made()
    names = [name for name in files().early if not name.endswith((".js", ".json"))]
    parts = {
        "page": packed(found.html.encode()),
        "page without a network": packed(found.offline.encode()),
        "worker": packed(found.worker.encode()),
        "styles": sum(packed(assets.asset(name).body) for name in names),
        "modules and texts": packed(in_one(found.early)),
    }
    late = packed(in_one(found.late))
    total = sum(parts.values())
    sys.stdout.write(f"shell {total} of {MOST} bytes, gzip: {parts}; late, without fonts: {late}\n")

    assert total <= MOST, parts


def links(name):
    """What a module imports at once, read in its source, by public name."""
    code = without_comments((PHONE.parent / name.removeprefix("taluy/")).read_text("utf-8"))
    for link in re.findall(
        r"""^(?:import|export(?=[^"']*\bfrom))[^"';(]*["']([^"']+)["']""", code, re.MULTILINE
    ):
        yield assets.BARE[link] if link in assets.BARE else normpath(f"{dirname(name)}/{link}")


def test_every_module_that_the_shell_needs_is_in_it():
    found = files()
    waiting = [name for name in found.early if name.endswith(".js")]
    assert {"taluy/phone/boot.js", "taluy/phone/app.js", "taluy/phone/engine.js"} <= set(waiting)
    assert {f"taluy/phone/screens/{screen}.js" for screen in ("near", "form", "saved")} <= set(waiting)

    for name in waiting:
        if name.startswith("taluy/"):
            assert set(links(name)) <= set(waiting), name


def test_every_module_of_the_app_is_kept_early_or_late_and_mapped():
    found = files()
    kept = {*found.early, *found.late}
    mapped = orjson.loads(re.search(r'"importmap">(.*?)</script>', made().html)[1])["imports"]

    # Types for tsc alone have nothing to run.
    running = [
        path for path in SCRIPTS if without_comments(path.read_text("utf-8")).strip() not in ("", "export{};")
    ]
    ours = {f"taluy/phone/{path.relative_to(PHONE).as_posix()}" for path in running} - {"taluy/phone/sw.js"}

    assert ours - kept == set()
    assert {f"/assets/{name}" for name in ours} <= set(mapped)
    for name in kept:
        if name.startswith("taluy/") and name.endswith(".js"):
            assert set(links(name)) <= kept, name


def used():
    """Keys that scripts and the page name, and beginnings of keys that they put together."""
    keys, beginnings = {}, {}
    for path in [*SCRIPTS, *(Path(assets.__file__).parent / "phone" / "templates").glob("shell.html")]:
        for key, more in KEY.findall(path.read_text("utf-8")):
            if key.partition(".")[0] in {known.partition(".")[0] for known in TABLE}:
                (beginnings if more or key.endswith(".") else keys).setdefault(key, path.name)
    return keys, beginnings


def test_both_languages_say_the_same_things_with_the_same_blanks():
    for key, words in TABLE.items():
        assert set(words) == {"vi", "en"}, key
        assert all(words.values()), key
        assert set(BRACES.findall(words["vi"])) == set(BRACES.findall(words["en"])), key
        assert "!" not in words["vi"] + words["en"], key
    assert list(TABLE) == sorted(TABLE)


def test_every_text_that_is_said_is_there_and_none_is_left_over():
    keys, beginnings = used()

    missing = {key: name for key, name in keys.items() if key not in TABLE and not key.endswith(".js")}
    left_over = {
        key
        for key in TABLE
        if key not in keys and not any(key.startswith(beginning) for beginning in beginnings)
    }

    assert missing == {}
    assert left_over == set()


def test_the_texts_of_a_language_are_split_and_whole():
    for language, names in TEXTS.items():
        early, late = (orjson.loads(assets.asset(name).body) for name in names)
        assert early | late == {key: words[language] for key, words in TABLE.items()}
        assert {key.partition(".")[0] for key in early} <= EARLY_TEXTS


def test_every_icon_that_is_drawn_stands_in_a_sprite():
    page = made().html + assets.asset("taluy/phone/icons.late.svg").body.decode()
    drawn = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', page))

    for path in SCRIPTS:
        for call in re.findall(r"\bicon\(([^()]*)\)", path.read_text("utf-8")):
            names = {name for name in re.findall(r"""["']([a-z0-9-]+)["']""", call) if assets.has_icon(name)}
            assert names <= drawn, path.name


def test_the_manifest_names_drawings_of_their_size(client):
    manifest = client.get("/phone/manifest.webmanifest")

    assert manifest.headers["content-type"] == "application/manifest+json"
    told = manifest.json()
    assert (told["start_url"], told["scope"], told["display"]) == ("/phone", "/", "standalone")
    for icon in told["icons"][1:]:
        body = client.get(icon["src"]).content
        width, height = (int.from_bytes(body[at : at + 4], "big") for at in (16, 20))
        assert f"{width}x{height}" == icon["sizes"]
    assert {icon.get("purpose") for icon in told["icons"]} >= {"any", "maskable"}


SOURCE = r"""// first
const a = 1 / 2; /* two
lines */ const r = /["'\/[/]]/g.test("x // y"); // said
  const t = `  ${ a + +b  /* x */ } // kept
   ${`within ${ {a: 1}.a } it`}`;
x = a - -b; y = a++ + b;  async  function f ( ) { }
for (const x of /a/.exec("b")) ; 1 .toFixed();
"""


def test_scripts_go_out_bare_and_line_by_line():
    bare = without_comments(SOURCE)

    assert bare.count("\n") == SOURCE.count("\n")
    assert bare.split("\n")[2] == """const r= /["'\\/[/]]/g.test("x // y");"""
    assert "`  ${a+ +b  } // kept\n   ${`within ${{a:1}.a} it`}`" in bare
    assert "x=a- -b;y=a++ +b;async function f(){}" in bare
    assert "first" not in bare
    assert "two" not in bare


@pytest.mark.parametrize("code", ['const a = "', "const a = `${1", "const a = `x", "/* no end"])
def test_a_script_without_an_end_is_refused(code):
    with pytest.raises(ValueError, match=r"end|begins"):
        without_comments(code)
