"""One request: decide, prepare, label, send the code again, recall."""

from __future__ import annotations

from collections.abc import Callable

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.journal import queries as journal
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access import queries as grants
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.requests import actions, queries
from onthaal.central.lockers.requests.models import Request
from onthaal.core.codes import Kind, written
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

DECIDES = ("clerk", "administrator")


def found(request_id: int) -> Request:
    """The request of this municipality, or 404."""
    try:
        return queries.get(request_id)
    except Request.DoesNotExist:
        raise Http404 from None


@require_safe
@for_roles(*DECIDES, "auditor")
def detail(request: HttpRequest, request_id: int) -> HttpResponse:
    """Everything about one request, and what can be done with it now."""
    return _shown(request, found(request_id))


def _shown(request: HttpRequest, asked: Request, *, said: str = "", typed: str = "", status: int = 200) -> HttpResponse:
    handover = asked.handover
    shown = {
        "asked": asked,
        "product": catalogue.names(asked.product)[lang_of(request)],
        "handover": handover,
        "held": catalogue.held_now(handover.item_id) if handover else None,
        "code_on_its_way": bool(handover) and grants.code_on_its_way(handover.pk),
        "history": journal.about(request=asked.pk)[:100],
        "said": said,
        "typed": typed,
        "may_decide": request.user.has_role(*DECIDES),
    }
    return render(request, "staff/request.html", shown, status=status)


def _accept(request_id: int, by: Account, _reason: str) -> str:
    actions.accept(request_id=request_id, by=by)
    return "accepted"


def _refuse(request_id: int, by: Account, reason: str) -> str:
    actions.refuse(request_id=request_id, by=by, reason=reason)
    return "refused"


def _prepare(request_id: int, by: Account, _reason: str) -> str:
    actions.prepared(request_id=request_id, by=by)
    return "prepared"


def _handover_of(request_id: int) -> int:
    handover_id = found(request_id).handover_id
    if handover_id is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED)
    return int(handover_id)


def _send_again(request_id: int, by: Account, _reason: str) -> str:
    access.send_again(handover_id=_handover_of(request_id), by=by)
    return "sent-again"


def _recall(request_id: int, by: Account, reason: str) -> str:
    handovers.recall(handover_id=_handover_of(request_id), by=by, reason=reason)
    return "recalled"


ACTS: dict[str, Callable[[int, Account, str], str]] = {
    "accept": _accept,
    "refuse": _refuse,
    "prepare": _prepare,
    "send-again": _send_again,
    "recall": _recall,
}


@require_POST
@for_roles(*DECIDES)
def act(request: HttpRequest, request_id: int) -> HttpResponse:
    """Do one of ACTS. A refusal shows the page again, with its words and what was typed."""
    asked = found(request_id)
    wanted, reason = request.POST.get("act", ""), request.POST.get("reason", "").strip()
    if wanted not in ACTS:
        raise Refusal(Why.MALFORMED)
    assert isinstance(request.user, Account)
    try:
        done = ACTS[wanted](asked.pk, request.user, reason)
    except Refusal as no:
        said = words(f"why.{no.why.value}", lang_of(request), **no.facts)
        return _shown(request, found(request_id), said=said, typed=reason, status=409)
    messages.success(request, words(f"desk.done.{done}", lang_of(request)))
    return redirect("desk-request", request_id=asked.pk)


@require_safe
@for_roles(*DECIDES)
def label(request: HttpRequest, request_id: int) -> HttpResponse:
    """The label to print: a QR for the wall, what and when, never a name."""
    asked = found(request_id)
    if asked.handover is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED)
    item = asked.handover.item
    text = written(Kind.LABEL, item.label)
    drawn = segno.make(text, error="m").svg_inline(scale=6, border=2)
    shown = {
        "asked": asked,
        "product": catalogue.names(asked.product)["nl"],
        "item": item,
        "text": text,
        "qr": mark_safe(drawn),  # noqa: S308 (drawn by segno from our own text)
    }
    return render(request, "staff/label.html", shown)
