"""The authorization request: everything a partner sends before a person is asked anything, and every way it is wrong.

Error names are those of the provider's own documents (`temporary_unavailable` is theirs). What concerns the client or
the address to return to is shown here; everything else goes back to the client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from onthaal.simulator.claims import ADVANCED, BASIC, NEEDS_PERMISSION, SCOPES
from onthaal.simulator.clients import Client, Register, Service
from onthaal.simulator.jose import Unreadable, decrypted, is_encrypted, signer, verified
from onthaal.simulator.keys import ClientKeyrings, KeysUnreachable, OwnKeys
from onthaal.simulator.wishes import ClaimsWrong, Wishes, read_wishes

_SERVICE: Final = "service:"
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST: Final = 1000
_LEEWAY_SECONDS: Final = 60
_KNOWN: Final = frozenset({
    "client_id", "response_type", "scope", "redirect_uri", "state", "nonce", "ui_locales", "display", "acr_values",
    "claims", "request", "request_uri", "code_challenge", "code_challenge_method", "prompt", "max_age", "response_mode",
})  # fmt: skip
_OF_A_TOKEN: Final = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti"})


class NotAsked(Exception):
    """The request is refused: `error` and `description` go to `back`, or on a page where that is not known."""

    def __init__(self, error: str, description: str, back: str | None = None, state: str | None = None) -> None:
        super().__init__(error)
        self.error, self.description, self._back, self._state = error, description, back, state

    def address(self) -> str | None:
        """Where the client hears it; none when no address can be trusted."""
        if self._back is None:
            return None
        state = {} if self._state is None else {"state": self._state}
        said = {"error": self.error, "error_description": self.description, **state}
        return returned(self._back, said)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that is right."""

    client: Client
    service: Service
    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    advanced: bool
    """Whether the person must type their code: a fingerprint will not do."""
    languages: str
    wishes: Wishes


def returned(redirect_uri: str, said: Mapping[str, str]) -> str:
    """The address to return to, with what is said in its query."""
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(said)}"


@dataclass(frozen=True, kw_only=True)
class Reception:
    """Who receives requests: the register, the keys, the issuer's name and its clock."""

    register: Register
    own: OwnKeys
    keyrings: ClientKeyrings
    issuer: str
    now: float


async def asked(given: Sequence[tuple[str, str]], at: Reception) -> Asked:
    """What the parameters ask. Raises NotAsked."""
    parameters = dict(given)
    client = at.register.called(parameters.get("client_id", ""))
    if client is None:
        raise NotAsked("invalid_client_id", "client_id is missing or names no client")
    # From here on an error may go back, if the outer parameters name an address that is this client's.
    outer = parameters.get("redirect_uri")
    outer = outer if outer is not None and client.ever_returns_to(outer) else None
    try:
        _check_outer(given, parameters)
        parameters, by_request = await _with_request_object(parameters, client, at)
    except NotAsked as no:
        raise NotAsked(no.error, no.description, outer, parameters.get("state")) from no
    return _read(parameters, client, signed_request=by_request)


def _check_outer(given: Sequence[tuple[str, str]], parameters: Mapping[str, str]) -> None:
    if len(parameters) != len(given):
        raise NotAsked("invalid_request", "a parameter stands twice")
    if "request_uri" in parameters:
        raise NotAsked("invalid_request_uri", "request_uri is not supported here: send the object itself as request")
    if unknown := sorted(set(parameters) - _KNOWN):
        raise NotAsked("unsupported_request", f"not supported: {', '.join(name[:40] for name in unknown[:5])}")


async def _with_request_object(
    parameters: dict[str, str], client: Client, at: Reception
) -> tuple[dict[str, str], bool]:
    token = parameters.pop("request", None)
    if token is None:
        return parameters, False
    inside = await _request_object(token, client, at)
    _check_token_of(inside, client, at)
    asks: dict[str, str] = {}
    for name, value in inside.items():
        if name in _OF_A_TOKEN:
            continue
        if name not in _KNOWN - {"request", "request_uri"}:
            raise NotAsked("invalid_request_object", f"not supported inside the request object: {name[:40]}")
        asks[name] = _as_parameter(name, value)
    differing = sorted(name for name, value in parameters.items() if name in asks and asks[name] != value)
    if differing:
        raise NotAsked("invalid_request", f"parameters do not match the request object: {', '.join(differing)}")
    return {**parameters, **asks}, True


async def _request_object(token: str, client: Client, at: Reception) -> dict[str, Any]:
    if not is_encrypted(token):
        raise NotAsked("invalid_request_object", "the request object must be signed and then encrypted")
    try:
        inner = decrypted(token, at.own.reading)
        keys = await at.keyrings.of(client.jwks_uri)
        if signer(inner) not in [key.kid for key in keys.signing]:
            at.keyrings.forget(client.jwks_uri)
            keys = await at.keyrings.of(client.jwks_uri)
        return verified(inner, keys.signing)
    except Unreadable as wrong:
        raise NotAsked("invalid_request_object", f"the request object: {wrong}") from wrong
    except KeysUnreachable as wrong:
        raise NotAsked("invalid_request_object", str(wrong)) from wrong


