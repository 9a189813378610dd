"""What the wall says: complete, short, and in words that everybody knows."""

from __future__ import annotations

import re
import string
from html import unescape

import pytest
from msgspec.structs import replace

from onthaal.core.refusals import Why
from onthaal.kiosk.screen.parts import Page
from onthaal.kiosk.screen.view import page
from onthaal.words import LANGS, catalogue
from tests.kiosk.screen.gallery import LOOK, STATES

OURS = {key: texts for key, texts in catalogue().items() if key.split(".")[0] in {"kiosk", "why", "fault"}}
MOST_WORDS = 25
MOST_WORDS_A_SENTENCE = 12
STIFF = (
    "indien",
    "teneinde",
    "gelieve",
    "tevens",
    "inzake",
    "desgevallend",
    "middels",
    "dient",
    "reeds",
    "betreffende",
)
NOBODYS = ("refused-scanned", f"refused-{Why.CODE_WRONG}")
ONE_WORD_FOR_IT = ("locker", "vakje", "compartiment", "lade")
SAYS_JE = ("je", "jij", "jouw", "jullie")


def test_promise_13_every_refusal_has_words_in_three_languages() -> None:
    """Promise 13, for refusals."""
    assert [(why, lang) for why in Why for lang in LANGS if not catalogue()[f"why.{why}"][lang].strip()] == []


def test_promise_13_every_text_is_there_in_three_languages_with_the_same_slots() -> None:
    """Promise 13, for faults and screens: Dutch is the source, French and English say no more and no less."""
    assert [key for key, texts in OURS.items() if set(texts) != set(LANGS)] == []
    assert [key for key, texts in OURS.items() if not all(text.strip() for text in texts.values())] == []
    assert [key for key, texts in OURS.items() if len({_slots(text) for text in texts.values()}) != 1] == []


def test_a_refusals_words_need_nothing_filled_in() -> None:
    assert [why for why in Why if any(_slots(text) for text in catalogue()[f"why.{why}"].values())] == []


@pytest.mark.parametrize("lang", LANGS)
def test_promise_13_every_screen_is_short_in_every_language(lang) -> None:
    """Promise 13, for screens: each can be said in each language, in at most 25 words."""
    said = {name: _said(page(replace(state, lang=lang), LOOK)) for name, state in STATES.items()}
    assert {name: text for name, text in said.items() if len(_words(text)) > MOST_WORDS + _in_lists(name)} == {}


OF_A_CODE_THEY_HAVE = ("Uw code", "Votre code", "Your code", "mail")
AFTER_SIGNING_IN = [
    name for name, state in STATES.items() if name.startswith("identify-") or "-document" in name
    or getattr(state.step, "signing_in", False)
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_who_signs_in_is_never_told_of_a_code_that_they_do_not_have(lang) -> None:
    said = {name: _said(page(replace(STATES[name], lang=lang), LOOK)) for name in AFTER_SIGNING_IN}
    assert said
    assert {name: text for name, text in said.items() if any(words in text for words in OF_A_CODE_THEY_HAVE)} == {}


def _slots(text: str) -> frozenset[str]:
    return frozenset(slot for _, slot, _, _ in string.Formatter().parse(text) if slot)


def _in_lists(name: str) -> int:
    """Screens that speak three languages at once, and lists of compartments, are longer by what they list."""
    if name == "attract-identify-away":
        return 60
    return 40 if name in {"attract", "starting", "not-enrolled", "store-full", "takeout-list", "check-list"} else 0


def _said(shown: Page) -> str:
    body = re.sub(r'<(svg|div class="(typed|keypad)").*?</\1>', " ", str(shown.body), flags=re.DOTALL)
    return unescape(shown.title + " " + re.sub(r"<[^>]+>", " ", body))


def _words(said: str) -> list[str]:
    return [word for word in said.split() if re.search(r"\w", word) and not re.fullmatch(r"[\d+ ]+", word)]


def test_sentences_are_short() -> None:
    sentences = [
        (key, sentence)
        for key, texts in OURS.items() if key.startswith("kiosk")
        for text in texts.values()
        for sentence in re.split(r"[.?!:](?:\s|$)", text)
    ]  # fmt: skip
    assert [(key, said) for key, said in sentences if len(_words(said)) > MOST_WORDS_A_SENTENCE] == []


@pytest.mark.parametrize("never", [STIFF, ONE_WORD_FOR_IT, SAYS_JE], ids=["stiff", "it is a kluisje, always", "says u"])
def test_dutch_is_plain_and_says_u(never) -> None:
    said = {key: set(re.findall(r"[\w’]+", texts["nl"].lower())) for key, texts in OURS.items()}
    assert {key: found & set(never) for key, found in said.items() if found & set(never)} == {}


@pytest.mark.parametrize("lang", LANGS)
def test_who_scanned_a_code_that_is_nobodys_is_not_told_to_look_at_digits(lang) -> None:
    scanned, typed = (_said(page(replace(STATES[name], lang=lang), LOOK)) for name in NOBODYS)
    assert catalogue()["kiosk.next.code-wrong-scanned"][lang] in scanned
    assert catalogue()["kiosk.next.code-wrong"][lang] not in scanned
    assert catalogue()["kiosk.next.code-wrong"][lang] in typed


def test_every_key_of_the_wall_is_used_somewhere() -> None:
    from pathlib import Path

    import onthaal.kiosk.screen as rooms

    folder = Path(rooms.__file__).parent
    source = "\n".join(file.read_text() for file in folder.glob("*.py"))
    families = ("next.", "where.", "block.", "fault.", "thanks.", "staff-menu.", "takeout-list.", "return-put.")
    unused = [
        key
        for key in OURS
        if key.startswith("kiosk.")
        and key.removeprefix("kiosk.") not in source
        and not key.removeprefix("kiosk.").startswith(families)
    ]
    assert unused == []


def test_the_gallery_shows_every_screen_there_is() -> None:
    named = {
        "attract", "home", "pin", "checking", "opening", "take", "thanks", "return-present", "return-put",
        "return-thanks", "staff-pin", "staff-menu", "load-scan", "load-put", "load-confirm", "takeout-list",
        "takeout-open", "check-empty", "refused", "fault", "warning", "help", "not-enrolled",
        "identify-way", "identify-starting", "identify-page", "identify-phone", "identify-digits", "identify-waiting",
        "identify-next",
    }  # fmt: skip
    assert named <= {page(state, LOOK).name for state in STATES.values()}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["attract", "home"])
def test_a_wall_that_has_not_reached_the_centre_for_a_while_says_what_still_works_before_anybody_identifies(
    name, lang
) -> None:
    state, away = replace(STATES[name], lang=lang), replace(LOOK, away=True)
    said = _said(page(state, away))
    assert catalogue()["kiosk.home.away"][lang] in said
    assert len(_words(said)) <= MOST_WORDS + _in_lists(name), said
    assert catalogue()["kiosk.home.away"][lang] not in _said(page(state, LOOK))


@pytest.mark.parametrize("name", ["attract", "home", "pin"])
def test_nobody_is_asked_to_scan_before_a_reader_that_is_away(name) -> None:
    shown = page(STATES[name], replace(LOOK, code_reader=False))
    assert "QR" not in _said(shown)
