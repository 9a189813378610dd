"""Who calls: a kiosk proves itself by its signature over the request. Here its municipality becomes known.

A token can be told again within its 60 seconds, by whoever saw it on the way: harmless, because telling facts twice
changes nothing, an older state is ignored, and wishes are read only over TLS by who could read them before.
"""

from __future__ import annotations

from onthaal import clock
from onthaal.central.lockers.devices.models import Device
from onthaal.central.lockers.devices.queries import device_of
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs import devices as proofs

_LARGEST_ID = 2**63 - 1


def known(*, header: str, method: str, path: str, body: bytes) -> Device:
    """The device that signed this request. `path`: with its query, as the kiosk asked for it.

    Refuses DEVICE_UNKNOWN (no token, no such device, retired, another's signature) and CLOCK_WRONG, the latter only
    to who signed rightly: from it the kiosk learns the centre's time.
    """
    token = proofs.parse(header)
    device = device_of(token.device) if token and token.device <= _LARGEST_ID else None
    if token is None or device is None:
        raise Refusal(Why.DEVICE_UNKNOWN)
    if not proofs.signed_by(device.public_key, token, method=method, path=path, body=body):
        raise Refusal(Why.DEVICE_UNKNOWN)
    if not proofs.fresh(token, clock.now()):
        raise Refusal(Why.CLOCK_WRONG)
    return device
