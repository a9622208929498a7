"""Nobody fills the disk with photos: ten an inspection, so many a person and day."""

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from tests.make import PASSWORD, inspection_id


@pytest.fixture
def settings(settings):
    """An installation that takes twelve photos a person and day."""
    return settings.model_copy(update={"photos_per_day": 12})


def visit(client: TestClient, make, place: str) -> str:
    name = inspection_id()
    assert client.put(f"/api/inspections/{name}", json=make.inspection_body(place)).status_code == 201
    return name


def send(client: TestClient, make, seen: str, number: int) -> tuple[int, str]:
    sha256, data = make.photo((number * 6, 90, 80))
    answer = client.put(f"/api/photos/{sha256}", params={"inspection": seen}, content=data)
    return answer.status_code, answer.json().get("code", "")


def test_an_inspection_takes_ten_photos_and_a_day_its_allowance(officer, board, make):
    place = make.site()
    first, second = visit(officer, make, place), visit(officer, make, place)

    ten = [send(officer, make, first, number) for number in range(10)]
    eleventh = send(officer, make, first, 10)
    again = send(officer, make, first, 3)
    two = [send(officer, make, second, number) for number in (20, 21)]
    thirteenth = send(officer, make, second, 22)
    another_person = send(board, make, visit(board, make, place), 30)

    assert [status for status, _code in ten] == [201] * 10
    assert eleventh == (422, "too-many-photos")
    assert again[0] == 200
    assert [status for status, _code in two] == [201, 201]
    assert thirteenth == (429, "too-many")
    assert another_person[0] == 201


def test_the_allowance_is_kept_when_the_service_starts_again(app, settings, officer, make):
    place = make.site()
    person = make.person("officer")

    def signed_in(service) -> TestClient:
        client = TestClient(service, base_url="http://127.0.0.1:8000")
        answer = client.post("/api/session", json={"name": person, "password": PASSWORD})
        assert answer.status_code == 204
        return client

    with signed_in(app) as client:
        for start in (0, 6):
            seen = visit(client, make, place)
            assert {send(client, make, seen, start + number)[0] for number in range(6)} == {201}
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as restarted:
        restarted.post("/api/session", json={"name": person, "password": PASSWORD})

        assert send(restarted, make, visit(restarted, make, place), 40) == (429, "too-many")
