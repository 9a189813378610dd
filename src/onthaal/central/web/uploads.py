"""Files that come with a form: counted while they come, never written to disk in the clear, dropped when too big."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.urls import Resolver404, resolve

from onthaal.central.foundation.gates import gate_of
from onthaal.core.attachments import LARGEST_BYTES

LARGEST_FORM_BYTES = 2 * LARGEST_BYTES
"""Of all the files of one form."""


class BoundedUpload(FileUploadHandler):
    """Keeps a file in memory while it and its form stay within what is allowed; of a bigger one keeps nothing and
    marks it `too_big`. Only pages for citizens who may sign in take files at all."""

    chunk_size = 64 * 1024

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._left = LARGEST_FORM_BYTES
        self._kept = io.BytesIO()
        self._too_big = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not _takes_files(self.request):
            raise SkipFile
        self._kept, self._too_big = io.BytesIO(), False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._left -= len(raw_data)
        if self._left < 0 or start + len(raw_data) > LARGEST_BYTES:
            self._too_big, self._kept = True, io.BytesIO()
        if not self._too_big:
            self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        size = self._kept.tell()
        self._kept.seek(0)
        came = InMemoryUploadedFile(
            self._kept, self.field_name, self.file_name, self.content_type, size, self.charset, self.content_type_extra
        )
        came.too_big = self._too_big  # type: ignore[attr-defined]
        return came


def _takes_files(request: Any) -> bool:
    try:
        gate = gate_of(resolve(request.path_info).func)
    except Resolver404:
        return False
    return gate is not None and gate.to == "citizens" and "citizen" in request.session
