"""What follows when somebody came back from a provider: back to what they were doing, or why not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from onthaal.central.foundation.identity.finishing import Finished
from onthaal.central.foundation.identity.models import SignIn
from onthaal.central.web import pages
from onthaal.core.refusals import Refusal


def follow(request: HttpRequest, finished: Finished) -> HttpResponse:
    """In the portal: on to the page that asked. Elsewhere: a page that says it is done."""
    if finished.why is not None:
        return pages.refused(request, Refusal(finished.why))
    assert finished.sign_in is not None
    if finished.sign_in.purpose == "portal":
        return redirect(_onward(finished.sign_in))
    return render(request, "web/plain.html", {"title": "identity.done.title", "text": "identity.done.text"})


def _onward(sign_in: SignIn) -> str:
    """The page that asked: only ever one of our own."""
    return sign_in.about if url_has_allowed_host_and_scheme(sign_in.about, allowed_hosts=None) else "/"
