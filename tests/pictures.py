"""The smallest pictures there are, whole: a browser shows them, and nothing refuses them for their structure."""

from __future__ import annotations

import io

from PIL import Image


def _picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), (0, 90, 150)).save(made, kind)
    return made.getvalue()


JPEG = _picture("JPEG")
PNG = _picture("PNG")
