"""What is attached is told by its content, and a picture keeps nothing but what is to be seen on it."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from onthaal.core.attachments import media_type, only_the_picture
from onthaal.core.refusals import Refusal, Why

GPS, MADE_BY, THUMBNAIL = b"51.0876", b"Telefoonmerk X", b"a small picture of what was cut off"
SECRETS = (GPS, MADE_BY, THUMBNAIL)
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><exif:GPSLatitude>" + GPS + b"</exif:GPSLatitude></x:xmpmeta>"


def tiff(side: int, *, order: str = "<") -> bytes:
    """An Exif block as telephones write it, by TIFF 6.0 and CIPA DC-008: maker, which side is up, place, thumbnail."""
    first, gps = 8 + 2 + 4 * 12 + 4, 2 + 12 + 4
    tail = MADE_BY + GPS + THUMBNAIL
    at_maker = first + gps
    entries = (
        (0x010F, 2, len(MADE_BY), struct.pack(order + "I", at_maker)),
        (0x0112, 3, 1, struct.pack(order + "HH", side, 0)),
        (0x8825, 4, 1, struct.pack(order + "I", first)),
        (0x927C, 7, len(THUMBNAIL), struct.pack(order + "I", at_maker + len(MADE_BY) + len(GPS))),
    )
    directory = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    place = struct.pack(order + "HHHII", 1, 2, 2, len(GPS), at_maker + len(MADE_BY)) + bytes(4)
    start = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "IH", 8, len(entries))
    return start + directory + bytes(4) + place + tail


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


TOLD_IN_JPEG = st.sampled_from(
    (
        segment(0xE1, XMP),
        segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04" + GPS),  # IPTC
        segment(0xFE, GPS),
        segment(0xE2, b"MPF\x00" + THUMBNAIL),
        segment(0xE0, b"JFXX\x00\x10" + THUMBNAIL),
        segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01" + GPS[:3]),
        segment(0xE5, MADE_BY),
        segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + ICC),
        b"\xff\xff\xff" + segment(0xEF, MADE_BY)[1:],  # fill bytes before a marker
    )
)
TOLD_IN_PNG = st.sampled_from(
    (
        chunk(b"tEXt", b"Comment\x00" + GPS),
        chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(GPS)),
        chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + XMP),
        chunk(b"tIME", struct.pack(">HBBBBB", 2026, 11, 22, 2, 10, 0)),
        chunk(b"prVt", MADE_BY),
        chunk(b"gAMA", struct.pack(">I", 45455)),
    )
)
SIDES = st.integers(1, 8)


def drawn(mode: str, kind: str, **how: bool) -> bytes:
    """A picture that looks different from each side."""
    image, made = Image.new(mode, (16, 24)), io.BytesIO()
    one = mode in ("L", "P")
    image.putdata([7 * n % 256 if one else (n % 256, 3 * n % 256, 90, 0)[: len(mode)] for n in range(16 * 24)])
    image.save(made, kind, **how)
    return made.getvalue()


TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def upright(picture: bytes) -> tuple[str, tuple[int, int], bytes]:
    """What is seen of it: its pixels, with the side up that should be."""
    with Image.open(io.BytesIO(picture)) as image:
        turn = TURNED.get(image.getexif().get(0x0112, 1))
        seen = image.transpose(turn) if turn is not None else image
        return seen.mode, seen.size, seen.tobytes()


def says_nothing(picture: bytes) -> None:
    assert not [secret for secret in SECRETS if secret in picture]
    with Image.open(io.BytesIO(picture)) as image:
        assert set(image.getexif()) <= {0x0112}
        assert not {"comment", "xmp", "photoshop", "mp", "parsed_exif"} & set(image.info)
        image.load()
        assert not getattr(image, "text", {})


def mixed(jpeg: bytes, told: list[bytes], where: list[int]) -> bytes:
    """The picture with these segments between its own, before the first scan."""
    parts, at = [jpeg[:2]], 2
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        parts.append(jpeg[at:end])
        at = end
    for piece, place in zip(told, where, strict=True):
        parts.insert(1 + place % len(parts), piece)
    return b"".join(parts) + jpeg[at:]


@st.composite
def telephones_jpeg(draw: st.DrawFn) -> bytes:
    """A JPEG with what a camera writes into it, in any order, and perhaps more after its end."""
    mode, how = draw(st.sampled_from((("RGB", {}), ("L", {}), ("CMYK", {}), ("RGB", {"progressive": True}))))
    exif = segment(0xE1, b"Exif\x00\x00" + tiff(draw(SIDES), order=draw(st.sampled_from("<>"))))
    told = [*draw(st.lists(TOLD_IN_JPEG, max_size=8)), exif]
    where = draw(st.lists(st.integers(0, 20), min_size=len(told), max_size=len(told)))
    return mixed(drawn(mode, "JPEG", **how), told, where) + draw(st.sampled_from((b"", bytes(9), b"a film of " + GPS)))


@st.composite
def telephones_png(draw: st.DrawFn) -> bytes:
    """As telephones_jpeg."""
    plain = drawn(draw(st.sampled_from(("RGB", "L", "RGBA", "P"))), "PNG")
    parts = [plain[:33], plain[33:-12]]
    exif = chunk(b"eXIf", tiff(draw(SIDES), order=draw(st.sampled_from("<>"))))
    for piece in [*draw(st.lists(TOLD_IN_PNG, max_size=6)), exif]:
        parts.insert(draw(st.integers(1, len(parts))), piece)
    return b"".join(parts) + plain[-12:] + draw(st.sampled_from((b"", b"and more: " + GPS)))


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO file")
@given(before=telephones_jpeg())
def test_a_jpeg_looks_the_same_and_no_longer_says_where_it_was_made(before: bytes) -> None:
    kept = only_the_picture(media_type("photo", before), before)
    assert upright(kept) == upright(before)
    says_nothing(kept)
    assert only_the_picture("image/jpeg", kept) == kept
    assert (b"ICC_PROFILE" in kept) == (b"ICC_PROFILE" in before)


@given(before=telephones_png())
def test_a_png_looks_the_same_and_no_longer_says_where_it_was_made(before: bytes) -> None:
    kept = only_the_picture(media_type("photo", before), before)
    assert upright(kept) == upright(before)
    says_nothing(kept)
    assert only_the_picture("image/png", kept) == kept
    assert b"tIME" not in kept


def test_a_picture_with_nothing_to_say_stays_as_it_is() -> None:
    for kind in ("JPEG", "PNG"):
        plain = drawn("RGB", kind)
        assert only_the_picture(media_type("photo", plain), plain) == plain


def test_the_colours_of_a_picture_stay() -> None:
    made = io.BytesIO()
    for kind in ("JPEG", "PNG"):
        made = io.BytesIO()
        Image.new("RGB", (8, 8)).save(made, kind, icc_profile=ICC)
        kept = only_the_picture(media_type("photo", made.getvalue()), made.getvalue())
        assert Image.open(io.BytesIO(kept)).info["icc_profile"] == ICC


def test_a_pdf_stays_as_it_is() -> None:
    assert only_the_picture("application/pdf", b"%PDF-1.7\nanything") == b"%PDF-1.7\nanything"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@given(cut=st.integers(3, 10_000), put=st.binary(max_size=40))
def test_whatever_is_sent_is_a_whole_picture_or_is_refused(kind: str, cut: int, put: bytes) -> None:
    """Never another error, and what is kept of it once is kept of it always."""
    plain = drawn("RGB", kind)
    broken = plain[: cut % len(plain)] + put
    with suppress(Refusal):
        kept = only_the_picture(media_type("photo", broken), broken)
        assert only_the_picture(media_type("photo", kept), kept) == kept


PLAIN_JPEG, PLAIN_PNG = drawn("RGB", "JPEG"), drawn("RGB", "PNG")
DATA = PLAIN_PNG[33:-12]


@pytest.mark.parametrize(
    "broken",
    [
        PLAIN_JPEG[:-2],
        PLAIN_JPEG[:2] + PLAIN_JPEG[-2:],
        PLAIN_JPEG[:2] + b"no marker" + PLAIN_JPEG[2:],
        PLAIN_JPEG[:2] + b"\xff\xd8" + PLAIN_JPEG[2:],
        PLAIN_JPEG[:2] + b"\xff\xf7\x00\x02" + PLAIN_JPEG[2:],
        PLAIN_JPEG[:2] + b"\xff\xe1\x00\x01" + PLAIN_JPEG[2:],
        PLAIN_JPEG[:2] + b"\xff\xe1\xff\xff" + PLAIN_JPEG[2:],
        PLAIN_JPEG[:2] + b"\xff" * 50,
        b"\xff\xd8\xff\xe0" + bytes(60),
        PLAIN_PNG[:-12],
        PLAIN_PNG[:33] + PLAIN_PNG[-12:],
        PLAIN_PNG[:8] + DATA + PLAIN_PNG[-12:],
        PLAIN_PNG[:33] + PLAIN_PNG[8:33] + DATA + PLAIN_PNG[-12:],
        PLAIN_PNG[:33] + chunk(b"MUST", b"x") + DATA + PLAIN_PNG[-12:],
        PLAIN_PNG[:33] + 2 * chunk(b"eXIf", tiff(3)) + DATA + PLAIN_PNG[-12:],
        PLAIN_PNG[:33] + chunk(b"tEXt", b"x")[:-1] + b"?" + DATA + PLAIN_PNG[-12:],
        PLAIN_PNG[:33] + b"\xff\xff\xff\xfftEXt" + DATA + PLAIN_PNG[-12:],
    ],
)  # fmt: skip
def test_a_picture_that_is_not_put_together_as_it_must_is_refused(broken: bytes) -> None:
    with pytest.raises(Refusal) as no:
        only_the_picture(media_type("photo", broken), broken)
    assert no.value.why is Why.ATTACHMENT_WRONG


@pytest.mark.parametrize(
    "odd", [b"", b"II*\x00", tiff(6)[:20], tiff(9), b"XX" + tiff(6)[2:], b"II*\x00\xff\xff\xff\xff\x00\x00"]
)
def test_an_exif_that_makes_no_sense_goes_whole_and_the_picture_stays(odd: bytes) -> None:
    before = mixed(PLAIN_JPEG, [segment(0xE1, b"Exif\x00\x00" + odd)], [0])
    assert only_the_picture("image/jpeg", before) == PLAIN_JPEG


def test_which_side_is_up_is_said_in_36_bytes_and_nothing_more() -> None:
    before = mixed(PLAIN_JPEG, [segment(0xE1, b"Exif\x00\x00" + tiff(6))], [0])
    kept = only_the_picture("image/jpeg", before)
    assert len(kept) == len(PLAIN_JPEG) + 36
    assert cast("dict[int, int]", Image.open(io.BytesIO(kept)).getexif()) == {0x0112: 6}


def test_of_two_exifs_the_first_counts_as_for_every_reader() -> None:
    two = [segment(0xE1, b"Exif\x00\x00" + tiff(side)) for side in (8, 6)]  # each put before the one before it
    for told in (two, [two[0], segment(0xE1, b"Exif\x00\x00" + tiff(1))]):
        before = mixed(PLAIN_JPEG, told, [0, 0])
        assert upright(only_the_picture("image/jpeg", before)) == upright(before)
