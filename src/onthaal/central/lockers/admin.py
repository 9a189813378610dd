"""What of the lockers is configured: products, things, places and walls."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onthaal.central.foundation.configuration import ChangedByAdministrators, ConfigurationAdmin, ScopedForm, site
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.catalogue.models import Item, Product
from onthaal.central.lockers.handovers import queries
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk, Site
from onthaal.core.refusals import Why
from onthaal.words import language, words

_HEX = re.compile(r"[0-9A-F]{4,62}")
_Time = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Day = tuple[tuple[_Time, _Time], ...]


class _OpeningHours(msgspec.Struct, forbid_unknown_fields=True):
    nl: str = ""
    fr: str = ""
    en: str = ""
    week: tuple[_Day, _Day, _Day, _Day, _Day, _Day, _Day] | None = None


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
    opening_hours = forms.JSONField(required=False)

    def clean_opening_hours(self) -> dict[str, Any]:
        """{"nl": …, "fr": …, "en": …, "week": …}, or nothing: the walls and the figures read it."""
        told = self.cleaned_data["opening_hours"]
        told = {} if told is None else told
        try:
            hours: _OpeningHours = msgspec.convert(told, _OpeningHours)
        except msgspec.ValidationError as error:
            raise forms.ValidationError(str(error)) from None
        if any(opens >= closes for day in hours.week or () for opens, closes in day):
            raise forms.ValidationError(_("Enter a valid time."))
        kept: dict[str, Any] = told
        return kept

    def clean_retired_at(self) -> datetime | None:
        """A wall goes out of use when nothing lies in it and nothing is planned for it."""
        retired: datetime | None = self.cleaned_data["retired_at"]
        if retired is not None and self.instance.pk:
            _refuse_while(queries.live(self.instance.pk), "desk.configuration.wall-in-use")
        return retired


def _refuse_while(live: QuerySet[Handover], key: str) -> None:
    if live.exists():
        raise forms.ValidationError(words(key, language(get_language())))


class ProductForm(ScopedForm):
    """A product. Whether a personal one may go into a wall is not set here: its checklist at the desk says so.

    What it is does not change any more: what was asked, made and handed over of it lies under its rules.
    """

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        allowed, lang = bool(given.get("locker_allowed")), language(get_language())
        if given.get("kind") == Product.Kind.IDENTITY_CARD and allowed:
            self.add_error("locker_allowed", words(f"why.{Why.IDENTITY_CARD_DESK_ONLY.value}", lang))
        elif given.get("personal") and allowed and self.instance.clearance_id is None:
            self.add_error("locker_allowed", words(f"why.{Why.CLEARANCE_MISSING.value}", lang))
        elif given.get("personal") and not allowed and self.instance.clearance_id is not None:
            self.add_error("locker_allowed", words("desk.clearance.withdraw-there", lang))
        for field in self._changed_in_vain(given):
            self.add_error(field, words("desk.product.fixed", lang))
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
    list_display = ("name", "site")
    fields = ("site", "name", "help_phone", "opening_hours", "retired_at")
