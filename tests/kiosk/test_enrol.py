"""Enrolment: the key is made once, the rest is told for a code."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from onthaal.clock import SystemClock
from onthaal.core.refusals import Refusal, Why
from onthaal.kiosk.enrol import EnrolmentFault, enrol, identity
from onthaal.kiosk.store import Store
from tests.kiosk.cast import PEPPER, wishes
from tests.kiosk.standin import CODE, DEVICE, StandIn, standing_in
from tests.kiosk.test_uplink import a_config


@pytest.fixture
def centre() -> Iterator[StandIn]:
    with standing_in(wishes()) as centre:
        yield centre


def test_a_kiosk_that_was_never_enrolled_is_nobody(tmp_path: Path) -> None:
    assert identity(a_config(tmp_path, "http://127.0.0.1:9")) is None


def test_a_code_makes_a_kiosk_somebody_and_its_files_are_for_the_service_user_alone(
    tmp_path: Path, centre: StandIn
) -> None:
    config = a_config(tmp_path, centre.url + "/")
    made = enrol(config, f" {CODE.lower()} ", clock=SystemClock())
    assert (made.device, made.pepper, made.epoch) == (DEVICE, PEPPER, 1)
    assert centre.public_key == made.key.public()
    for file in ("kiosk.key", "kiosk.key.device", "kiosk.key.pepper", "kiosk.db"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600, file
    again = identity(config)
    assert again is not None
    assert (again.device, again.pepper, again.key.public()) == (DEVICE, PEPPER, made.key.public())


def test_the_log_that_is_told_is_that_of_the_store(tmp_path: Path, centre: StandIn) -> None:
    enrol(a_config(tmp_path, centre.url), CODE, clock=SystemClock())
    store = Store.open(tmp_path / "kiosk.db", clock=SystemClock())
    assert centre.log == store.log
    store.close()


def test_the_pepper_does_not_stand_in_the_store(tmp_path: Path, centre: StandIn) -> None:
    enrol(a_config(tmp_path, centre.url), CODE, clock=SystemClock())
    for file in tmp_path.glob("kiosk.db*"):
        content = file.read_bytes()
        assert PEPPER not in content
        assert PEPPER.hex().encode() not in content


def test_a_lost_answer_is_asked_for_again_with_the_same_key(tmp_path: Path, centre: StandIn) -> None:
    config = a_config(tmp_path, centre.url)
    centre.lose_answers = 1
    with pytest.raises(EnrolmentFault):
        enrol(config, CODE, clock=SystemClock())
    assert identity(config) is None
    shown = centre.public_key
    assert enrol(config, CODE, clock=SystemClock()).key.public() == shown


def test_a_wrong_code_is_refused_and_leaves_an_enrolled_kiosk_as_it_was(tmp_path: Path, centre: StandIn) -> None:
    config = a_config(tmp_path, centre.url)
    made = enrol(config, CODE, clock=SystemClock())
    with pytest.raises(Refusal) as no:
        enrol(config, "WRON-GONE", clock=SystemClock())
    assert no.value.why is Why.ENROLMENT_CODE_WRONG
    still = identity(config)
    assert still is not None
    assert still.key.public() == made.key.public()


def test_a_centre_that_is_away_is_a_fault_that_passes(tmp_path: Path) -> None:
    with pytest.raises(EnrolmentFault) as away:
        enrol(a_config(tmp_path, "http://127.0.0.1:9"), CODE, clock=SystemClock())
    assert away.value.passing


@pytest.mark.parametrize("file", ["kiosk.key", "kiosk.key.device", "kiosk.key.pepper"])
def test_a_spoilt_file_is_a_fault_that_stays_and_no_new_identity(tmp_path: Path, centre: StandIn, file: str) -> None:
    config = a_config(tmp_path, centre.url)
    enrol(config, CODE, clock=SystemClock())
    (tmp_path / file).write_bytes(b"\xffspoilt")
    with pytest.raises(EnrolmentFault) as spoilt:
        identity(config)
    assert not spoilt.value.passing


@pytest.mark.parametrize("where", ["wall.toml/kiosk.key", "folder"])
def test_a_key_that_cannot_be_kept_or_read_is_said_with_its_file(tmp_path: Path, centre: StandIn, where: str) -> None:
    (tmp_path / "wall.toml").touch()
    (tmp_path / "folder").mkdir()
    config = a_config(tmp_path, centre.url)
    config = msgspec.structs.replace(config, kiosk=msgspec.structs.replace(config.kiosk, key=str(tmp_path / where)))
    with pytest.raises(EnrolmentFault) as refused:
        enrol(config, CODE, clock=SystemClock())
    assert not refused.value.passing
    assert str(tmp_path / where) in str(refused.value)
    assert "no key of ours" not in str(refused.value)
    assert refused.value.advice == "fault.enrolment-files"


def test_a_pepper_that_cannot_be_written_is_said_and_nobody_is_enrolled(tmp_path: Path, centre: StandIn) -> None:
    config = a_config(tmp_path, centre.url)
    (tmp_path / "kiosk.key.pepper.new").mkdir()
    with pytest.raises(EnrolmentFault, match=r"kiosk.key.pepper cannot be written"):
        enrol(config, CODE, clock=SystemClock())
    assert identity(config) is None
