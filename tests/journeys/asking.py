"""Asking the town's services for JSON."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


def ask(url: str, body: object | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 (our own loopback addresses)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own loopback addresses)
        return json.loads(answer.read() or b"null")


def ask_bytes(url: str) -> bytes:
    """What is at an address of ours."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 (our own loopback addresses)
        content: bytes = answer.read()
    return content
