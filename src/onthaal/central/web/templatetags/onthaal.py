"""Template tags known everywhere: words, days, moments. No rules here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.template.context import Context

from onthaal.central.foundation import calendar
from onthaal.words import catalogue
from onthaal.words import words as said

register = template.Library()

LANGUAGE_NAMES: dict[str, str] = {"nl": "Nederlands", "fr": "Français", "en": "English"}


@register.simple_tag(takes_context=True, name="words")
def words_tag(context: Context, key: str, **slots: Any) -> str:
    """`{% words "portal.title" name=product %}`: the words of `key` in this page's language, escaped."""
    return said(key, context["lang"], **slots)


@register.simple_tag(takes_context=True)
def words_or(context: Context, key: str, otherwise: str = "") -> str:
    """The words of a key made from data (`desk.task.` and a kind), or `otherwise` when there are none."""
    return said(key, context["lang"]) if key in catalogue() else otherwise


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | None) -> str:
    """`donderdag 26 november 2026`; empty for None."""
    return calendar.written_day(value, context["lang"]) if value else ""


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None) -> str:
    """`donderdag 26 november 2026 om 14.05 uur`, Belgian time; empty for None."""
    return calendar.written_moment(value, context["lang"]) if value else ""


@register.simple_tag(takes_context=True)
def short_day(context: Context, value: date | None) -> str:
    """`do 26 nov 2026`; empty for None."""
    return calendar.short_day(value, context["lang"]) if value else ""


@register.simple_tag(takes_context=True)
def short_moment(context: Context, value: datetime | None) -> str:
    """`26 nov 2026, 14.05 uur`, Belgian time; empty for None."""
    return calendar.short_moment(value, context["lang"]) if value else ""


@register.simple_tag
def language_name(code: str) -> str:
    """The language's name in itself."""
    return LANGUAGE_NAMES[code]


@register.simple_tag(takes_context=True)
def same_address(context: Context, **changed: Any) -> str:
    """This page's address with some of its query changed: `{% same_address page=2 %}`."""
    query = context["request"].GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def unbroken(text: str) -> str:
    """A telephone number that stays on one line."""
    return text.replace(" ", "\u00a0")


@register.filter
def in_language(named: Any, lang: str) -> str:
    """The text of a row or a dict with one per language: `product|in_language:lang` reads `name_fr`, or `["fr"]`."""
    if isinstance(named, dict):
        return str(named.get(lang) or named.get("nl", ""))
    return str(getattr(named, f"name_{lang}"))
