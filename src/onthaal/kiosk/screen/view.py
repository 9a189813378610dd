"""From the session's state to what the browser shows."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from onthaal.kiosk.screen import identify, resident, staff
from onthaal.kiosk.screen.html import Html, el, join
from onthaal.kiosk.screen.icons import icon
from onthaal.kiosk.screen.parts import Look, Page, button, say
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.identify import limited, more
from onthaal.kiosk.session.state import Session
from onthaal.words import words


def question(state: Session) -> object:
    """What is asked. While it stays the same, an answer to an earlier view of it still counts: digits follow digits."""
    step = state.step
    if isinstance(step, at.Pin | at.StaffPin | at.IdentifyDigits):
        step = replace(step, digits="")
    if isinstance(step, at.AtDoor):
        step = replace(step, reminded=0, present=None)
    return step, state.overlay, state.session, state.service


def page(state: Session, look: Look) -> Page:
    """The screen of this state."""
    if state.overlay == "help":
        return resident.help_(state.case or "", look, state.lang)
    if state.overlay == "warning":
        return resident.warning(state.lang, approved=limited(state))
    if isinstance(state.step, at.Attract) and state.service != "ok":
        return resident.out_of_service(state.service, look, state.lang)
    return _step(state, look)


def _step(state: Session, look: Look) -> Page:  # noqa: C901, PLR0911, PLR0912 (one table: step → screen)
    lang, now = state.lang, state.step
    if isinstance(now, identify.Step):
        return identify.page(now, state, look)
    match now:
        case at.Attract():
            return resident.attract(state.offer, look, lang)
        case at.Home() as step:
            return resident.home(state.offer, look, lang)
        case at.Pin() as step:
            return resident.pin(step, look, lang)
        case at.Checking() | at.Placing() as step:
            return resident.checking(step, look, lang)
        case at.Opening() as step:
            return resident.opening(step, look, lang)
        case at.AtDoor() as step:
            return _door(step, state, look)
        case at.NotTakenYet() as step:
            return resident.not_taken(step, state.approval if limited(state) else None, look, lang)
        case at.Thanks() as step:
            return resident.thanks(step, look, lang, state.case, more=more(state))
        case at.ReturnPresent() as step:
            return resident.return_present(step, look, lang)
        case at.Refused() as step:
            return resident.refused(step, look, lang)
        case at.Faulted() as step:
            return resident.faulted(step, look, lang, more=more(state))
        case at.StaffPin() as step:
            return staff.staff_pin(step, look, lang)
        case at.StaffMenu():
            assert state.staff is not None
            return staff.menu(state.staff, look, lang)
        case at.LoadScan() as step:
            return staff.load_scan(step, look, lang)
        case at.LoadConfirm() as step:
            return staff.load_confirm(step, look, lang)
        case at.TakeoutList() as step:
            return staff.takeout_list(step, look, lang)
        case at.TakeoutConfirm() as step:
            return staff.takeout_confirm(step, look, lang)
        case at.CheckList() as step:
            return staff.check_list(step, look, lang)
        case at.CheckRelease() as step:
            return staff.check_release(step, look, lang)
        case at.CheckConfirm() as step:
            return staff.check_confirm(step, look, lang)
        case _ as never:
            assert_never(never)


def _door(step: at.AtDoor, state: Session, look: Look) -> Page:
    match step.job.purpose:
        case "collect":
            return resident.take(step, look, state.lang, state.case)
        case "return":
            return resident.return_put(step, look, state.lang)
        case "load":
            return staff.load_put(step, look, state.lang)
        case "take_back":
            return staff.takeout_open(step, look, state.lang)
        case _:
            return staff.check_empty(step, look, state.lang)


def fragment(state: Session, look: Look) -> Html:
    """One screen as markup: languages above, the question, and below always help on the left."""
    shown = page(state, look)
    lang = state.lang
    heading = el(
        "div",
        el("span", icon(shown.pictogram), class_="badge") if shown.pictogram else None,
        el("h1", shown.title, tabindex="-1", id="question"),
        class_="heading",
    )
    busy = None
    if state.busy:
        line = say("note.session-busy" if at.door_in_play(state) else "note.somebody-busy", lang)
        busy = el("p", icon("warning"), el("span", line), class_="note-box loud", role="status")
    hero = el("p", shown.hero, class_="hero", aria_hidden="true") if shown.hero else None
    beside = el("div", hero, shown.beside, class_="beside") if shown.beside or hero else None
    main = el("main", el("div", heading, busy, shown.body, class_="body"), beside)
    return el(
        "div",
        _header(state, look, quiet=shown.name == "attract"),
        main,
        _footer(shown, state, look),
        class_=f"screen tone-{shown.tone}",
        data_screen=shown.name,
        data_lang=lang,
        lang=lang,
    )


def _header(state: Session, look: Look, *, quiet: bool) -> Html:
    name = el("p", el("strong", look.wall or "Onthaal"), el("span", look.municipality), class_="place")
    if len(look.languages) == 1:
        return el("header", name)
    if quiet or (isinstance(state.step, at.Attract)):
        names = el(
            "ul", *(el("li", say("bar.name", one), lang=one) for one in look.languages), class_="languages named"
        )
        return el("header", name, names)
    buttons = (
        el(
            "button",
            say("bar.name", one),
            type="button",
            data_act="lang",
            data_value=one,
            lang=one,
            aria_pressed="true" if one == state.lang else "false",
        )
        for one in look.languages
    )
    languages = el("nav", *buttons, class_="languages", aria_label=say("bar.language", state.lang))
    return el("header", name, languages)


def _footer(shown: Page, state: Session, look: Look) -> Html:
    lang = state.lang
    helped = (
        button("help", say("bar.help", lang), icon_="phone", class_="bar help")
        if shown.help
        else el("p", icon("phone"), el("span", say("bar.phone", lang, phone=look.help_phone)), class_="bar help phone")
    )
    back = button("back", say("bar.back", lang), icon_="back", class_="bar") if shown.back else None
    stop = button("stop", say("bar.stop", lang), icon_="stop", class_="bar") if shown.stop else None
    return el("footer", helped, shown.bar, el("span", class_="spring"), back, stop)


def document(state: Session, look: Look, revision: int) -> str:
    """The whole page, with the first screen in it: readable before any script ran."""
    waiting = [
        el("p", el("strong", words("kiosk.wait.title", one)), el("span", words("kiosk.wait.text", one)), lang=one)
        for one in look.languages
    ]
    gone = el("div", icon("clock"), el("div", *waiting), id="gone", role="alert", hidden=True)
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", look.wall or "Onthaal"),
        el("link", rel="icon", href="data:,"),
        el("link", rel="stylesheet", href="/static/kiosk.css"),
        el("script", src="/static/kiosk.js", defer=True),
    )
    view = el("div", fragment(state, look), id="view", data_revision=revision)
    return "<!doctype html>" + el("html", head, el("body", view, gone), lang=state.lang)


__all__ = ["document", "fragment", "join", "page", "question"]
