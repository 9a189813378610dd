"""What may be wrong with the wall: each fault by name, on one compartment or one line.

On a compartment: `stuck_closed` (the solenoid does not move), `stuck_open` (the latch does not
catch), `weak_spring` (the bolt lets go but the door waits to be pulled), `sensor_inverted`,
`sensor_cut` (reads open), `sensor_stuck_closed`, `crossed` (its pulse opens the next channel).
On a bus: `duplicate_address` (a second board answers and opens too), `brown_out` (a pulse sinks
the supply: nothing moves, the boards are away for a second). On any line, the readers' too:
`silent` (unplugged), `late_reply`, `garbage`, `drop_next` (one answer is lost, then over).
On the tag reader: `wrong_tag` (it reports another tag than the one in its field).
"""

from typing import NamedTuple

COMPARTMENT_FAULTS = frozenset(
    {
        "stuck_closed",
        "stuck_open",
        "weak_spring",
        "sensor_inverted",
        "sensor_cut",
        "sensor_stuck_closed",
        "crossed",
    }
)
BUS_FAULTS = frozenset({"duplicate_address", "brown_out"})
LINE_FAULTS = frozenset({"silent", "late_reply", "garbage", "drop_next"})
READER_FAULTS = frozenset({"wrong_tag"})
KINDS = COMPARTMENT_FAULTS | BUS_FAULTS | LINE_FAULTS | READER_FAULTS


class Fault(NamedTuple):
    """One thing that is wrong now: with a compartment (its number) or a line (its name)."""

    kind: str
    compartment: int | None = None
    line: str | None = None
