"""A hundred random faults on a real phone with the real service: nothing saved is lost, nothing is there twice.

`make torture` does a thousand; both print the seed with which a run is repeated.
"""

import random

import pytest
from playwright.sync_api import Browser

from tests.phone.torture import tortured

# What is killed closes nothing: sockets of the line that nobody ends any more say so when they are collected.
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_a_hundred_kills_lose_nothing_and_double_nothing(browser: Browser, tmp_path, record_property):
    seed = random.randrange(10**6)

    report = tortured(browser.browser_type, tmp_path, faults=100, seed=seed)

    record_property("torture", report.said())
    assert (report.lost, report.doubled, report.wrong) == ([], [], []), report.said()
    assert report.saved == report.received >= 20
    assert report.photos > 0
    assert len(report.faults) >= 6, report.said()
