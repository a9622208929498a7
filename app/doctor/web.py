"""How people reach the service."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app import production
from app.clock import local_date
from app.doctor.findings import Finding, Patient, ok, warning, wrong
from app.i18n import N_

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

RENEW_DAYS: Final = 21


def for_production(patient: Patient) -> Iterator[Finding]:
    """What production refuses to start with; elsewhere a warning."""
    found = [
        patient.serious(
            N_("{variable}: {what}"),
            "{how}",
            variable=fault.variable,
            what=fault.sentence("vi"),
            how=fault.way_out("vi"),
        )
        for fault in production.faults(patient.settings)
    ]
    yield from found
    if not found:
        yield ok(N_("Nothing that production refuses."))


def environment(patient: Patient) -> Iterator[Finding]:
    """Whether the service knows that people rely on it."""
    if patient.in_production:
        yield ok(N_("It runs for people (production)."))
    else:
        yield warning(
            N_("It runs for trying out (development): faults do not keep it from starting."),
            N_("Where people rely on it, set TALUY_ENV=production."),
        )


def certificate(patient: Patient) -> Iterator[Finding]:
    """The certificate that the service itself shows."""
    settings = patient.settings
    if settings.tls_cert is None or settings.tls_key is None:
        if urlsplit(settings.origin).scheme == "https":
            yield ok(N_("The web server in front speaks https; its certificate is not looked at here."))
        else:
            yield ok(N_("No https: people sign in on this machine only."))
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=""
        )
    except (OSError, ssl.SSLError):
        yield wrong(
            N_("Certificate and private key cannot be read, or do not belong together."),
            N_("Look at TALUY_TLS_CERT and TALUY_TLS_KEY; both are PEM files, the key without a password."),
        )
        return
    from cryptography.x509 import load_pem_x509_certificates

    shown = load_pem_x509_certificates(settings.tls_cert.read_bytes())[0]
    yield from _of_certificate(patient, shown)


def _of_certificate(patient: Patient, shown: "Certificate") -> Iterator[Finding]:
    ends = shown.not_valid_after_utc
    renew = N_("Renew it and start the service again.")
    if ends <= patient.now or shown.not_valid_before_utc > patient.now:
        yield wrong(N_("The certificate is not valid today (until {day})."), renew, day=local_date(ends))
    elif ends - patient.now < timedelta(days=RENEW_DAYS):
        yield warning(N_("The certificate ends on {day}."), renew, day=local_date(ends))
    else:
        yield ok(N_("The certificate is good until {day}."), day=local_date(ends))
    host = urlsplit(patient.settings.origin).hostname or ""
    if not is_for(shown, host):
        yield wrong(
            N_("The certificate is not for {host}: browsers refuse it."),
            N_("Make one for the host of TALUY_BASE_URL."),
            host=host,
        )


def is_for(shown: "Certificate", host: str) -> bool:
    """Whether a browser takes the certificate for `host`: one of its names, `*` for one label, or its address."""
    from cryptography.x509 import DNSName, ExtensionNotFound, IPAddress, SubjectAlternativeName

    try:
        names = shown.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return False
    if host in {str(address) for address in names.get_values_for_type(IPAddress)}:
        return True
    dns = {name.casefold() for name in names.get_values_for_type(DNSName)}
    return host.casefold() in dns or f"*.{host.casefold().partition('.')[2]}" in dns


def proxies(patient: Patient) -> Iterator[Finding]:
    """Whether the service can tell callers apart behind a web server in front."""
    settings = patient.settings
    in_front = urlsplit(settings.base_url).scheme == "https" and settings.tls_cert is None
    if in_front and not settings.proxies:
        yield patient.serious(
            N_("No proxy is named: everybody counts as one caller, and one attacker slows all of them."),
            N_("Set TALUY_TRUSTED_PROXIES to the address of the web server in front, such as 127.0.0.1"),
        )
    elif settings.proxies:
        yield ok(N_("{count} proxies are believed."), count=len(settings.proxies))
    else:
        yield ok(N_("No proxy in front."))


def tiles(patient: Patient) -> Iterator[Finding]:
    """The address of the map's background, which is not fetched here."""
    address = patient.settings.tile_url
    parts = urlsplit(address)
    if not address:
        yield ok(N_("The map has no background."))
    elif parts.scheme not in ("http", "https") or not all(mark in address for mark in ("{z}", "{x}", "{y}")):
        yield wrong(
            N_("The address of map tiles cannot be one: it holds {z}, {x} and {y}."),
            N_("Set TALUY_TILE_URL to such an address, or to nothing."),
            z="{z}",
            x="{x}",
            y="{y}",
        )
    elif parts.scheme == "http" and urlsplit(patient.settings.origin).scheme == "https":
        yield warning(
            N_("Browsers drop map tiles over plain http from a page over https."),
            N_("Begin TALUY_TILE_URL with https://."),
        )
    else:
        yield ok(N_("Map tiles come from {host} (not fetched now)."), host=parts.hostname)
