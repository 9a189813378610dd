"""The kiosks' addresses. JSON in, JSON out; every no is a `core.protocol.Refused`."""

from __future__ import annotations

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
from onthaal.central.foundation.people.hosts import municipality_of
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.devices import actions, gate, queries, telling
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.devices.telling import MAX_BYTES
from onthaal.core.protocol import TIME_HEADER, Enrol, Refused
from onthaal.core.refusals import Refusal, Why

STATUSES = {
    Why.MALFORMED: HTTPStatus.BAD_REQUEST,
    Why.DEVICE_UNKNOWN: HTTPStatus.UNAUTHORIZED,
    Why.CLOCK_WRONG: HTTPStatus.UNAUTHORIZED,
    Why.ENROLMENT_CODE_WRONG: HTTPStatus.FORBIDDEN,
}
MAX_STATE_BYTES = 64 * 1024

log = structlog.get_logger(__name__)
_T = TypeVar("_T")
Answering = Callable[[HttpRequest, Device, bytes], HttpResponse]


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


def _of_a_kiosk(method: str, limit: int = 0) -> Callable[[Answering], Callable[[HttpRequest], HttpResponse]]:
    """A route that only an enrolled kiosk may call, with this method alone."""

    def declared(answering: Answering) -> Callable[[HttpRequest], HttpResponse]:
        @for_devices
        @wraps(answering)
        def view(request: HttpRequest) -> HttpResponse:
            if request.method != method:
                return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": method})
            try:
                body = _body(request, limit)
                header = request.headers.get("Authorization", "")
                device = gate.known(header=header, method=method, path=request.get_full_path(), body=body)
                return _timed(answering(request, device, body))
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
        etag = queries.moment(device.kiosk).etag
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
        answer = _json(queries.wishes(device.kiosk))
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "no-store"
    return answer


@_of_a_kiosk("PUT", MAX_STATE_BYTES)
def state(request: HttpRequest, device: Device, body: bytes) -> HttpResponse:
    """`State` in, nothing out."""
    told = telling.state(body)
    with acting_for(device.municipality_id):
        actions.keep_state(device, told)
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
