"""Is identity set up well? Asked by `onthaal central check`, outside any scope: it goes to the providers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings

from onthaal import clock
from onthaal.central.foundation.findings import Finding
from onthaal.central.foundation.identity import keyring, queries
from onthaal.central.foundation.identity.beginning import redirect_address
from onthaal.central.foundation.identity.models import ClientKey, Provider
from onthaal.central.foundation.identity.oidc import discovery
from onthaal.central.foundation.identity.oidc.errors import Unavailable
from onthaal.central.foundation.identity.oidc.fetching import Fetcher
from onthaal.central.foundation.identity.oidc.tokens import SKEW
from onthaal.central.foundation.identity.profiles import ProviderProfile, profiles
from onthaal.central.foundation.people.hosts import public_url
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for

CONNECT_SECONDS = 5
OLD_KEYS = keyring.REPLACED_AFTER * 1.2
HINTS = {
    "no-answer": "look at the network to it (a firewall, a proxy, its name), and whether the issuer is written right",
    "address-not-allowed": "the issuer, and every address it names, must be https and public on the internet",
    "discovery-not-there": "the issuer is written wrong, or is another environment",
    "discovery-malformed": "what answers there is no OpenID provider: look at the issuer",
    "issuer-mismatch": "copy the issuer letter for letter from the provider's own page (`issuer`)",
    "keys-malformed": "its keys cannot be read: tell the provider",
    "provider-broken": "it answers that it is broken: look at its status page, or wait",
    "answer-too-long": "what answers there is no OpenID provider: look at the issuer",
}


def findings(municipality: Municipality, *, wanted: bool) -> Iterator[Finding]:
    """Everything about one municipality. `wanted`: it offers what needs a strong sign-in."""
    name = municipality.slug
    with acting_for(municipality.pk):
        rows = list(Provider.objects.filter(enabled=True).order_by("pk"))
        at_walls = queries.for_walls()
        has_keys = keyring.have_keys()
        newest = ClientKey.objects.filter(gone_at=None).order_by("-made_at").first()
    if wanted:
        hint = "register with a provider (itsme, ACM/IDM or FAS) and fill that in under /admin/, Providers"
        yield Finding(f"{name}: residents can prove who they are", bool(rows), hint)
    if not rows:
        return
    yield Finding(f"{name}: there are keys to sign and be written to", has_keys, "run `onthaal central keys`")
    if newest is not None:
        fresh = clock.now() - newest.made_at < OLD_KEYS
        hint = "keep `onthaal central worker` running, or run `onthaal central keys`"
        yield Finding(f"{name}: its keys are replaced in time", fresh, hint)
    yield from _collectable(name, rows, at_walls)
    for provider in rows:
        yield from _of_one(municipality, provider)


def _collectable(name: str, rows: list[Provider], at_walls: Provider | None) -> Iterator[Finding]:
    """Who asks with one provider can collect at a wall with that one alone, or where both may tell the number."""
    for provider in rows:
        if not provider.in_portal:
            continue
        both_tell = at_walls is not None and bool(at_walls.authorisation and provider.authorisation)
        same = at_walls is not None and at_walls.issuer == provider.issuer
        hint = (
            "walls name one provider, the first that serves them: whoever asks with another one collects at the desk; "
            "switch that one off in the portal, or let this one serve the walls"
        )
        question = f"{name}, {provider.profile}: who asks with it in the portal can collect at a wall"
        yield Finding(question, same or both_tell, hint)


def _of_one(municipality: Municipality, provider: Provider) -> Iterator[Finding]:
    where = f"{municipality.slug}, {provider.profile}"
    profile = profiles().get(provider.profile)
    hint = f"choose one of: {', '.join(profiles())}"
    yield Finding(f"{where}: it is a provider we know", profile is not None, hint)
    if profile is None:
        return
    if settings.PRODUCTION:
        hint = f"whomever {provider.issuer} vouches for is believed: it should be {profile.issuer} once you are live"
        yield Finding(f"{where}: its issuer is the one everybody knows", provider.issuer == profile.issuer, hint)
    address = redirect_address(municipality, provider.profile)
    local = settings.ONTHAAL_IDENTITY_LOOPBACK
    hint = f"set ONTHAAL_PUBLIC_URL to an https address: providers refuse {address}"
    yield Finding(f"{where}: people are sent back to {address}", address.startswith("https://") or local, hint)
    yield Finding(f"{where}: our client_id there is filled in", bool(provider.client_id), "ask the provider for it")
    if profile.confirmation:
        given = bool(provider.portal_service and provider.wall_service)
        hint = "fill in the service codes from the provider's portal: one to sign in, one to confirm at the wall"
        yield Finding(f"{where}: its service codes are filled in", given, hint)
    yield from _its_pages(where, provider, profile)
    if profile.certificate == "organisation" and not local:
        yield _certificate(where, municipality)


def _its_pages(where: str, provider: Provider, profile: ProviderProfile) -> Iterator[Finding]:
    fetcher = Fetcher(loopback=settings.ONTHAAL_IDENTITY_LOOPBACK)
    question = f"{where}: {provider.issuer} answers, and says it is that"
    try:
        metadata = discovery.metadata_of(provider.issuer, fetcher)
        keys = discovery.keys_at(metadata.jwks_uri, fetcher)
        date = fetcher.get(metadata.jwks_uri).headers.get("Date", "")
    except Unavailable as fault:
        yield Finding(question, good=False, hint=HINTS.get(fault.what, fault.what))
        return
    yield Finding(question, good=True)
    hint = "it has no RSA key that we can use: tell the provider, or choose its other environment"
    yield Finding(f"{where}: its keys can be used", bool(keys.signing) and _writable(keys, profile), hint)
    challenges = metadata.code_challenge_methods_supported
    hint = "it says that it does not know PKCE with S256: ask it to switch that on"
    yield Finding(f"{where}: it knows PKCE", challenges is None or "S256" in challenges, hint)
    if profile.userinfo:
        hint = "it names no userinfo_endpoint: is this the right issuer?"
        yield Finding(f"{where}: it tells names where we ask them", bool(metadata.userinfo_endpoint), hint)
    hint = f"let this machine keep its clock with NTP: more than {SKEW} seconds apart, every sign-in is refused"
    yield Finding(f"{where}: its clock and ours agree", _agree(date, clock.now()), hint)


def _writable(keys: discovery.Keys, profile: ProviderProfile) -> bool:
    return bool(keys.encrypting) or not profile.request_object


def _agree(date: str, now: datetime) -> bool:
    """Whether a `Date` header is near our time; a provider that sends none says nothing."""
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return True
    return abs((now - theirs).total_seconds()) < SKEW / 2


def _certificate(where: str, municipality: Municipality) -> Finding:
    """A certificate that names no organisation is refused on our key address: better found here than there."""
    address = urlsplit(public_url(municipality))
    question = f"{where}: the certificate of {address.netloc} names an organisation (OV or EV)"
    hint = "itsme refuses our keys behind a domain-validated certificate: order an OV or EV one for this host"
    try:
        named = _organisation(address.hostname or "", address.port or 443)
    except (OSError, ssl.SSLError):
        hint = f"it could not be looked at from here; {hint}"
        return Finding(question, good=False, hint=hint)
    return Finding(question, named, hint)


def _organisation(host: str, port: int) -> bool:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        subject = (line.getpeercert() or {}).get("subject", ())
    return any(pair[0] == "organizationName" for part in subject for pair in part)
