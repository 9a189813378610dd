"""Collecting, step by step: no wall, no clock, no disk."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.refusals import Why
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import state as at
from tests.kiosk.session.person import Person, a_spot, a_thing


def test_the_first_touch_only_starts() -> None:
    person = Person().acts("go", "collect")
    assert person.at(at.Home)
    assert person.told(f.SessionOpened) == [f.SessionOpened(session="boot.1", language="nl")]


@pytest.mark.parametrize("service", ["starting", "not-enrolled", "store-full"])
def test_nobody_starts_at_a_wall_that_cannot_serve(service) -> None:
    person = Person(service=service).acts("start").scans("GZ1:WHATEVER")
    assert person.at(at.Attract)
    assert not [one for one in person.done if not isinstance(one, do.Wake)]


def test_nine_digits_and_ok_are_checked_and_no_more_than_nine_are_taken() -> None:
    person = Person().starts().acts("go", "collect").types("4821709359")
    assert isinstance(person.step, at.Pin)
    assert person.step.digits == "482170935"
    person.acts("enter")
    assert person.last(do.CheckPin).text == "482170935"
    assert person.at(at.Checking)


def test_a_mistyped_digit_can_be_put_right_and_eight_digits_are_not_checked() -> None:
    person = Person().starts().acts("go", "collect").types("48217093").acts("enter")
    assert person.at(at.Pin)
    person.acts("erase").types("35")
    assert person.step.digits == "482170935"


def test_promise_01_a_right_code_is_one_append_and_then_one_pulse() -> None:
    """Promise 1, the session's part: a pulse is only ever asked for together with its intent."""
    person = Person().starts().asks_for_a_pin().hears_yes()
    opened = person.last(do.Open)
    assert opened.first == (f.CodeAccepted(session="boot.1", channel="pin", grant=5, handover=7),)
    assert opened.intent == f.OpenIntended(
        intent="boot.1.1", session="boot.1", compartment=4, purpose="collect", handover=7
    )
    assert person.at(at.Opening)
    assert not [one for one in person.done if isinstance(one, do.PulseAgain)]


def test_a_yes_to_another_session_opens_nothing() -> None:
    person = Person().starts().asks_for_a_pin()
    person.hears(told.Granted(session="boot.0", channel="pin", grant=5, thing=a_thing(), spot=a_spot()))
    assert person.at(at.Checking)


def test_a_yes_after_the_person_went_away_opens_nothing() -> None:
    person = Person().starts().asks_for_a_pin().acts("stop").hears_yes()
    assert person.at(at.Attract)
    assert not [one for one in person.done if isinstance(one, do.Open)]


def test_a_wrong_code_is_on_record_also_when_the_person_went_back_at_once() -> None:
    person = Person().starts().asks_for_a_pin().acts("back")
    person.hears(told.Denied(session="boot.1", channel="pin", why=Why.CODE_WRONG, grant=5, counts=True))
    refused = f.CodeRefused(session="boot.1", channel="pin", why="code-wrong", grant=5, counts=True)
    assert person.told(f.CodeRefused) == [refused]
    assert person.at(at.Home)


@pytest.mark.parametrize("why", list(Why))
def test_every_refusal_gets_a_screen_and_a_way_back(why) -> None:
    person = Person().starts().asks_for_a_pin()
    person.hears(told.Denied(session="boot.1", channel="pin", why=why))
    assert person.at(at.Refused)
    person.acts("next")
    assert person.at(at.Pin)


def test_at_most_two_more_pulses_and_only_while_the_door_never_read_open() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().rings("detect", "detect")
    assert [one.pulse for one in person.done if isinstance(one, do.PulseAgain)] == [2, 3]
    person.rings("detect", "detect", "detect")
    assert [one.pulse for one in person.done if isinstance(one, do.PulseAgain)] == [2, 3]


def test_promise_14_a_door_that_does_not_open_costs_nothing_and_opens_a_case() -> None:
    """Promise 14, the wall's part: nobody is told to have collected, the code is not used up, a case is opened."""
    person = Person().starts().asks_for_a_pin().hears_yes().rings("detect", "detect", "detect")
    assert person.at(at.Faulted)
    assert person.step.keeps == "code"
    assert person.told(f.OpenNotDetected) == [f.OpenNotDetected(intent="boot.1.1", compartment=4)]
    assert person.told(f.CompartmentBlocked) == [f.CompartmentBlocked(compartment=4, reason="did-not-open")]
    assert person.told(f.CaseOpened)[0].case == "K1-0001"
    assert person.told(f.CaseOpened)[0].handover == 7
    assert not person.told(f.Collected)
    assert not person.told(f.Disputed)


