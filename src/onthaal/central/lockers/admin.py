"""What of the lockers is configured: products, things, places and walls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db.models import QuerySet, TextField
from django.http import HttpRequest
from django.utils.translation import gettext as _

from onthaal.central.foundation import captions
from onthaal.central.foundation.configuration import ChangedByAdministrators, ConfigurationAdmin, ScopedForm, site
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.catalogue.models import Item, Product
from onthaal.central.lockers.handovers import queries
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk, Site
from onthaal.central.lockers.requests import queries as requests
from onthaal.core.refusals import Why
from onthaal.words import LANGS

_HEX = re.compile(r"[0-9A-F]{4,62}")
_TIME = r"([01]?[0-9]|2[0-3])[:.hu]?([0-5][0-9])?"
_SPAN = re.compile(f"{_TIME}[-–]{_TIME}")
_DAYS = tuple(f"day_{day}" for day in range(7))
_HOURS_LONGEST = 200


class _Day(forms.Field):
    """When the desk is open on a day, as people write it; cleaned: ["09:00", "12:00"] for each time of the day."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=AdminTextInputWidget)

    def to_python(self, value: Any) -> list[list[str]]:
        told = [_SPAN.fullmatch(span) for span in "".join(str(value or "").split()).split(",") if span]
        read = [_read(span) for span in told if span is not None]
        times = [time for span in read for time in span]
        if None in told or times != sorted(times) or any(opens == closes for opens, closes in read):
            raise forms.ValidationError(captions.now("configuration.kiosk.hours-wrong"))
        return read

    def has_changed(self, initial: Any, data: Any) -> bool:
        return "".join(str(initial or "").split()) != "".join(str(data or "").split())


def _read(span: re.Match[str]) -> list[str]:
    opens, opens_past, closes, closes_past = span.groups("00")
    return [f"{int(opens):02}:{opens_past}", f"{int(closes):02}:{closes_past}"]


def _written(spans: Iterable[tuple[str, str]]) -> str:
    """What `_Day` reads."""
    return ", ".join("-".join(span) for span in spans)


