"""Promise 8, what a walk of wall and centre brought to light: a doubt is never overwritten by somebody's looking."""

from __future__ import annotations

from onthaal.core import facts as f
from onthaal.core import folding
from onthaal.core.evidence import Evidence
from onthaal.kiosk.truth import Truth
from tests.kiosk.cast import a_handover, as_facts, fitted, wishes


def test_promise_8_a_loading_that_was_cut_off_is_not_forgotten_by_opening_the_door_for_something_else() -> None:
    """The door stood open when the power went. Until it is shut, and the thing found or not, nobody opens it anew."""
    fits = fitted("S", "S")
    told = as_facts(
        f.Configured(compartments=fits),
        f.SeenEmpty(compartment=1),
        f.OpenIntended(intent="i", session="s", compartment=1, purpose="load", handover=1, staff="an"),
        f.DoorOpened(compartment=1, intent="i"),
        f.Started(software="1", clean=False),
    )
    evidence = Evidence.empty()
    for fact in told:
        evidence = folding.after(evidence, fact)
    truth = Truth(wishes(a_handover(1), a_handover(2)), evidence, told, fits)
    everything: tuple[f.Purpose, ...] = ("check", "take_back", "remote", "doctor")
    for purpose in everything:
        assert truth.pulse_allowed(1, purpose, None) is not None, purpose
    assert 1 not in truth.unknown_contents()
