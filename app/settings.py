"""Everything an installation may change (TALUY_*), one frozen object."""

import re
from collections.abc import Sequence
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.i18n import N_


def _is_origin(address: str) -> bool:
    """Whether `address` names a service as a whole: a path, a query or a password would end up in every link."""
    try:
        parts = urlsplit(address)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return False
    host = re.fullmatch(r"[\w.-]+|\[[0-9a-fA-F:.]+\]", parts.netloc.removesuffix(port))
    whole = f"{parts.scheme}://{parts.netloc}" == address.rstrip("/") and port != ":0"
    return whole and parts.scheme in ("http", "https") and host is not None


def _is_database(address: str) -> bool:
    """Whether `address` is one of the two kinds of database that the registry keeps itself in."""
    try:
        return make_url(address).drivername in ("postgresql+psycopg", "sqlite")
    except (ArgumentError, ValueError):
        return False


class UnfitForProduction(Exception):
    """The service does not start in production; `lines` say everything that forbids it, one each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def _are_networks(text: str) -> bool:
    """Whether `text` holds addresses and networks, none of them the whole world."""
    try:
        return all(ip_network(part.strip()).prefixlen > 0 for part in text.split(",") if part.strip())
    except ValueError:
        return False


class Settings(BaseSettings):
    """The settings of one installation; each is the environment variable TALUY_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="TALUY_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on")
    base_url: str = Field(
        "",
        description="Public address, used in links, QR codes and origin checks; by default it follows host and port",
    )
    tls_cert: Path | None = Field(
        None, description="Certificate file (PEM); with tls_key the service speaks https"
    )
    tls_key: Path | None = Field(None, description="Private key file (PEM) of tls_cert")
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of the proxies in front, separated by commas: their X-Forwarded-For,"
        " X-Forwarded-Proto and X-Request-Id are believed, nobody else's",
    )
    data_dir: Path = Field(Path("data/var"), description="Folder of the database file, photos and keys")
    database_url: str = Field(
        "", description="postgresql+psycopg://… for PostGIS; empty for the embedded SQLite file in data_dir"
    )
    env: Literal["development", "production"] = Field(
        "development", description="production refuses what is only good for trying out"
    )
    log_level: Literal["debug", "info", "warning"] = Field(
        "info", description="What the journal on stderr says; debug is refused in production"
    )
    tile_url: str = Field(
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        description="Background map tiles; empty for none. The map is complete without them",
    )
    local_crs: int = Field(5899, description="EPSG code of the VN-2000 system shown beside WGS84")
    session_idle_hours: int = Field(12, ge=1, description="A browser session ends after so many hours unused")
    session_days: int = Field(7, ge=1, description="A browser session ends after so many days in any case")
    device_days: int = Field(180, ge=1, description="A phone stays signed in for so many days: a season")
    invite_days: int = Field(
        7, ge=1, description="An invitation or a link to reset a password ends after so many days"
    )
    second_factor: Literal["optional", "required"] = Field(
        "optional", description="required: the board and administrators do nothing without a second factor"
    )
    cache_mb: int = Field(
        32, ge=0, le=4096, description="Memory for answers to repeated public reads, in MB; 0 for none"
    )
    photos_per_day: int = Field(500, ge=1, description="Photos one person may send in a day")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError(N_("TALUY_TLS_CERT and TALUY_TLS_KEY go together: set both or neither."))
        if self.base_url and not _is_origin(self.base_url):
            raise ValueError(
                N_("TALUY_BASE_URL is http:// or https://, a host and perhaps a port, and nothing else.")
            )
        if not _are_networks(self.trusted_proxies):
            raise ValueError(
                N_(
                    "TALUY_TRUSTED_PROXIES names addresses and networks such as 127.0.0.1,10.0.0.0/24, not everybody."
                )
            )
        if self.database_url and not _is_database(self.database_url):
            raise ValueError(N_("TALUY_DATABASE_URL starts with postgresql+psycopg:// or sqlite:///."))
        return self

    @cached_property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of `trusted_proxies`."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    @cached_property
    def origin(self) -> str:
        """Scheme and host of the public address, without a slash at the end."""
        if self.base_url:
            return self.base_url.rstrip("/")
        scheme = "https" if self.tls_cert else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'taluy.sqlite').absolute()}"
