"""Promise 13 (all but the voice, which is not there yet): every refusal and every screen has words in nl, fr and en."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser

from onthaal.core.refusals import Why
from onthaal.words import LANGS, catalogue
from tests.architecture.tree import SRC, dotted, files, modules, said

LOOK_UP = {"words", "words.words"}
NAMED_IN_TEMPLATE = re.compile(r"{%-?\s*words\s+[\"']([^\"']+)[\"'](\|add:)?")
TEMPLATE_MARKS = re.compile(
    r"{% comment.*?{% endcomment %}|{% block \w+ %}[\w-]*{% endblock %}|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL
)
SILENT_TAGS = {"script", "style", "code"}
NAMES = {"Onthaal", "NL", "FR", "EN", "Nederlands", "Français", "English"}


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_entry_speaks_the_three_languages_and_nothing_else() -> None:
    wrong = {key: sorted(texts) for key, texts in catalogue().items() if set(texts) != set(LANGS)}
    assert not wrong


def test_no_entry_is_empty_in_any_language() -> None:
    assert [key for key, texts in catalogue().items() if not all(text.strip() for text in texts.values())] == []


def test_every_entry_has_the_same_slots_in_each_language() -> None:
    wrong = {
        key: {lang: sorted(slots(text)) for lang, text in texts.items()}
        for key, texts in catalogue().items()
        if len({frozenset(slots(text)) for text in texts.values()}) != 1
    }
    assert not wrong


def test_every_slot_is_a_plain_name() -> None:
    wrong = [
        key
        for key, texts in catalogue().items()
        for text in texts.values()
        if not all(map(str.isidentifier, slots(text)))
    ]
    assert not wrong


def test_promise_13_every_refusal_has_words() -> None:
    silent = [why.value for why in Why if f"why.{why.value}" not in catalogue()]
    assert not silent, f"say in nl, fr and en: {silent}"


def test_every_key_that_the_code_names_stands_in_the_catalogue() -> None:
    unknown = [
        f"{said(path)}:{node.lineno} {key}"
        for path, tree in modules(SRC, naming="words(")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func) in LOOK_UP and node.args
        and isinstance(key := getattr(node.args[0], "value", None), str)
        and key not in catalogue()
    ]  # fmt: skip
    assert not unknown, "\n".join(unknown)


def advised(tree: ast.Module) -> Iterator[ast.expr]:
    """What is given as a fault's advice: `advice="…"` in a call, or the attribute of a class."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="advice", value=given):
                yield given
            case ast.AnnAssign(target=ast.Name(id="advice"), value=ast.expr() as given):
                yield given
            case ast.Assign(targets=[ast.Name(id="advice"), *_], value=given):
                yield given


def test_every_advice_of_a_fault_has_words() -> None:
    unknown = [
        f"{said(path)}:{given.lineno} {given.value}"
        for path, tree in modules(SRC, naming="advice")
        for given in advised(tree)
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value not in catalogue()
    ]
    assert not unknown, "\n".join(unknown)


def test_every_key_that_a_template_names_stands_in_the_catalogue() -> None:
    unknown = [
        f"{said(path)} {key}"
        for path in files(".html", ".txt")
        if path.is_relative_to(SRC)
        for key, goes_on in NAMED_IN_TEMPLATE.findall(path.read_text("utf-8"))
        if not (any(known.startswith(key) for known in catalogue()) if goes_on else key in catalogue())
    ]
    assert not unknown, "\n".join(unknown)


class Texts(HTMLParser):
    """The text between the tags of a page, scripts and styles left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in SILENT_TAGS

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT_TAGS

    def handle_data(self, data: str) -> None:
        if not self._silent and set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", data)) - NAMES:
            self.found.append(data.strip())


def test_no_template_speaks_outside_the_catalogue() -> None:
    spoken: dict[str, list[str]] = {}
    for path in files(".html"):
        if path.is_relative_to(SRC):
            page = Texts()
            page.feed(TEMPLATE_MARKS.sub("", path.read_text("utf-8")))
            spoken |= {said(path): page.found} if page.found else {}
    assert not spoken, "\n".join(f"{path}: {texts}" for path, texts in spoken.items())
