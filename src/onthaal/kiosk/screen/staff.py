"""The screens that only staff sees, after badge and PIN."""

from __future__ import annotations

from onthaal.core.evidence import Block
from onthaal.kiosk.screen.html import Html, el, join
from onthaal.kiosk.screen.icons import icon
from onthaal.kiosk.screen.parts import Look, Page, button, choices, keypad, row, say, text, typed
from onthaal.kiosk.screen.resident import at_door, named
from onthaal.kiosk.screen.wall import drawing, where
from onthaal.kiosk.session import staff as rules
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.moves import seen_to_go
from onthaal.words import Lang, words


def staff_pin(step: at.StaffPin, look: Look, lang: Lang) -> Page:
    body = join(
        _note(words(f"why.{step.note}", lang)) if step.note else text(say("staff-pin.text", lang, name=step.shown_as)),
        typed(step.digits, (3, 3), lang, hidden=True),
    )
    return Page(name="staff-pin", title=say("staff-pin.title", lang), body=body, beside=keypad(lang))


def menu(staff: at.Staff, look: Look, lang: Lang) -> Page:
    lines = (("load", "return"), ("takeout", "collect"), ("check", "look"))
    body = choices(
        *(
            button("go", say(f"staff-menu.{line}", lang), value=line, icon_=drawn, class_="choice big")
            for line, drawn in lines
            if rules.may(staff, line)
        )
    )
    return Page(name="staff-menu", title=say("staff-menu.title", lang), body=body)


def load_scan(step: at.LoadScan, look: Look, lang: Lang) -> Page:
    """Which thing? Its label, or its tag; then the tag that belongs to the label."""
    key = "load-scan.title" if look.tag_reader else "load-scan.label-only"
    body: list[Html] = [el("div", icon("tag" if step.wanted else "qr"), class_="hero-icon")]
    if step.wanted is not None:
        key = "load-scan.tag"
        body.append(text(say("load-scan.wanted", lang, thing=named(step.wanted.names, lang))))
    if step.note is not None:
        body.append(_note(words(f"why.{step.note}", lang)))
    if step.last is not None:
        done = say("load-scan.last", lang, n=step.last.compartment)
        body.append(el("p", icon("check"), el("span", done), class_="note-box fine", role="status"))
        body.append(choices(button("undo", say("load-scan.undo", lang), icon_="undo", class_="choice quiet")))
    return Page(name="load-scan", title=say(key, lang), body=join(*body))


def load_put(step: at.AtDoor, look: Look, lang: Lang) -> Page:
    job = step.job
    place = where(look.fitted, job.compartment, lang)
    if job.undo:
        title, line = say("load-put.undo", lang, n=job.compartment), say("takeout-open.text", lang, where=place)
    else:
        thing = named(job.thing.names, lang)
        title = say("load-put.title", lang, n=job.compartment)
        line = say("load-put.text", lang, thing=thing, where=place[:1].upper() + place[1:])
    return at_door("load-put", title, step, look, lang, body=_what_to_do(step, line, lang))


def load_confirm(step: at.LoadConfirm, look: Look, lang: Lang) -> Page:
    number = step.job.compartment
    again = button("again", say("load-confirm.again", lang), icon_="again")
    if step.present is False:
        leave = button("deny", say("load-confirm.leave", lang), icon_="empty")
        title = say("load-confirm.empty", lang, n=number)
        return _asked("load-confirm", title, number, look, lang, body=choices(again, leave))
    if step.job.loaded:
        title = say("load-confirm.still", lang, n=number)
        undo = button("undo", say("load-confirm.again", lang), icon_="again")
        return _asked("load-confirm", title, number, look, lang, body=choices(undo))
    title = say("load-confirm.still" if step.job.why_again == "still" else "load-confirm.title", lang, n=number)
    body = join(
        text(say("load-confirm.text", lang)),
        choices(
            button("confirm", say("load-confirm.yes", lang), icon_="check", class_="choice big"),
            button("undo", say("load-confirm.undo", lang), icon_="undo", class_="choice quiet"),
        ),
    )
    return _asked("load-confirm", title, number, look, lang, body=body)


def takeout_list(step: at.TakeoutList, look: Look, lang: Lang) -> Page:
    rows = [
        row(
            "choose",
            str(one.compartment),
            one.compartment,
            getattr(one.names, lang) if one.names else say("takeout-list.n", lang, n=one.compartment),
            say(f"takeout-list.{one.kind}", lang),
        )
        for one in step.entries[_shown(step.page)]
    ]
    key = "takeout-list.title" if rows else "takeout-list.none"
    return Page(name="takeout-list", title=say(key, lang), body=_listed(rows, len(step.entries), lang))


