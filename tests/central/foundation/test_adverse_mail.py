"""What strangers may type in a form never stops the mail of others, and never becomes a header."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from onthaal import clock
from onthaal.central.foundation.notices import actions, delivery
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.foundation.people.actions import create_person
from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.tenancy import acting_for
from tests.central.foundation.post_office import CurtPostOffice, PostOffice
from tests.central.foundation.test_notices import SLOTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def post_office(settings) -> Iterator[PostOffice]:
    with PostOffice() as office:
        settings.ONTHAAL_MAIL = office.mail
        yield office


def mailed(municipality: Municipality, *people: Person) -> list[str]:
    """A mail to each, in this order; then what became of them."""
    with acting_for(municipality.pk):
        for person in people:
            person.save()
            actions.send(kind="recalled", person=person, about="handover:12", slots=SLOTS)
    delivery.work(clock.now())
    with acting_for(municipality.pk):
        return list(Notice.objects.filter(kind="recalled").order_by("pk").values_list("status", flat=True))


def person(name: str, email: str) -> Person:
    return Person(name=name, email=email, created_at=clock.now())


def test_a_name_with_a_line_end_becomes_no_header_and_its_mail_goes(
    aalter: Municipality, post_office: PostOffice
) -> None:
    crafty = person("An\r\nBcc: all@example.org\x01", "an@example.org")
    assert mailed(aalter, crafty, person("Bo", "bo@example.org")) == ["sent", "sent"]
    headers = post_office.received[0][1]
    assert headers["Bcc"] is None
    assert str(headers["To"]).endswith("<an@example.org>")


def test_an_address_that_is_none_bounces_and_the_mail_behind_it_goes(
    aalter: Municipality, post_office: PostOffice
) -> None:
    assert mailed(aalter, person("An", '"a\x01b"@example.org'), person("Bo", "bo@example.org")) == ["bounced", "sent"]


def test_a_domain_with_an_umlaut_gets_its_mail_and_a_mailbox_with_one_bounces(
    aalter: Municipality, post_office: PostOffice
) -> None:
    assert mailed(aalter, person("An", "an@münchen.example"), person("Bo", "bö@example.org")) == ["sent", "bounced"]
    assert str(post_office.received[0][1]["To"]).endswith("<an@xn--mnchen-3ya.example>")


def test_a_mail_that_cannot_be_composed_stops_no_other(
    aalter: Municipality, deinze: Municipality, post_office: PostOffice
) -> None:
    with acting_for(aalter.pk):
        broken = actions.send(kind="recalled", address="wacht@aalter.example", about="x", slots=SLOTS)
        Notice.objects.filter(pk=broken.pk).update(kind="a-kind-without-words")
    with acting_for(deinze.pk):
        actions.send(kind="recalled", address="wacht@deinze.example", about="x", slots=SLOTS)
    assert mailed(aalter, person("Bo", "bo@example.org")) == ["sent"]
    assert {str(message["To"]) for _, message in post_office.received} >= {"wacht@deinze.example"}
    with acting_for(aalter.pk):
        assert Notice.objects.get(pk=broken.pk).error == "KeyError"


def test_a_mail_that_was_taken_goes_once_however_the_server_parts(aalter: Municipality, settings) -> None:
    with CurtPostOffice() as office:
        settings.ONTHAAL_MAIL = office.mail
        assert mailed(aalter, person("Bo", "bo@example.org")) == ["sent"]
        delivery.work(clock.now() + timedelta(hours=2))
    assert len(office.received) == 1


def test_a_refusal_for_good_stands_however_the_server_parts(aalter: Municipality, settings) -> None:
    with CurtPostOffice() as office:
        settings.ONTHAAL_MAIL = office.mail
        assert mailed(aalter, person("Bo", "gone@example.org")) == ["bounced"]


def test_a_person_s_name_is_kept_on_one_line(in_aalter: Municipality) -> None:
    made = create_person(name=" An\r\nBcc: x ", organisation="KLJ\x0bAalter", email="an@example.org", language="nl")
    assert (made.name, made.organisation) == ("An Bcc: x", "KLJ Aalter")
