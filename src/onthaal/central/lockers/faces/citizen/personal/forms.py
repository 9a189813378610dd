"""The forms of an application. What the provider said of somebody is never asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.faces.citizen.forms import LANGUAGE_NAMES
from onthaal.central.lockers.places.models import Kiosk
from onthaal.core.attachments import ALLOWED
from onthaal.words import LANGS, Lang, words

DESK = "desk"
_RADIOS = {"proxy", "urgent", "old_document", "language", "place"}
_NO_YES = ("no", "yes")


class _Said(forms.Form):
    """Labels, help and errors in the language of the page."""

    def __init__(self, *args: Any, lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.lang = lang

    def name_fields(self) -> None:
        for name, field in self.fields.items():
            field.label = self.said(f"apply.{name.replace('_', '-')}")
            field.error_messages.update(
                required=self.said("error.choice" if name in _RADIOS else "error.required"),
                invalid=self.said("error.email"), invalid_choice=self.said("error.choice"),
                max_length=self.said("error.long"),
            )  # fmt: skip

    def said(self, key: str, **slots: object) -> str:
        return words(f"portal.{key}", self.lang, **slots)

    def say_wrong(self, field: str | None, why: str) -> None:
        """A refusal beside a field, or above all; what was typed stays."""
        self.add_error(field if field in self.fields else None, words(f"why.{why}", self.lang))

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class QuestionsForm(_Said):
    """What decides whether it may go into a wall, and how to reach somebody."""

    proxy = forms.ChoiceField(widget=forms.RadioSelect)
    urgent = forms.ChoiceField(widget=forms.RadioSelect)
    old_document = forms.ChoiceField(widget=forms.RadioSelect)
    email = forms.EmailField(max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    language = forms.ChoiceField(widget=forms.RadioSelect)
    remark = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, product: Product, spoken: str, lang: Lang, **kwargs: Any) -> None:
        """`spoken`: the language in which the provider says that they are spoken to; empty when it did not say."""
        super().__init__(*args, lang=lang, **kwargs)
        self.spoken = spoken
        if spoken:
            del self.fields["language"]
        if not product.asks_old_document:
            del self.fields["old_document"]
        self.name_fields()
        for name in ("proxy", "urgent", "old_document"):
            if name in self.fields:
                self.choose(name, [(value, self.said(f"apply.{name.replace('_', '-')}-{value}")) for value in _NO_YES])
        if not spoken:
            self.choose("language", [(code, LANGUAGE_NAMES[code]) for code in LANGS])
        self.fields["email"].help_text = self.said("apply.email-help")

    def asked(self) -> dict[str, Any]:
        """As `applying.Asked` takes it."""
        given = {"language": self.spoken, **self.cleaned_data}
        for name in ("proxy", "urgent", "old_document"):
            given[name] = given.get(name) == "yes"
        return given


class PlaceForm(_Said):
    """Where: at a wall, or at the desk. Walls are not offered to whom they cannot serve."""

    place = forms.ChoiceField(widget=forms.RadioSelect)
    low = forms.BooleanField(required=False)

    def __init__(self, *args: Any, walls: Iterable[Kiosk], desk: str, lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, lang=lang, **kwargs)
        self.name_fields()
        self.fields["low"].label = self.said("ask.low")
        choices = [(str(kiosk.pk), f"{kiosk.name}, {kiosk.site.address}") for kiosk in walls]
        if not choices:
            del self.fields["low"]
        self.choose("place", [*choices, (DESK, self.said("apply.at-the-desk", address=desk))])

    def kiosk_id(self) -> int | None:
        """The wall that was chosen; None: the desk."""
        place = self.cleaned_data["place"]
        return None if place == DESK else int(place)


class FilesForm(_Said):
    """Attachments. What they are is told by their content, elsewhere."""

    photo = forms.FileField(required=False, allow_empty_file=True)
    certificate = forms.FileField(required=False, allow_empty_file=True)

    def __init__(self, *args: Any, kinds: Iterable[str], lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, lang=lang, **kwargs)
        for name in set(self.fields) - set(kinds):
            del self.fields[name]
        self.name_fields()
        for name, field in self.fields.items():
            if isinstance(field, forms.FileField):
                field.widget = forms.FileInput(attrs={"accept": ",".join(ALLOWED[name])})
                field.help_text = self.said(f"apply.{name}-help")

    def say_needed(self) -> None:
        """For drawing it: these are needed, and one that is there already need not come again."""
        self.use_required_attribute = False
        for field in self.fields.values():
            field.required = True


class AnswerForm(FilesForm):
    """The answer to what staff asked for more."""

    answer = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 4}))

    field_order = ("answer", "photo", "certificate")

    def __init__(self, *args: Any, kinds: Iterable[str], lang: Lang, **kwargs: Any) -> None:
        super().__init__(*args, kinds=["answer", *kinds], lang=lang, **kwargs)