def test_promise_14_a_line_that_is_gone_blocks_no_compartment() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().hears(told.PulseFailed(intent="boot.1.1"))
    assert person.at(at.Faulted)
    assert person.told(f.PulseNotSent) == [f.PulseNotSent(intent="boot.1.1", compartment=4)]
    assert not person.told(f.CompartmentBlocked)
    assert person.told(f.CaseOpened)


def test_promise_14_a_silent_board_is_told_before_any_pulse() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes(spot=a_spot(door="unknown"))
    assert person.at(at.Faulted)
    assert not [one for one in person.done if isinstance(one, do.Open)]


@pytest.mark.parametrize(("before", "after", "grade"), [(True, False, "C"), (None, None, "D"), (False, False, "D")])
def test_a_shut_door_means_collected_with_the_grade_of_its_evidence(before, after, grade) -> None:
    person = Person().starts().asks_for_a_pin().hears_yes(spot=a_spot(present=before)).door_opens().door_shuts(after)
    assert person.told(f.Collected) == [f.Collected(handover=7, compartment=4, session="boot.1", grade=grade, grant=5)]
    assert person.at(at.Thanks)


def test_what_still_lies_there_was_not_taken_and_the_door_opens_once_more() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().door_shuts(True)
    assert person.at(at.NotTakenYet)
    assert person.told(f.NotTaken)
    person.acts("again")
    assert person.last(do.Open).intent.intent == "boot.1.2"
    person.door_opens().door_shuts(True)
    assert person.step == at.Thanks(what="kept", compartment=4)
    assert not person.told(f.Collected)


def test_taken_at_the_second_opening_counts() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().door_shuts(True).acts("again")
    person.door_opens().door_shuts(False)
    assert person.told(f.Collected)


def test_nothing_inside_says_the_person_and_people_look() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().acts("missing").acts("missing")
    assert len(person.told(f.CaseOpened)) == 1
    person.door_shuts(False)
    assert person.told(f.Disputed) == [f.Disputed(handover=7, compartment=4, why="sensor-suspect")]
    assert not person.told(f.Collected)


def test_an_open_door_is_reminded_at_30_and_120_seconds_and_given_up_at_300() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens()
    waits = [person.timer("door")]
    person.rings("door")
    waits.append(person.timer("door"))
    person.rings("door")
    waits.append(person.timer("door"))
    assert waits == [30, 90, 180]
    assert person.step.reminded == 2
    person.rings("door")
    assert person.at(at.Attract)
    assert person.told(f.DoorLeftOpen) == [f.DoorLeftOpen(compartment=4, intent="boot.1.1")]
    assert person.told(f.CompartmentBlocked) == [f.CompartmentBlocked(compartment=4, reason="left-open")]
    assert person.told(f.Collected)[0].grade == "D"
    assert person.told(f.SessionClosed) == [f.SessionClosed(session="boot.1", how="abandoned")]


def test_left_open_with_the_thing_still_in_it_is_in_dispute() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens()
    person.hears(told.PresenceChanged(intent="boot.1.1", present=True)).rings("door", "door", "door")
    assert person.told(f.Disputed) == [f.Disputed(handover=7, compartment=4, why="left-open")]
    assert not person.told(f.Collected)


def test_nothing_times_out_while_the_door_is_open() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens()
    assert person.timer("idle") is None
    person.rings("idle")
    assert person.at(at.AtDoor)


def test_stop_and_back_do_nothing_while_a_door_is_open() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().acts("stop").acts("back")
    assert person.at(at.AtDoor)


def test_a_second_session_while_a_door_is_open_is_told_to_wait_and_changes_nothing() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens()
    before = person.state
    person.scans("GZ1:ANYTHING").scans("GZS:ANYTHING")
    assert person.state == replace(before, busy=True)
    assert person.told(f.CodeRefused) == [f.CodeRefused(session="boot.1", channel="qr", why="session-busy")]


