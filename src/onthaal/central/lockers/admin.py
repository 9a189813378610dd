"""What of the lockers is configured: products, things, places and walls."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from onthaal.central.foundation.configuration import ConfigurationAdmin, site
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue import actions as catalogue
from onthaal.central.lockers.catalogue.models import Item, Product
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk, Site


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


@admin.register(Product, site=site)
class ProductAdmin(KnownToWalls):
    list_display = ("name_nl", "kind", "mode", "offered")


@admin.register(Item, site=site)
class ItemAdmin(KnownToWalls):
    list_display = ("name", "product", "label", "tag")
    list_filter = ("product",)
    fields = ("product", "name", "tag")

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
    list_display = ("name", "site")
    fields = ("site", "name", "help_phone", "opening_hours", "retired_at")
