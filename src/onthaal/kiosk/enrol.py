"""Enrolment: the kiosk's own key, made once; who it is and its pepper, told by the centre for a one-time code.

Three files, readable by the service user alone: the key as the kiosk's file names it, and beside it `<key>.pepper`
(hex) and `<key>.device` (JSON), which is written last: without it the kiosk is not enrolled. Doing it again after a
crash or a lost answer is harmless.
"""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import msgspec

from onthaal.clock import Clock
from onthaal.core.protocol import Enrol, Enrolled, Refused
from onthaal.core.refusals import Fault, Refusal, Why
from onthaal.kiosk.config import KioskConfig
from onthaal.kiosk.store import Store
from onthaal.proofs.devices import DeviceKey
from onthaal.proofs.pepper import PEPPER_BYTES

PATH = "/device/v1/enrol"
SECONDS = 20.0


class EnrolmentFault(Fault):
    """The centre was not reached, or did not answer as it should; or a file cannot be read or written."""

    passing = True
    advice = "fault.enrolment"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who this kiosk is."""

    key: DeviceKey
    device: int
    pepper: bytes
    epoch: int


class _Device(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    device: int
    epoch: int


def identity(config: KioskConfig) -> Identity | None:
    """Who this kiosk is by its files, or None when it was never enrolled. EnrolmentFault for files that are spoilt."""
    key, device, pepper = _files(config)
    if not device.exists():
        return None
    try:
        told = msgspec.json.decode(device.read_bytes(), type=_Device)
        secret = _pepper(pepper.read_text("ascii").strip())
        return Identity(key=DeviceKey.load(key), device=told.device, pepper=secret, epoch=told.epoch)
    except (OSError, ValueError, msgspec.DecodeError) as spoilt:
        raise _of_files(f"{type(spoilt).__name__} in the files beside {key}") from spoilt


def enrol(config: KioskConfig, code: str, *, clock: Clock) -> Identity:
    """Show the one-time code and this kiosk's public key to the centre, and keep what it answers.

    Refusal (ENROLMENT_CODE_WRONG and the like) when the centre says no; then nothing that stood before is changed.
    """
    key_file, device_file, pepper_file = _files(config)
    key = _key(key_file)
    store = Store.open(Path(config.kiosk.store), clock=clock)
    try:
        asked = Enrol(code=code.strip().upper(), public_key=key.public(), log=store.log)
    finally:
        store.close()
    told = _ask(config.kiosk.centre, asked)
    pepper = _pepper(told.pepper)
    _write(pepper_file, pepper.hex().encode())
    _write(device_file, msgspec.json.encode(_Device(device=told.device, epoch=told.epoch)))
    return Identity(key=key, device=told.device, pepper=pepper, epoch=told.epoch)


def _files(config: KioskConfig) -> tuple[Path, Path, Path]:
    key = Path(config.kiosk.key)
    return key, key.with_name(key.name + ".device"), key.with_name(key.name + ".pepper")


def _key(path: Path) -> DeviceKey:
    try:
        return DeviceKey.load(path)
    except FileNotFoundError:
        key = DeviceKey.draw()
        _write(path, key.pem())
        return key
    except OSError as closed:
        raise _of_files(f"{path} cannot be read: {closed.strerror}") from closed
    except ValueError as spoilt:
        raise _of_files(f"{path} is no key of ours; move it away") from spoilt


def _of_files(what: str) -> EnrolmentFault:
    return EnrolmentFault(what, passing=False, advice="fault.enrolment-files")


def _pepper(text: str) -> bytes:
    pepper = bytes.fromhex(text)
    if len(pepper) != PEPPER_BYTES:
        raise ValueError("a pepper has 32 bytes")
    return pepper


def _ask(centre: str, asked: Enrol) -> Enrolled:
    try:
        answer = httpx.post(
            centre.rstrip("/") + PATH,
            content=msgspec.json.encode(asked),
            headers={"Content-Type": "application/json"},
            timeout=SECONDS,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as away:
        raise EnrolmentFault(f"the centre was not reached ({type(away).__name__})") from away
    if not answer.is_success:
        raise _no(answer)
    try:
        told = msgspec.json.decode(answer.content, type=Enrolled)
        _pepper(told.pepper)
    except (ValueError, msgspec.DecodeError) as malformed:
        raise EnrolmentFault("the centre's answer cannot be read") from malformed
    return told


def _no(answer: httpx.Response) -> Refusal | EnrolmentFault:
    try:
        return Refusal(Why(msgspec.json.decode(answer.content, type=Refused).why))
    except (ValueError, msgspec.DecodeError):
        return EnrolmentFault(f"the centre answered {answer.status_code}")


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, on disk when this returns, for the service user alone. EnrolmentFault where it cannot."""
    draft = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as refused:
        raise _of_files(f"{path} cannot be written: {refused.strerror}") from refused
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
