"""The kiosks' addresses over HTTP: who may call, and what a no looks like."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onthaal import clock
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.lockers.devices import actions
from onthaal.central.lockers.devices.models import Device, EnrolmentCode, HeardFact, KioskState
from onthaal.core import facts
from onthaal.core.protocol import TIME_HEADER, Enrol, Enrolled, Heard, Refused, State, Wishes
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs.devices import DeviceKey
from tests.central.devices.cast import Caller, Teller, Wall, a_wall, collected, loaded, why

pytestmark = pytest.mark.django_db


def a_state(**more: Any) -> State:
    state = State(
        log="log-one", boot="boot-one", at=clock.now(), software="1", epoch=1, version=1, last_fact=0,
        doors={1: "closed"}, contents={1: "empty"},
    )  # fmt: skip
    return msgspec.structs.replace(state, **more)


def test_a_kiosk_tells_its_facts_with_at_most_six_statements(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    kiosk = Caller(wall)
    teller.says(loaded(handover))
    kiosk.ask("POST", "facts", teller.post())
    teller.says(facts.SessionOpened(session="s2", language="nl"), collected(handover))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = kiosk.ask("POST", "facts", teller.post(teller.facts[1:]))
    assert msgspec.json.decode(answer.content, type=Heard).heard_up_to == 3
    statements = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"] and "set_config" not in each["sql"]]
    assert len(statements) <= 6, statements


@pytest.mark.parametrize("header", ["", "Bearer x", "Onthaal 1.2.3", "Onthaal 99999999999999999999.1.x", "Onthaal 1.1"])
def test_who_shows_no_signature_is_not_heard(wall: Wall, header: str) -> None:
    answer = Client(headers={"Host": "aalter.example", "Authorization": header}).post(
        "/device/v1/facts", b"{}", "application/json"
    )
    assert (answer.status_code, why(answer)) == (401, Why.DEVICE_UNKNOWN)


def test_another_key_another_body_and_a_retired_device_are_not_heard(wall: Wall, teller: Teller) -> None:
    assert why(Caller(wall, DeviceKey.draw()).ask("POST", "facts", teller.post())) == Why.DEVICE_UNKNOWN
    kiosk = Caller(wall)
    signed = kiosk.key.header(device=kiosk.device, method="POST", path="/device/v1/facts", body=b"a", at=clock.now())
    answer = kiosk.http.generic("POST", "/device/v1/facts", b"b", headers={"Authorization": signed})
    assert why(answer) == Why.DEVICE_UNKNOWN
    Device.objects.update(retired_at=clock.now())
    assert why(kiosk.ask("POST", "facts", teller.post())) == Why.DEVICE_UNKNOWN


def test_a_kiosk_whose_clock_is_wrong_learns_the_time_from_the_refusal(wall: Wall, teller: Teller) -> None:
    kiosk = Caller(wall)
    kiosk.off = timedelta(minutes=-5)
    before = clock.now()
    answer = kiosk.ask("POST", "facts", teller.post())
    told = msgspec.json.decode(answer.content, type=Refused)
    assert (answer.status_code, told.why) == (401, Why.CLOCK_WRONG)
    assert before <= told.centre_time <= clock.now()


@pytest.mark.parametrize(("method", "path"), [("GET", "wishes"), ("PUT", "state"), ("POST", "facts")])
def test_every_answer_tells_the_time(wall: Wall, teller: Teller, method: str, path: str) -> None:
    bodies = {"wishes": b"", "state": msgspec.json.encode(a_state()), "facts": teller.post()}
    before = clock.now()
    answer = Caller(wall).ask(method, path, bodies[path])
    assert answer.status_code in {200, 204}
    assert before <= datetime.fromisoformat(answer.headers[TIME_HEADER]) <= clock.now()


def test_garbage_gets_a_clear_refusal_and_changes_nothing(wall: Wall) -> None:
    kiosk = Caller(wall)
    for method, path in (("POST", "facts"), ("PUT", "state")):
        answer = kiosk.ask(method, path, b"\x00garbage")
        assert (answer.status_code, why(answer)) == (400, Why.MALFORMED)
    too_long = kiosk.ask("PUT", "state", b" " * 70_000)
    assert (too_long.status_code, why(too_long)) == (400, Why.MALFORMED)
    assert kiosk.ask("GET", "facts").status_code == 405
    with wall.acting():
        assert not HeardFact.objects.exists()
        assert not KioskState.objects.exists()


def test_a_state_is_kept_the_latest_wins(wall: Wall) -> None:
    kiosk = Caller(wall)
    new, old = a_state(in_session=True), a_state(at=clock.now() - timedelta(seconds=30))
    for state in (new, old):
        assert kiosk.ask("PUT", "state", msgspec.json.encode(state)).status_code == 204
    with wall.acting():
        assert KioskState.objects.get().told["in_session"] is True


def test_a_code_from_the_desk_enrols_a_kiosk_once(wall: Wall) -> None:
    with wall.acting():
        code = actions.enrolment_code(kiosk_id=wall.kiosk.pk, by=wall.clerk)
    key = DeviceKey.draw()
    http = Client(headers={"Host": wall.municipality.host})

    def asks(public_key: str = key.public()) -> Any:
        enrol = Enrol(code=code.lower(), public_key=public_key, log="log-one")
        return http.post("/device/v1/enrol", msgspec.json.encode(enrol), "application/json")

    first = msgspec.json.decode(asks().content, type=Enrolled)
    assert len(bytes.fromhex(first.pepper)) == 32
    assert msgspec.json.decode(asks().content, type=Enrolled) == first, "an answer that was lost comes again"
    other = asks(public_key=DeviceKey.draw().public())
    assert (other.status_code, why(other)) == (403, Why.ENROLMENT_CODE_WRONG)
    wall.device.refresh_from_db()
    assert wall.device.retired_at is not None
    assert Device.objects.get(retired_at=None).pk == first.device


def test_the_pepper_of_a_wall_stays_when_it_is_enrolled_again(wall: Wall) -> None:
    peppers = set()
    for _ in range(2):
        with wall.acting():
            code = actions.enrolment_code(kiosk_id=wall.kiosk.pk, by=wall.clerk)
        enrol = Enrol(code=code, public_key=DeviceKey.draw().public(), log="log-one")
        peppers.add(actions.enrol(municipality_id=wall.municipality.pk, enrol=enrol).pepper)
    assert len(peppers) == 1


def test_codes_cannot_be_guessed_for_long(wall: Wall) -> None:
    with wall.acting():
        code = actions.enrolment_code(kiosk_id=wall.kiosk.pk, by=wall.clerk)
    for _ in range(actions.CODE_TRIES):
        with pytest.raises(Refusal):
            actions.enrol(
                municipality_id=wall.municipality.pk,
                enrol=Enrol(code="AAAA-AAAA", public_key=DeviceKey.draw().public(), log="l"),
            )
    with pytest.raises(Refusal):
        actions.enrol(
            municipality_id=wall.municipality.pk,
            enrol=Enrol(code=code, public_key=DeviceKey.draw().public(), log="l"),
        )


def test_a_code_that_is_too_old_enrols_nothing(wall: Wall) -> None:
    with wall.acting():
        code = actions.enrolment_code(kiosk_id=wall.kiosk.pk, by=wall.clerk)
        EnrolmentCode.objects.update(expires_at=clock.now())
    with pytest.raises(Refusal) as no:
        actions.enrol(
            municipality_id=wall.municipality.pk,
            enrol=Enrol(code=code, public_key=DeviceKey.draw().public(), log="l"),
        )
    assert no.value.why is Why.ENROLMENT_CODE_WRONG


def test_wishes_come_down_whole_and_only_when_they_are_new(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
        wall.planned(wall.thing())
    kiosk = Caller(wall)
    answer = kiosk.ask("GET", "wishes")
    wishes = msgspec.json.decode(answer.content, type=Wishes)
    assert answer.headers["ETag"] == wishes.etag
    first = wishes.handovers[0]
    assert (first.id, first.stage, len(first.grants)) == (handover.pk, "planned", 1)
    assert {rule.names.en for rule in wishes.products} == {"Vouchers", "Material"}
    again = kiosk.ask("GET", "wishes", since=wishes.etag)
    assert (again.status_code, again.content) == (304, b"")
    teller.at = clock.now() - timedelta(hours=1)  # so long a QR that opens no more still gets its reason: thirty days
    teller.says(loaded(handover), collected(handover))
    kiosk.ask("POST", "facts", teller.post())
    later = msgspec.json.decode(kiosk.ask("GET", "wishes", since=wishes.etag).content, type=Wishes)
    assert (later.log, later.heard_up_to) == ("log-one", 2)
    assert handover.pk not in {wished.id for wished in later.handovers}
    assert [spent.why for spent in later.spent] == ["code-used"]
    assert later.version > wishes.version


def test_a_wall_of_another_municipality_is_out_of_reach(wall: Wall, deinze: Municipality, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    stranger = a_wall(deinze)
    teller.says(loaded(handover))
    assert Caller(stranger).ask("POST", "facts", teller.post()).status_code == 200
    with wall.acting():
        handover.refresh_from_db()
        assert handover.stage == "planned"
        assert not HeardFact.objects.exists()
    with stranger.acting():
        assert HeardFact.objects.get().verdict == "conflict"


NO_STATES = {
    "a log longer than its column": {"log": "l" * 41},
    "a boot longer than its column": {"boot": "b" * 41},
    "a log that is no name": {"log": "log\u0000one"},
    "no log": {"log": ""},
    "an epoch larger than its column": {"epoch": 2**31},
    "a version larger than its column": {"version": 2**63},
    "a number below nothing": {"version": -1},
    "an epoch below nothing": {"epoch": -1},
    "a last fact below nothing": {"last_fact": -1},
    "a last fact that no log reaches": {"last_fact": 2**63},
    "a time without a zone": {"at": "2026-11-22T02:10:00"},
    "a time that no clock shows": {"at": "9999-12-31T23:59:59-14:00"},
    "the first time there is": {"at": "0001-01-01T00:00:00+14:00"},
    "a null character somewhere": {"troubles": ["\u0000"]},
    "half a sign": {"software": "half"},
}


@pytest.mark.parametrize("case", NO_STATES)
def test_a_state_that_no_wall_can_have_is_refused_and_changes_nothing(wall: Wall, case: str) -> None:
    body = msgspec.json.encode(msgspec.to_builtins(a_state(), str_keys=True) | NO_STATES[case])
    answer = Caller(wall).ask("PUT", "state", body.replace(b'"half"', b'"\\ud800"'))
    assert (answer.status_code, why(answer)) == (400, Why.MALFORMED)
    with wall.acting():
        assert not KioskState.objects.exists()
