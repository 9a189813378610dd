"""The screens that residents see. One function a screen; one question each."""

from __future__ import annotations

from onthaal.core.protocol import Words3
from onthaal.core.refusals import Why
from onthaal.kiosk.screen import identify
from onthaal.kiosk.screen.html import Html, el, join
from onthaal.kiosk.screen.icons import icon
from onthaal.kiosk.screen.parts import Look, Page, button, choices, keypad, say, text, typed
from onthaal.kiosk.screen.wall import drawing, where
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.identity import Approval, Offer
from onthaal.words import Lang, catalogue, words


def named(names: Words3 | None, lang: Lang) -> str:
    """The product in this language; *it* where nobody knows."""
    return getattr(names, lang) if names is not None else say("thanks.this", lang)


def attract(offer: Offer | None, look: Look, lang: Lang) -> Page:
    """Three languages by their own names; a touch anywhere starts, and does nothing else."""
    lines = [
        el("p", el("strong", say("attract.title", one)), el("span", say("attract.touch", one)), lang=one)
        for one in look.languages
    ]
    hint = text(say("attract.scan", lang), "hint") if look.code_reader else None
    hours = getattr(look.opening_hours, lang) if look.opening_hours else None
    body = join(
        el("div", *lines, class_="welcome"),
        el(
            "button",
            icon("touch"),
            el("span", say("attract.touch", lang), class_="label"),
            type="button",
            class_="choice start",
            data_act="start",
        ),
        _away(offer, look, *look.languages) or hint,
        el("p", icon("clock"), el("span", hours), class_="hours") if hours else None,
    )
    title = look.municipality or say("attract.title", lang)
    return Page(name="attract", title=title, body=body, back=False, stop=False, help=False, tone="night")


def home(offer: Offer | None, look: Look, lang: Lang) -> Page:
    body = choices(
        button("go", say("home.collect", lang), value="collect", icon_="collect", class_="choice big"),
        button("go", say("home.return", lang), value="return", icon_="return", class_="choice big"),
        identify.choice(offer, lang),
    )
    told = _away(offer, look, lang)
    hint = text(say("attract.scan", lang), "hint") if look.code_reader and told is None else None
    return Page(name="home", title=say("home.title", lang), body=join(told, body, hint))


def _away(offer: Offer | None, look: Look, *langs: Lang) -> Html | None:
    """One message of what cannot be now and what still works, before anybody identifies; it takes the hint's place."""
    told = identify.away(offer, *langs)
    if told is not None or not look.away:
        return told
    lines = [el("span", say("home.away", lang), lang=lang) for lang in langs]
    return el("div", *[el("p", line, class_="hint") for line in lines], data_link="away", role="status")


def pin(step: at.Pin, look: Look, lang: Lang) -> Page:
    body = join(
        text(say("pin.text", lang)),
        typed(step.digits, (3, 3, 3), lang),
        el("p", icon("qr"), el("span", say("pin.scan", lang)), class_="hint") if look.code_reader else None,
    )
    return Page(name="pin", title=say("pin.title", lang), body=body, beside=keypad(lang))


def checking(step: at.Checking | at.Placing, look: Look, lang: Lang) -> Page:
    key = "checking.title" if isinstance(step, at.Checking) else "placing.title"
    return Page(name="checking", title=say(key, lang), body=el("div", icon("clock"), class_="hero-icon slow"))


def opening(step: at.Opening, look: Look, lang: Lang) -> Page:
    number = step.job.compartment
    body = text(say("opening.text", lang, where=where(look.fitted, number, lang)))
    if step.pulses > 1:
        body = join(body, el("p", icon("again"), say("opening.again", lang), class_="note-box", role="status"))
    return Page(
        name="opening",
        title=say("opening.title", lang, n=number),
        body=body,
        beside=_map(look, number, lang),
        hero=str(number),
        back=False,
        stop=False,
    )


def take(step: at.AtDoor, look: Look, lang: Lang, case: str | None) -> Page:
    job = step.job
    body = [
        text(
            say("take.thing", lang, thing=named(job.thing.names, lang), where=where(look.fitted, job.compartment, lang))
        )
    ]
    if not step.reminded and not job.by_word:
        body.append(text(say("take.shut", lang)))
    if job.missing:
        noted = say("take.missing-noted", lang, case=case or "")
        body = [el("p", icon("check"), el("span", noted), class_="note-box", role="status")]
    buttons = [button("missing", say("take.missing", lang), icon_="empty", class_="choice quiet")]
    if job.by_word:
        buttons = [
            button("have", say("take.have", lang), icon_="check"),
            button("stuck", say("take.stuck", lang), icon_="door"),
        ]
    return at_door(
        "take",
        say("take.title", lang, n=job.compartment),
        step,
        look,
        lang,
        body=join(*body, Html() if job.missing else choices(*buttons)),
    )


