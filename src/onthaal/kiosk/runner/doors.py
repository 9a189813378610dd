"""Every door of the wall, session or not: movements become facts, and news for whoever waits for that door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import structlog

from onthaal.core.evidence import Block, Intent
from onthaal.core.facts import (
    Body,
    BusRestored,
    BusSilent,
    CompartmentBlocked,
    Disputed,
    DoorOpened,
    DoorShut,
    OpenedWithoutCommand,
    UnexpectedContent,
    WrongDoor,
)
from onthaal.kiosk.ports import BusSeen, Door, DoorSeen, LockBus, PresenceSeen
from onthaal.kiosk.runner import evidence as unseen
from onthaal.kiosk.runner import watch as watching
from onthaal.kiosk.runner.book import Book
from onthaal.kiosk.runner.timers import Timers
from onthaal.kiosk.runner.watch import Seen, Watch
from onthaal.kiosk.session.moves import ABANDONED

SETTLES = 0.3
"""Seconds between a shut door and the question what its presence sensor says: longer than one poll in a session."""
LIES_THERE = 3.0
"""Seconds after which what a sensor sees behind a shut door is no insect, shadow or flicker any more."""

log = structlog.get_logger(__name__)


class News:
    """Who wants to know of a door: set by the runner."""

    def __init__(self) -> None:
        self.opened: Callable[[str], bool] = lambda intent: False
        """Whether somebody stands there for it."""
        self.shut: Callable[[str, int, bool | None], None] = lambda intent, compartment, present: None
        self.left: Callable[[str], None] = lambda intent: None
        self.wall_stopped: Callable[[], None] = lambda: None


class Doors:
    """Keeps the watch. All of it runs in the loop, between two awaits."""

    def __init__(self, book: Book, locks: LockBus, timers: Timers, buses: dict[int, str]) -> None:
        """`buses`: which bus each compartment hangs on."""
        self.watch = Watch()
        self.news = News()
        self._book, self._locks, self._timers, self._buses = book, locks, timers, buses
        self._silent: dict[str, frozenset[int]] = {}
        """Per bus: the compartments whose board does not answer."""
        self.known: set[int] = set()
        """Doors whose first reading since the start is on record."""
        self._left_unseen: set[int] = set()
        """Doors at which nobody stands any more and that may be open, for all that can be read."""

    # asked for

    def doors(self) -> Mapping[int, Door]:
        """What every contact shows; of one that cannot be read now and stood open before: still open. One that was
        shut before is not known to be."""
        now, last = self._locks.doors(), self.watch.last
        return {n: "open" if door == "unknown" and last.get(n) == "open" else door for n, door in now.items()}

    def unseen(self, compartment: int) -> bool:
        """Nobody can read that door now: whether it opens or shuts is not known."""
        return self._locks.doors().get(compartment, "unknown") == "unknown"

    def asked(self, compartment: int, intent: str) -> None:
        """An intent is on disk and its pulse goes out."""
        self.watch = watching.asked(self.watch, compartment, intent)

    def attended(self, compartment: int) -> None:
        """Somebody stands at this door: that an earlier one left it open is told no more, they are asked to shut it."""
        self._timers.set(f"left-open:{compartment}", None, lambda: None)

    def given_up(self, intent: str) -> None:
        self.watch = watching.given_up(self.watch, intent)

    def taken_for_open(self, intent: str) -> None:
        """What is said to be open by other signs than its contact: a late edge is no news, its shutting is."""
        self.watch = watching.taken_for_open(self.watch, intent)

    def left_unseen(self, compartment: int, intent: str) -> None:
        """Whoever stood at this door has gone, and it cannot be read: found open it is no burglary."""
        if self.unseen(compartment):
            self._left_unseen.add(compartment)
            self.watch = watching.late(self.watch, compartment, intent)
            self.orphaned(compartment, intent, told=False)

    def orphaned(self, compartment: int, intent: str | None, *, told: bool) -> None:
        """Nobody stands at this open door. `told`: that it was left open has been said already."""
        if not told:
            name = f"left-open:{compartment}"
            self._timers.set(name, ABANDONED, lambda: self._left_open(compartment, intent))

    def _left_open(self, compartment: int, intent: str | None) -> None:
        if self.watch.last.get(compartment) == "open":
            self._book.tell(*unseen.left_open(self._book.truth.evidence, compartment, intent))
            self.news.left(intent or "")

    # seen

    def moved(self, seen: DoorSeen) -> None:
        """A door's settled state changed."""
        was_silent = seen.compartment in self.watch.silent
        self.watch, meaning = watching.seen(self.watch, seen.compartment, seen.door)
        self._meant(seen.compartment, meaning)
        if seen.door == "closed" and seen.compartment in self._left_unseen:
            self._left_unseen.discard(seen.compartment)
            if meaning.meaning == "nothing":
                self.watch = watching.left(self.watch, seen.compartment)
        if was_silent and seen.door == "closed" and meaning.meaning == "nothing":
            # After what is said of the bus itself: that says more of what changed.
            name = f"unawaited:{seen.compartment}"
            self._timers.set(name, SETTLES * 3, lambda: self._shut_unseen(seen.compartment))

    def sensed(self, seen: PresenceSeen) -> None:
        """What a sensor sees changed. Said of what lies where nothing should: once, for then it is not empty."""
        if seen.present and self._should_be_empty(seen.compartment):
            self._timers.set(f"present:{seen.compartment}", LIES_THERE, lambda: self._lies_there(seen.compartment))

    def _lies_there(self, compartment: int) -> None:
        if self._locks.presence().get(compartment) is True and self._should_be_empty(compartment):
            self._book.tell(UnexpectedContent(compartment=compartment))

    def _should_be_empty(self, compartment: int) -> bool:
        """Empty by the log, its door shut, and nobody asked for it to open."""
        awaited = compartment in self.watch.pulsed or compartment in self.watch.opened
        shut = compartment in self.known and self.watch.last.get(compartment) == "closed"
        return shut and not awaited and self._book.truth.content(compartment).content == "empty"

    def _meant(self, compartment: int, seen: Seen) -> None:
        match seen.meaning:
            case "opened":
                self._book.tell(DoorOpened(compartment=compartment, intent=seen.intent))
                self.news.opened(seen.intent or "")
            case "shut":
                self._after_settling(compartment, seen.intent)
            case "shut-stray":
                self._after_settling(compartment, None)
            case "first-open" | "first-closed":
                self._first(compartment)
            case "forced" | "changed":
                self._forced(compartment, changed=seen.meaning == "changed")
            case "wrong":
                self._wrong(compartment, seen.pulsed or 0)
            case _:
                pass

    def _after_settling(self, compartment: int, intent: str | None) -> None:
        name = f"settle:{compartment}"
        self._timers.set(name, SETTLES, lambda: self._settled(compartment, intent))

    def _settled(self, compartment: int, intent: str | None) -> None:
        """Shut, and shut it stayed."""
        if self.watch.last.get(compartment) != "closed":
            return
        self.watch = watching.left(self.watch, compartment)
        self._timers.set(f"left-open:{compartment}", None, lambda: None)
        present = self._locks.presence().get(compartment)
        self._book.tell(DoorShut(compartment=compartment, intent=intent, present=present))
        if intent is not None:
            self.news.shut(intent, compartment, present)

    def _first(self, compartment: int) -> None:
        """The first sure reading since the start."""
        if self.watch.last[compartment] == "open":
            asked = self._book.truth.evidence.may_open_late(compartment)
            intent = asked.intent if asked else None
            if intent is not None:
                self.watch = watching.asked(self.watch, compartment, intent)
            self._tell_found(compartment)
            self.orphaned(compartment, intent, told=False)
            return
        name = f"settle:{compartment}"
        self._timers.set(name, SETTLES, lambda: self._found_shut(compartment))

    def _found_shut(self, compartment: int) -> None:
        """Unless somebody asked for it meanwhile: that is no leftover of before the start."""
        if compartment in self.watch.pulsed or compartment in self.watch.opened:
            self.known.add(compartment)
        else:
            self._tell_found(compartment)

    def _tell_found(self, compartment: int) -> None:
        door = self.watch.last.get(compartment, "unknown")
        present = self._locks.presence().get(compartment)
        evidence = self._book.truth.evidence
        self._book.tell(*unseen.found_at_start(evidence, compartment, door, present=present))
        self.known.add(compartment)

    def outcome_of_orphan(self, compartment: int, present: bool | None) -> None:
        """A door from before the restart was shut at last: its intent gets its outcome from the evidence."""
        for intent in self._book.truth.evidence.intents_on(compartment):
            self._end_unseen(intent, present)

    def _end_unseen(self, intent: Intent, present: bool | None) -> None:
        one = self._book.truth.evidence.compartment(intent.intended.compartment)
        self._book.tell(*unseen.closed_unseen(intent, one, present=present))

    def catch_up(self) -> None:
        """The disk takes facts again: what was shut while it did not gets its outcome, as after a restart; and at what
        stands open nobody stands any more."""
        evidence = self._book.truth.evidence
        for compartment in sorted({one.intended.compartment for one in evidence.intents.values()}):
            if self.watch.last.get(compartment) == "open":
                intent = evidence.intents_on(compartment)[-1].intended.intent
                told = Block.LEFT_OPEN in evidence.compartment(compartment).blocked
                self.orphaned(compartment, intent, told=told)
            self._unawaited(compartment)

    def _unawaited(self, compartment: int) -> None:
        """What was asked of this door, nobody saw the end of, and nobody stands there any more."""
        if self._is_left(compartment):
            self.outcome_of_orphan(compartment, self._locks.presence().get(compartment))

    def _shut_unseen(self, compartment: int) -> None:
        """The same after a silence of its board. Of a door that was seen to shut somebody may be asked at this moment
        what lies there: they say it, or their leaving does."""
        if not self._is_left(compartment):
            return
        for intent in self._book.truth.evidence.intents_on(compartment):
            if not intent.shut:
                self._end_unseen(intent, self._locks.presence().get(compartment))

    def _is_left(self, compartment: int) -> bool:
        awaited = compartment in self.watch.pulsed or compartment in self.watch.opened
        return self.watch.last.get(compartment) == "closed" and not self.unseen(compartment) and not awaited

    def _forced(self, compartment: int, *, changed: bool) -> None:
        """An edge that nobody asked for: critical, out of use, and the thing in it is in doubt."""
        evidence = self._book.truth.evidence
        asked = evidence.may_open_late(compartment)
        if asked is not None and not evidence.was_shut(asked.intent):
            self._late(compartment, asked.intent)
            return
        log.warning("door.opened_without_command", compartment=compartment)
        why: Literal["changed-in-silence", "forced"] = "changed-in-silence" if changed else "forced"
        self._book.tell(
            OpenedWithoutCommand(compartment=compartment),
            CompartmentBlocked(compartment=compartment, reason=Block.FORCED),
            *self._doubts(compartment, why),
        )

    def _late(self, compartment: int, intent: str) -> None:
        """A pulse was sent, and the door opens when nobody waits for it any more: pulled, or by its lever."""
        log.info("door.opened_late", compartment=compartment)
        self.watch = watching.late(self.watch, compartment, intent)
        self._book.tell(DoorOpened(compartment=compartment, intent=intent))
        if not self.news.opened(intent):
            self.orphaned(compartment, intent, told=False)

    def _doubts(self, compartment: int, why: Literal["changed-in-silence", "forced"]) -> tuple[Body, ...]:
        """Whatever may lie there, by the log or by the plans: a replaced disk knows only these."""
        claims = sorted(self._book.truth.claims(compartment))
        return tuple(Disputed(handover=one, compartment=compartment, why=why) for one in claims)

    def _wrong(self, moved: int, pulsed: int) -> None:
        """Another door than the one pulsed: no lock of this wall is trusted until staff has looked."""
        log.error("door.wrong", pulsed=pulsed, moved=moved)
        bodies: list[Body] = [WrongDoor(pulsed=pulsed, moved=moved)]
        bodies += [
            CompartmentBlocked(compartment=number, reason=Block.MAPPING_FAULT) for number in sorted({pulsed, moved})
        ]
        self._book.tell(*bodies, *self._doubts(moved, "forced"))
        self.watch = _cleared(self.watch)
        self.news.wall_stopped()

    # buses

    def bus(self, seen: BusSeen) -> None:
        """A bus, or one board of several on it, fell silent or came back."""
        before, now = self._silent.get(seen.bus, frozenset()), seen.silent
        self._silent[seen.bus] = now
        if now - before:
            self._book.tell(BusSilent(bus=seen.bus, compartments=tuple(sorted(now - before))))
        if before - now:
            numbers = tuple(sorted(before - now))
            self._timers.set(f"bus:{seen.bus}:{numbers}", SETTLES * 2, lambda: self._restored(seen.bus, numbers))

    def broken(self) -> frozenset[str]:
        """The buses of which some compartment's board does not answer: that was told."""
        return frozenset(bus for bus, silent in self._silent.items() if silent)

    def _restored(self, bus: str, back: tuple[int, ...]) -> None:
        """What lies there is compared with what lay there: a thing that went while nobody looked is in dispute."""
        silent = self._silent.get(bus, frozenset())
        numbers = [number for number in back if number not in silent]
        if not numbers:
            return  # silent again meanwhile: they are compared when they come back for good
        presence, evidence = self._locks.presence(), self._book.truth.evidence
        changed: list[int] = []
        bodies: list[Body] = []
        for number in numbers:
            one = evidence.compartment(number)
            gone = one.content == "holds" and presence.get(number) is False
            came = one.content == "empty" and presence.get(number) is True
            opened = self.watch.last.get(number) == "open" and number not in self.watch.opened
            if gone or came or opened:
                changed.append(number)
            if gone and one.handover is not None and number not in self.watch.opened:
                bodies.append(Disputed(handover=one.handover, compartment=number, why="changed-in-silence"))
        self._book.tell(BusRestored(bus=bus, changed=tuple(changed), still=tuple(sorted(silent))), *bodies)


def _cleared(watch: Watch) -> Watch:
    """Nothing that was asked for counts any more."""
    return Watch(last=watch.last, silent=watch.silent, opened=watch.opened)
