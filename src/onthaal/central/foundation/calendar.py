"""Days and moments written out, in Belgian time, in the reader's language. Stored times are UTC."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.dateformat import format as formatted

from onthaal.words import Lang, words


def shown_zone() -> ZoneInfo:
    return ZoneInfo(settings.ONTHAAL_SHOWN_TIME_ZONE)


def local_day(moment: datetime) -> date:
    """The day on the wall calendar at that moment."""
    return moment.astimezone(shown_zone()).date()


def written_day(day: date, lang: Lang) -> str:
    """`donderdag 26 november 2026`."""
    with translation.override(lang):
        return str(formatted(day, "l j F Y"))


def short_day(day: date, lang: Lang) -> str:
    """`do 26 nov 2026`: for lists and tables."""
    with translation.override(lang):
        return _small(formatted(day, "D j M Y"), lang)


def _small(text: str, lang: Lang) -> str:
    """Only English writes short days and months with a capital."""
    return text if lang == "en" else text.lower()


def short_moment(moment: datetime, lang: Lang) -> str:
    """`26 nov 2026, 14.05 uur`, Belgian time: for lists and tables."""
    local = moment.astimezone(shown_zone())
    with translation.override(lang):
        day = _small(formatted(local.date(), "j M Y"), lang)
    return f"{day}, {words('web.time', lang, hours=f'{local.hour}', minutes=f'{local.minute:02}')}"


def written_moment(moment: datetime, lang: Lang) -> str:
    """`donderdag 26 november 2026 om 14.05 uur`."""
    local = moment.astimezone(shown_zone())
    time = words("web.time", lang, hours=f"{local.hour}", minutes=f"{local.minute:02}")
    return words("web.moment", lang, day=written_day(local.date(), lang), time=time)