def return_put(step: at.AtDoor, look: Look, lang: Lang) -> Page:
    job = step.job
    key = job.why_again if job.why_again in {"nothing", "wrong"} else "found" if job.found else "text"
    body = text(say(f"return-put.{key}", lang, where=where(look.fitted, job.compartment, lang)))
    if key != "text":
        words_ = say(f"return-put.{key}", lang)
        body = el("p", icon("warning"), el("span", words_), class_="note-box", role="status")
    return at_door("return-put", say("return-put.title", lang, n=job.compartment), step, look, lang, body=body)


def at_door(  # noqa: PLR0913 (the face that every open door has)
    name: str, title: str, step: at.AtDoor, look: Look, lang: Lang, *, body: Html
) -> Page:
    """A door is open: its number, its place, what to do; after 30 s a reminder. No way back, nothing times out."""
    number = step.job.compartment
    if step.reminded:
        reminder = el(
            "p",
            icon("warning"),
            say("take.remind", lang, n=number),
            class_="note-box loud",
            role="status",
            data_reminded=str(step.reminded),
        )
        body = join(reminder, body)
    return Page(
        name=name,
        title=title,
        body=body,
        beside=_map(look, number, lang),
        hero=str(number),
        tone="warn" if step.reminded else "calm",
        back=False,
        stop=False,
    )


def not_taken(step: at.NotTakenYet, approval: Approval | None, look: Look, lang: Lang) -> Page:
    number = step.job.compartment
    body = join(
        text(say("not-taken.text", lang)),
        identify.left(approval, lang),
        choices(button("again", say("not-taken.again", lang), icon_="again", class_="choice big")),
    )
    title = say("not-taken.title", lang, n=number)
    return Page(name="not-taken", title=title, body=body, beside=_map(look, number, lang), hero=str(number))


def thanks(step: at.Thanks, look: Look, lang: Lang, case: str | None, *, more: bool) -> Page:
    """What happened and what comes next; then the screen is everybody's again.

    `more`: another document of this person waits behind another door. They ask for it, or it is over.
    """
    further = button("next", say("thanks.next", lang), icon_="door", class_="choice big") if more else Html()
    good = step.what in {"collected", "returned", "found", "missing"}
    return Page(
        name="return-thanks" if step.what in {"returned", "found", "not-returned"} else "thanks",
        title=say(f"thanks.{step.what}", lang, n=step.compartment),
        body=join(
            text(say("thanks.next-text", lang)) if more else None,
            None if more and step.what != "missing" else text(_thanks(step, look, lang, case)),
            choices(further, button("done", say("thanks.done", lang), icon_="check", class_="choice big")),
        ),
        tone="good" if good else "warn",
        pictogram="check" if good else "warning",
        back=False,
        stop=False,
    )


def _thanks(step: at.Thanks, look: Look, lang: Lang, case: str | None) -> str:
    key = f"thanks.{step.what}-text" + ("-identified" if step.what == "kept" and step.identified else "")
    thing = _thanked(step, lang)
    return say(key, lang, n=step.compartment, thing=thing, phone=look.help_phone, case=case or "")


def _thanked(step: at.Thanks, lang: Lang) -> str:
    if step.what == "found" and step.thing.names is None:
        return say("thanks.yours", lang)
    return named(step.thing.names, lang)


def return_present(step: at.ReturnPresent, look: Look, lang: Lang) -> Page:
    body = [el("div", icon("tag"), class_="hero-icon")]
    if step.expected is not None:
        body.append(text(say("return-present.expected", lang, thing=named(step.expected.names, lang))))
        body.append(choices(button("no-tag", say("return-present.no-tag", lang), icon_="keypad")))
    else:
        body.append(text(say("return-present.text", lang)))
        body.append(choices(button("code", say("return-present.code", lang), icon_="keypad")))
    return Page(name="return-present", title=say("return-present.title", lang), body=join(*body))


