"""What a proxy says of a request is believed of a named proxy only."""

from ipaddress import ip_network

import pytest
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from app.door.hosts import Proxies, client_address
from app.settings import Settings

ID = b"0123456789abcdef"


def seen(*said: tuple[str, str], peer: str = "127.0.0.1", named: str = "127.0.0.1, 10.0.0.0/24"):
    """The address, scheme, id and headers that the door makes of a request."""
    scope = {
        "type": "http",
        "scheme": "http",
        "client": (peer, 1),
        "headers": [(b"host", b"x"), *((name.encode(), value.encode()) for name, value in said)],
    }
    mark = Proxies(ip_network(part.strip()) for part in named.split(",") if part).unwrap(scope)
    return client_address(HTTPConnection(scope)), scope["scheme"], mark, scope["headers"]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.5", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the first was the caller's own invention
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("nobody", "unknown"),
        ("203.0.113.7, <script>", "unknown"),
        ("", "unknown"),
        ("10.0.0.9, 10.0.0.5", "10.0.0.9"),
    ],
)
def test_the_address_is_the_last_that_is_no_proxy(said, address):
    assert seen(("x-forwarded-for", said))[0] == address


def test_several_lines_are_one_list():
    assert seen(("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7"))[0] == "203.0.113.7"


@pytest.mark.parametrize("peer", ["127.0.0.2", "192.0.2.1", "::1", "", "testclient"])
def test_nobody_else_is_believed_and_nothing_of_it_is_passed_on(peer):
    said = [
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "for=203.0.113.7"),
        ("x-real-ip", "203.0.113.7"),
        ("x-request-id", ID.decode()),
    ]

    address, scheme, mark, headers = seen(*said, peer=peer)

    assert "203.0.113.7" not in address
    assert (scheme, mark, headers) == ("http", None, [(b"host", b"x")])


def test_nobody_is_named_unless_the_installation_does():
    assert seen(("x-forwarded-for", "203.0.113.7"), named="")[0] == "127.0.0.1"
    assert Settings().proxies == ()


def test_a_named_proxy_gives_scheme_and_id_but_no_host():
    address, scheme, mark, headers = seen(
        ("x-forwarded-proto", "https"), ("x-request-id", ID.decode()), ("x-forwarded-host", "evil.example")
    )

    assert (address, scheme, mark, headers) == ("127.0.0.1", "https", ID.decode(), [(b"host", b"x")])


@pytest.mark.parametrize("value", ["short", "x" * 65, "with space 12", "line\r\nbreak", '"}{"event":1', ""])
def test_an_id_that_is_none_is_made_anew(value):
    assert seen(("x-request-id", value))[2] is None


@pytest.mark.parametrize("value", ["javascript", "HTTPS ", "ws", ""])
def test_a_scheme_is_one_of_two(value):
    assert seen(("x-forwarded-proto", value))[1] == "http"


@pytest.mark.parametrize("value", ["*", "0.0.0.0/0", "::/0", "nginx", "127.0.0.1,everybody", "10.0.0.1/8"])
def test_the_setting_names_machines(value):
    with pytest.raises(ValidationError):
        Settings(trusted_proxies=value)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
    ],
)
def test_an_ipv6_household_counts_as_one(peer, address):
    assert seen(peer=peer)[0] == address
