"""A person's hands at the wall: the only way things move."""

import secrets
from typing import TYPE_CHECKING

from onthaal.emulator.things import Impossible, Thing
from onthaal.emulator.wall import WallUnusable, tag_bytes

if TYPE_CHECKING:
    from onthaal.emulator.cabinet import Cabinet

# GS1's EPC of a common label: enough to look like one, the rest is drawn.
_TAG_PREFIX = "E2801160"
_LONGEST_TEXT = 80
# Asks for a tag that nothing else carries.
NEW_TAG = "new"


class Hands:
    """Open, shut, take, put, make, drop. What the world forbids raises Impossible."""

    def __init__(self, cabinet: "Cabinet") -> None:
        """Hands that reach this cabinet."""
        self._cabinet = cabinet

    def open(self, compartment: int) -> None:
        """Pull a door: it comes when its bolt has let go."""
        door = self._cabinet.compartment(compartment)
        if door.door == "open":
            raise Impossible("already_open", number=compartment)
        if door.bolt == "bolted":
            raise Impossible("bolted", number=compartment)
        door.door = "open"
        self._cabinet.changed()

    def lever(self, compartment: int) -> None:
        """Open with the mechanical emergency lever, which needs no board and no power."""
        door = self._cabinet.compartment(compartment)
        if door.door == "open":
            raise Impossible("already_open", number=compartment)
        door.bolt, door.door = "released", "open"
        self._cabinet.changed()

    def shut(self, compartment: int) -> None:
        """Push a door shut; the latch catches unless it is stuck open."""
        door = self._cabinet.compartment(compartment)
        if door.door == "closed" and door.bolt == "bolted":
            raise Impossible("already_shut", number=compartment)
        if self._cabinet.has("stuck_open", compartment=compartment):
            raise Impossible("does_not_latch", number=compartment)
        door.door, door.bolt = "closed", "bolted"
        self._cabinet.changed()

    def take(self, compartment: int, thing: str | None = None) -> Thing:
        """Take a thing out of an open compartment: that one, or the only one there."""
        self._must_be_open(compartment)
        inside = self._cabinet.things(compartment)
        if thing is None and len(inside) == 1:
            thing = inside[0].id
        if thing is None:
            raise Impossible("which_thing" if inside else "nothing_inside", number=compartment)
        taken = self._cabinet.thing(thing)
        if taken.place != compartment:
            raise Impossible("not_inside", thing=taken.text, number=compartment)
        taken.place = "hands"
        self._cabinet.changed()
        return taken

    def put(self, compartment: int, thing: str) -> None:
        """Put a thing from the hands, or from outside, into an open compartment."""
        self._must_be_open(compartment)
        put = self._cabinet.thing(thing)
        if isinstance(put.place, int):
            raise Impossible("not_in_hands", thing=put.text)
        put.place = compartment
        self._leave_field(put)
        self._cabinet.changed()

    def make(self, text: str, *, tag: str | None = None, thing: str | None = None) -> Thing:
        """Make a new thing in the hands. `tag`: hexadecimal, NEW_TAG draws one, None is none."""
        if not text.strip() or len(text) > _LONGEST_TEXT:
            raise Impossible("text_length", most=_LONGEST_TEXT)
        truth = self._cabinet.truth
        if thing is not None and thing in truth.things:
            raise Impossible("thing_exists", thing=thing)
        written = self._new_tag(tag)
        while thing is None or thing in truth.things:
            truth.made += 1
            thing = f"thing-{truth.made}"
        made = Thing(id=thing, text=text.strip(), tag=written, place="hands")
        truth.things[made.id] = made
        self._cabinet.changed()
        return made

    def drop(self, thing: str) -> None:
        """Put what is in the hands aside, outside the wall."""
        dropped = self._cabinet.thing(thing)
        if dropped.place != "hands":
            raise Impossible("not_in_hands", thing=dropped.text)
        dropped.place = "outside"
        self._leave_field(dropped)
        self._cabinet.changed()

    def pick(self, thing: str) -> None:
        """Pick up what lies outside the wall."""
        picked = self._cabinet.thing(thing)
        if picked.place != "outside":
            raise Impossible("not_outside", thing=picked.text)
        picked.place = "hands"
        self._cabinet.changed()

    def hold_tag(self, tag: str | None) -> None:
        """Hold a tag (hexadecimal) in the tag reader's field until None is given."""
        self._cabinet.truth.field = None if tag is None else self._new_tag(tag)
        self._cabinet.changed()

    def hold_thing(self, thing: str) -> None:
        """Hold a thing from the hands or from outside in the tag reader's field."""
        held = self._cabinet.thing(thing)
        if isinstance(held.place, int):
            raise Impossible("not_in_hands", thing=held.text)
        if held.tag is None:
            raise Impossible("no_tag", thing=held.text)
        held.place = "hands"
        self.hold_tag(held.tag)

    def _new_tag(self, tag: str | None) -> str | None:
        if tag is None:
            return None
        if tag == NEW_TAG:
            return _TAG_PREFIX + secrets.token_hex(8).upper()
        try:
            return tag_bytes(tag).hex().upper()
        except WallUnusable as error:
            raise Impossible("not_a_tag") from error

    def _leave_field(self, thing: Thing) -> None:
        if thing.tag is not None and self._cabinet.truth.field == thing.tag:
            self._cabinet.truth.field = None

    def _must_be_open(self, compartment: int) -> None:
        if self._cabinet.compartment(compartment).door == "closed":
            raise Impossible("door_closed", number=compartment)