def check_list(step: at.CheckList, look: Look, lang: Lang) -> Page:
    rows = [
        row(
            "choose",
            str(one.compartment),
            one.compartment,
            say("takeout-list.n", lang, n=one.compartment),
            ", ".join(_reason(reason, lang) for reason in one.reasons) or say("check-list.unknown", lang),
        )
        for one in step.entries[_shown(step.page)]
    ]
    key = "check-list.title" if rows else "check-list.none"
    return Page(name="check-list", title=say(key, lang), body=_listed(rows, len(step.entries), lang))


def _shown(page: int) -> slice:
    return slice(page * rules.PER_PAGE, (page + 1) * rules.PER_PAGE)


def _listed(rows: list[Html], of: int, lang: Lang) -> Html:
    more = button("more", say("takeout-list.more", lang), icon_="more", class_="choice quiet")
    return choices(*rows, more if of > rules.PER_PAGE else None)


def _reason(reason: str, lang: Lang) -> str:
    known = reason if reason in {block.value for block in Block} else "changed-in-silence"
    return say(f"block.{known}", lang)


def takeout_open(step: at.AtDoor, look: Look, lang: Lang) -> Page:
    number = step.job.compartment
    body = _what_to_do(step, say("takeout-open.text", lang, where=where(look.fitted, number, lang)), lang)
    return at_door("takeout-open", say("takeout-open.title", lang, n=number), step, look, lang, body=body)


def takeout_confirm(step: at.TakeoutConfirm, look: Look, lang: Lang) -> Page:
    number = step.job.compartment
    again = button("again", say("takeout-confirm.again", lang), icon_="again")
    if step.present is True:
        leave = button("deny", say("takeout-confirm.leave", lang), icon_="door")
        title = say("takeout-confirm.still", lang, n=number)
        return _asked("takeout-confirm", title, number, look, lang, body=choices(again, leave))
    yes = button("confirm", say("takeout-confirm.yes", lang), icon_="check", class_="choice big")
    title = say("takeout-confirm.title", lang, n=number)
    nothing = None
    if not step.job.undo and not seen_to_go(step.job, present=step.present):
        nothing = button("deny", say("takeout-confirm.nothing", lang), icon_="empty")
    return _asked("takeout-confirm", title, number, look, lang, body=choices(yes, nothing, again))


def check_empty(step: at.AtDoor, look: Look, lang: Lang) -> Page:
    number = step.job.compartment
    body = _what_to_do(step, say("check-empty.text", lang, where=where(look.fitted, number, lang)), lang)
    return at_door("check-empty", say("check-empty.title", lang, n=number), step, look, lang, body=body)


def check_confirm(step: at.CheckConfirm, look: Look, lang: Lang) -> Page:
    number = step.job.compartment
    again = button("again", say("check-confirm.again", lang), icon_="again")
    if step.present is True:
        leave = button("deny", say("takeout-confirm.leave", lang), icon_="door")
        title = say("load-confirm.still", lang, n=number)
        return _asked("check-confirm", title, number, look, lang, body=choices(again, leave))
    yes = button("confirm", say("check-confirm.yes", lang), icon_="check", class_="choice big")
    no = button("deny", say("check-confirm.no", lang), icon_="warning")
    title = say("check-confirm.title", lang, n=number)
    return _asked("check-confirm", title, number, look, lang, body=choices(yes, no, again))


def check_release(step: at.CheckRelease, look: Look, lang: Lang) -> Page:
    number = step.entry.compartment
    body = join(
        text(say("check-release.text", lang)),
        choices(button("confirm", say("check-release.yes", lang), icon_="check", class_="choice big")),
    )
    return _asked("check-release", say("check-release.title", lang, n=number), number, look, lang, body=body, back=True)


def _asked(  # noqa: PLR0913 (the face that every question about a compartment has)
    name: str, title: str, number: int, look: Look, lang: Lang, *, body: Html, back: bool = False
) -> Page:
    beside = drawing(look.fitted, number, lang) or Html()
    return Page(name=name, title=title, body=body, beside=beside, hero=str(number), back=back)


def _what_to_do(step: at.AtDoor, line: str, lang: Lang) -> Html:
    """Where the contact reads open whatever the door does, it is staff who says what the door did."""
    if not step.job.by_word:
        return text(line)
    done = button("done", say("door.done", lang), icon_="check")
    stuck = button("stuck", say("take.stuck", lang), icon_="door")
    return join(text(say("take.shut", lang)), choices(done, stuck))


def _note(line: str) -> Html:
    return el("p", icon("warning"), el("span", line), class_="note-box", role="status")
