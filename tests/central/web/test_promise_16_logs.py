"""Promise 16, the part of the centre's shell: no name, address, code or key in a log line, a job row or an error."""

from __future__ import annotations

import re
import sys

from django.db import connection
from django.test import Client
from structlog.testing import capture_logs

from onthaal import clock
from onthaal.central.foundation.journal import following
from onthaal.central.foundation.journal.models import Entry, Following
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.notices import delivery
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.foundation.people.actions import NewAccount, create_account, create_person
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.catalogue.seeds import seed_aalter
from onthaal.central.lockers.requests.models import Request
from onthaal.central.web import logs
from tests.central.foundation.post_office import PostOffice
from tests.leaks import leaks

SECRETS = ("Peeters", "peeters", "an@example.org", "482 170 935", "482170935", "GZ1:", "een-goed-wachtwoord", "geheim")


def said(*texts: object) -> str:
    return "\n".join(str(text) for text in texts)


def nothing_secret(text: str) -> None:
    assert leaks(text, secrets=SECRETS) == []


def test_promise_16_mail_that_fails_says_no_name_and_no_code(aalter: Municipality, settings) -> None:
    with PostOffice() as closed:
        settings.ONTHAAL_MAIL = closed.mail
    with acting_for(aalter.pk):
        person = create_person(name="An Peeters", email="an@example.org", language="nl")
        slots = {"product": "x", "until": "2026-11-27"}
        box = notices.sealed_codes("482 170 935", "GZ1:ABCDEFGHIJKLMNOPX", "handover:1")
        notices.send(kind="ready", person=person, about="handover:1", slots=slots, sealed=box)
    with capture_logs() as lines:
        delivery.work(clock.now())
        following.work(clock.now(), 10)
    assert lines
    with acting_for(aalter.pk):
        entries = list(Entry.objects.values())
        kept = list(Notice.objects.values("slots", "error", "sealed"))
    nothing_secret(said(lines, entries, kept, list(Following.objects.values())))


def test_promise_16_signing_in_says_no_name_and_no_password(aalter: Municipality) -> None:
    with acting_for(aalter.pk):
        new = NewAccount(username="peeters", name="An Peeters", password="een-goed-wachtwoord", roles=("clerk",))
        create_account(new, by=None)
    client = Client(headers={"host": "aalter.example"})
    with capture_logs() as lines:
        for password in ("geheim", "een-goed-wachtwoord"):
            client.post("/desk/sign-in/", {"username": "peeters", "password": password})
    with acting_for(aalter.pk):
        entries = list(Entry.objects.values())
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, args::text FROM foundation_signintry, procrastinate_jobs")
        rows = cursor.fetchall()
    nothing_secret(said(lines, entries, rows))


def test_promise_16_the_way_of_a_request_says_nothing_of_who_asked(aalter: Municipality, settings) -> None:
    """Asked, confirmed, refused, through the pages and the worker; and a link that is none, and a form that is none."""
    with acting_for(aalter.pk):
        seeded = seed_aalter()
        new = NewAccount(username="karel", name="Karel Claeys", password="een-goed-wachtwoord", roles=("clerk",))
        create_account(new, by=None)
    client = Client(headers={"host": "aalter.example"})
    asks = {
        "asked_for": "business", "name": "An Peeters", "organisation": "Peeters bvba", "email": "an@example.org",
        "language": "nl", "kiosk": seeded.kiosk.pk, "remark": "geheim",
    }  # fmt: skip
    with PostOffice() as office, capture_logs() as lines:
        settings.ONTHAAL_MAIL = office.mail
        client.post("/ask/aalterbonnen/", {**asks, "email": "peeters"})
        assert client.post("/ask/aalterbonnen/", asks).status_code == 302
        delivery.work(clock.now())
        ((_, mail),) = office.received
        link = re.search(r"/r/[\w-]+/", mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        assert link is not None
        assert client.post(link[0]).status_code == 302
        client.get(link[0] + "x/")
        client.post("/desk/sign-in/", {"username": "karel", "password": "een-goed-wachtwoord"})
        with acting_for(aalter.pk):
            number = Request.objects.get().pk
        act = {"act": "refuse", "reason": "geheim, An Peeters"}
        assert client.post(f"/desk/requests/{number}/act/", act).status_code == 302
        following.work(clock.now(), 100)
        delivery.work(clock.now())
    with acting_for(aalter.pk):
        entries = list(Entry.objects.values())
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        rows = cursor.fetchall()
    assert entries
    assert leaks(said(lines, entries, rows, list(Following.objects.values())), secrets=(*SECRETS, "Claeys")) == []


def stumble() -> None:
    raise ValueError("an@example.org typed 482 170 935")


def test_promise_16_a_library_is_quoted_without_what_it_was_given() -> None:
    import logging  # noqa: TID251 (a library's own logger is what is tried)

    with capture_logs() as lines:
        try:
            stumble()
        except ValueError:
            record = logging.LogRecord("a-library", 40, "", 1, "Bad request: %s", ("/r/geheim/",), sys.exc_info())
            logs.Plain().emit(record)
    ((line),) = lines
    assert (line["said"], line["error"]) == ("Bad request: %s", "ValueError")
    nothing_secret(said(lines))
