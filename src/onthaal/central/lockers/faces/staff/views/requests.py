"""One request: decide, prepare, label, send the code again, recall."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onthaal import clock
from onthaal.central.foundation.attention import queries as attention
from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access import queries as grants
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.faces.staff.drawn import qr
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.told import told
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers import ending
from onthaal.central.lockers.handovers import queries as handed
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.requests import actions, queries
from onthaal.central.lockers.requests.models import Request
from onthaal.core.codes import Kind, written
from onthaal.core.refusals import Refusal, Why
from onthaal.words import Lang, words

DECIDES = ("clerk", "administrator")
RECALLS = ("asked", "wrong-thing", "damaged", "needed-here", "place-needed")
"""Why staff recalls: a word for the journal, which holds nobody's own text."""

Posted = Mapping[str, Any]


def found(request_id: int) -> Request:
    """The request of this municipality, or 404."""
    try:
        return queries.get(request_id)
    except Request.DoesNotExist:
        raise Http404 from None


@require_safe
@for_roles(*DECIDES, "auditor")
def detail(request: HttpRequest, request_id: int) -> HttpResponse:
    """Everything about one request, and what can be done with it now. A personal one has a page of its own."""
    asked = found(request_id)
    if asked.product.personal:
        return redirect("desk-dossier", request_id=request_id)
    return _shown(request, asked)


def _shown(request: HttpRequest, asked: Request, *, said: str = "", typed: Posted | None = None) -> HttpResponse:
    handover, back = asked.handover, _back_of(asked)
    open_now = back if back is not None and handovers.can_be_opened(back) else handover
    shown = {
        "asked": asked,
        "product": catalogue.names(asked.product)[lang_of(request)],
        "handover": handover,
        "back": back,
        "with_borrower": back is not None and handed.with_borrower(back),
        "may_be_lost": _losing(asked) is not None,
        "still_since": handed.stands_still_since(handover),
        "late": back is not None and handed.is_overdue(back, clock.now()),
        "held": catalogue.held_now(handover.item_id) if handover else None,
        "availability": queries.free_for(asked),
        "can_send": open_now is not None and handovers.can_be_opened(open_now),
        "code_on_its_way": open_now is not None and grants.code_on_its_way(open_now.pk),
        "bounced": open_now is not None and attention.is_open("mend-address", f"handover:{open_now.pk}"),
        "history": told(_streams(asked, back), lang_of(request)),
        "recalls": RECALLS,
        "said": said,
        "typed": typed or {},
        "may_decide": me(request).has_role(*DECIDES),
    }
    return render(request, "staff/request.html", shown, status=409 if said else 200)


def _back_of(asked: Request) -> Handover | None:
    back: Handover | None = getattr(asked.handover, "back", None) if asked.handover else None
    return back


def _streams(asked: Request, back: Handover | None) -> list[str]:
    both = [handover for handover in (asked.handover, back) if handover is not None]
    return [f"request:{asked.pk}", *(f"handover:{handover.pk}" for handover in both)]


def _accept(asked: Request, by: Account, _: Posted) -> str:
    actions.accept(request_id=asked.pk, by=by)
    return "accepted"


def _refuse(asked: Request, by: Account, posted: Posted) -> str:
    actions.refuse(request_id=asked.pk, by=by, reason=posted.get("reason", ""))
    return "refused"


def _prepare(asked: Request, by: Account, posted: Posted) -> str:
    """Another thing than the page showed, and the label says, is told."""
    now = _out_of(actions.prepared(request_id=asked.pk, by=by)).item_id
    return "prepared" if posted.get("item", str(now)) == str(now) else "prepared-other"


def _send_again(asked: Request, by: Account, posted: Posted) -> str:
    """The code to collect with; or to bring back with, once it was collected."""
    out, back = _out_of(asked), _back_of(asked)
    chosen = back if back is not None and handovers.can_be_opened(back) else out
    access.send_again(handover_id=chosen.pk, by=by, email=posted.get("email", ""))
    return "sent-again"


def _recall(asked: Request, by: Account, posted: Posted) -> str:
    if posted.get("reason") not in RECALLS:
        raise Refusal(Why.REASON_MISSING)
    handovers.recall(handover_id=_out_of(asked).pk, by=by, reason=posted["reason"])
    return "recalled"


def _at_desk(asked: Request, by: Account, _: Posted) -> str:
    ending.received_at_desk(handover_id=_there(_back_of(asked)).pk, by=by)
    return "received"


def _came_back(asked: Request, by: Account, _: Posted) -> str:
    ending.came_back(handover_id=_there(_back_of(asked)).pk, by=by)
    return "came-back"


def _lost(asked: Request, by: Account, posted: Posted) -> str:
    ending.lost(handover_id=_there(_losing(asked)).pk, by=by, reason=posted.get("reason", ""))
    return "lost"


def _losing(asked: Request) -> Handover | None:
    """The handover of it through which its thing may be lost."""
    both = (asked.handover, _back_of(asked))
    return next((one for one in both if one is not None and handed.may_be_lost(one)), None)


def _erase(asked: Request, by: Account, _: Posted) -> str:
    actions.erase(request_id=asked.pk, by=by)
    return "erased"


def _out_of(asked: Request) -> Handover:
    return _there(asked.handover)


def _there(handover: Handover | None) -> Handover:
    """The handover that an act is about. Refuses MOVE_NOT_ALLOWED when the request has none."""
    if handover is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED)
    return handover


ACTS: dict[str, Callable[[Request, Account, Posted], str]] = {
    "accept": _accept,
    "refuse": _refuse,
    "prepare": _prepare,
    "send-again": _send_again,
    "recall": _recall,
    "at-desk": _at_desk,
    "came-back": _came_back,
    "lost": _lost,
    "erase": _erase,
}


@require_POST
@for_roles(*DECIDES)
def act(request: HttpRequest, request_id: int) -> HttpResponse:
    """Do one of ACTS. A refusal shows the page again, with its words and what was typed."""
    asked = found(request_id)
    wanted = request.POST.get("act", "")
    if wanted not in ACTS or asked.product.personal:
        raise Refusal(Why.MALFORMED)
    try:
        done = ACTS[wanted](asked, me(request), request.POST)
    except Refusal as no:
        return _shown(request, found(request_id), said=_in_words(no, lang_of(request)), typed=request.POST)
    messages.success(request, words(f"desk.done.{done}", lang_of(request)))
    return redirect("desk-request", request_id=asked.pk)


def _in_words(no: Refusal, lang: Lang) -> str:
    """An address that is none has words of its own."""
    if no.why is Why.MALFORMED and no.facts.get("what") == "email":
        return words("desk.act.send-again-wrong", lang)
    return words(f"why.{no.why.value}", lang, **no.facts)


@require_safe
@for_roles(*DECIDES)
def label(request: HttpRequest, request_id: int) -> HttpResponse:
    """The label to print: a QR for the wall, what and when, never a name."""
    asked = found(request_id)
    if asked.handover is None or asked.product.personal:  # an envelope's label never says what is inside
        raise Refusal(Why.MOVE_NOT_ALLOWED)
    item = asked.handover.item
    text = written(Kind.LABEL, item.label)
    shown = {
        "asked": asked,
        "product": catalogue.names(asked.product)["nl"],
        "item": item,
        "text": text,
        "qr": qr(text),
    }
    return render(request, "staff/label.html", shown)
