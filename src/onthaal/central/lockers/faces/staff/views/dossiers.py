"""One personal request: who asks, what is still open, where it goes, and handing it out at the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from onthaal.central.foundation.attention import queries as attention
from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.people.models import Account
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.faces import attached
from onthaal.central.lockers.faces.staff.drawn import qr
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.told import told
from onthaal.central.lockers.faces.staff.views.requests import DECIDES, RECALLS, found
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.queries import stands_still_since
from onthaal.central.lockers.requests import actions, deciding, desk, dossiers, mine, preparing, queries, undoing
from onthaal.central.lockers.requests.arriving import birthdate
from onthaal.central.lockers.requests.models import Attachment, Dossier, Request
from onthaal.core.codes import Kind, written
from onthaal.core.documents import Conditions, never_in_wall
from onthaal.core.lifecycles import OPENABLE, Stage
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

Posted = Mapping[str, Any]
_CENTS = 100


def dossier_or_404(request_id: int) -> Request:
    """The personal request of this municipality, or 404."""
    asked = found(request_id)
    if not desk.has_dossier(asked):
        raise Http404
    return asked


@require_safe
@for_roles(*DECIDES, "auditor")
def detail(request: HttpRequest, request_id: int) -> HttpResponse:
    """Everything about one personal request, and what can be done with it now."""
    return _shown(request, dossier_or_404(request_id))


def _shown(request: HttpRequest, asked: Request, *, said: str = "", typed: Posted | None = None) -> HttpResponse:
    lang, dossier, out = lang_of(request), asked.dossier, asked.handover
    known = dossiers.conditions(asked)
    never = never_in_wall(known)
    streams = [f"request:{asked.pk}", *([f"handover:{out.pk}"] if out else [])]
    stage = out.stage if out else ""
    shown = {
        "asked": asked,
        "dossier": dossier,
        "handover": out,
        "product": catalogue.names(asked.product)[lang],
        "born": birthdate(dossier.identity) if dossier.identity else None,
        "attachments": dossiers.attachments(dossier),
        "missing": dossiers.missing(asked),
        "waits_for_answer": mine.more_is_asked(dossier),
        "never": _why(never, lang),
        "not_yet": _why(_first(known), lang),
        "paid": known.paid,
        "fee": f"{dossier.fee_cents // _CENTS}{'.' if lang == 'en' else ','}{dossier.fee_cents % _CENTS:02}",
        "may_activate": asked.status == Request.Status.DONE
        and asked.product.needs_activation
        and dossier.activated_at is None,
        "handed_out": queries.handed_out(asked.pk),
        "under_way": asked.status in desk.UNDER_WAY,
        "at_desk": asked.status == Request.Status.ACCEPTED and desk.is_at_desk(asked),
        "to_receive": stage == Stage.TAKEN_BACK and out is not None and not out.received_by,
        "in_wall": stage in OPENABLE,
        "still_since": stands_still_since(out),
        "held": catalogue.held_now(out.item_id) if out else None,
        "desk_reasons": [(why.value, words(f"desk.dossier.why.{why.value}", lang)) for why in desk.DESK_REASONS],
        "checks": desk.CHECKED,
        "recalls": RECALLS,
        "undos": _undos(asked),
        "undo_reasons": undoing.UNDO_REASONS,
        "bounced": attention.is_open("mend-address", f"request:{asked.pk}")
        or (out is not None and attention.is_open("mend-address", f"handover:{out.pk}")),
        "history": told(streams, lang),
        "said": said,
        "typed": typed or {},
        "may_decide": me(request).has_role(*DECIDES),
    }
    return render(request, "staff/dossier.html", shown, status=409 if said else 200)


def _first(known: Conditions) -> Why | None:
    """What must happen before it is handed over anywhere."""
    if not known.paid:
        return Why.PAYMENT_OPEN
    return Why.OLD_DOCUMENT_OPEN if known.old_document_open else None


def _undos(asked: Request) -> list[str]:
    """The acts that undo what was registered, as long as that can be."""
    if asked.status not in desk.UNDER_WAY or not undoing.may_undo(asked):
        return []
    registered = {
        "undo-paid": asked.dossier.paid_at is not None,
        "undo-old-document": asked.dossier.old_document == Dossier.Old.HANDED_IN,
    }
    return [act for act, there in registered.items() if there]


def _why(why: Why | None, lang: Any) -> str:
    return words(f"desk.dossier.why.{why.value}", lang) if why else ""


def _accept(asked: Request, by: Account, _: Posted) -> None:
    actions.accept(request_id=asked.pk, by=by)


def _refuse(asked: Request, by: Account, posted: Posted) -> None:
    actions.refuse(request_id=asked.pk, by=by, reason=posted.get("reason", ""))


def _ask_more(asked: Request, by: Account, posted: Posted) -> None:
    desk.ask_more(request_id=asked.pk, by=by, text=posted.get("text", ""))


def _paid(asked: Request, by: Account, posted: Posted) -> None:
    reference = posted.get("reference", "")
    desk.register_payment(request_id=asked.pk, by=by, cents=_cents(posted.get("amount", "")), reference=reference)


def _cents(typed: str) -> int:
    """`25,00` or `25` euro, in cents. Refuses MALFORMED."""
    try:
        amount = Decimal(typed.strip().replace(",", ".")) * _CENTS
    except InvalidOperation:
        raise Refusal(Why.MALFORMED, what="amount") from None
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise Refusal(Why.MALFORMED, what="amount")
    return int(amount)


def _old_document(asked: Request, by: Account, _: Posted) -> None:
    desk.register_old_document(request_id=asked.pk, by=by)


def _undo_paid(asked: Request, by: Account, posted: Posted) -> None:
    undoing.undo_payment(request_id=asked.pk, by=by, reason=posted.get("reason", ""))


def _undo_old_document(asked: Request, by: Account, posted: Posted) -> None:
    undoing.undo_old_document(request_id=asked.pk, by=by, reason=posted.get("reason", ""))


def _mark(asked: Request, by: Account, posted: Posted) -> None:
    urgent, proxy = posted.get("urgent") == "yes", posted.get("proxy") == "yes"
    desk.mark(request_id=asked.pk, by=by, urgent=urgent, proxy=proxy)


def _to_desk(asked: Request, by: Account, posted: Posted) -> None:
    try:
        reason = Why(posted.get("reason", ""))
    except ValueError:
        raise Refusal(Why.REASON_MISSING) from None
    desk.to_desk(request_id=asked.pk, by=by, reason=reason)


def _plan(asked: Request, by: Account, _: Posted) -> None:
    deciding.plan_for_wall(request_id=asked.pk, by=by)


def _unprepare(asked: Request, by: Account, _: Posted) -> None:
    preparing.unprepare(request_id=asked.pk, by=by)


def _ready(asked: Request, by: Account, _: Posted) -> None:
    desk.ready_at_desk(request_id=asked.pk, by=by)


def _hand_out(asked: Request, by: Account, posted: Posted) -> None:
    desk.hand_out(request_id=asked.pk, by=by, checked=posted.get("checked", ""))


def _activated(asked: Request, by: Account, _: Posted) -> None:
    desk.register_activation(request_id=asked.pk, by=by)


def _recall(asked: Request, by: Account, posted: Posted) -> None:
    if asked.handover is None or posted.get("reason") not in RECALLS:
        raise Refusal(Why.REASON_MISSING)
    handovers.recall(handover_id=asked.handover.pk, by=by, reason=posted["reason"])


def _erase(asked: Request, by: Account, _: Posted) -> None:
    actions.erase(request_id=asked.pk, by=by)


ACTS: dict[str, Callable[[Request, Account, Posted], None]] = {
    "accept": _accept,
    "refuse": _refuse,
    "ask-more": _ask_more,
    "paid": _paid,
    "old-document": _old_document,
    "undo-paid": _undo_paid,
    "undo-old-document": _undo_old_document,
    "mark": _mark,
    "to-desk": _to_desk,
    "plan": _plan,
    "unprepare": _unprepare,
    "ready": _ready,
    "hand-out": _hand_out,
    "activated": _activated,
    "recall": _recall,
    "erase": _erase,
}


@require_POST
@for_roles(*DECIDES)
def act(request: HttpRequest, request_id: int) -> HttpResponse:
    """Do one of ACTS. A refusal shows the page again, with its words and what was typed."""
    asked = dossier_or_404(request_id)
    wanted = request.POST.get("act", "")
    if wanted not in ACTS:
        raise Refusal(Why.MALFORMED)
    try:
        ACTS[wanted](asked, me(request), request.POST)
    except Refusal as no:
        said = refusal_in_words(no, lang_of(request))
        return _shown(request, dossier_or_404(request_id), said=said, typed=request.POST)
    messages.success(request, words(f"desk.dossier.done.{wanted}", lang_of(request)))
    return redirect("desk-dossier", request_id=asked.pk)


def refusal_in_words(no: Refusal, lang: Any) -> str:
    """What the staff reads: an amount has words of its own, and reasons speak of somebody else here."""
    if no.why is Why.MALFORMED and no.facts.get("what") == "amount":
        return words("desk.dossier.amount-wrong", lang)
    if no.why in desk.DESK_REASONS or no.why is Why.IDENTITY_CARD_DESK_ONLY:
        return words(f"desk.dossier.why.{no.why.value}", lang)
    return words(f"why.{no.why.value}", lang, **no.facts)


@require_safe
@for_roles(*DECIDES)
def attachment(request: HttpRequest, request_id: int, attachment_id: int) -> HttpResponse:
    """What was attached, unsealed for this one look, and noted."""
    try:
        media_type, content = desk.view_attachment(
            request_id=request_id, attachment_id=attachment_id, by=me(request)
        )  # fmt: skip
    except Attachment.DoesNotExist:
        raise Http404 from None
    return attached.given(name=f"{request_id}-{attachment_id}", media_type=media_type, content=content)


@require_safe
@for_roles(*DECIDES)
def labels(request: HttpRequest, request_id: int) -> HttpResponse:
    """The two labels to print: of the dossier and, for a wall, of its envelope. No name, and nothing of what it is."""
    asked = dossier_or_404(request_id)
    dossier: Dossier = asked.dossier
    texts = {"dossier": written(Kind.LABEL, dossier.number)}
    if asked.handover is not None:
        texts["envelope"] = written(Kind.LABEL, asked.handover.item.label)
    shown = [{"kind": kind, "text": text, "qr": qr(text)} for kind, text in texts.items()]
    return render(request, "staff/dossier_labels.html", {"asked": asked, "labels": shown})
