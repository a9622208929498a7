"""Whatever people type stays text: in Chromium, on every page, in every column that holds text (OWASP ASVS 1.2.3)."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Text, select, update

from app import clock
from app.db import Database
from app.log import queries as log
from app.main import create_app
from app.maps.export import export_map
from app.models import Model
from app.people import token_queries
from app.people.model import Person
from app.people.queries import by_name
from app.positions.model import PositionProposal
from app.settings import Settings
from tests.browsing import until
from tests.make import Make
from tests.running import Service, running
from tests.security import canary
from tests.security.canary import MEASURE, PROPOSAL, SIGNBOARD, SITE, UNIT, VISIT
from tests.security.walk import Ground, every_address

pytestmark = pytest.mark.e2e
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

HOSTILE = (
    "${window.p=1} `${window.p=1}` </script><script>window.p=1</script> <img src=x onerror=window.p=1> "
    "\"><svg onload=window.p=1> ' onmouseover=window.p=1 x=' javascript:window.p=1 {{ 7*7 }} {% raw %} "
    "\u202egnol\u202c <!-- ]]> </textarea></title></style><a href=javascript:window.p=1>x</a> &lt;b&gt; \\u003cb\\u003e"
)
LISTENING = """
    window.refused = [];
    document.addEventListener("securitypolicyviolation",
        found => window.refused.push(`${found.violatedDirective} ${found.blockedURI} ${found.sample}`));
"""
RAN = """() => ({
    ran: window.p ?? null,
    refused: window.refused,
    drawn: [...document.querySelectorAll('img[src="x"], svg[onload], [onmouseover], [onerror]')].map(e => e.outerHTML),
    links: [...document.querySelectorAll('a, form, iframe, object, embed')]
        .map(e => String(e.href || e.action || e.src || e.data || ''))
        .filter(to => /^(javascript|data|vbscript):/i.test(to)),
    scripts: [...document.scripts]
        .filter(s => !s.src && !/json|importmap/.test(s.type) && s.text.includes("window.p=1"))
        .map(s => s.outerHTML.slice(0, 200)),
})"""
NOTHING = {"ran": None, "refused": [], "drawn": [], "links": [], "scripts": []}
LEFT_ALONE = {
    "log_entry",
    "log_detail",
    "installation",
    "throttled",
    "setup_link",
    "interval_change",
    "unit_succession",
}


def make_hostile(database: Database) -> None:
    """Put `HOSTILE` into every column of text that takes any."""
    with database.write() as db:
        for table in Model.metadata.sorted_tables:
            if table.name in LEFT_ALONE:
                continue
            free = [
                column.name
                for column in table.columns
                if isinstance(column.type, Text)
                and not column.primary_key
                and not column.unique
                and not column.foreign_keys
                and column.name not in canary.allowed(table)
                and not column.name.endswith(("_hash", "sha256", "_sealed"))
                and f"{table.name}.{column.name}"
                not in {"measure.kind", "fact.about", "fact.field", "unit.code"}
            ]
            if free:
                db.execute(update(table).values(dict.fromkeys(free, HOSTILE)))
        inspection = Model.metadata.tables["inspection"]
        db.execute(
            update(inspection).values(
                answers={"crack_change": HOSTILE, HOSTILE: HOSTILE},
                measurements={"crack_gauge_mm": {HOSTILE: 3}},
                context={"light": HOSTILE},
                suggestion=[{"rule": HOSTILE}],
            )
        )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("scripts")
    return Settings(data_dir=folder, tile_url="")


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    """A registry in which every text is hostile; `administrator`, `board` and `officer` sign in."""
    with running(settings.data_dir, tile_url="") as service, Database(settings.database) as database:
        with database.write() as db:
            canary.plant(db)
        make = Make(database)
        for role in ("administrator", "board", "officer"):
            name = make.person(role, unit=UNIT)
            with database.write() as db:
                person = by_name(db, name)
                person.name_key = role
                for kind in ("device", "tool"):
                    scope = "internal" if kind == "tool" else None
                    token_queries.add(
                        db,
                        f"{role}{kind}",
                        person.id,
                        kind=kind,
                        name=HOSTILE,
                        scope=scope,
                        days=9,
                        at=clock.now(),
                    )
        make_hostile(database)
        with database.write() as db:
            said = {"name": HOSTILE, "note": HOSTILE, HOSTILE: [HOSTILE]}
            log.append(db, "change", SITE, at=clock.now(), by=None, before=said, after={**said, "name": "x"})
        yield service


@pytest.fixture(scope="module")
def addresses(settings: Settings) -> list[str]:
    """Every page, and every page that refuses."""
    app = create_app(settings)
    with app.state.database.read() as db:
        people = [str(each) for each in db.scalars(select(Person.id))]
        positions = [str(each) for each in db.scalars(select(PositionProposal.id))]
    ground = Ground(
        {
            "code": [SITE, SIGNBOARD, MEASURE, PROPOSAL],
            "inspection_id": [str(VISIT)],
            "feature_id": [SITE, MEASURE, str(VISIT)],
            "position_id": positions,
            "corrects": [str(VISIT)],
            "q": [HOSTILE[:200]],
            "next": [HOSTILE[:200]],
            "token": [HOSTILE[:200]],
            "site": [SITE],
            "place": [SITE],
            "unit": [UNIT],
            "person_id": people,
            "person": people,
            "sha256": ["0" * 64],
            "token_id": ["1"],
            "inspection": [str(VISIT)],
            "name": ["x"],
            "about": [SITE],
            "seq": ["1"],
        }
    )
    pages = [each for each in every_address(app, ground) if not each.startswith(("/api/", "/assets/"))]
    app.state.database.dispose()
    return [
        *pages,
        "/s/XX-9",
        f"/{HOSTILE[:60]}",
        f"/places?kind={HOSTILE[:60]}",
        "/s/TH-CN-01/edit?x=<script>",
    ]


@contextmanager
def opened(browser: Browser, service: Service, name: str = "") -> Iterator[Page]:
    """A page of somebody's browser that notes what the policy refuses; a dialog or an error fails the test."""
    context = browser.new_context(locale="vi-VN", viewport={"width": 1280, "height": 900})
    if name:
        cookie, _, value = service.cookie(name).partition("=")
        context.add_cookies([{"name": cookie, "value": value, "url": service.url}])
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(LISTENING)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert wrong == []


