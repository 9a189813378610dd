"""The work list: what asks for a person now, and the requests by how far they are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from onthaal import clock
from onthaal.central.foundation.attention import queries as attention
from onthaal.central.foundation.gates import for_any_staff, for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import queries as access
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.devices import queries as devices
from onthaal.central.lockers.faces.staff.drawn import page_number
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.subjects import lines, with_urls
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.places import queries as places
from onthaal.central.lockers.requests import queries as requests

_LONGEST = 120
FIRST = 6
"""So many rows of each list on the first page; the rest behind its link."""
HAVE_THEIR_LIST = ("take-back", "inspect", "overdue", "resolve-dispute")
"""Tasks that stand on the first page as what they are about."""


@require_safe
@for_any_staff
def home(request: HttpRequest) -> HttpResponse:
    """What asks for a person now, for each role its own part."""
    account = me(request)
    badge = access.badge_of(account.pk)
    tasks = attention.open_tasks().exclude(kind__in=HAVE_THEIR_LIST)
    alerts = attention.open_alerts()
    shown = {
        "alerts": lines(alerts[:3], below="desk.alert", lang=lang_of(request)),
        "alert_count": alerts.count(),
        "gravest": alerts.first(),
        "tasks": lines(tasks[:FIRST], below="desk.task", lang=lang_of(request)),
        "task_count": tasks.count(),
        "may_finish": account.has_role("clerk", "technician", "administrator"),
        "hint": _hint(account, badge),
        "walls": [devices.wall(kiosk.pk) for kiosk in places.kiosks()],
    }
    if account.has_role("clerk", "administrator", "auditor"):
        shown |= _handed_over()
    return render(request, "staff/home.html", shown)


def _hint(account: Any, badge: Any) -> str:
    """What somebody who begins here does first."""
    if not account.has_role("clerk", "technician"):
        return ""
    if badge is None:
        return "no-badge"
    return "no-pin" if badge.pin_sealed is None else ""


def _handed_over() -> dict[str, Any]:
    now = clock.now()
    counts = requests.counts()
    taken_out, disputed = handovers.take_back_list(), handovers.disputed()
    overdue = [back for back in handovers.loans_out() if handovers.is_overdue(back, now)]
    return {
        "requests": True,
        "counts": counts,
        "new": list(requests.worklist("new"))[:FIRST],
        "to_prepare": list(requests.worklist("to-prepare"))[:FIRST],
        "to_prepare_count": counts["to-prepare"],
        "to_load": list(requests.worklist("to-load"))[:FIRST],
        "to_load_count": counts["to-load"],
        "take_out": with_urls(taken_out[:FIRST]),
        "take_out_count": taken_out.count(),
        "disputed": with_urls(disputed[:FIRST]),
        "disputed_count": disputed.count(),
        "overdue": with_urls(overdue[:FIRST]),
        "overdue_count": len(overdue),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles("clerk", "administrator", "auditor")
def request_list(request: HttpRequest) -> HttpResponse:
    """Requests under one filter, of one product or all, a page at a time.

    POST looks for somebody's: a name never stands in an address.
    """
    if request.method == "POST":
        text = request.POST.get("text", "")[:_LONGEST]
        found = requests.found(text)
        shown: dict[str, Any] = {"text": text, "rows": found.rows, "more": found.more, "counts": requests.counts()}
        return render(request, "staff/requests.html", shown)
    chosen = request.GET.get("filter", "new")
    if chosen not in requests.FILTERS:
        chosen = "new"
    wanted = request.GET.get("product", "")
    products = list(catalogue.products())
    product = next((one for one in products if one.slug == wanted), None)
    page = requests.worklist(chosen, page_number(request), product.pk if product else None)
    shown = {
        "page": page,
        "rows": page.object_list,
        "chosen": chosen,
        "counts": requests.counts(),
        "products": products,
        "product": product,
        "may_enter": me(request).has_role("clerk", "administrator"),
    }
    return render(request, "staff/requests.html", shown)
