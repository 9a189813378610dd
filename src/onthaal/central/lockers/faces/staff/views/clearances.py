"""Which personal documents may go into a wall: the checklist of each, who filled it in and when."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import clearances
from onthaal.central.lockers.catalogue.models import Clearance, Product
from onthaal.central.lockers.faces.staff.document_forms import ClearanceForm
from onthaal.central.lockers.faces.staff.signed_in import me
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.requests import desk
from onthaal.core.refusals import Refusal
from onthaal.words import words


def _product(product_id: int) -> Product:
    product = next((one for one in clearances.personal_products() if one.pk == product_id), None)
    if product is None:
        raise Http404
    return product


@require_safe
@for_roles("administrator", "auditor")
def every(request: HttpRequest) -> HttpResponse:
    """Every personal product: in the wall or at the desk only."""
    return render(request, "staff/clearances.html", {"products": clearances.personal_products()})


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles("administrator", "auditor")
def detail(request: HttpRequest, product_id: int) -> HttpResponse:
    """One product's checklist, now and before. POST (administrator): fill it in anew."""
    product, lang, account = _product(product_id), lang_of(request), me(request)
    form = ClearanceForm(request.POST or None, lang=lang)
    if request.method == "POST" and form.is_valid():
        try:
            clearances.give_clearance(product_id=product_id, points=form.cleaned_data, by=account)
        except Refusal as no:
            form.add_error(None, words(f"why.{no.why.value}", lang, **no.facts))
        else:
            places.raise_all_wishes()
            messages.success(request, words("desk.clearance.done", lang))
            return redirect("desk-clearance", product_id=product_id)
    history = [_told(one) for one in clearances.clearances(product_id)]
    shown = {
        "product": product,
        "form": form,
        "history": history,
        "card": product.kind == Product.Kind.IDENTITY_CARD,
        "may_clear": account.has_role("administrator"),
    }
    return render(request, "staff/clearance.html", shown, status=422 if form.errors else 200)


def _told(one: Clearance) -> tuple[Clearance, list[tuple[str, str]]]:
    return one, [(f"desk.clearance.point.{point}", getattr(one, point)) for point in Clearance.POINTS]


@require_POST
@for_roles("administrator")
def withdraw(request: HttpRequest, product_id: int) -> HttpResponse:
    """No new ones go in. What lies there waits for its addressee, or comes back: the form asks."""
    product, lang, lies = _product(product_id), lang_of(request), request.POST.get("lies", "")
    if lies not in ("stays", "recalled"):
        messages.error(request, words("desk.clearance.choose", lang))
        return redirect("desk-clearance", product_id=product_id)
    moved = desk.withdraw_clearance(product_id=product.pk, by=me(request), recall=lies == "recalled")
    messages.success(request, words("desk.clearance.withdrawn", lang, count=moved))
    return redirect("desk-clearance", product_id=product_id)
