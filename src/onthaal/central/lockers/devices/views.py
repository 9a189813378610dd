"""The kiosks' addresses. JSON in, JSON out; every no is a `core.protocol.Refused`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import TypeVar

import msgspec
import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from onthaal import clock
from onthaal.central.foundation.gates import for_devices
from onthaal.central.foundation.people import hosts
from onthaal.central.foundation.people.hosts import municipality_of
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.devices import actions, gate, queries, telling
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.devices.telling import MAX_BYTES
from onthaal.core.protocol import (
    IDENTIFICATION_SECONDS,
    TIME_HEADER,
    DigitsChecked,
    Enrol,
    IdentificationStarted,
    OfSession,
    Refused,
    StartIdentification,
    TypedDigits,
)
from onthaal.core.refusals import Refusal, Why

STATUSES = {
    Why.MALFORMED: HTTPStatus.BAD_REQUEST,
    Why.DEVICE_UNKNOWN: HTTPStatus.UNAUTHORIZED,
    Why.CLOCK_WRONG: HTTPStatus.UNAUTHORIZED,
    Why.ENROLMENT_CODE_WRONG: HTTPStatus.FORBIDDEN,
}
MAX_STATE_BYTES = 64 * 1024
_WORD = re.compile(r"[!-~]{1,40}")
"""What a kiosk calls its boots and sessions."""

log = structlog.get_logger(__name__)
_T = TypeVar("_T")
Answering = Callable[..., HttpResponse]


def _json(value: object, status: int = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type="application/json", status=status)


def refused(no: Refusal) -> HttpResponse:
    """The same for every route."""
    status = STATUSES.get(no.why, HTTPStatus.CONFLICT)
    return _json(Refused(why=no.why.value, centre_time=clock.now()), status)


def _timed(answer: HttpResponse) -> HttpResponse:
    """With the centre's time, so that codes at the wall begin and end by it and not by the wall's own clock."""
    answer.headers[TIME_HEADER] = clock.now().isoformat()
    return answer


def _body(request: HttpRequest, limit: int) -> bytes:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > limit:
        raise Refusal(Why.MALFORMED, what="too-long", limit=limit)
    try:
        return request.body
    except RequestDataTooBig:
        raise Refusal(Why.MALFORMED, what="too-long", limit=limit) from None


def _decoded(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError):
        raise Refusal(Why.MALFORMED, what=kind.__name__) from None


_OfSession = TypeVar("_OfSession", StartIdentification, TypedDigits, OfSession)


def _in_session(body: bytes, kind: type[_OfSession]) -> _OfSession:
    """A body that names its boot and session."""
    asked = _decoded(body, kind)
    if not _WORD.fullmatch(asked.boot) or not _WORD.fullmatch(asked.session):
        raise Refusal(Why.MALFORMED, what=kind.__name__)
    return asked


def _of_a_kiosk(method: str, limit: int = 0) -> Callable[[Answering], Answering]:
    """A route that only an enrolled kiosk may call, with this method alone."""

    def declared(answering: Answering) -> Answering:
        @for_devices
        @wraps(answering)
        def view(request: HttpRequest, **named: int) -> HttpResponse:
            if request.method != method:
                return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": method})
            try:
                body = _body(request, limit)
                header = request.headers.get("Authorization", "")
                device = gate.known(header=header, method=method, path=request.get_full_path(), body=body)
                return _timed(answering(request, device, body, **named))
            except Refusal as no:
                log.info("device refused", route=answering.__name__, why=no.why.value)
                return refused(no)

        return view

    return declared


@_of_a_kiosk("POST", MAX_BYTES)
def facts(request: HttpRequest, device: Device, body: bytes) -> HttpResponse:
    """`Told` in, `Heard` out."""
    return _json(hear(device, body))


@_of_a_kiosk("GET")
def wishes(request: HttpRequest, device: Device, body: bytes) -> HttpResponse:
    """`Wishes`, or 304 when the kiosk's ETag still stands."""
    with queries.snapshot_of(device.municipality_id):
        at = queries.moment(device.kiosk)
        if request.headers.get("If-None-Match") == at.etag:
            return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": at.etag})
        answer = _json(queries.wishes(device.kiosk, at))
    answer.headers["ETag"] = at.etag
    answer.headers["Cache-Control"] = "no-store"
    return answer


@_of_a_kiosk("PUT", MAX_STATE_BYTES)
def state(request: HttpRequest, device: Device, body: bytes) -> HttpResponse:
    """`State` in, nothing out."""
    told = telling.state(body)
    with acting_for(device.municipality_id):
        actions.keep_state(device, told)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@_of_a_kiosk("POST", MAX_STATE_BYTES)
def identifications(request: HttpRequest, device: Device, body: bytes) -> HttpResponse:
    """`StartIdentification` in, `IdentificationStarted` out: somebody chose to say who they are."""
    asked = _in_session(body, StartIdentification)
    with acting_for(device.municipality_id):
        begun, handle = access.start_identification(kiosk_id=device.kiosk, asked=asked)
        base = hosts.public_url(Municipality.objects.get(pk=device.municipality_id))
        answer = IdentificationStarted(
            id=begun.pk,
            url=f"{base}/muur/{handle}",
            confirmation=access.confirmation(begun),
            seconds=IDENTIFICATION_SECONDS,
        )
    return _json(answer)


@_of_a_kiosk("POST", MAX_STATE_BYTES)
def identification_digits(request: HttpRequest, device: Device, body: bytes, number: int) -> HttpResponse:
    """`TypedDigits` in, `DigitsChecked` out. One try."""
    asked = _in_session(body, TypedDigits)
    with acting_for(device.municipality_id):
        right = access.type_digits(kiosk_id=device.kiosk, identification_id=number, typed=asked)
    return _json(DigitsChecked(right=right))


@_of_a_kiosk("POST", MAX_STATE_BYTES)
def identification_over(request: HttpRequest, device: Device, body: bytes, number: int) -> HttpResponse:
    """`OfSession` in, nothing out: the person left, or chose something else."""
    asked = _in_session(body, OfSession)
    with acting_for(device.municipality_id):
        access.end_identification(
            kiosk_id=device.kiosk, identification_id=number, boot=asked.boot, session=asked.session
        )
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@for_devices
def enrol(request: HttpRequest) -> HttpResponse:
    """`Enrol` in, `Enrolled` out: for who types the code that the desk shows. The host says the municipality."""
    if request.method != "POST":
        return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
    try:
        asked = _decoded(_body(request, MAX_STATE_BYTES), Enrol)
        municipality = municipality_of(request.get_host())
        if municipality is None:
            return refused(Refusal(Why.ENROLMENT_CODE_WRONG))
        return _json(actions.enrol(municipality_id=municipality.pk, enrol=asked))
    except Refusal as no:
        log.info("device refused", route="enrol", why=no.why.value)
        return refused(no)
