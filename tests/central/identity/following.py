"""What hangs on a sign-in in these tests: it says what came of it, in so many words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from onthaal.central.foundation.identity.finishing import Finished
from onthaal.central.web import pages
from onthaal.core.refusals import Refusal


def follow(request: HttpRequest, finished: Finished) -> HttpResponse:
    if finished.why is not None:
        return pages.refused(request, Refusal(finished.why))
    assert finished.sign_in is not None
    named = finished.assertion.given_name if finished.assertion else "nobody"
    return HttpResponse(f"{finished.sign_in.purpose} {finished.sign_in.about} {named} again={finished.again}")
