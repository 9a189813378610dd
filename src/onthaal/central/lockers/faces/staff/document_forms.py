"""The desk's forms for personal documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from onthaal.central.lockers.catalogue import queries as catalogue
from onthaal.central.lockers.catalogue.clearances import LONGEST
from onthaal.central.lockers.catalogue.models import Clearance, Product
from onthaal.central.lockers.faces.staff.forms import LANGUAGE_NAMES, DeskForm
from onthaal.central.lockers.requests.entering import Entered
from onthaal.core.refusals import Refusal
from onthaal.words import LANGS, Lang, words


class EnterForm(DeskForm):
    """What staff types from the papers of somebody at the desk."""

    below = "desk.enter"

    product = forms.ChoiceField()
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    born_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    email = forms.EmailField(required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    language = forms.ChoiceField()
    urgent = forms.BooleanField(required=False)
    proxy = forms.BooleanField(required=False)
    old_document = forms.BooleanField(required=False)
    remark = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, products: Sequence[Product], lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, lang=lang, **kwargs)
        named = [(str(one.pk), catalogue.names(one)[lang]) for one in products]
        self.fields["product"].choices = named  # type: ignore[attr-defined]
        self.fields["language"].choices = [(one, LANGUAGE_NAMES[one]) for one in LANGS]  # type: ignore[attr-defined]
        self.fields["email"].help_text = self.said("email-help")

    def refuse(self, no: Refusal) -> None:
        """Show a refusal beside the field that it is about, or above all."""
        if no.facts.get("what") == "born_on":
            self.add_error("born_on", self.said("born_on-wrong"))
        else:
            self.add_error(None, words(f"why.{no.why.value}", self.lang, **no.facts))

    def entered(self) -> Entered:
        given = dict(self.cleaned_data)
        return Entered(product_id=int(given.pop("product")), **given)


def _said() -> forms.CharField:
    return forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))


class ClearanceForm(DeskForm):
    """The checklist of a personal product: every point says something."""

    below = "desk.clearance.point"

    law = _said()
    procedure = _said()
    signature = _said()
    payment = _said()
    old_document = _said()
    activation = _said()

    def __init__(self, *args: Any, lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, lang=lang, **kwargs)
        for point in Clearance.POINTS:
            self.fields[point].help_text = self.said(f"{point}-help")
