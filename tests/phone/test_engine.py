"""The phone's engine in Chromium with the real service: nothing saved is lost, nothing refused is dropped."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.phone.engine import phone, sign_in, tab
from tests.running import Service, running

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ward's places and two officers."""
    with running(tmp_path_factory.mktemp("engine")) as service:
        service.person("can-bo-01", "officer")
        service.person("can-bo-02", "officer")
        yield service


def test_what_was_saved_without_network_survives_the_page_and_is_received_later(
    browser: Browser, service: Service
):
    with phone(browser, service) as context:
        page = tab(context, service, sending=True)
        assert sign_in(page, "can-bo-01")["state"] == "open"
        context.set_offline(True)
        row = page.evaluate(
            "picture(64, 64, 1).then((shot) => saved('P6-ST-01', { note: 'Vết nứt' }, [shot]))"
        )
        page.close()
        context.set_offline(False)
        page = tab(context, service)
        assert page.evaluate("app.queue.rows().then((rows) => rows.map((row) => row.state))") == ["ready"]
        assert page.evaluate("(id) => app.queue.content(id)", row["id"])["note"] == "Vết nứt"
        page.evaluate("app.sender.start()")
        done = page.evaluate("(id) => in_state(id, 'done')", row["id"])
        assert done["receipt"]["content_sha256"] == row["sha"]
