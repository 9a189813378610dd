"""Figures: what the wall is good for, or that it was not measured yet."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onthaal import clock
from onthaal.central.foundation.calendar import local_day
from onthaal.central.foundation.gates import for_any_staff
from onthaal.central.foundation.spoken import lang_of
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.figures import queries
from onthaal.central.lockers.figures.queries import Duration, Period
from onthaal.words import Lang, words

PERIODS = (7, 30, 90, 365)
_USUAL = 30
_HOUR = timedelta(hours=1)


@require_safe
@for_any_staff
def figures(request: HttpRequest) -> HttpResponse:
    """Over the last so many days, today included."""
    asked = request.GET.get("days", "")
    days = next((one for one in PERIODS if str(one) == asked), _USUAL)
    today = local_day(clock.now())
    period = Period(today - timedelta(days=days - 1), today)
    each = [(product, queries.ready_to_collected(period, product_id=product.pk)) for product in catalogue.products()]
    shown = {
        "days": days,
        "periods": PERIODS,
        "period": period,
        "outside": queries.outside_opening_hours(period),
        "took": _hours(queries.ready_to_collected(period), lang_of(request)),
        "days_with": queries.days_with_a_collection(period),
        "products": [(product, took.times, _hours(took, lang_of(request))) for product, took in each],
    }
    return render(request, "staff/figures.html", shown)


def _hours(took: Duration, lang: Lang) -> str:
    """*Half within so many hours*, with a decimal below ten; empty when nothing was measured."""
    if took.median is None:
        return ""
    hours = took.median / _HOUR
    if hours < 1:
        return words("desk.figures.half-within-one", lang)
    written = f"{hours:.1f}" if hours < 10 else f"{hours:.0f}"  # noqa: PLR2004 (two digits are enough)
    return words("desk.figures.half-within", lang, hours=written if lang == "en" else written.replace(".", ","))
