"""A relying party of the tests' own, made from joserfc alone, so that ours and a provider cannot agree on a mistake."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx
from joserfc import jwe, jws
from joserfc.jwe import JWERegistry
from joserfc.jwk import RSAKey

from tests.identity_contract.under_test import CLIENT_ID, PORTAL, PORTAL_BACK, WALL, WALL_BACK
from tests.provider.line import NO_ROOTS

V2 = "http://itsme.services/v2/claim/"
ADVANCED, NATIONAL_NUMBER, MODE, CALL = (
    V2 + name for name in ("acr_advanced", "BENationalNumber", "identification_mode", "ongoing_call")
)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MOST_STEPS = 12


@cache
def key(use: str, which: str) -> RSAKey:
    """The key of this use that is called `which`; made once a run: that takes longer than a sign-in."""
    alg = "RS256" if use == "sig" else "RSA-OAEP-256"
    return RSAKey.generate_key(2048, {"use": use, "alg": alg}, private=True, auto_kid=True)


@dataclass
class Asking:
    """What one sign-in keeps: what it asked, and the secrets behind that."""

    url: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass
class Relying:
    """The client of the suite: asks, follows the browser, exchanges, reads."""

    issuer: str = ""
    signing: RSAKey = field(default_factory=lambda: key("sig", "ours"))
    reading: list[RSAKey] = field(default_factory=lambda: [key("enc", "one"), key("enc", "another")])

    # -- what the provider says of itself -----------------------------------------------------------------------

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        found: dict[str, Any] = get(self.issuer + "/.well-known/openid-configuration").json()
        return found

    def keys_of_provider(self) -> list[RSAKey]:
        """Its published keys."""
        found = get(self.discovery()["jwks_uri"]).json()["keys"]
        return [RSAKey.import_key(each) for each in found if each["kty"] == "RSA"]

    def published(self) -> bytes:
        """What we publish."""
        return json.dumps({"keys": [each.as_dict(private=False) for each in (self.signing, *self.reading)]}).encode()

    # -- asking -------------------------------------------------------------------------------------------------

    def portal(self, **changes: str | None) -> Asking:
        """Sign in at the portal, plain parameters; a change of None leaves one out."""
        return self._asking(PORTAL, PORTAL_BACK, {}, changes, form="plain")

    def wall(self, *, form: str = "nested", text: str = "Aalter, kluisje 7: 48", **changes: str | None) -> Asking:
        """Confirm at the wall, in a request object of this `form`: nested, signed, or plain parameters."""
        template = {
            f"{V2}claim_approval_template_name": {"essential": True, "value": "free_text"},
            f"{V2}claim_approval_text_key": {"essential": True, "value": text},
        }
        return self._asking(WALL, WALL_BACK, template, changes, form=form)

    def _asking(
        self, service: str, back: str, more: dict[str, Any], changes: dict[str, str | None], *, form: str
    ) -> Asking:
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        id_token = {NATIONAL_NUMBER: None, MODE: None, CALL: None, **more}
        asks = {
            "client_id": CLIENT_ID, "response_type": "code", "scope": f"openid profile service:{service}",
            "redirect_uri": back, "state": state, "nonce": nonce, "acr_values": ADVANCED,
            "code_challenge": challenge(verifier), "code_challenge_method": "S256",
            "claims": json.dumps({"id_token": id_token}), **changes,
        }  # fmt: skip
        parameters = {name: value for name, value in asks.items() if value is not None}
        if form != "plain":
            token = self.signed({**parameters, "iss": CLIENT_ID, "aud": self.issuer, "exp": int(time.time()) + 60})
            outer = ("client_id", "response_type", "scope", "redirect_uri", "state")
            parameters = {name: parameters[name] for name in outer if name in parameters}
            parameters["request"] = self.encrypted(token) if form == "nested" else token
        url = f"{self.discovery()['authorization_endpoint']}?{urlencode(parameters)}"
        return Asking(url=url, state=state, nonce=nonce, verifier=verifier, redirect_uri=asks["redirect_uri"] or "")

    def signed(self, claims: dict[str, Any], *, with_key: RSAKey | None = None) -> str:
        """A compact JWS of ours."""
        chosen = with_key or self.signing
        return jws.serialize_compact({"alg": "RS256", "kid": chosen.kid}, json.dumps(claims), chosen, ["RS256"])

    def encrypted(self, token: str) -> str:
        """A JWS inside a JWE to the provider."""
        to = next(each for each in self.keys_of_provider() if each.as_dict().get("use") == "enc")
        header = {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256", "cty": "JWT", "kid": to.kid}
        return jwe.encrypt_compact(header, token, to, ["RSA-OAEP-256", "A128CBC-HS256"])

    # -- the answer ---------------------------------------------------------------------------------------------

    def exchange(self, asking: Asking, code: str, *, assertion: str | None = None, **changes: str) -> httpx.Response:
        """The token request."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": asking.redirect_uri,
            "code_verifier": asking.verifier, "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(), **changes,
        }  # fmt: skip
        return httpx.post(self.discovery()["token_endpoint"], data=form, timeout=30, trust_env=False, verify=NO_ROOTS)

    def assertion(self, *, with_key: RSAKey | None = None, **changes: Any) -> str:
        """Who we are, signed; good for a minute."""
        now = int(time.time())
        claims = {
            "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": self.discovery()["token_endpoint"],
            "jti": secrets.token_urlsafe(16), "iat": now, "exp": now + 60, **changes,
        }  # fmt: skip
        return self.signed(claims, with_key=with_key)

    def userinfo(self, access: str) -> httpx.Response:
        """The userinfo request."""
        headers = {"authorization": f"Bearer {access}"}
        return httpx.get(
            self.discovery()["userinfo_endpoint"], headers=headers, timeout=30, trust_env=False, verify=NO_ROOTS
        )

    def read(self, token: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """The outer header, the inner header and the claims of a nested token."""
        outer = header_of(token)
        own = next(each for each in self.reading if each.kid == outer["kid"])
        registry = JWERegistry(algorithms=["RSA-OAEP-256", "A128CBC-HS256"], strict_check_header=False)
        inner = (jwe.decrypt_compact(token, own, registry=registry).plaintext or b"").decode()
        theirs = next(each for each in self.keys_of_provider() if each.kid == header_of(inner)["kid"])
        claims = json.loads(jws.deserialize_compact(inner, theirs, ["RS256"]).payload)
        return outer, header_of(inner), claims


def challenge(verifier: str) -> str:
    """PKCE, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    """The protected header, unchecked."""
    from joserfc.util import urlsafe_b64decode

    read: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".", maxsplit=1)[0].encode()))
    return read


def get(url: str) -> httpx.Response:
    """One page, which must be there."""
    answer = httpx.get(url, timeout=30, trust_env=False, verify=NO_ROOTS)
    answer.raise_for_status()
    return answer


def browse(url: str) -> dict[str, str] | httpx.Response:
    """Follow a browser from `url`: what came back to the client, or the page where it stopped."""
    with httpx.Client(timeout=30, trust_env=False, verify=NO_ROOTS) as browser:
        for _ in range(_MOST_STEPS):
            answer = browser.get(url)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["location"])
            if urlsplit(url).hostname == "aalter.example":
                # Refused flows of another kind answer behind the #.
                parts = urlsplit(url)
                return dict(parse_qsl(f"{parts.query}&{parts.fragment}", keep_blank_values=True))
    raise AssertionError("the provider sends the browser round and round")


def comes_back(url: str) -> dict[str, str]:
    """What came back to the client; a page of the provider's is a failure."""
    back = browse(url)
    assert isinstance(back, dict), f"stopped at {back.status_code} {back.text[:1500]}"
    return back


@contextmanager
def publishing(relying: Relying) -> Iterator[str]:
    """Our keys on a server of their own; its address."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = relying.published()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/jwks.json"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