ONLY = {
    "": ("/",),
    "officer": ("/s/", "/account"),
    "board": ("/s/", "/log", "/new"),
    "administrator": ("/people", "/account"),
}
"""Whose pages differ where."""


@pytest.mark.parametrize("name", ONLY)
def test_no_page_runs_what_somebody_typed(browser, service, addresses, name):
    found, shown = {}, 0
    with opened(browser, service, name) as page:
        for address in addresses:
            bare = "?" not in address or "corrects" in address or address.startswith("/log")
            if not address.startswith(ONLY[name]) or (name and not bare):
                continue
            answer = page.goto(service.url + address, wait_until="load")
            if answer is None or "html" not in answer.headers.get("content-type", ""):
                continue
            assert answer.status < 500, address
            if (seen := page.evaluate(RAN)) != NOTHING:
                found[address] = seen
            shown += "onerror=window.p=1" in page.inner_text("body")

    assert found == {}
    assert shown >= 2


def test_no_form_that_is_given_back_runs_it(browser, service):
    forms = {
        "": ["/sign-in", "/setup", "/join"],
        "board": [f"/s/{SITE}/edit", f"/s/{SIGNBOARD}/edit", "/new"],
    }
    forms["officer"] = [f"/s/{SITE}/inspect"]
    found = {}
    for name, pages in forms.items():
        with opened(browser, service, name) as page:
            for address in pages:
                page.goto(service.url + address)
                sent = page.locator("main form[method=post]").count()
                for number in range(sent):
                    page.goto(service.url + address)
                    with page.expect_navigation():
                        page.evaluate(
                            """([number, text]) => {
                                const form = document.querySelectorAll("main form[method=post]")[number];
                                for (const field of form.querySelectorAll("input, textarea"))
                                    if (!["radio", "checkbox", "file", "submit", "button"].includes(field.type))
                                        { field.type = "text"; field.value = text; }
                                HTMLFormElement.prototype.submit.call(form);
                            }""",
                            [number, HOSTILE[:250]],
                        )
                    if (seen := page.evaluate(RAN)) != NOTHING:
                        found[address, number] = seen

    assert found == {}


def test_the_map_runs_nothing_in_search_list_and_details(browser, service):
    with opened(browser, service) as page:
        for code in (SITE, SIGNBOARD, PROPOSAL):
            page.goto("about:blank")
            page.goto(f"{service.url}/map#{code}")
            page.wait_for_selector("body[data-drawn]")
            expect(page.locator("#details h2")).to_contain_text("<img src=x")
            page.locator("#find").fill("onerror")
            expect(page.locator("#found")).to_contain_text("<img src=x")
            page.locator(".mark").first.dispatch_event("mouseover")
            assert page.evaluate(RAN) == NOTHING, code
        page.emulate_media(media="print")
        assert page.evaluate(RAN) == NOTHING


def test_the_map_as_a_file_runs_nothing(browser, service, settings, tmp_path):
    out = tmp_path / "map.html"
    with Database(settings.database) as database:
        export_map(database, settings, out)
    context = browser.new_context(offline=True)
    context.add_init_script(LISTENING)
    page = context.new_page()

    page.goto(f"{out.as_uri()}#{SITE}")

    expect(page.locator("#details h2")).to_contain_text("<img src=x")
    page.locator("#find").fill("onerror")
    expect(page.locator("#found")).to_contain_text("<img src=x")
    assert page.evaluate(RAN) == NOTHING
    context.close()


def test_pages_that_are_printed_run_nothing(browser, service):
    with opened(browser, service, "board") as page:
        page.emulate_media(media="print")
        for address in (f"/s/{SITE}", f"/s/{SITE}/label", f"/s/{SIGNBOARD}/label", "/places", "/documents"):
            page.goto(service.url + address)
            assert page.evaluate(RAN) == NOTHING, address


def test_a_script_would_be_noticed(browser, service):
    """The net itself: an inline script is refused by the policy and reported, and a drawn image is found."""
    context = browser.new_context()
    context.add_init_script(LISTENING)
    page = context.new_page()
    page.goto(service.url + "/about")

    page.evaluate(
        """() => {
            const made = document.createElement("script");
            made.text = "window.p = 1";
            document.body.append(made);
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=window.p=1>");
        }"""
    )
    until(page, "window.refused.length > 0")

    seen = page.evaluate(RAN)
    assert seen["ran"] is None
    assert seen["refused"] != []
    assert seen["drawn"] != []
    context.close()
