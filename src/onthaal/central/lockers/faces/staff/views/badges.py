"""One's own badge and PIN for the walls."""

from __future__ import annotations

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import actions, queries
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

AT_THE_WALL = ("clerk", "technician")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*AT_THE_WALL)
def own(request: HttpRequest) -> HttpResponse:
    """The own badge: is there one, and does it have a PIN? POST sets the PIN, typed twice."""
    assert isinstance(request.user, Account)
    said = ""
    if request.method == "POST":
        pin, again = request.POST.get("pin", ""), request.POST.get("again", "")
        try:
            if pin != again:
                raise Refusal(Why.MALFORMED)
            actions.set_badge_pin(account_id=request.user.pk, pin=pin, by=request.user)
        except Refusal:
            said = words("desk.badge.pin-wrong", lang_of(request))
        else:
            messages.success(request, words("desk.done.pin-set", lang_of(request)))
            return redirect("desk-badge")
    shown = {"badge": queries.badge_of(request.user.pk), "said": said}
    return render(request, "staff/badge.html", shown, status=409 if said else 200)


@require_POST
@for_roles(*AT_THE_WALL)
def issue(request: HttpRequest) -> HttpResponse:
    """A new badge to print, shown this once."""
    assert isinstance(request.user, Account)
    text = actions.issue_badge(account_id=request.user.pk, by=request.user)
    drawn = segno.make(text, error="m").svg_inline(scale=8, border=2)
    qr = mark_safe(drawn)  # noqa: S308 (drawn by segno from our own text)
    return render(request, "staff/badge_new.html", {"text": text, "qr": qr})