def refused(step: at.Refused, look: Look, lang: Lang) -> Page:
    """What is the matter, and what to do now. The code itself is never repeated."""
    again = not isinstance(step.back, at.Home | at.StaffMenu)
    label = say("refused.retry" if again else "refused.next", lang)
    body = join(
        text(_next(step, look, lang)),
        choices(button("next", label, icon_="again" if again else "check", class_="choice big")),
    )
    title = words(f"why.{step.why}", lang)
    return Page(name="refused", title=title, body=body, tone="warn", pictogram="warning")


def _next(step: at.Refused, look: Look, lang: Lang) -> str:
    hours = getattr(look.opening_hours, lang) if look.opening_hours else ""
    slots = {**step.facts, "phone": look.help_phone, "hours": hours.rstrip(".")}
    key = f"next.{step.why}"
    if step.why is Why.CODE_WRONG and step.channel == "qr":
        key = "next.code-wrong-scanned"
    if step.why is Why.CODE_OF_OTHER_WALL and "walls" in slots:
        key = "next.code-of-other-wall-known"
    if step.why is Why.BACKED_OFF and "until" in slots:
        key = "next.backed-off-until"
    if step.why is Why.PROOF_TOO_WEAK and look.provider is not None:
        key, slots["name"] = "next.proof-too-weak-known", getattr(look.provider, lang)
    if step.why is Why.COMPARTMENT_UNAVAILABLE and step.signing_in:
        key = "next.compartment-unavailable-signed"
    if f"kiosk.{key}" not in catalogue():
        key = "next.default"
    return say(key, lang, **slots)


def faulted(step: at.Faulted, look: Look, lang: Lang, *, more: bool) -> Page:
    """A machine failed: it is our fault, nothing is lost, whom to call and which number to say.

    `more`: another document of this person waits behind another door.
    """
    on = button("back", say("fault.next", lang), icon_="door", class_="choice big") if more else None
    if step.retry:
        on = button("again", say("fault.again", lang), icon_="again", class_="choice big")
    body = join(
        text(say(f"fault.text-{step.keeps}", lang)),
        _call(look.help_phone, step.case, lang),
        choices(on) if on else None,
        choices(button("have", say("take.have", lang), icon_="check")) if _may_have(step) else None,
    )
    title = say(f"fault.{step.trouble}", lang, n=step.compartment)
    return Page(name="fault", title=title, body=body, tone="bad", pictogram="warning")


def _may_have(step: at.Faulted) -> bool:
    """A door that was not seen to open may have; a sensor that still sees the thing is believed more."""
    return step.doubted is not None and step.doubted.spot.present is not True


def _call(phone: str, case: str, lang: Lang) -> Html:
    return el(
        "dl",
        el("dt", icon("phone"), say("bar.help", lang)),
        el("dd", phone),
        el("dt", icon("look"), say("help.case", lang)),
        el("dd", case),
        class_="call",
    )


def help_(case: str, look: Look, lang: Lang) -> Page:
    body = join(
        _call(look.help_phone, case, lang),
        choices(button("back", say("help.back", lang), icon_="back", class_="choice big")),
    )
    return Page(name="help", title=say("help.title", lang), body=body, tone="calm", help=False)


def warning(lang: Lang, *, approved: bool) -> Page:
    """Half a minute before the end: one giant button. Where a door of an approval is offered, it helps once."""
    body = join(
        text(say("warning.text-approved" if approved else "warning.text", lang)),
        button(
            "more", say("warning.more-time" if approved else "warning.more", lang), icon_="check", class_="choice giant"
        ),
    )
    return Page(name="warning", title=say("warning.title", lang), body=body, tone="warn", pictogram="clock", back=False)


def out_of_service(service: at.Service, look: Look, lang: Lang) -> Page:
    """Nobody can start: why, in every language at once, and whom to call."""
    name, title, line = {
        "not-enrolled": ("not-enrolled", "not-enrolled.title", "not-enrolled.text"),
        "starting": ("starting", "starting.title", "starting.text"),
    }.get(service, ("fault", "fault.wall", "fault.wall-text"))
    others = [
        el("section", el("h2", say(title, one)), text(say(line, one, phone=look.help_phone)), lang=one)
        for one in look.languages
        if one != lang
    ]
    body = join(text(say(line, lang, phone=look.help_phone)), el("div", *others, class_="others"))
    tone = "night" if service != "store-full" else "bad"
    return Page(name=name, title=say(title, lang), body=body, tone=tone, back=False, stop=False, help=False)


def _map(look: Look, number: int, lang: Lang) -> Html:
    return drawing(look.fitted, number, lang) or Html()
