"""Asking the town's services for JSON."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException
from typing import Any


def ask(url: str, body: object | None = None) -> Any:
    """What a service says to a message, or to a question without one; an `OSError` where it says nothing whole."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 (our own loopback addresses)
    return json.loads(_answer(request) or b"null")


def ask_bytes(url: str) -> bytes:
    """What is at an address of ours; an `OSError` where nothing whole is."""
    return _answer(urllib.request.Request(url))  # noqa: S310 (our own loopback addresses)


def answers(url: str) -> bool:
    """Whether something whole is there now."""
    try:
        return bool(ask_bytes(url))
    except OSError:
        return False


def _answer(request: urllib.request.Request) -> bytes:
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own loopback addresses)
            content: bytes = answer.read()
    except HTTPException as cut_off:  # its power went in the middle of the answer
        raise ConnectionResetError(str(cut_off)) from cut_off
    return content
