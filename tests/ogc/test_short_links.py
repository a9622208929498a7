"""The short links say what the long addresses of the door say, byte for byte but for the address itself."""

import json

import pytest

from tests.ogc.rows import door  # noqa: F401 - a fixture


@pytest.mark.parametrize("collection", ["sites", "signboards"])
def test_a_short_link_is_the_largest_page_of_its_collection(door, collection):  # noqa: F811
    client = door.client
    short, long = f"/{collection}.geojson", f"/ogc/collections/{collection}/items.geojson?limit=10000"

    ours, wanted = client.get(short), client.get(long)

    assert ours.status_code == wanted.status_code == 200
    assert len(ours.json()["features"]) == ours.json()["numberMatched"] > 0
    said, rest = apart(ours.content)
    expected, same = apart(wanted.content)
    assert rest == same
    assert [each["rel"] for each in said] == [each["rel"] for each in expected]
    assert {each["rel"] for each, other in zip(said, expected, strict=True) if each != other} <= {
        "self",
        "alternate",
    }
    for each, other in zip(said, expected, strict=True):
        assert {**each, "href": ""} == {**other, "href": ""}
        assert client.get(each["href"]).status_code == 200, each
    changing = {"etag", "x-request-id", "content-length", "date", "last-modified"}
    kept = [
        {name: value for name, value in answer.headers.items() if name not in changing}
        for answer in (ours, wanted)
    ]
    assert kept[0] == kept[1]
    moments = {answer.headers.get("last-modified") for answer in (ours, wanted)}
    assert len(moments - {None}) <= 1  # it is said from the next whole second on


def apart(body: bytes) -> tuple[list[dict[str, str]], bytes]:
    """The links of a page, and all bytes around them."""
    begins = body.index(b'"links":') + len(b'"links":')
    ends = body.index(b"]", begins) + 1
    return json.loads(body[begins:ends]), body[:begins] + body[ends:]
