"""The pieces that screens are made of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec

from onthaal.core.facts import Fitted
from onthaal.core.protocol import Words3
from onthaal.kiosk.screen.html import Html, el, join
from onthaal.kiosk.screen.icons import icon
from onthaal.words import Lang, words


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What screens show and sessions do not know."""

    help_phone: str
    languages: tuple[Lang, ...]
    fitted: tuple[Fitted, ...] = ()
    municipality: str = ""
    wall: str = ""
    opening_hours: Words3 | None = None
    code_reader: bool = True
    tag_reader: bool = True
    """There is such a reader, and it answers."""
    away: bool = False
    """The centre has not been reached for a while."""
    provider: Words3 | None = None
    """With what people say who they are here; None: they do not."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One screen: its name for the tests of whole stories, one question, and what can be done."""

    name: str
    title: str
    body: Html = Html()
    beside: Html = Html()
    """Shown beside the body on a wide screen, under it on a tall one."""
    tone: str = "calm"
    """calm · good · warn · bad: a colour, always with a pictogram."""
    pictogram: str | None = None
    back: bool = True
    stop: bool = True
    help: bool = True
    bar: Html | None = None
    """What the lower bar says besides."""
    hero: str | None = None
    """A number to be read from across the street."""


def say(key: str, lang: Lang, **slots: object) -> str:
    return words(f"kiosk.{key}", lang, **slots)


def text(value: str, class_: str = "text") -> Html:
    return el("p", value, class_=class_)


def button(act: str, label: str, *, value: str | None = None, icon_: str | None = None, class_: str = "choice") -> Html:
    """Something to touch: words and, mostly, a pictogram."""
    return el(
        "button",
        icon(icon_) if icon_ else None,
        el("span", label, class_="label"),
        type="button",
        class_=class_,
        data_act=act,
        data_value=value,
    )


def choices(*buttons: Html | None) -> Html:
    return el("div", *buttons, class_="choices")


def row(act: str, value: str, number: int, label: str, note: str) -> Html:
    """A line of a list: the door's number big, what lies behind it small."""
    return el(
        "button",
        el("span", str(number), class_="number"),
        el("span", el("span", label, class_="label"), el("span", note, class_="note"), class_="two"),
        type="button",
        class_="choice line",
        data_act=act,
        data_value=value,
    )


@cache
def keypad(lang: Lang) -> Html:
    """Ten digits where every telephone has them, erase and OK."""
    keys = [button("key", digit, value=digit, class_="key") for digit in "123456789"]
    erase = button("erase", say("pin.erase", lang), icon_="erase", class_="key small")
    enter = button("enter", say("pin.enter", lang), class_="key small enter")
    return el("div", *keys, erase, button("key", "0", value="0", class_="key"), enter, class_="keypad")


def typed(digits: str, groups: Sequence[int], lang: Lang, *, hidden: bool = False) -> Html:
    """What was typed so far, in groups; read out as a count, never digit by digit."""
    of = sum(groups)
    boxes: list[Html] = []
    place = 0
    for size in groups:
        cells = [_cell(digits, place + step, hidden=hidden) for step in range(size)]
        boxes.append(el("span", *cells, class_="group"))
        place += size
    count = say("pin.typed", lang, typed=len(digits), of=of)
    return join(
        el("div", *boxes, class_="typed", aria_hidden="true"),
        el("p", count, class_="count", role="status"),
    )


def _cell(digits: str, place: int, *, hidden: bool) -> Html:
    filled = place < len(digits)
    shown = ("•" if hidden else digits[place]) if filled else ""
    return el("span", shown, class_="cell filled" if filled else "cell")
