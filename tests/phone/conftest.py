"""What the tests of the phone's engine share: one service, and a phone that nobody has used yet."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.phone.engine import phone
from tests.running import Service, running


@pytest.fixture(scope="session")
def officers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with the ward's places and two officers, can-bo-01 and can-bo-02."""
    with running(tmp_path_factory.mktemp("engine")) as service:
        service.person("can-bo-01", "officer")
        service.person("can-bo-02", "officer")
        yield service


@pytest.fixture
def fresh_phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that nobody has used yet, see `tests.phone.engine`."""
    with phone(browser) as context:
        yield context
