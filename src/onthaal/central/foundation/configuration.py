"""The admin: for configuration only. Whoever runs a municipality's walls sets its products, places and things here;
everything that happens is done at the desk."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, auth
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver

from onthaal.central.foundation import captions
from onthaal.central.foundation.gates import for_roles
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account, Role
from onthaal.central.foundation.rows import Row
from onthaal.central.foundation.tenancy import scope


class ConfigurationSite(admin.AdminSite):
    """Django's admin behind our own sign-in; every address of it is for administrators and technicians."""

    site_header = site_title = "Onthaal"
    index_title = captions.said("configuration.title")
    site_url = "/desk/"

    def get_urls(self) -> list[Any]:
        urls = super().get_urls()
        for url in urls:
            _declare(url)
        return urls

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(resolve_url("sign-in"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        auth.logout(request)
        return self.login(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """On the page of one's own account, by the verb that the journal hears of."""
        return HttpResponseRedirect(resolve_url("own-account"))

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, Account) and request.user.is_staff


def _declare(url: URLPattern | URLResolver) -> None:
    if isinstance(url, URLResolver):
        for inner in url.url_patterns:
            _declare(inner)
    else:
        # Some are methods of the site, on which nothing can be declared.
        url.callback = for_roles(Role.ADMINISTRATOR, Role.TECHNICIAN)(_as_function(url.callback))


def _as_function(view: Any) -> Any:
    @wraps(view)
    def called(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return called


site = ConfigurationSite(name="admin")


class ChangedByAdministrators:
    """A table that technicians may read and only administrators change. Nothing of it is deleted."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, Account) and request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _may(self, request: HttpRequest) -> bool:
        return isinstance(request.user, Account) and request.user.has_role(Role.ADMINISTRATOR)


class SeenByAdministrators(ChangedByAdministrators):
    """A table that is for administrators alone."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


class ScopedForm(forms.ModelForm):  # type: ignore[type-arg]
    """The municipality is set before validation: it is no field of the form, and the constraints ask for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        captions.caption(str(self._meta.model._meta.model_name), self.fields)
        if isinstance(self.instance, Row) and self.instance.pk is None:
            self.instance.municipality_id = scope()

    def _get_validation_exclusions(self) -> set[str]:
        """What is unique within a municipality is asked beforehand too: else a second one would break the page."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"municipality"}


class ConfigurationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A table that is configured here. What was changed goes into the journal, by column; never what stands in it."""

    form = ScopedForm
    written_too: tuple[str, ...] = ()
    """Columns that the form fills without a field of that name."""

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        captions.name_table(model)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return captions.chosen(super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Who may only read sees choices by their names, too."""
        fields = list(super().get_fields(request, obj))
        return fields if self.has_change_permission(request, obj) or obj is None else captions.chosen(fields)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        """Only what stands in the form: everything else of the row may have changed since it was read."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=[*(columns & set(form.fields)), *self.written_too])

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:  # noqa: FBT001, FBT002 (Django's signature)
        """The columns, by their own names: the journal does not speak the language of who changed them."""
        return [] if add else [{"changed": {"fields": form.changed_data}}]

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._note(request, obj, "configuration.added", message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._note(request, obj, "configuration.changed", message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for row in queryset:
            self._note(request, row, "configuration.deleted", [])

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The journal is read at the desk."""
        return HttpResponseRedirect("/desk/")

    def _note(self, request: HttpRequest, row: Model, kind: str, message: Any) -> None:
        assert isinstance(request.user, Account)
        table = str(row._meta.model_name)
        columns = [name for part in message if "changed" in part for name in part["changed"].get("fields", [])]
        journal.note(
            stream=f"{table}:{row.pk}", kind=kind, by=str(request.user.pseudonym), about={table: row.pk},
            data={"columns": columns},
        )  # fmt: skip