def test_a_door_that_already_reads_open_is_believed_by_word_only() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes(spot=a_spot(door="open"))
    assert person.at(at.AtDoor)
    person.acts("have")
    assert person.told(f.Collected)[0].grade == "D"
    assert person.told(f.SensorSuspect) == [f.SensorSuspect(compartment=4, what="door")]


def test_another_door_that_moves_stops_the_wall_and_costs_nothing() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().hears(told.WallStopped())
    assert person.step.trouble == "wrong-door"
    assert not person.told(f.Collected)


def test_the_end_of_a_session_leaves_nothing_of_it() -> None:
    person = Person().starts().acts("lang", "fr").acts("help").acts("back").asks_for_a_pin().hears_yes()
    person.door_opens().door_shuts(False).acts("done")
    assert person.state == at.Session(setup=person.state.setup, service="ok", sessions=1, cases=1)


def test_help_makes_one_case_number_a_session() -> None:
    person = Person().starts().acts("help").acts("back").acts("help")
    assert person.state.case == "K1-0001"
    assert len(person.told(f.CaseOpened)) == 1
    assert len(person.told(f.HelpAsked)) == 2


def test_a_minute_of_silence_warns_and_half_a_minute_more_ends() -> None:
    person = Person().starts().acts("go", "collect")
    assert person.timer("idle") == 60
    person.rings("idle")
    assert person.state.overlay == "warning"
    assert person.timer("idle") == 30
    person.rings("idle")
    assert person.told(f.SessionClosed) == [f.SessionClosed(session="boot.1", how="idle")]


def test_whoever_answers_the_warning_has_a_whole_minute_again_as_often_as_they_like() -> None:
    person = Person().starts().acts("go", "collect").types("482")
    for _ in range(20):
        person.rings("idle").acts("more")
        assert person.state.overlay == "none"
        assert person.timer("idle") == 60
    assert person.step.digits == "482"


def test_who_asks_for_help_or_another_language_at_the_warning_gets_it() -> None:
    person = Person().starts().acts("go", "collect").types("482").rings("idle").acts("lang", "fr")
    assert (person.state.lang, person.state.overlay, person.timer("idle")) == ("fr", "none", 60)
    person.rings("idle").acts("help")
    assert person.state.overlay == "help"
    assert len(person.told(f.HelpAsked)) == 1
    assert person.acts("back").step.digits == "482"


def test_help_that_was_asked_at_the_thanks_stays_as_long_as_anywhere() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().door_shuts(False)
    assert person.timer("idle") == 15
    person.acts("help")
    assert person.timer("idle") == 60
    person.rings("idle")
    assert (person.state.overlay, person.timer("idle")) == ("warning", 30)
    person.acts("more")
    assert (person.step.what, person.state.overlay, person.timer("idle")) == ("collected", "none", 15)
    person.acts("help").rings("idle", "idle")
    assert person.told(f.SessionClosed) == [f.SessionClosed(session="boot.1", how="done")]


def test_a_case_number_can_be_written_down_before_the_thanks_are_gone() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().acts("missing").door_shuts(False)
    assert (person.step.what, person.timer("idle")) == ("missing", 60)
    assert person.rings("idle").at(at.Attract)


def test_the_language_can_change_at_an_open_door() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().acts("lang", "en").acts("lang", "de")
    assert person.state.lang == "en"
    assert person.at(at.AtDoor)


def test_a_qr_before_the_welcome_starts_a_session_of_its_own() -> None:
    person = Person().scans("GZ1:ABC")
    assert person.last(do.CheckQr).text == "GZ1:ABC"
    assert person.told(f.SessionOpened)


def test_a_qr_at_the_thanks_closes_the_first_session_before_the_second() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes().door_opens().door_shuts(False).scans("GZ1:ABC")
    assert person.told(f.SessionClosed) == [f.SessionClosed(session="boot.1", how="done")]
    assert person.last(do.CheckQr).session == "boot.2"


def test_an_unreadable_code_is_refused_and_recorded() -> None:
    person = Person().starts().scans(None)
    assert person.told(f.CodeRefused) == [f.CodeRefused(session="boot.1", channel="qr", why="code-unreadable")]
    assert person.at(at.Refused)


def test_the_last_guard_can_still_say_no() -> None:
    person = Person().starts().asks_for_a_pin().hears_yes()
    person.hears(told.OpenRefused(why=Why.COMPARTMENT_UNAVAILABLE))
    assert person.at(at.Refused)
    assert person.timer("detect") is None
