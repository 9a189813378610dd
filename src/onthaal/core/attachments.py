"""What may be attached to an application: told by its content, never by its name; and a picture says nothing but
what is to be seen on it.

A telephone writes into a photo where and when it was made, with what, and often a small picture of what was cut off.
None of that is needed here, so it is cut out when the picture is taken in. The pixels are not touched: they are
copied, byte for byte. Kept is what a picture needs to look the same: its decoding tables, its colours (ICC profile,
gamma, the Adobe marker) and which side is up.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Literal

from onthaal.core.refusals import Refusal, Why

MediaType = Literal["image/jpeg", "image/png", "application/pdf"]

LARGEST_BYTES = 10 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_STARTS: tuple[tuple[bytes, MediaType], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),  # ITU-T T.81, B.1.1.3: SOI and the next marker
    (_PNG, "image/png"),  # W3C PNG, 5.2
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


def only_the_picture(found: MediaType, content: bytes) -> bytes:
    """`content`, as `media_type` found it, without what is not the picture itself. A PDF stays as it is.

    Refuses ATTACHMENT_WRONG for a JPEG or PNG whose parts do not follow each other as they must. What comes after its
    end (a second picture, a film) is left out.
    """
    if found == "image/jpeg":
        return b"".join(_jpeg(content))
    if found == "image/png":
        return b"".join(_png(content))
    return content


# which side is up

_UPRIGHT, _SIDES = 1, range(1, 9)
_TIFF_HEADER, _ORIENTATION, _SHORT = 8, 0x0112, 3  # TIFF 6.0, sections 2 and 8


def _side_up(tiff: bytes) -> int:
    """The Orientation (1 to 8) that a TIFF header and its first directory say; upright when they say none."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < _TIFF_HEADER:
        return _UPRIGHT
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return _UPRIGHT
    (entries,) = struct.unpack_from(order + "H", tiff, start)
    for at in range(start + 2, min(start + 2 + 12 * entries, len(tiff) - 11), 12):
        tag, kind, count, side = struct.unpack_from(order + "HHIH", tiff, at)
        if (tag, kind, count) == (_ORIENTATION, _SHORT, 1):
            return side if side in _SIDES else _UPRIGHT
    return _UPRIGHT


def _only_side_up(tiff: bytes) -> bytes:
    """A TIFF header and a directory with the Orientation of `tiff` and nothing else; nothing when it is upright."""
    side = _side_up(tiff)
    if side == _UPRIGHT:
        return b""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, _ORIENTATION, _SHORT, 1, side, 0, 0)


# JPEG: ITU-T T.81, annex B

_EOI, _SOS, _APP0, _APP1, _APP2, _APP14 = 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive: what a browser shows
_TABLES = (0xC4, 0xDB, 0xDD)  # DHT, DQT, DRI
_TOLD = (*range(0xE0, 0xF0), 0xFE)  # APP0 to APP15, COM
_LENGTH, _JFIF_FIXED, _ADOBE = 2, 14, 12
_EXIF = b"Exif\x00\x00"  # CIPA DC-008, 4.7.2
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""In a scan: neither a stuffed 0xff, nor a restart marker, nor a fill byte."""


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    at, framed, scanned, turned = 2, False, False, False
    while True:
        marker, segment, at = _segment(content, at)
        if marker == _EOI and scanned:
            yield b"\xff\xd9"
            return
        if marker in _TOLD:
            is_exif = marker == _APP1 and segment.startswith(_EXIF)
            kept = b"" if is_exif and turned else _kept(marker, segment)  # readers go by the first Exif
            yield _written(marker, kept) if kept else b""
            turned = turned or is_exif
        elif marker in _TABLES or (marker == _SOS if framed else marker in _FRAMES):
            framed = framed or marker in _FRAMES
            yield _written(marker, segment)
        else:
            raise Refusal(Why.ATTACHMENT_WRONG)
        if marker == _SOS:
            end = _NEXT_MARKER.search(content, at)
            if end is None:
                raise Refusal(Why.ATTACHMENT_WRONG)
            yield content[at : end.start()]
            at, scanned = end.start(), True


def _segment(content: bytes, at: int) -> tuple[int, bytes, int]:
    """The marker at `at`, what its segment holds, and where the next begins."""
    begin = at
    while content[at : at + 1] == b"\xff":  # B.1.1.2: any number of fill bytes
        at += 1
    if at == begin or at >= len(content):
        raise Refusal(Why.ATTACHMENT_WRONG)
    marker, at = content[at], at + 1
    if marker == _EOI:
        return marker, b"", at
    length = int.from_bytes(content[at : at + 2], "big")
    if length < _LENGTH or at + length > len(content):
        raise Refusal(Why.ATTACHMENT_WRONG)
    return marker, content[at + 2 : at + length], at + length


def _written(marker: int, segment: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(segment) + _LENGTH) + segment


def _kept(marker: int, segment: bytes) -> bytes:
    """What stays of an application's segment; nothing of a comment, of XMP, of IPTC, of what is not known."""
    if marker == _APP0 and segment.startswith(b"JFIF\x00") and len(segment) >= _JFIF_FIXED:
        return segment[:12] + b"\x00\x00"  # no thumbnail: JFIF 1.02
    if marker == _APP1 and segment.startswith(_EXIF):
        turned = _only_side_up(segment[len(_EXIF) :])
        return _EXIF + turned if turned else b""
    if marker == _APP2 and segment.startswith(b"ICC_PROFILE\x00"):
        return segment
    if marker == _APP14 and segment.startswith(b"Adobe") and len(segment) >= _ADOBE:
        return segment[:_ADOBE]  # how its colours are to be read: ITU-T T.872, 6.5.3
    return b""


# PNG: W3C PNG (third edition), 5 and 11

_NEEDED = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_COLOURS = (b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"bKGD", b"pHYs")


def _png(content: bytes) -> Iterator[bytes]:
    yield _PNG
    at, seen = len(_PNG), set[bytes]()
    while True:
        kind, chunk, at = _chunk(content, at)
        if (kind == b"IHDR") == bool(seen) or (kind == b"eXIf" and kind in seen):
            raise Refusal(Why.ATTACHMENT_WRONG)
        seen.add(kind)
        if kind in _NEEDED or kind in _COLOURS:
            yield _written_chunk(kind, chunk)
        elif kind == b"eXIf":
            turned = _only_side_up(chunk)
            yield _written_chunk(kind, turned) if turned else b""
        elif kind[:1].isupper():  # 5.4: without it the picture cannot be shown
            raise Refusal(Why.ATTACHMENT_WRONG)
        if kind == b"IEND":
            break
    if b"IDAT" not in seen:
        raise Refusal(Why.ATTACHMENT_WRONG)


def _chunk(content: bytes, at: int) -> tuple[bytes, bytes, int]:
    """The kind of the chunk at `at`, what it holds, and where the next begins."""
    length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
    end = at + 8 + length
    if not (kind.isalpha() and end + 4 <= len(content)):
        raise Refusal(Why.ATTACHMENT_WRONG)
    if int.from_bytes(content[end : end + 4], "big") != zlib.crc32(content[at + 4 : end]):
        raise Refusal(Why.ATTACHMENT_WRONG)
    return kind, content[at + 8 : end], end + 4


def _written_chunk(kind: bytes, chunk: bytes) -> bytes:
    return struct.pack(">I", len(chunk)) + kind + chunk + struct.pack(">I", zlib.crc32(kind + chunk))
