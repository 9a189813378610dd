"""The forms of the shell: signing in, choosing a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from onthaal.central.foundation.people.models import Account
from onthaal.words import Lang, words


class SignInForm(forms.Form):
    username = forms.CharField(
        max_length=80, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        max_length=256, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, data: Any = None, *, lang: Lang) -> None:
        super().__init__(data, label_suffix="")
        self.fields["username"].label = words("web.username", lang)
        self.fields["password"].label = words("web.password", lang)


class PasswordForm(forms.Form):
    """One's own new password, with the present one."""

    present = forms.CharField(
        max_length=256, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        max_length=256, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, data: Any = None, *, account: Account, lang: Lang) -> None:
        super().__init__(data, label_suffix="")
        self._account, self._lang = account, lang
        self.fields["present"].label = words("web.password-present", lang)
        self.fields["new"].label = words("web.password-new", lang)
        self.fields["new"].help_text = words("web.password-help", lang)

    def clean_present(self) -> str:
        given: str = self.cleaned_data["present"]
        if not self._account.check_password(given):
            raise forms.ValidationError(words("web.password-present-wrong", self._lang))
        return given

    def clean_new(self) -> str:
        given: str = self.cleaned_data["new"]
        validate_password(given, self._account)
        return given
