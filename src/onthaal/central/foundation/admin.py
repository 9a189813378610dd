"""What of foundation is configured: the municipality itself, and its staff's accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest

from onthaal import clock
from onthaal.central.foundation.configuration import (
    ChangedByAdministrators,
    ConfigurationAdmin,
    ScopedForm,
    SeenByAdministrators,
    site,
)
from onthaal.central.foundation.identity import keyring, registering
from onthaal.central.foundation.identity.models import Provider
from onthaal.central.foundation.identity.profiles import profiles
from onthaal.central.foundation.people import actions
from onthaal.central.foundation.people.actions import NewAccount
from onthaal.central.foundation.people.models import Account, Lang, Municipality, Role
from onthaal.central.foundation.tenancy import scope


class LanguagesForm(ScopedForm):
    languages = forms.MultipleChoiceField(choices=Lang.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Municipality
        fields = ("name", "address", "help_phone", "duty_address", "sender_address", "languages")


@admin.register(Municipality, site=site)
class MunicipalityAdmin(ChangedByAdministrators, ConfigurationAdmin):
    """One's own municipality only; it is neither added nor deleted here. This table is not fenced: the filter is."""

    form = LanguagesForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Municipality]:
        return super().get_queryset(request).filter(pk=scope())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class AccountForm(ScopedForm):
    roles = forms.MultipleChoiceField(choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    new_password = forms.CharField(
        required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    class Meta:
        model = Account
        fields = ("username", "name", "email", "language", "roles", "is_active")

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def clean_new_password(self) -> str:
        given = str(self.cleaned_data["new_password"])
        if given:
            validate_password(given, self.instance)
        elif self.instance.pk is None:
            raise forms.ValidationError(self.fields["new_password"].error_messages["required"])
        return given


@admin.register(Account, site=site)
class AccountAdmin(SeenByAdministrators, ConfigurationAdmin):
    """Accounts are changed by their verbs, so that badges follow; never deleted, only closed. Administrators only."""

    form = AccountForm
    list_display = ("name", "username", "is_active")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        erased = isinstance(obj, Account) and obj.erased_at is not None
        return super().has_change_permission(request, obj) and not erased

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's signature)
        by, told = request.user, form.cleaned_data
        assert isinstance(by, Account)
        if not change:
            made = actions.create_account(
                NewAccount(
                    username=told["username"], name=told["name"], password=told["new_password"],
                    roles=tuple(told["roles"]), email=told["email"], language=told["language"],
                ),
                by=by,
            )  # fmt: skip
            obj.pk = made.pk
            return
        obj.save(update_fields=["username", "name", "email", "language"])
        actions.set_roles(obj, told["roles"], by=by)
        if told["new_password"]:
            actions.set_password(obj, told["new_password"], by=by)
        if "is_active" in form.changed_data:
            _open_or_close(obj, by)


def _open_or_close(account: Account, by: Account) -> None:
    if account.is_active:
        actions.reopen_account(account, by=by)
    else:
        actions.close_account(account, by=by)


class ProviderForm(ScopedForm):
    profile = forms.ChoiceField(choices=lambda: [(name, name) for name in profiles()])
    issuer = forms.URLField(assume_scheme="https")

    class Meta:
        model = Provider
        fields = (
            "profile", "issuer", "client_id", "portal_service", "wall_service", "authorisation", "in_portal",
            "at_wall_page", "at_wall_phone", "refuse_on_call", "enabled",
        )  # fmt: skip


@admin.register(Provider, site=site)
class ProviderAdmin(SeenByAdministrators, ConfigurationAdmin):
    """Who may vouch for people is for administrators only; one that is not used any more is switched off."""

    form = ProviderForm
    list_display = ("profile", "issuer", "enabled")

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's signature)
        assert isinstance(request.user, Account)
        before = registering.as_it_is(obj.pk)
        super().save_model(request, obj, form, change)
        registering.changed(obj, before, by=request.user)
        if not keyring.have_keys():
            keyring.rotate_keys(clock.now())
