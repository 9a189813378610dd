"""The provider on the wire: discovery, keys, authorization with its page, token, userinfo."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from onthaal.simulator import pages
from onthaal.simulator.asking import NotAsked, asked
from onthaal.simulator.claims import ADVANCED, BASIC, SCOPES, supported
from onthaal.simulator.exchanging import NotGiven
from onthaal.simulator.jose import ENCRYPTED, KEY_WRAPPED, SIGNED
from onthaal.simulator.provider import Impossible, Provider, Transaction
from onthaal.simulator.wire import Malformed, asked_language, fields, pairs

log = structlog.get_logger()


def html(page: pages.Page, status: int = 200) -> HTMLResponse:
    """A page with the policy it needs."""
    return HTMLResponse(page.content, status, headers={"content-security-policy": page.policy})


class Endpoints:
    """The routes under the issuer's path."""

    def __init__(self, provider: Provider, *, origin: str) -> None:
        """`origin`: where people reach this server: the phone's code leads there."""
        self._provider, self._origin = provider, origin

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/.well-known/openid-configuration", self._discovery, methods=["GET"]),
            Route("/jwkset", self._jwkset, methods=["GET"]),
            Route("/authorization", self._authorization, methods=["GET", "POST"]),
            Route("/scan/{id}", self._scan, methods=["GET"]),
            Route("/scan/{id}/state", self._state, methods=["GET"]),
            Route("/scan/{id}/cancel", self._cancel, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
            Route("/userinfo", self._userinfo, methods=["GET", "POST"]),
        ]

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(discovery(self._provider.issuer))

    async def _jwkset(self, _: Request) -> Response:
        return JSONResponse(self._provider.own.published())

    async def _authorization(self, request: Request) -> Response:
        try:
            given = await fields(request) if request.method == "POST" else pairs(request.url.query)
            wanted = await asked(given, self._provider.reception())
        except Malformed as wrong:
            return self._refused(request, NotAsked("invalid_request", str(wrong)))
        except NotAsked as no:
            return self._refused(request, no)
        begun = self._provider.begin(wanted)
        log.info("asked", client=wanted.client.client_id, service=wanted.service.code)
        lang = asked_language(request, wanted.languages)
        return RedirectResponse(f"{self._provider.issuer}/scan/{begun.id}?lang={lang}", 303)

    def _refused(self, request: Request, no: NotAsked) -> Response:
        log.warning("request refused", error=no.error, description=no.description)
        address = no.address()
        if address is not None:
            return RedirectResponse(address, 303)
        return html(pages.said("refused", asked_language(request), detail=f"{no.error}: {no.description}"), 400)

    async def _scan(self, request: Request) -> Response:
        found = self._found(request)
        if found is None:
            return html(pages.said("over", asked_language(request)), 410)
        if found.answered:
            return self._on_the_way_back(request, found)
        lang = asked_language(request, found.asked.languages)
        return html(pages.scan(found, lang, phone_url=f"{self._origin}/phone/{found.handle}"))

    def _on_the_way_back(self, request: Request, found: Transaction) -> Response:
        try:
            return RedirectResponse(self._provider.way_back(found), 303)
        except Impossible:
            return html(pages.said("over", asked_language(request)), 410)

    async def _state(self, request: Request) -> Response:
        found = self._found(request)
        return Response("" if found is not None and not found.answered else "over", media_type="text/plain")

    async def _cancel(self, request: Request) -> Response:
        found = self._found(request)
        if found is None:
            return html(pages.said("over", asked_language(request)), 410)
        self._provider.cancel(found)
        return self._on_the_way_back(request, found)

    def _found(self, request: Request) -> Transaction | None:
        return self._provider.at_browser(request.path_params["id"])

    async def _token(self, request: Request) -> Response:
        try:
            return JSONResponse(await self._provider.exchange(await _token_form(request)))
        except Malformed as wrong:
            return _not_given(NotGiven("invalid_request", str(wrong)))
        except NotGiven as no:
            return _not_given(no)

    async def _userinfo(self, request: Request) -> Response:
        scheme, _, access = request.headers.get("authorization", "").partition(" ")
        try:
            told = await self._provider.userinfo(access.strip() if scheme.lower() == "bearer" else "")
            return Response(told, media_type="application/jwt")
        except NotGiven as no:
            answer = _not_given(no)
            answer.headers["www-authenticate"] = f'Bearer error="{no.error}"'
            return answer


async def _token_form(request: Request) -> dict[str, str]:
    """The parameters of a token request, each once, all in the body. Raises Malformed, NotGiven."""
    given = await fields(request)
    form = dict(given)
    if len(form) != len(given) or request.url.query:
        raise NotGiven("invalid_request", "a parameter stands twice, or in the query")
    if "authorization" in request.headers:
        raise NotGiven("invalid_client", "the client must sign: private_key_jwt", 401)
    return form


def _not_given(no: NotGiven) -> Response:
    log.warning("token refused", error=no.error, description=no.description)
    return JSONResponse({"error": no.error, "error_description": no.description}, no.status)


def discovery(issuer: str) -> dict[str, Any]:
    """The discovery document."""
    coded = {"alg": [KEY_WRAPPED], "enc": [ENCRYPTED]}
    encrypted = {
        f"{what}_encryption_{part}_values_supported": coded[part]
        for what in ("id_token", "userinfo", "request_object")
        for part in ("alg", "enc")
    }
    signed = {
        f"{what}_signing_alg_values_supported": [SIGNED]
        for what in ("id_token", "userinfo", "request_object", "token_endpoint_auth")
    }
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorization",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwkset",
        "scopes_supported": [*SCOPES, "service"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "acr_values_supported": [BASIC, ADVANCED],
        "subject_types_supported": ["pairwise"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        **signed,
        **encrypted,
        "display_values_supported": ["page"],
        "claim_types_supported": ["normal"],
        "claims_supported": supported(),
        "ui_locales_supported": ["nl", "fr", "en"],
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "code_challenge_methods_supported": ["S256"],
    }
