"""Files that came with a form, given to the verb one by one; the good ones are kept when another is refused."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from onthaal.central.lockers.faces.citizen.personal.forms import FilesForm
from onthaal.central.lockers.faces.citizen.signed_in import me
from onthaal.central.lockers.requests import applying
from onthaal.core.refusals import Refusal, Why


def take(request: HttpRequest, form: FilesForm, *, request_id: int, kinds: Iterable[str]) -> None:
    """Attach what was sent. What is refused is said beside its field."""
    for kind in kinds:
        sent = request.FILES.get(kind)
        if sent is None:
            continue
        if getattr(sent, "too_big", False):
            form.say_wrong(kind, Why.ATTACHMENT_TOO_BIG.value)
            continue
        try:
            applying.attach(identity=me(request), request_id=request_id, kind=kind, content=sent.read())
        except Refusal as no:
            form.say_wrong(kind, no.why.value)
