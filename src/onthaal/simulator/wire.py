"""Reading what comes off the wire, with limits."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from onthaal.words import Lang, language

_LARGEST_BODY = 200_000
_MOST_FIELDS = 60
FORM = "application/x-www-form-urlencoded"

Body = TypeVar("Body", bound=msgspec.Struct)


class Malformed(Exception):
    """The message cannot be understood; the text says where."""


def kind(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def asked_language(request: Request, wished: str = "") -> Lang:
    """The language of `?lang=`, else what a request wished, else the browser's."""
    return language(request.query_params.get("lang") or wished or request.headers.get("accept-language"))


async def fields(request: Request) -> list[tuple[str, str]]:
    """The fields of a posted form, in order, repeated ones too. Raises Malformed."""
    if kind(request) != FORM:
        raise Malformed(f"the body must be {FORM}")
    return pairs((await _content(request)).decode("utf-8", "replace"))


def pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a query or a form. Raises Malformed."""
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Malformed("too many fields") from error


async def message(request: Request, of: type[Body]) -> Body:
    """A JSON body. Raises Malformed."""
    if kind(request) != "application/json":
        raise Malformed("the body must be application/json")
    try:
        return msgspec.json.decode(await _content(request), type=of)
    except msgspec.DecodeError as error:
        raise Malformed(str(error)) from error


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LARGEST_BODY:
            raise Malformed(f"more than {_LARGEST_BODY} bytes")
    return bytes(content)
