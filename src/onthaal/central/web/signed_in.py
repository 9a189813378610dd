"""What follows when somebody came back from a provider: back to what they were doing, or why not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from onthaal.central.foundation.identity.finishing import Finished
from onthaal.central.lockers.faces.citizen import wall
from onthaal.central.lockers.faces.citizen.personal import signing
from onthaal.central.web import pages
from onthaal.core.refusals import Refusal, Why


def follow(request: HttpRequest, finished: Finished) -> HttpResponse:
    """In the portal: signed in, and on to the page that asked. At a wall: what `citizen.wall` says."""
    if finished.sign_in is None:
        return pages.refused(request, Refusal(finished.why or Why.IDENTITY_FAILED))
    if finished.sign_in.purpose == "portal":
        return signing.arrived(request, finished)
    return wall.follow(request, finished)
