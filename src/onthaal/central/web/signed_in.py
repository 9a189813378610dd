"""What follows when somebody came back from a provider: back to what they were doing, or why not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from onthaal.central.foundation.identity.finishing import Finished
from onthaal.central.foundation.identity.models import SignIn
from onthaal.central.lockers.faces.citizen import wall
from onthaal.central.web import pages
from onthaal.core.refusals import Refusal


def follow(request: HttpRequest, finished: Finished) -> HttpResponse:
    """In the portal: on to the page that asked. At a wall: what `citizen.wall` says."""
    if finished.sign_in is not None and finished.sign_in.purpose != "portal":
        return wall.follow(request, finished)
    if finished.why is not None:
        return pages.refused(request, Refusal(finished.why))
    assert finished.sign_in is not None
    return redirect(_onward(finished.sign_in))


def _onward(sign_in: SignIn) -> str:
    """The page that asked: only ever one of our own."""
    return sign_in.about if url_has_allowed_host_and_scheme(sign_in.about, allowed_hosts=None) else "/"
