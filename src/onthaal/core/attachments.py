"""What may be attached to an application: told by its content, never by its name."""

from __future__ import annotations

from typing import Literal

from onthaal.core.refusals import Refusal, Why

MediaType = Literal["image/jpeg", "image/png", "application/pdf"]

LARGEST_BYTES = 10 * 1024 * 1024
_STARTS: tuple[tuple[bytes, MediaType], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),  # ITU-T T.81, B.1.1.3: SOI and the next marker
    (b"\x89PNG\r\n\x1a\n", "image/png"),  # W3C PNG, 5.2
    (b"%PDF-", "application/pdf"),  # ISO 32000-1, 7.5.2
)
ALLOWED: dict[str, tuple[MediaType, ...]] = {
    "photo": ("image/jpeg", "image/png"),
    "certificate": ("image/jpeg", "image/png", "application/pdf"),
}


def media_type(kind: str, content: bytes) -> MediaType:
    """What `content` is. Refuses ATTACHMENT_TOO_BIG; ATTACHMENT_WRONG for nothing, or for what `kind` cannot be."""
    if len(content) > LARGEST_BYTES:
        raise Refusal(Why.ATTACHMENT_TOO_BIG)
    for start, found in _STARTS:
        if content.startswith(start) and found in ALLOWED[kind]:
            return found
    raise Refusal(Why.ATTACHMENT_WRONG)
