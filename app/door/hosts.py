"""Names and addresses: which host was asked for, which origins are ours, who is at the other end."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import Scope

Network = IPv4Network | IPv6Network

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
SPOKEN_BY_PROXIES: Final = (b"x-forwarded-", b"forwarded", b"x-real-ip", b"x-request-id")
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,39}){1,5}")
"""Where a proxy hangs the service below its own address, such as `/taluy`."""
HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?")
"""Nothing else may stand in a Host: links begin with it as it was sent (`evil.example\\@ours` would lead there)."""


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or address, without port) is this very machine."""
    if host == "localhost":
        return True
    found = address_of(host)
    return found is not None and found.is_loopback


def host_name(value: str) -> str:
    """The host of a Host header, without its port; empty for what is none."""
    if not HOST.fullmatch(value):
        return ""
    try:
        return urlsplit(f"//{value}").hostname or ""
    except ValueError:
        return ""


def origin_of(address: str) -> str:
    """Scheme, host and port as browsers write an Origin; empty for what is none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address that `text` writes, with or without brackets; IPv4 inside IPv6 is IPv4. None for what is none."""
    try:
        found = ip_address(text.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def client_address(request: HTTPConnection) -> str:
    """Who is at the other end, for counting: an IPv4 address, the /64 of an IPv6 one, or `unknown`.

    Behind a proxy that TALUY_TRUSTED_PROXIES names, it is the address which that proxy saw.
    """
    address = address_of(request.client.host if request.client else "")
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address) >> 64 << 64, 64)))
    return str(address or "unknown")


class Proxies:
    """The proxies that an installation names: what these say of a request is believed, and nobody else."""

    def __init__(self, networks: Iterable[Network], public: str = "") -> None:
        """`public`: host and port of the public address, the only one that a proxy may name."""
        self.networks = tuple(networks)
        self.public = public.lower()

    def names(self, host: str) -> bool:
        """Whether the peer at `host` is one of them."""
        address = address_of(host)
        return address is not None and any(address in network for network in self.networks)

    def unwrap(self, scope: Scope) -> str | None:
        """Put the caller's address and scheme in `scope` as a named proxy tells them; gives its request id.

        The prefix that it was asked under stands in `scope["state"]["prefix"]` then, for links. Afterwards no header
        is left that only a proxy may say, whoever sent it.
        """
        said = [(name, value.decode("latin-1")) for name, value in scope["headers"] if _by_proxy(name)]
        if not said:
            return None
        scope["headers"] = [row for row in scope["headers"] if not _by_proxy(row[0])]
        if not self.names((scope.get("client") or ("", 0))[0]):
            return None
        hops = [hop for name, value in said if name == b"x-forwarded-for" for hop in value.split(",")]
        if hops:
            scope["client"] = (self._first_stranger(hops), 0)
        last = {name: value.strip() for name, value in said}
        if last.get(b"x-forwarded-proto") in DEFAULT_PORTS:
            scope["scheme"] = last[b"x-forwarded-proto"]
        if PREFIX.fullmatch(last.get(b"x-forwarded-prefix", "").rstrip("/")):
            scope.setdefault("state", {})["prefix"] = last[b"x-forwarded-prefix"].rstrip("/")
        if self.public and last.get(b"x-forwarded-host", "").lower() == self.public:
            scope["headers"] = _under(self.public, scope["headers"])
        ids = [value for name, value in said if name == b"x-request-id" and REQUEST_ID.fullmatch(value)]
        return ids[0] if len(ids) == 1 else None

    def _first_stranger(self, hops: list[str]) -> str:
        """The last address that is none of the proxies: each proxy adds whom it saw at the end."""
        for hop in reversed(hops):
            host = hop.strip().rpartition(":")[0] if hop.count(":") == 1 or "]:" in hop else hop
            address = address_of(host)
            if address is None or not self.names(host):
                return str(address or "")
        return str(address_of(hops[0]) or "")


def _under(host: str, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """`headers` with another Host, if there was one: two of them stay two, for the door to refuse."""
    return [(name, host.encode("latin-1") if name == b"host" else value) for name, value in headers]


def _by_proxy(name: bytes) -> bool:
    return name.startswith(SPOKEN_BY_PROXIES[0]) or name in SPOKEN_BY_PROXIES[1:]
