"""The portal: ask, confirm, see how far it is, withdraw. No rules here."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from onthaal.central.foundation.calendar import local_day, written_day
from onthaal.central.foundation.gates import open_to_all
from onthaal.central.foundation.identity import queries as identities
from onthaal.central.foundation.origins import origin_of
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.catalogue.queries import Day
from onthaal.central.lockers.faces.citizen.forms import RequestForm
from onthaal.central.lockers.faces.citizen.personal.steps import amount
from onthaal.central.lockers.faces.citizen.states import MAY_WITHDRAW, state_of
from onthaal.central.lockers.handovers.queries import stands_still_since
from onthaal.central.lockers.places import queries as places
from onthaal.central.lockers.requests import actions, queries
from onthaal.central.lockers.requests.asking import KEPT_DAYS
from onthaal.central.lockers.requests.erasing import ATTACHMENTS_ARE_KEPT
from onthaal.central.lockers.requests.models import Request
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words

SHOWN_DAYS = 31
_FIELD_OF = {Why.PERIOD_INVALID: "starts_on", Why.NO_ITEM_FREE: "starts_on"}


@require_safe
@open_to_all
def home(request: HttpRequest) -> HttpResponse:
    """What can be asked for."""
    lang = lang_of(request)
    products = [
        {"slug": product.slug, "mode": product.mode, "name": catalogue.names(product)[lang],
         "about": getattr(product, f"about_{lang}")}
        for product in catalogue.offered()
    ]  # fmt: skip
    personal = [
        {"slug": product.slug, "name": catalogue.names(product)[lang], "about": getattr(product, f"about_{lang}"),
         "product": product, "fee": amount(product.fee_cents, lang) if product.fee_cents else ""}
        for product in catalogue.personal()
    ]  # fmt: skip
    shown = {"products": products, "personal": personal, "providers": identities.providers("portal")}
    return render(request, "citizen/home.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of one product; what was typed stays when something is not right."""
    product, lang = get_object_or_404(catalogue.offered(), slug=slug), lang_of(request)
    form = RequestForm(request.POST or None, product=product, kiosks=places.kiosks(), lang=lang)
    if request.method == "POST" and form.is_valid():
        if form.from_a_robot:
            return redirect("portal-asked")
        given = {name: value for name, value in form.cleaned_data.items() if name not in ("website", "kiosk")}
        try:
            actions.ask(
                product_id=product.pk,
                kiosk_id=int(form.cleaned_data["kiosk"]),
                origin=origin_of(request),
                **{"starts_on": None, "ends_on": None, **given},
            )
        except Refusal as no:
            form.refuse(_FIELD_OF.get(no.why), words(f"why.{no.why.value}", lang, **no.facts))
        else:
            return redirect("portal-asked")
    shown = {"name": catalogue.names(product)[lang], "form": form, "taken": _taken(product)}
    return render(request, "citizen/ask.html", shown, status=422 if form.errors else 200)


def _taken(product: Product) -> list[Day]:
    """The days on which every thing of a product to lend is promised already."""
    if product.mode != Product.Mode.LEND:
        return []
    return [day for day in queries.live_days(product.pk) if day.free == 0][:SHOWN_DAYS]


@require_safe
@open_to_all
def asked(request: HttpRequest) -> HttpResponse:
    """What comes next: the link in the mail."""
    return render(request, "citizen/asked.html")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def request_page(request: HttpRequest, token: str) -> HttpResponse:
    """How far a request is. Opening the link changes nothing (mail scanners follow links); the button confirms."""
    if request.method == "POST":
        actions.confirm(token=token)
        messages.success(request, words("portal.request.confirmed", lang_of(request)))
        return redirect("portal-request", token=token)
    return _shown(request, _asked(token), token)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Asks once, then withdraws. When that is no longer possible, the page of the request says how far it is."""
    if request.method == "POST":
        try:
            actions.withdraw(token=token)
        except Refusal as no:
            if no.why is not Why.MOVE_NOT_ALLOWED:
                raise
            messages.warning(request, words(f"why.{no.why.value}", lang_of(request)))
        return redirect("portal-request", token=token)
    asked = _asked(token)
    if state_of(asked) not in MAY_WITHDRAW:
        return redirect("portal-request", token=token)
    return render(request, "citizen/withdraw.html", {"asked": asked, "token": token})


@require_safe
@open_to_all
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, and for how long."""
    shown = {"days": KEPT_DAYS, "attachment_days": ATTACHMENTS_ARE_KEPT.days}
    return render(request, "citizen/privacy.html", shown)


def _asked(token: str) -> Request:
    asked = queries.by_token(token)
    if asked is None:
        raise Refusal(Why.LINK_EXPIRED)
    return asked


def _shown(request: HttpRequest, asked: Request, token: str) -> HttpResponse:
    lang, state = lang_of(request), state_of(asked)
    end = written_day(asked.ends_on, lang) if asked.ends_on else ""
    said = words(f"portal.state.{state}", lang, end=end, reason=asked.refusal)
    out = asked.handover
    until = local_day(out.collect_by) if state == "waiting" and out is not None and out.collect_by else None
    shown = {
        "asked": asked, "token": token, "state": state, "said": said, "until": until,
        "may_withdraw": state in MAY_WITHDRAW, "still_since": stands_still_since(asked.handover),
        "days_stay": state == "waiting" and asked.ends_on is not None,  # a failure gives no loan days after its last
    }  # fmt: skip
    return render(request, "citizen/request.html", shown)
