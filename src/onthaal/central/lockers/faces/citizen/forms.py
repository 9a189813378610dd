"""The form of a request. What it checks is whether it was filled in; what is allowed is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from onthaal.central.foundation.calendar import written_day
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.places.models import Kiosk
from onthaal.central.lockers.requests.queries import askable
from onthaal.words import LANGS, Lang, words

_MISSING = {"asked_for": "choice", "language": "choice", "kiosk": "choice", "starts_on": "day", "ends_on": "day"}
"""What is said of a field left open, where *fill this in* is not how one does it."""
LANGUAGE_NAMES = {"nl": "Nederlands", "fr": "Français", "en": "English"}


class RequestForm(forms.Form):
    """Who asks, for whom, where, when. Labels and errors in the language of the page."""

    asked_for = forms.ChoiceField(widget=forms.RadioSelect)
    name = forms.CharField(max_length=120)
    organisation = forms.CharField(max_length=120, required=False)
    email = forms.EmailField(max_length=254)
    language = forms.ChoiceField(widget=forms.RadioSelect)
    kiosk = forms.ChoiceField(widget=forms.RadioSelect)
    starts_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    low = forms.BooleanField(required=False)
    remark = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    """Invisible to people; a robot fills it in."""

    def __init__(self, *args: Any, product: Product, kiosks: Iterable[Kiosk], lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self._lang = lang
        self._choose(product, kiosks)
        if product.mode != Product.Mode.LEND:
            del self.fields["starts_on"], self.fields["ends_on"]
        else:
            self._bound(product)
        for name, field in self.fields.items():
            if name != "website":
                field.label = self._said(f"ask.{name.replace('_', '-')}")
            field.error_messages.update(self._said_of(name))
        self.fields["email"].help_text = self._said("ask.email-help")
        self._name_organisation(product)
        self._let_browsers_help()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        theirs = cleaned.get("asked_for") in ("business", "association")
        if theirs and not cleaned.get("organisation") and "organisation" not in self.errors:
            self.add_error("organisation", self._said("error.organisation"))
        return cleaned

    @property
    def from_a_robot(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    def refuse(self, field: str | None, said: str) -> None:
        """Show a refusal beside a field (or above all), with everything typed kept."""
        self.add_error(field if field in self.fields else None, said)

    def _choose(self, product: Product, kiosks: Iterable[Kiosk]) -> None:
        groups = {
            "resident": product.for_residents,
            "business": product.for_businesses,
            "association": product.for_associations,
        }
        self._choices("asked_for", [(key, self._said(f"ask.for.{key}")) for key, may in groups.items() if may])
        self._choices("language", [(lang, LANGUAGE_NAMES[lang]) for lang in LANGS])
        self._choices("kiosk", [(str(kiosk.pk), f"{kiosk.name}, {kiosk.site.address}") for kiosk in kiosks])
        self.fields["language"].initial = self._lang

    def _name_organisation(self, product: Product) -> None:
        """Whose name it is, when only one kind of asker may ask; and then it must be filled in."""
        field = self.fields["organisation"]
        if product.for_residents:
            field.help_text = self._said("ask.organisation-help")
            return
        field.required = True
        field.error_messages["required"] = self._said("error.organisation")
        if product.for_businesses != product.for_associations:
            field.label = self._said("ask.business" if product.for_businesses else "ask.association")

    def _bound(self, product: Product) -> None:
        """Say which days can be asked for; the browser's calendar shows no others."""
        first, last = askable(product)
        self.fields["starts_on"].help_text = self._said("ask.starts-on-help", day=written_day(first, self._lang))
        self.fields["ends_on"].help_text = self._said("ask.ends-on-help", days=product.max_loan_days)
        self.fields["starts_on"].widget.attrs.update({"min": first.isoformat(), "max": last.isoformat()})
        self.fields["ends_on"].widget.attrs["min"] = first.isoformat()

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if len(choices) == 1:
            field.initial = choices[0][0]

    def _let_browsers_help(self) -> None:
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["organisation"].widget.attrs["autocomplete"] = "organization"
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def _said(self, key: str, **slots: object) -> str:
        return words(f"portal.{key}", self._lang, **slots)

    def _said_of(self, name: str) -> dict[str, str]:
        """What is said when a field is not right."""
        return {
            "required": self._said(f"error.{_MISSING.get(name, 'required')}"),
            "invalid_choice": self._said("error.choice"),
            "invalid": self._said("error.email" if name == "email" else "error.date"),
            "max_length": self._said("error.long"),
        }
