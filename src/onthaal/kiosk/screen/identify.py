"""The screens of somebody who says who they are. The wall never learns who: no name, nowhere."""

from __future__ import annotations

import segno

from onthaal.kiosk.screen.html import Html, el, join
from onthaal.kiosk.screen.icons import icon
from onthaal.kiosk.screen.parts import Look, Page, button, choices, keypad, say, text, typed
from onthaal.kiosk.screen.wall import drawing, where
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.identity import Approval, Identifying, Offer
from onthaal.kiosk.session.state import Session
from onthaal.words import Lang

Step = (
    at.IdentifyWay | at.IdentifyStarting | at.IdentifyPage | at.IdentifyPhone | at.IdentifyDigits | at.IdentifyWaiting
    | at.IdentifyNext
)  # fmt: skip


def provider(offer: Offer | None, lang: Lang) -> str:
    return getattr(offer.name, lang) if offer is not None else ""


def choice(offer: Offer | None, lang: Lang) -> Html | None:
    """The line on the first screen; None where nobody says who they are, or where they cannot now."""
    if offer is None or not offer.open:
        return None
    label = say("home.identify", lang, name=provider(offer, lang))
    return button("go", label, value="identify", icon_="person", class_="choice big")


def away(offer: Offer | None, *langs: Lang) -> Html | None:
    """It cannot be now: said before anybody starts, with what still works."""
    if offer is None or offer.open:
        return None
    lines = (el("span", say("home.identify-away", lang, name=provider(offer, lang)), lang=lang) for lang in langs)
    told = el("span", *(join(line, " ") for line in lines), class_="lines")
    return el("p", icon("warning"), told, class_="note-box", role="status", data_identify="away")


def page(step: Step, state: Session, look: Look) -> Page:  # noqa: PLR0911 (one table: step → screen)
    """One of these screens."""
    lang, name = state.lang, provider(state.offer, state.lang)
    begun = state.identifying
    match step:
        case at.IdentifyWay():
            return _way(name, lang)
        case at.IdentifyNext():
            return _next(state.approval, look, lang)
        case at.IdentifyPage() if begun is not None:
            return _page(step, begun, name, look, lang)
        case at.IdentifyPhone() if begun is not None:
            return _phone(begun, name, lang)
        case at.IdentifyDigits(digits=digits):
            return _digits(digits, begun, lang)
        case at.IdentifyWaiting():
            body = join(el("div", icon("clock"), class_="hero-icon slow"), text(say("identify-waiting.text", lang)))
            return Page(name="identify-waiting", title=say("identify-waiting.title", lang), body=body)
        case _:
            body = el("div", icon("clock"), class_="hero-icon slow")
            return Page(name="identify-starting", title=say("identify-starting.title", lang), body=body)


def _way(name: str, lang: Lang) -> Page:
    body = choices(
        _explained("phone", say("identify-way.phone", lang), say("identify-way.phone-how", lang), "phone"),
        _explained("page", say("identify-way.page", lang), say("identify-way.page-how", lang, name=name), "touch"),
    )
    return Page(name="identify-way", title=say("identify-way.title", lang), body=body)


def _explained(value: str, label: str, how: str, drawn: str) -> Html:
    return el(
        "button",
        icon(drawn),
        el("span", el("span", label, class_="label"), el("span", how, class_="how"), class_="two"),
        type="button",
        class_="choice big explained",
        data_act="go",
        data_value=value,
    )


def left(of: Identifying | Approval | None, lang: Lang) -> Html | None:
    """How long it may still take: in few steps, so that nobody is chased."""
    if of is None:
        return None
    line = say("identify-page.left", lang, seconds=of.left)
    return el("p", icon("clock"), el("span", line), class_="hint", data_left=str(of.left))


def _place(begun: Identifying) -> Html | None:
    """Of the same object as the text that the provider shows."""
    at_ = begun.confirmation
    return text(f"{at_.wall}, {at_.street}, {at_.municipality}", "hint") if at_ is not None else None


def _number(begun: Identifying) -> str:
    return begun.confirmation.number if begun.confirmation is not None else ""


def _page(step: at.IdentifyPage, begun: Identifying, name: str, look: Look, lang: Lang) -> Page:
    number = _number(begun)
    title = say("identify-page.title", lang, n=number)
    if step.covered:
        return Page(
            name="identify-page",
            title=title,
            body=join(text(say("identify-page.covered", lang, name=name)), left(begun, lang)),
            bar=_bar(begun, lang),
            hero=number,
            back=False,
        )
    body = join(
        _place(begun),
        text(say("identify-page.compare", lang, name=name)),
        left(begun, lang),
        choices(button("page", say("identify-page.open", lang, name=name), icon_="person", class_="choice big")),
    )
    return Page(name="identify-page", title=title, body=body, hero=number)


def _bar(begun: Identifying, lang: Lang) -> Html:
    """What stays in sight under the provider's page."""
    return el(
        "p",
        el("strong", say("identify-page.title", lang, n=_number(begun))),
        el("span", say("identify-page.left", lang, seconds=begun.left)),
        class_="beneath",
    )


def _phone(begun: Identifying, name: str, lang: Lang) -> Page:
    body = join(
        text(say("identify-page.title", lang, n=_number(begun)), "text number-line"),
        text(say("identify-page.compare", lang, name=name)),
        left(begun, lang),
        choices(button("digits", say("identify-phone.done", lang), icon_="check", class_="choice big")),
    )
    told = say("identify-phone.qr", lang)
    picture = el("div", qr(begun.url), class_="qr", role="img", aria_label=told, data_text=begun.url)
    return Page(
        name="identify-phone",
        title=say("identify-phone.title", lang),
        body=body,
        beside=el("div", picture, _place(begun), class_="pictured"),
    )


def qr(url: str) -> Html:
    """Black on white, with its quiet zone, as large as there is room."""
    drawn = segno.make(url, error="m", micro=False)
    return Html(
        drawn.svg_inline(border=4, omitsize=True, dark="#000000", light="#ffffff", lineclass=None, svgclass=None)
    )


def _digits(digits: str, begun: Identifying | None, lang: Lang) -> Page:
    body = join(text(say("identify-digits.text", lang)), typed(digits, (2,), lang), left(begun, lang))
    return Page(name="identify-digits", title=say("identify-digits.title", lang), body=body, beside=keypad(lang))


def _next(approval: Approval | None, look: Look, lang: Lang) -> Page:
    """How many, and which door is next. Nothing of whose they are."""
    waiting = approval.waiting if approval is not None else ()
    number = waiting[0].spot.compartment if waiting else 0
    key = "identify-next.one" if len(waiting) == 1 else "identify-next.more"
    label = say("identify-next.open", lang, n=number)
    body = join(
        text(say("identify-next.text", lang, where=where(look.fitted, number, lang))),
        left(approval, lang),
        choices(button("open", label, icon_="door", class_="choice big")),
    )
    beside = drawing(look.fitted, number, lang) or Html()
    title = say(key, lang, count=len(waiting))
    return Page(name="identify-next", title=title, body=body, beside=beside, hero=str(number), tone="good")