class KnownToWalls(ConfigurationAdmin):
    """Walls hold a copy of this: when it changes, every wall is told."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        super().log_addition(request, obj, message)
        self._tell_walls()

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        super().log_change(request, obj, message)
        self._tell_walls()

    def _tell_walls(self) -> None:
        # After the journal: wish versions are the last lock of a transaction.
        places.raise_wishes(Kiosk.objects.filter(retired_at=None).values_list("pk", flat=True))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ItemForm(ScopedForm):
    def clean_tag(self) -> str | None:
        """As walls tell it: upper-case hex, without spaces."""
        tag = "".join((self.cleaned_data["tag"] or "").split()).upper()
        if not tag:
            return None
        if not _HEX.fullmatch(tag):
            raise forms.ValidationError(_("Enter a valid value."))
        return tag


class KioskForm(ScopedForm):
    """The opening hours of the desk are kept in one column: what the screen says, and for the figures the week."""

    hours_nl = forms.CharField(required=False, max_length=_HOURS_LONGEST, widget=AdminTextInputWidget)
    hours_fr = forms.CharField(required=False, max_length=_HOURS_LONGEST, widget=AdminTextInputWidget)
    hours_en = forms.CharField(required=False, max_length=_HOURS_LONGEST, widget=AdminTextInputWidget)
    day_0 = _Day()
    day_1 = _Day()
    day_2 = _Day()
    day_3 = _Day()
    day_4 = _Day()
    day_5 = _Day()
    day_6 = _Day()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.opening_hours
        self.initial.update({f"hours_{lang}": kept.get(lang, "") for lang in LANGS})
        self.initial.update(zip(_DAYS, map(_written, kept.get("week") or ()), strict=False))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        texts = {str(lang): given.get(f"hours_{lang}", "") for lang in LANGS}
        week = [given.get(day, []) for day in _DAYS]
        self.instance.opening_hours = texts | {"week": week} if any(week) else texts
        return given

    def clean_retired_at(self) -> datetime | None:
        """A wall goes out of use when nothing lies in it, nothing is planned for it and nobody waits for an answer
        about it."""
        retired: datetime | None = self.cleaned_data["retired_at"]
        if retired is not None and self.instance.pk:
            _refuse_while(queries.live(self.instance.pk), "desk.configuration.wall-in-use")
            _refuse_while(requests.wait_for_wall(self.instance.pk), "desk.configuration.wall-asked-for")
        return retired


def _refuse_while(live: QuerySet[Any], key: str) -> None:
    if live.exists():
        raise forms.ValidationError(captions.now(key))


class ProductForm(ScopedForm):
    """A product. Whether a personal one may go into a wall is not set here: its checklist at the desk says so.

    What it is does not change any more: what was asked, made and handed over of it lies under its rules.
    """

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        allowed = bool(given.get("locker_allowed"))
        if given.get("kind") == Product.Kind.IDENTITY_CARD and allowed:
            self.add_error("locker_allowed", captions.now(f"why.{Why.IDENTITY_CARD_DESK_ONLY.value}"))
        elif given.get("personal") and allowed and self.instance.clearance_id is None:
            self.add_error("locker_allowed", captions.now(f"why.{Why.CLEARANCE_MISSING.value}"))
        elif given.get("personal") and not allowed and self.instance.clearance_id is not None:
            self.add_error("locker_allowed", captions.now("desk.clearance.withdraw-there"))
        for field in self._changed_in_vain(given):
            self.add_error(field, captions.now("desk.product.fixed"))
        becomes_personal = given.get("personal") and not (self.instance.pk and self.initial["personal"])
        if becomes_personal and not given.get("two_staff"):
            self.add_error("two_staff", captions.now("desk.product.personal-needs-two"))
        return given

    def clean_mode(self) -> str:
        """Whether it comes back does not change while one is under way."""
        mode = str(self.cleaned_data["mode"])
        if self.instance.pk and mode != self.initial["mode"]:
            _refuse_while(queries.live().filter(item__product_id=self.instance.pk), "desk.configuration.under-way")
        return mode

    def _changed_in_vain(self, given: dict[str, Any]) -> list[str]:
        if self.instance.pk is None:
            return []
        fixed = ("kind", "personal", "two_staff") if self.initial["personal"] else ("kind",)
        return [name for name in fixed if name in given and given[name] != self.initial[name]]


@admin.register(Product, site=site)
class ProductAdmin(ChangedByAdministrators, KnownToWalls):
    form = ProductForm
    formfield_overrides: ClassVar = {TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}}
    exclude = ("clearance",)
    list_display = ("name_nl", "kind", "mode", "offered")


@admin.register(Item, site=site)
class ItemAdmin(KnownToWalls):
    form = ItemForm
    list_display = ("name", "product", "label", "tag")
    list_filter = ("product",)
    fields = ("product", "name", "tag")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("product",)

    def save_model(self, request: HttpRequest, obj: Item, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        """A new thing begins at the desk, with a label and a custody of its own."""
        if change:
            super().save_model(request, obj, form, change)
            return
        assert isinstance(request.user, Account)
        made = catalogue.add_item(product=obj.product, name=obj.name, tag=obj.tag or None, by=request.user)
        obj.pk, obj.label = made.pk, made.label


@admin.register(Site, site=site)
class SiteAdmin(KnownToWalls):
    list_display = ("name", "address")


@admin.register(Kiosk, site=site)
class KioskAdmin(KnownToWalls):
    form = KioskForm
    written_too = ("opening_hours",)
    list_display = ("name", "site")
    fields = ("site", "name", "help_phone", *(f"hours_{lang}" for lang in LANGS), *_DAYS, "retired_at")

    def save_model(self, request: HttpRequest, obj: Kiosk, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        """A wall's row is locked behind its chain, in which the change is noted."""
        if change:
            journal.hold(f"kiosk:{obj.pk}")
        super().save_model(request, obj, form, change)
