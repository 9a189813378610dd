"""*Open now*: a named person opens one door from the desk. Good for 60 s, at this boot, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from onthaal.core.facts import (
    Body,
    CommandAnswered,
    Disputed,
    NotTaken,
    OpenIntended,
    OpenNotDetected,
    Pulsed,
    PulseNotSent,
    TakenOut,
)
from onthaal.core.protocol import COMMAND_LIVES_SECONDS, OpenNow
from onthaal.kiosk.runner.book import Book
from onthaal.kiosk.runner.doors import Doors
from onthaal.kiosk.runner.timers import Timers
from onthaal.kiosk.session.moves import DETECT_SECONDS, MOST_PULSES, graded

log = structlog.get_logger(__name__)


class Going(msgspec.Struct, frozen=True):
    """A command whose door is on its way."""

    command: OpenNow
    intent: str
    pulses: int = 1
    was_present: bool | None = None


class Remote:
    """Obeys commands, one door each. `busy` says whether a person stands at an open door."""

    def __init__(self, book: Book, doors: Doors, timers: Timers, *, pulse: Callable[[int, str], None]) -> None:
        self.busy: Callable[[], bool] = lambda: False
        self._book, self._doors, self._timers, self._pulse = book, doors, timers, pulse
        self._going: dict[str, Going] = {}

    def command(self, command: OpenNow, *, now: datetime, present: bool | None) -> None:
        """A command came. `now`: the centre's time. Every command is answered by a fact, unless nobody can see what
        its door did."""
        no = self._no(command, now)
        if no is not None:
            self._book.tell(no)
            return
        intent = f"remote.{command.nonce}"
        self._book.tell(
            OpenIntended(
                intent=intent,
                session=intent,
                compartment=command.compartment,
                purpose="remote",
                handover=command.handover,
                staff=command.person,
            )
        )
        self._going[intent] = Going(command, intent, was_present=present)
        self._doors.asked(command.compartment, intent)
        self._pulse(command.compartment, intent)
        self._timers.set(f"detect:{intent}", DETECT_SECONDS, lambda: self._not_yet(intent))
        if intent in self._doors.watch.opened.values():
            self.opened(intent)

    def _no(self, command: OpenNow, now: datetime) -> CommandAnswered | None:
        if command.boot != self._book.store.boot:
            return CommandAnswered(nonce=command.nonce, outcome="other-boot")
        if abs((now - command.issued_at).total_seconds()) > COMMAND_LIVES_SECONDS:
            return CommandAnswered(nonce=command.nonce, outcome="expired")
        self._forget_overtaken()
        if self.busy() or self._going:
            return CommandAnswered(nonce=command.nonce, outcome="busy")
        denied = self._book.truth.pulse_allowed(command.compartment, "remote", command.handover)
        if denied is not None:
            return CommandAnswered(nonce=command.nonce, outcome="refused", why=denied.why.value)
        return None

    def _forget_overtaken(self) -> None:
        """A session opened the same door again: its shutting is that session's news, and the command is over."""
        watch = self._doors.watch
        awaited = {*watch.pulsed.values(), *watch.opened.values()}
        self._going = {intent: going for intent, going in self._going.items() if intent in awaited}

    def _not_yet(self, intent: str) -> None:
        """Three seconds without an edge: one more pulse, or it does not open. None once the wall was stopped."""
        going = self._going.get(intent)
        if going is None:
            return
        if self._doors.unseen(going.command.compartment):
            self._doors.given_up(intent)  # no blind pulse; how it ended shows once the door answers again
            return
        if going.pulses >= MOST_PULSES or intent not in self._doors.watch.pulsed.values():
            self._failed(going, OpenNotDetected(intent=intent, compartment=going.command.compartment))
            return
        again = msgspec.structs.replace(going, pulses=going.pulses + 1)
        self._book.tell(Pulsed(intent=intent, pulse=again.pulses))
        self._going[intent] = again
        self._pulse(going.command.compartment, intent)
        self._timers.set(f"detect:{intent}", DETECT_SECONDS, lambda: self._not_yet(intent))

    def _failed(self, going: Going, why: OpenNotDetected | PulseNotSent) -> None:
        del self._going[going.intent]
        self._doors.given_up(going.intent)
        self._book.tell(why, CommandAnswered(nonce=going.command.nonce, outcome="not-opened"))

    def line_down(self, intent: str) -> bool:
        """The pulse could not be sent. False: not a command's pulse."""
        going = self._going.get(intent)
        if going is None:
            return False
        self._timers.set(f"detect:{intent}", None, lambda: None)
        fact = PulseNotSent if going.pulses == 1 else OpenNotDetected
        self._failed(going, fact(intent=intent, compartment=going.command.compartment))
        return True

    def opened(self, intent: str) -> bool:
        """The door of a command opened. False: not a command's door."""
        going = self._going.get(intent)
        if going is None:
            return False
        self._timers.set(f"detect:{intent}", None, lambda: None)
        self._book.tell(CommandAnswered(nonce=going.command.nonce, outcome="opened"))
        self._doors.orphaned(going.command.compartment, intent, told=False)
        return True

    def left(self, intent: str) -> None:
        """It was left open: said, and the desk may open others. Who shuts it may be anybody: the evidence says how it
        ended."""
        self._going.pop(intent, None)

    def shut(self, intent: str, present: bool | None) -> bool:
        """The door of a command was shut. What a sensor saw in it and sees no longer was taken out by whoever gave the
        command; where nothing sees into it, people say."""
        going = self._going.pop(intent, None)
        if going is None:
            return False
        self._book.tell(*_outcome(going, present))
        return True


def _outcome(going: Going, present: bool | None) -> tuple[Body, ...]:
    command = going.command
    if command.handover is None:
        return ()
    if present is True:
        return (NotTaken(handover=command.handover, compartment=command.compartment, session=going.intent),)
    if present is None:
        # Whoever shuts a door says nothing of what was in it: nobody stood at a screen to be asked.
        doubt = Disputed(handover=command.handover, compartment=command.compartment, why="crash-closed-no-sensor")
        return (doubt,)
    saw_it_go = going.was_present is True
    return (
        TakenOut(
            compartment=command.compartment,
            staff=command.person,
            session=going.intent,
            grade=graded(tag=False, sensor=saw_it_go),
            handover=command.handover,
        ),
    )
