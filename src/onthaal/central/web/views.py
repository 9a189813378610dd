"""The shell's own pages: signing in and out, one's own password, errors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from onthaal.central.foundation.gates import open_to_all


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or came from elsewhere."""
    return render(request, "web/csrf.html", status=403)


@open_to_all
def alive(request: HttpRequest) -> HttpResponse:
    """For a load balancer: this process answers and its database too (the municipality was looked up)."""
    return HttpResponse("ok\n", content_type="text/plain")
