"""The desk's forms. What they check is whether they were filled in; what is allowed is decided elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from onthaal.central.foundation.people import queries as people
from onthaal.central.foundation.people.models import USERNAME, Role
from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.catalogue.models import Product
from onthaal.words import LANGS, Lang, words

_TAG = re.compile(r"([0-9A-F]{4}){1,15}")
LANGUAGE_NAMES = {"nl": "Nederlands", "fr": "Français", "en": "English"}


class DeskForm(forms.Form):
    """Labels and errors in the language of the page."""

    below = ""

    def __init__(self, *args: Any, lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"label_suffix": ""}))
        self.lang = lang
        for name, field in self.fields.items():
            field.label = words(f"{self.below}.{name}", lang)
            field.error_messages["required"] = words("desk.accounts.required", lang)

    def said(self, key: str) -> str:
        return words(f"{self.below}.{key}", self.lang)


class ItemForm(DeskForm):
    """A thing to lend."""

    below = "desk.items"

    product = forms.ChoiceField()
    name = forms.CharField(max_length=100)
    tag = forms.CharField(max_length=62, required=False)

    def __init__(self, *args: Any, products: Sequence[Product], lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, lang=lang, **kwargs)
        self._products = {str(one.pk): one for one in products if one.mode == Product.Mode.LEND}
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, catalogue.names(one)[lang]) for pk, one in self._products.items()]
        self.fields["tag"].help_text = self.said("tag-help")

    @property
    def chosen(self) -> Product:
        return self._products[self.cleaned_data["product"]]

    def clean_tag(self) -> str:
        tag = "".join(self.cleaned_data["tag"].split()).upper()
        if tag and (not _TAG.fullmatch(tag) or catalogue.is_tag_known(tag)):
            raise forms.ValidationError(self.said("tag-wrong"))
        return tag


class AccountForm(DeskForm):
    """A new account."""

    below = "desk.accounts"

    name = forms.CharField(max_length=100)
    username = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    language = forms.ChoiceField()
    roles = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, lang=lang, **kwargs)
        self.fields["username"].help_text = self.said("username-help")
        self.fields["language"].choices = [(one, LANGUAGE_NAMES[one]) for one in LANGS]  # type: ignore[attr-defined]
        self.fields["roles"].choices = role_choices(lang)  # type: ignore[attr-defined]
        self.fields["roles"].error_messages["required"] = self.said("role-missing")

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip().lower()
        if not USERNAME.fullmatch(username):
            raise forms.ValidationError(self.said("username-wrong"))
        if people.is_taken(username):
            raise forms.ValidationError(self.said("taken"))
        return username


def role_choices(lang: Lang) -> list[tuple[str, str]]:
    """Each role with what it may do."""
    return [
        (role, f"{words(f'web.role.{role}', lang)}: {words(f'desk.role-help.{role}', lang)}") for role in Role.values
    ]
