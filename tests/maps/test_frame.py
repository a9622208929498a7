"""The frame of the map: Folium's map in our own page, nothing foreign, nothing without its nonce."""

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser

import orjson
import pytest
from fastapi.testclient import TestClient

from app.i18n import catalogue
from app.main import create_app
from app.maps import frame, words
from app.settings import Settings

KILOBYTE = 1000


class Elements(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def addresses(text: str) -> Iterator[str]:
    for _, attributes in Elements(text).found:
        yield from (attributes[name] or "" for name in ("src", "href") if name in attributes)


@pytest.fixture(scope="module")
def app(sqlite_template, tmp_path_factory):
    """The service on an empty database: the frame holds no places."""
    folder = tmp_path_factory.mktemp("frame")
    copied = shutil.copy(sqlite_template, folder / "taluy.sqlite")
    return create_app(Settings(database_url=f"sqlite:///{copied}", data_dir=folder, tile_url=""))


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, base_url="http://127.0.0.1:8000") as anonymous:
        yield anonymous


def page(client, path="/map", **headers):
    client.cookies.clear()
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_page_names_no_host_but_ours(client):
    foreign = [address for address in addresses(page(client).text) if not address.startswith(("/", "?", "#"))]

    assert foreign == []


def test_folium_draws_the_frame_without_its_own_libraries(client):
    text = page(client).text

    assert 'class="folium-map" id="map_taluy"' in text
    assert "const map_taluy = L.map(" in text
    assert not re.search(r"jquery|bootstrap|awesome|cdn\.", text, re.IGNORECASE)


def test_every_inline_script_and_style_carries_the_nonce_of_the_answer(client):
    answer = page(client)
    [nonce] = re.findall(r"script-src 'self' 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])

    inline = [
        attributes
        for tag, attributes in Elements(answer.text).found
        if tag in ("script", "style")
        and "src" not in attributes
        and attributes.get("type") != "application/json"
    ]

    assert len(inline) >= 2
    assert {attributes.get("nonce") for attributes in inline} == {nonce}
    assert frame.NONCE not in answer.text


def test_no_element_has_an_inline_style_or_handler(client):
    wrong = [
        (tag, name)
        for tag, attributes in Elements(page(client).text).found
        for name in attributes
        if name == "style" or name.startswith("on")
    ]

    assert wrong == []


def test_two_answers_differ_in_nothing_but_the_nonce(client):
    first, second = page(client), page(client)

    def without_nonce(answer):
        return re.sub(r'nonce="[^"]+"', "", answer.text)

    assert first.text != second.text
    assert without_nonce(first) == without_nonce(second)


def test_the_page_is_small(client):
    assert len(page(client).content) <= 60 * KILOBYTE


def test_the_language_is_the_readers(client):
    vietnamese, english = page(client).text, page(client, "/map?lang=en").text

    assert ('<html lang="vi"' in vietnamese, "Lớp bản đồ" in vietnamese) == (True, True)
    assert ('<html lang="en"' in english, "Map layers" in english) == (True, True)


def test_a_chosen_theme_is_drawn_at_once_and_an_unknown_one_is_not(client):
    assert 'data-theme="dark"' in page(client, Cookie="taluy_theme=dark").text
    assert "data-theme" not in page(client, Cookie='taluy_theme="><script>').text


def test_practice_data_says_so_on_the_map(client, app):
    assert "DỮ LIỆU LUYỆN TẬP" not in page(client).text

    app.state.practice = True
    try:
        assert "DỮ LIỆU LUYỆN TẬP" in page(client).text
    finally:
        app.state.practice = False


def test_the_two_scales_stand_apart_and_no_bulletin_is_invented(client):
    text = page(client).text

    assert "Mức nguy cơ của một vị trí" in text
    assert "Cấp độ rủi ro thiên tai của cả vùng" in text
    assert "Chưa nhập bản tin." in text


def test_everything_the_scripts_say_is_translated():
    said = set(words.said())

    assert len(said) > 50
    assert sorted(said - catalogue("vi").keys()) == []


def test_every_icon_that_is_used_is_in_the_page(client):
    text = page(client).text
    used = set(re.findall(r'href="#i-([a-z0-9-]+)"', text))
    for script in words.SCRIPTS.glob("*.js"):
        used |= set(re.findall(r'\bicon\("([a-z0-9-]+)"', script.read_text("utf-8")))

    assert used <= set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', text))


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "\u2028"])
def test_json_cannot_end_its_element(text):
    written = frame.as_json({"name": text})

    assert not re.search("[<>&\u2028]", written)
    assert orjson.loads(str(written))["name"] == text