def _check_token_of(inside: Mapping[str, Any], client: Client, at: Reception) -> None:
    if inside.get("iss") != client.client_id or inside.get("client_id", client.client_id) != client.client_id:
        raise NotAsked("invalid_request_object", "iss and client_id of the request object must be the client_id")
    if inside.get("aud") not in (at.issuer, [at.issuer]):
        raise NotAsked("invalid_request_object", f"aud of the request object must be {at.issuer}")
    expires, begins = inside.get("exp"), inside.get("nbf")
    if isinstance(expires, int | float) and expires < at.now - _LEEWAY_SECONDS:
        raise NotAsked("invalid_request_object", "the request object has expired")
    if isinstance(begins, int | float) and begins > at.now + _LEEWAY_SECONDS:
        raise NotAsked("invalid_request_object", "the request object is not valid yet")


def _as_parameter(name: str, value: object) -> str:
    if name == "claims" and isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    if name == "max_age" and isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise NotAsked("invalid_request_object", f"{name} inside the request object is not text")
    return value


def _read(parameters: Mapping[str, str], client: Client, *, signed_request: bool) -> Asked:
    redirect_uri = parameters.get("redirect_uri", "")
    if not client.ever_returns_to(redirect_uri):
        raise NotAsked("invalid_redirect_uri", "redirect_uri is missing or not registered, letter by letter")
    try:
        service = _service(parameters.get("scope", ""), client)
    except NotAsked as no:
        raise NotAsked(no.error, no.description, redirect_uri, parameters.get("state")) from no
    if redirect_uri not in service.redirect_uris:
        # Another service's address is not to hear about this one.
        raise NotAsked("invalid_redirect_uri", f"redirect_uri is not one of service {service.code}")
    try:
        _check_flow(parameters, needs_object=service.type == "confirmation" and not signed_request)
        return _asked(parameters, client, service)
    except NotAsked as no:
        raise NotAsked(no.error, no.description, redirect_uri, parameters.get("state")) from no


def _asked(parameters: Mapping[str, str], client: Client, service: Service) -> Asked:
    return Asked(
        client=client,
        service=service,
        redirect_uri=parameters["redirect_uri"],
        state=_needed(parameters, "state"),
        nonce=_needed(parameters, "nonce"),
        challenge=_challenge(parameters),
        advanced=_advanced(parameters.get("acr_values", "")),
        languages=parameters.get("ui_locales", "").replace(" ", ","),
        wishes=_wishes(parameters, client, service),
    )


def _service(scope: str, client: Client) -> Service:
    scopes = scope.split(" ")
    codes = [name.removeprefix(_SERVICE) for name in scopes if name.startswith(_SERVICE)]
    unknown = [name for name in scopes if name not in SCOPES and not name.startswith(_SERVICE)]
    if "openid" not in scopes or len(codes) != 1 or unknown:
        raise NotAsked("invalid_scope", "scope must hold openid, one service:<CODE> and known names only")
    if "eid" in scopes and not client.national_number:
        raise NotAsked("invalid_scope", "this client has no permission for scope eid")
    service = client.service_called(codes[0])
    if service is None:
        raise NotAsked("invalid_scope", "this client has no service with that code")
    return service


def _check_flow(parameters: Mapping[str, str], *, needs_object: bool) -> None:
    if needs_object:
        raise NotAsked("invalid_request", "a Confirmation needs a request object, signed and then encrypted")
    if parameters.get("response_type") != "code":
        raise NotAsked("unsupported_response_type", "response_type must be code")
    if parameters.get("response_mode", "query") != "query":
        raise NotAsked("unsupported_request", "response_mode can only be query")
    if parameters.get("display", "page") != "page":
        raise NotAsked("unsupported_display", "display can only be page")
    if parameters.get("prompt", "login") != "login":
        raise NotAsked("login_required", "there is never a session: the person always signs in")


def _needed(parameters: Mapping[str, str], name: str) -> str:
    value = parameters.get(name, "")
    if not 0 < len(value) <= _LONGEST:
        raise NotAsked("invalid_request", f"{name} is missing or too long")
    return value


def _challenge(parameters: Mapping[str, str]) -> str:
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise NotAsked("invalid_request", "PKCE is enforced: code_challenge with code_challenge_method S256")
    return challenge


def _advanced(acr_values: str) -> bool:
    wanted = acr_values.split()
    if set(wanted) - {BASIC, ADVANCED}:
        raise NotAsked("invalid_request", "acr_values names a level that is not known")
    return ADVANCED in wanted


def _wishes(parameters: Mapping[str, str], client: Client, service: Service) -> Wishes:
    try:
        wishes = read_wishes(
            parameters.get("scope", ""), parameters.get("claims"), confirmation=service.type == "confirmation"
        )
    except ClaimsWrong as wrong:
        raise NotAsked("invalid_request", str(wrong)) from wrong
    if not client.national_number and NEEDS_PERMISSION & {*wishes.id_token, *wishes.userinfo}:
        raise NotAsked("invalid_request", "this client has no permission for national numbers and card numbers")
    return wishes
