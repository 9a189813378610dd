"""The things: who holds each, its whole ledger and journal, adding and retiring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onthaal.central.foundation.gates import for_any_staff, for_roles
from onthaal.central.foundation.journal import queries as journal
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import actions, queries
from onthaal.central.lockers.catalogue.models import Custody, Item
from onthaal.central.lockers.faces.staff.drawn import page_of, qr
from onthaal.central.lockers.faces.staff.forms import ItemForm
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.faces.staff.told import in_words
from onthaal.central.lockers.figures.queries import exported, journal_of_item
from onthaal.central.lockers.handovers import actions as handed
from onthaal.central.lockers.handovers import ending, findings
from onthaal.central.lockers.handovers import queries as handovers
from onthaal.central.lockers.handovers.models import Finding
from onthaal.core.codes import Kind, written
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

LOOKS_AFTER = ("technician", "administrator")


@require_http_methods(["GET", "HEAD", "POST"])
@for_any_staff
def every(request: HttpRequest) -> HttpResponse:
    """The things to lend, or all of them; POST adds one."""
    may_add = me(request).has_role(*LOOKS_AFTER)
    posted = request.POST if request.method == "POST" and may_add else None
    form = ItemForm(posted, products=list(queries.products()), lang=lang_of(request))
    if posted is not None and form.is_valid():
        item = actions.add_item(
            product=form.chosen, name=form.cleaned_data["name"], tag=form.cleaned_data["tag"] or None, by=me(request)
        )
        messages.success(request, words("desk.done.item-added", lang_of(request)))
        return redirect("desk-item", item_id=item.pk)
    whole = request.GET.get("show") == "all"
    found = queries.items() if whole else queries.items().filter(single_use=False, retired_at=None)
    page = page_of(request, found)
    held = queries.held_by_each(item.pk for item in page.object_list)
    shown = {
        "page": page,
        "rows": [(item, held.get(item.pk)) for item in page.object_list],
        "whole": whole,
        "form": form,
        "may_add": may_add,
    }
    return render(request, "staff/items.html", shown, status=422 if form.errors else 200)


def _found(item_id: int) -> Item:
    try:
        return queries.item(item_id)
    except Item.DoesNotExist:
        raise Http404 from None


@require_safe
@for_any_staff
def detail(request: HttpRequest, item_id: int) -> HttpResponse:
    """Who held it when, on which evidence, and everything the journal says of it."""
    item = _found(item_id)
    custody = list(queries.custody_of(item_id))
    shown = {
        "item": item,
        "custody": custody,
        "held": custody[0] if custody else None,
        "history": in_words(journal.about(item=item_id).reverse()[:200], lang_of(request)),
        "may_retire": me(request).has_role(*LOOKS_AFTER) and item.retired_at is None,
        "lost": bool(custody) and custody[0].holder == Custody.Holder.CITIZEN,
        "losing": handovers.losing(item_id),
        "may_bring_back": me(request).has_role("clerk", *LOOKS_AFTER) and item.retired_at is not None,
        "at_rest": queries.may_be_retired(item),
        "may_see_requests": me(request).has_role("clerk", "administrator", "auditor"),
    }
    return render(request, "staff/item.html", shown)


@require_safe
@for_any_staff
def label(request: HttpRequest, item_id: int) -> HttpResponse:
    """Its label to print. An envelope has that of its dossier: this one would say what is inside."""
    item = _found(item_id)
    if item.product.personal:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="personal", move="label")
    text = written(Kind.LABEL, item.label)
    shown = {"item": item, "text": text, "qr": qr(text), "product": queries.names(item.product)["nl"]}
    return render(request, "staff/label.html", shown)


@require_POST
@for_roles(*LOOKS_AFTER)
def retire(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take it out of lending; or say that it is lost. Not while it is promised to somebody."""
    try:
        done = _take_out_of_service(_found(item_id), request)
    except Refusal as no:
        key = "why.reason-missing" if no.why is Why.REASON_MISSING else "desk.items.in-use"
        messages.error(request, words(key, lang_of(request)))
    else:
        messages.success(request, words(done, lang_of(request)))
    return redirect("desk-item", item_id=item_id)


def _take_out_of_service(item: Item, request: HttpRequest) -> str:
    """The key of what is said about it: a personal document is lost once another person found the same."""
    lost = request.POST.get("lost") == "yes"
    losing = handovers.losing(item.pk) if lost else None
    if losing is not None and handed.needs_two(losing):
        reason = request.POST.get("reason", "")
        findings.find(handover_id=losing.pk, to=Finding.To.LOST, by=me(request), reason=reason)
        return "desk.finding.done-said"
    if losing is not None:
        ending.lost(handover_id=losing.pk, by=me(request), reason=request.POST.get("reason", ""))
    else:
        actions.retire(item_id=item.pk, by=me(request), lost=lost)
    return "desk.done.item-retired"


@require_POST
@for_roles("clerk", *LOOKS_AFTER)
def bring_back(request: HttpRequest, item_id: int) -> HttpResponse:
    """It is lent again: found, or mended."""
    try:
        actions.back_in_service(item_id=_found(item_id).pk, by=me(request))
    except Refusal:
        messages.error(request, words("why.move-not-allowed", lang_of(request)))
    else:
        messages.success(request, words("desk.done.item-back", lang_of(request)))
    return redirect("desk-item", item_id=item_id)


@require_safe
@for_any_staff
def as_csv(request: HttpRequest, item_id: int) -> HttpResponse:
    """Its whole journal, one entry a line."""
    _found(item_id)
    return csv_of(journal_of_item(item_id), f"onthaal-item-{item_id}.csv")


@require_safe
@for_any_staff
def as_json(request: HttpRequest, item_id: int) -> HttpResponse:
    """Its whole journal and its custody, as JSON."""
    item = _found(item_id)
    custody = [
        {
            "holder": held.holder, "since": held.since.isoformat(), "until": held.until and held.until.isoformat(),
            "grade": held.grade, "handover": held.handover_id,
            "compartment": held.compartment.number if held.compartment else None,
        }
        for held in queries.custody_of(item_id)
    ]  # fmt: skip
    whole = {
        "item": {"id": item.pk, "label": item.label, "tag": item.tag, "name": item.name},
        "custody": custody,
        "journal": list(plain(journal_of_item(item_id))),
    }
    answer = HttpResponse(json.dumps(whole, ensure_ascii=False, indent=1), content_type="application/json")
    return as_file(answer, f"onthaal-item-{item_id}.json")


def plain(entries: Any) -> Iterator[dict[str, Any]]:
    """Entries as plain JSON values."""
    for entry in entries:
        yield {
            "at": entry.at.isoformat(), "stream": entry.stream, "number": entry.number, "kind": entry.kind,
            "by": entry.by, "about": entry.about, "data": entry.data, "hash": bytes(entry.hash).hex(),
        }  # fmt: skip


def csv_of(entries: Any, name: str) -> HttpResponse:
    """Entries as CSV, with a byte order mark, so that a spreadsheet reads the accents."""
    return as_file(HttpResponse(["\ufeff", *exported(entries)], content_type="text/csv; charset=utf-8"), name)


def as_file(answer: HttpResponse, name: str) -> HttpResponse:
    """The answer, to be kept under this name."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
