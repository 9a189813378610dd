"""The phone: as pages for people, and as JSON so that a program can play the person.

Acts that cannot be done answer 409, messages that are wrong 400, both with `{"error": words, "why": code}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from onthaal.simulator import pages
from onthaal.simulator.claims import Mode
from onthaal.simulator.clients import Client, ClientsUnusable, Register, checked
from onthaal.simulator.endpoints import html
from onthaal.simulator.provider import Answer, Condition, Doing, Impossible, Provider, Transaction, moment
from onthaal.simulator.wire import FORM, Malformed, asked_language, fields, kind, message
from onthaal.words import words

_CONDITIONS: tuple[Condition, ...] = ("up", "slow", "down")
_ANSWERS_ON_PAGE: tuple[Answer, ...] = ("approve", "refuse", "time-out")

Handler = Callable[[Request], Awaitable[Response]]


class _Phone(msgspec.Struct, forbid_unknown_fields=True):
    citizen: str
    answer: Answer
    ongoing_call: bool = False
    mode: Mode = "QR"
    handle: str | None = None


class _Condition(msgspec.Struct, forbid_unknown_fields=True):
    state: Condition
    seconds: float | None = None


class _Clients(msgspec.Struct, forbid_unknown_fields=True):
    client: tuple[Client, ...]


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An act that needs no words."""


class Control:
    """The routes beside the provider's own."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/", self._home, methods=["GET"]),
            Route("/phone", self._phones, methods=["GET"]),
            Route("/phone", _answered(self._play), methods=["POST"]),
            Route("/phone/news", self._news, methods=["GET"]),
            Route("/phone/{handle}", self._phone, methods=["GET"]),
            Route("/phone/{handle}", _answered(self._press), methods=["POST"]),
            Route("/condition", _answered(self._set_condition), methods=["POST"]),
            Route("/clients", _answered(self._set_clients), methods=["POST"]),
            Route("/keys/rotate", _answered(self._rotate), methods=["POST"]),
            Route("/state", self._state, methods=["GET"]),
        ]

    # -- for people ---------------------------------------------------------------------------------------------

    async def _home(self, request: Request) -> Response:
        return RedirectResponse(f"/phone?lang={asked_language(request)}", 303)

    async def _phones(self, request: Request) -> Response:
        waiting, condition = self._provider.waiting(), self._provider.condition
        lang = asked_language(request)
        return html(pages.phones(waiting, lang, condition=condition, news=self._waiting_names()))

    async def _news(self, _: Request) -> Response:
        return Response(self._waiting_names(), media_type="text/plain")

    def _waiting_names(self) -> str:
        return " ".join(each.handle for each in self._provider.waiting())

    async def _phone(self, request: Request) -> Response:
        lang = asked_language(request)
        try:
            found = self._provider.on_phone(request.path_params["handle"])
        except Impossible:
            return html(pages.said("over", lang), 410)
        here, today = request.query_params.get("here") == "1", self._provider.clock.now().date()
        return html(pages.phone(found, self._provider.citizens(), lang, today=today, here=here))

    async def _press(self, request: Request) -> Response:
        """A button on one phone."""
        form, lang = dict(await fields(request)), asked_language(request)
        answer = next((each for each in _ANSWERS_ON_PAGE if each == form.get("answer")), None)
        if answer is None:
            raise Malformed("answer")
        here = form.get("here") == "1"
        doing = Doing(
            citizen=form.get("citizen", ""), answer=answer, ongoing_call="ongoing_call" in form,
            mode="a2a" if here else "QR",
        )  # fmt: skip
        try:
            found = self._provider.on_phone(request.path_params["handle"])
        except Impossible:
            return html(pages.said("over", lang), 410)
        self._provider.answer(found, doing)
        return RedirectResponse(f"/v2/scan/{found.id}", 303) if here else html(pages.said("done", lang))

    # -- for programs -------------------------------------------------------------------------------------------

    async def _play(self, request: Request) -> Response:
        """Answer what waits (the newest, or `handle`); with nothing waiting, the next that begins."""
        wanted = await message(request, _Phone)
        doing = Doing(citizen=wanted.citizen, answer=wanted.answer, ongoing_call=wanted.ongoing_call, mode=wanted.mode)
        waiting = self._provider.waiting()
        if wanted.handle is not None:
            waiting = [self._provider.on_phone(wanted.handle)]
        self._provider.prepare(None if waiting or wanted.answer == "wait" else doing)
        if waiting:
            self._provider.answer(waiting[0], doing)
        return JSONResponse({"answered": waiting[0].handle if waiting else None})

    async def _set_condition(self, request: Request) -> Response:
        if kind(request) == FORM:
            pressed = dict(await fields(request)).get("condition")
            state = next((each for each in _CONDITIONS if each == pressed), None)
            if state is None:
                raise Malformed("condition")
            self._provider.condition = state
            return RedirectResponse(f"/phone?lang={asked_language(request)}", 303)
        wanted = await message(request, _Condition)
        if wanted.seconds is not None:
            if wanted.seconds < 0:
                raise Malformed("seconds")
            self._provider.slow_seconds = wanted.seconds
        self._provider.condition = wanted.state
        return JSONResponse({})

    async def _set_clients(self, request: Request) -> Response:
        """Put these clients in the register, in the place of those with the same id."""
        added = (await message(request, _Clients)).client
        known = {client.client_id: client for client in (*self._provider.register.client, *added)}
        try:
            self._provider.register = checked(Register(client=tuple(known.values())))
        except ClientsUnusable as error:
            raise Malformed(str(error)) from error
        for client in added:
            self._provider.keyrings.forget(client.jwks_uri)
        return JSONResponse({})

    async def _rotate(self, request: Request) -> Response:
        await message(request, _Nothing)
        self._provider.own.rotate()
        return JSONResponse({})

    async def _state(self, _: Request) -> Response:
        today = self._provider.clock.now().date()
        people = [
            {
                "citizen": who.key, "name": who.name, "given_name": who.given_name, "family_name": who.family_name,
                "birthdate": who.birthdate.isoformat(), "age": who.age(today), "national_number": who.national_number,
            }
            for who in self._provider.citizens().values()
        ]  # fmt: skip
        waiting = [_seen(each) for each in self._provider.waiting()]
        condition = {"state": self._provider.condition, "seconds": self._provider.slow_seconds}
        return JSONResponse(
            {"issuer": self._provider.issuer, "condition": condition, "citizens": people, "waiting": waiting}
        )


def _seen(transaction: Transaction) -> dict[str, object]:
    asked = transaction.asked
    return {
        "handle": transaction.handle, "client": asked.client.client_id, "service": asked.service.code,
        "text": asked.wishes.text, "advanced": asked.advanced,
        "id_token": list(asked.wishes.id_token), "userinfo": list(asked.wishes.userinfo),
        "begun_at": moment(transaction.begun), "expires_at": moment(transaction.expires),
    }  # fmt: skip


def _answered(handler: Handler) -> Handler:
    """The same handler, its refusals said in words."""

    async def answer(request: Request) -> Response:
        lang = asked_language(request)
        try:
            return await handler(request)
        except Impossible as no:
            said = words(f"simulator.impossible.{no.why}", lang)
            return JSONResponse({"error": said, "why": no.why}, 409)
        except Malformed as wrong:
            said = words("simulator.wrong.malformed", lang, detail=wrong)
            return JSONResponse({"error": said, "why": "malformed"}, 400)

    return answer
