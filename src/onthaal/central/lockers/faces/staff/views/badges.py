"""One's own badge and PIN for the walls."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import actions, queries
from onthaal.central.lockers.faces.staff.drawn import qr
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

AT_THE_WALL = ("clerk", "technician")
_SAID = {Why.MALFORMED: "desk.badge.pin-wrong", Why.NOT_YOURS: "desk.badge.pin-no-badge"}


@sensitive_post_parameters("pin", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*AT_THE_WALL)
def own(request: HttpRequest) -> HttpResponse:
    """The own badge: is there one, and does it have a PIN? POST sets the PIN, typed twice."""
    said = ""
    if request.method == "POST":
        said = _set_pin(me(request), request.POST.get("pin", ""), request.POST.get("again", ""))
        if not said:
            messages.success(request, words("desk.done.pin-set", lang_of(request)))
            return redirect("desk-badge")
    shown = {"badge": queries.badge_of(me(request).pk), "said": words(said, lang_of(request)) if said else ""}
    return render(request, "staff/badge.html", shown, status=409 if said else 200)


def _set_pin(account: Account, pin: str, again: str) -> str:
    """Keep the PIN; the words key of what is wrong with it, or nothing."""
    if pin != again:
        return "desk.badge.pin-differs"
    try:
        actions.set_badge_pin(account_id=account.pk, pin=pin, by=account)
    except Refusal as no:
        return _SAID[no.why]
    return ""


@require_POST
@for_roles(*AT_THE_WALL)
def issue(request: HttpRequest) -> HttpResponse:
    """A new badge to print, shown this once."""
    text = actions.issue_badge(account_id=me(request).pk, by=me(request))
    return render(request, "staff/badge_new.html", {"text": text, "qr": qr(text), "owner": me(request)})
