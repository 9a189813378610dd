"""The control interface: JSON over HTTP on loopback. What the page does, a program can do.

Impossible acts (a bolted door) answer 409, messages that are wrong answer 400, both with
`{"error": words}` in the language of `?lang=` or Accept-Language.
"""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import msgspec
import zxingcpp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from onthaal.emulator.power import cut_power
from onthaal.emulator.running import EmulatedWall
from onthaal.emulator.things import Impossible, Thing
from onthaal.emulator.view import seen
from onthaal.emulator.wall import TAG_LINE
from onthaal.words import language, words

_LARGEST_BODY = 8_000_000
# Browsers give up on a silent stream after a while; proxies sooner.
_KEEP_ALIVE_SECONDS = 15.0


class _Act(msgspec.Struct, forbid_unknown_fields=True):
    compartment: int | None = None
    thing: str | None = None


class _Make(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    tag: str | None = None
    id: str | None = None


class _Code(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class _Picture(msgspec.Struct, forbid_unknown_fields=True):
    """Grey pixels, a byte each, row by row, base64."""

    width: int
    height: int
    pixels: str


class _Tag(msgspec.Struct, forbid_unknown_fields=True):
    tag: str | None = None
    thing: str | None = None


class _Fault(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    compartment: int | None = None
    bus: str | None = None
    on: bool = True


class _Power(msgspec.Struct, forbid_unknown_fields=True):
    cut: bool


class Malformed(Exception):
    """The message cannot be understood; the text says where."""


Body = TypeVar("Body", bound=msgspec.Struct)
Handler = Callable[[Request], Awaitable[Response]]


class Control:
    """The routes of one wall."""

    def __init__(self, emulated: EmulatedWall, *, power_url: str | None) -> None:
        """`power_url`: what is told when the power is cut; without it that button is not there."""
        self._emulated, self._power_url = emulated, power_url
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the event streams, so that the server can close."""
        self._stopping.set()

    def routes(self) -> list[Route]:
        """Every route but the page itself."""
        posts: dict[str, Handler] = {
            "/hand/{act}": self._hand,
            "/reader/code": self._code,
            "/reader/picture": self._picture,
            "/reader/tag": self._tag,
            "/reader/tag/clear": self._tag_away,
            "/fault": self._fault,
            "/fault/clear": self._mend,
            "/power": self._power,
        }
        return [
            Route("/state", self._state, methods=["GET"]),
            Route("/events", self._events, methods=["GET"]),
            *(Route(path, _answered(handler), methods=["POST"]) for path, handler in posts.items()),
        ]

    def _seen(self) -> dict[str, object]:
        return seen(self._emulated, power=self._power_url is not None)

    async def _state(self, _: Request) -> Response:
        return JSONResponse(self._seen())

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(self._changes(), media_type="text/event-stream")

    async def _changes(self) -> AsyncIterator[bytes]:
        changed = asyncio.Event()
        forget = self._emulated.cabinet.watch(changed.set)
        try:
            yield _event(self._seen())
            while not self._stopping.is_set():
                if await _first_of(changed, self._stopping):
                    changed.clear()
                    yield _event(self._seen())
                else:
                    yield b": still here\n\n"
        finally:
            forget()

    async def _hand(self, request: Request) -> Response:
        hand, act = self._emulated.hand, request.path_params["act"]
        if act == "make":
            made = await _body(request, _Make)
            return _thing(hand.make(made.text, tag=made.tag, thing=made.id))
        wanted = await _body(request, _Act)
        match act:
            case "open" | "shut" | "lever":
                {"open": hand.open, "shut": hand.shut, "lever": hand.lever}[act](_given(wanted.compartment))
            case "take":
                return _thing(hand.take(_given(wanted.compartment), wanted.thing))
            case "put":
                hand.put(_given(wanted.compartment), _named(wanted.thing))
            case "drop" | "pick":
                {"drop": hand.drop, "pick": hand.pick}[act](_named(wanted.thing))
            case _:
                raise Malformed(f"/hand/{act}")
        return JSONResponse({})

    async def _code(self, request: Request) -> Response:
        self._emulated.hold_code((await _body(request, _Code)).text)
        return JSONResponse({})

    async def _picture(self, request: Request) -> Response:
        text = await asyncio.to_thread(_code_in, await _body(request, _Picture))
        self._emulated.hold_code(text)
        return JSONResponse({"text": text})

    async def _tag(self, request: Request) -> Response:
        held = await _body(request, _Tag)
        if TAG_LINE not in self._emulated.links:
            raise Impossible("no_tag_reader")
        if (held.tag is None) == (held.thing is None):
            raise Malformed("tag | thing")
        if held.thing is not None:
            self._emulated.hand.hold_thing(held.thing)
        else:
            self._emulated.hold_tag(held.tag)
        return JSONResponse({})

    async def _tag_away(self, request: Request) -> Response:
        await _body(request, _Act)
        self._emulated.hold_tag(None)
        return JSONResponse({})

    async def _fault(self, request: Request) -> Response:
        fault = await _body(request, _Fault)
        self._emulated.fault(fault.kind, compartment=fault.compartment, line=fault.bus, on=fault.on)
        return JSONResponse({})

    async def _mend(self, request: Request) -> Response:
        await _body(request, _Act)
        self._emulated.clear_faults()
        return JSONResponse({})

    async def _power(self, request: Request) -> Response:
        if not (await _body(request, _Power)).cut:
            raise Malformed("cut")
        if self._power_url is None:
            raise Impossible("no_power")
        if not await asyncio.to_thread(cut_power, self._power_url):
            raise Impossible("power_unanswered")
        return JSONResponse({})


def _answered(handler: Handler) -> Handler:
    """The same handler, its refusals said in words."""

    async def answer(request: Request) -> Response:
        lang = language(request.query_params.get("lang") or request.headers.get("accept-language"))
        try:
            return await handler(request)
        except Impossible as no:
            said = words(f"emulator.impossible.{no.why}", lang, **no.facts)
            return JSONResponse({"error": said, "why": no.why}, status_code=409)
        except Malformed as wrong:
            said = words("emulator.refused.malformed", lang, detail=wrong)
            return JSONResponse({"error": said, "why": "malformed"}, status_code=400)

    return answer


async def _body(request: Request, kind: type[Body]) -> Body:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LARGEST_BODY:
            raise Malformed(str(_LARGEST_BODY))
    try:
        return msgspec.json.decode(bytes(content), type=kind)
    except msgspec.DecodeError as error:
        raise Malformed(str(error)) from error


def _given(compartment: int | None) -> int:
    if compartment is None:
        raise Malformed("compartment")
    return compartment


def _named(thing: str | None) -> str:
    if thing is None:
        raise Malformed("thing")
    return thing


def _thing(thing: Thing) -> Response:
    return JSONResponse({"thing": {"id": thing.id, "text": thing.text, "tag": thing.tag}})


def _code_in(picture: _Picture) -> str:
    """The text of the QR code in a picture. Raises Malformed, Impossible."""
    try:
        pixels = base64.b64decode(picture.pixels, validate=True)
    except binascii.Error as error:
        raise Malformed("pixels") from error
    if picture.width < 1 or picture.height < 1 or len(pixels) != picture.width * picture.height:
        raise Malformed("width, height")
    grey = memoryview(pixels).cast("B", (picture.height, picture.width))
    # Made here: one that outlives the interpreter is complained of by its binding.
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    if not found:
        raise Impossible("no_code_in_image")
    return str(found[0].text)


def _event(state: dict[str, object]) -> bytes:
    return b"data: " + msgspec.json.encode(state) + b"\n\n"


async def _first_of(changed: asyncio.Event, stopping: asyncio.Event) -> bool:
    """Whether the wall changed before the keep-alive was due."""
    waits = [asyncio.ensure_future(event.wait()) for event in (changed, stopping)]
    try:
        await asyncio.wait(waits, timeout=_KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return changed.is_set()
