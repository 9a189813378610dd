"""What kiosk and centre say to each other: the wishes (down), the facts (up), the state, the commands.

All of it is JSON. Times are UTC, RFC 3339. Identifiers are the centre's row numbers and mean nothing elsewhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from onthaal.core.facts import Fact
from onthaal.core.lifecycles import Direction, Stage

Size = Literal["S", "M", "L", "XL"]
Door = Literal["open", "closed", "unknown"]
Way = Literal["page", "phone"]
"""How somebody says who they are: on the provider's page in the kiosk's own browser, or on their own phone."""
PROTOCOL = 1
TIME_HEADER = "Onthaal-Time"
"""On every answer to a kiosk: the centre's time, RFC 3339. Its wall's codes begin and end by it."""


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything inside a snapshot: frozen, and an unknown field is an error."""


class Words3(Wish, frozen=True, kw_only=True):
    """A text in the three languages."""

    nl: str
    fr: str
    en: str


class WishedGrant(Wish, frozen=True, kw_only=True):
    """Who may open: the verifiers of one grant. `pin_*` is None when the PIN channel is closed."""

    id: int
    selector: str | None
    """The three digits of the PIN that name this grant at this kiosk."""
    pin_verifier: str | None
    """`argon2id` in its encoded form, over HMAC(pepper, …); see `onthaal.proofs.pins`."""
    qr_verifier: str | None
    """HMAC(pepper, …) in hex; see `onthaal.proofs.qr`."""
    opens_at: datetime
    closes_at: datetime | None
    """None: never too late (a return is never refused by time)."""


class Spent(Wish, frozen=True, kw_only=True):
    """A grant that no longer opens: kept a while so that its QR gets its reason."""

    qr_verifier: str
    why: Literal["code-used", "code-revoked", "code-expired"]


class WishedHandover(Wish, frozen=True, kw_only=True):
    """One handover that is not closed."""

    id: int
    direction: Direction
    stage: Stage
    product: int
    item: int | None = None
    tag: str | None = None
    """The RFID tag of the item expected, upper-case hex."""
    label: str | None = None
    """The body of the `GZL:` label that staff scans when loading."""
    compartment: int | None = None
    """The door number, once loaded."""
    size: Size
    low: bool = False
    """Must be within reach of a seated person."""
    starts_at: datetime | None = None
    """When the addressee's period begins: of two that could be loaded, the earlier goes first."""
    grants: tuple[WishedGrant, ...] = ()
    first_staff: str | None = None
    """The pseudonym of who prepared it, where two people are needed: they may not load it."""


class WishedBlock(Wish, frozen=True, kw_only=True):
    """A compartment that the centre keeps out of use. Only the centre lifts it."""

    compartment: int
    reason: str


class Loan(Wish, frozen=True, kw_only=True):
    """An item on loan from this municipality: so that it is recognised at every wall."""

    item: int
    tag: str
    product: int
    handover: int | None = None
    """The planned handover back, when it is planned at this kiosk."""


class ProductRule(Wish, frozen=True, kw_only=True):
    id: int
    names: Words3
    mode: Literal["pick_up", "drop_off", "lend", "vend"]
    size: Size | None = None
    """What its things need; None from a centre that does not tell it."""
    tagged: bool = False
    personal: bool = False
    """Never for a PIN or a bare QR."""
    two_staff: bool = False


class StaffBadge(Wish, frozen=True, kw_only=True):
    """One staff member who may use this wall."""

    account: str
    """The pseudonym of the account."""
    shown_as: str
    """First name or function, for the staff screen only."""
    badge_verifier: str
    """HMAC(pepper, …) of the badge's secret, hex."""
    pin_salt: str
    pin_verifier: str
    """HMAC(pepper, argon2id result), hex; see `onthaal.proofs.staff`."""
    rights: tuple[Literal["load", "take_back", "inspect", "service"], ...]


class Identifying(Wish, frozen=True, kw_only=True):
    """How people can say who they are at this wall."""

    name: Words3
    """The provider, as people know it: `itsme`."""
    ways: tuple[Way, ...]
    """None while the provider does not answer: the wall says so on its first screen."""


class Wall(Wish, frozen=True, kw_only=True):
    """Another wall of this municipality, for who stands at the wrong one."""

    name: str
    address: str


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of how the centre wants one kiosk to be. ETag = `epoch.version.heard_up_to.log`."""

    protocol: int = PROTOCOL
    epoch: int
    version: int
    log: str
    """The kiosk's log that `heard_up_to` speaks of."""
    heard_up_to: int
    kiosk: str
    """The wall's name, as residents know it."""
    municipality: str
    address: str
    help_phone: str
    opening_hours: Words3
    handovers: tuple[WishedHandover, ...] = ()
    spent: tuple[Spent, ...] = ()
    blocks: tuple[WishedBlock, ...] = ()
    loans_version: int = 0
    loans: tuple[Loan, ...] = ()
    products: tuple[ProductRule, ...] = ()
    staff: tuple[StaffBadge, ...] = ()
    walls: tuple[Wall, ...] = ()
    identify: Identifying | None = None
    """None: no strong identification at this wall."""
    qr_only_releases: int = 0
    """How often staff has released this wall from QR-only this year: each allows 20 more wrong codes."""
    stream_url: str | None = None

    @property
    def etag(self) -> str:
        return f'"{self.epoch}.{self.version}.{self.heard_up_to}.{self.log}"'


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """Where the facts that a kiosk still keeps begin."""

    number: int
    """Of the last fact that is not kept any more."""
    hash: str
    """Hex: that fact's, which the first one kept stands on."""


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of `POST /device/v1/facts`: facts in order. Telling twice is harmless.

    The centre keeps each element's bytes as they came; one that does not decode is kept all the same.
    """

    log: str
    boot: str
    facts: tuple[Fact, ...]
    pruned: Pruned | None = None
    """Left out while every fact is kept. A centre that lacks facts up to there (it was restored from an old backup)
    cannot be told them any more: it notes the gap and goes on from there."""


class Heard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to facts: the number heard up to, of this log; and the newest wish version."""

    log: str
    heard_up_to: int
    version: int
    same_up_to: int | None = None
    """When facts were told again: up to where they are the ones heard before. Where it is less than what was told and
    heard, the kiosk's disk was put back to an earlier state: nothing of that POST was taken, and the kiosk begins a new
    log, in which it tells what stands behind this number."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PUT /device/v1/state`: how the wall is now. The latest wins; nothing follows from an old one."""

    log: str
    boot: str
    at: datetime
    software: str
    epoch: int
    version: int
    """The wish version that the kiosk applied: a code leaves the centre only once its wall knows it."""
    last_fact: int
    doors: dict[int, Door]
    contents: dict[int, Literal["empty", "holds", "unknown"]]
    blocked: dict[int, tuple[str, ...]] = {}
    buses: dict[str, Literal["up", "degraded", "silent"]] = {}
    readers: dict[str, Literal["up", "silent"]] = {}
    in_session: bool = False
    qr_only: bool = False
    free_bytes: int | None = None
    key_kind: Literal["tpm", "software"] = "software"
    troubles: tuple[str, ...] = ()
    """What a technician should look into: `heard-beyond`, `other-log`, `gap`, `wishes-malformed`, `refused`; and what
    lasts a minute: `bus-degraded` (noise, or two boards with one address), `reader-silent`."""


class OpenNow(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="open-now"):
    """Open a door now, on a named person's word. Good for 60 s from receipt, and no older than 60 s when it comes."""

    nonce: str
    boot: str
    """The boot it is meant for: a restart cancels it."""
    issued_at: datetime
    compartment: int
    person: str
    """The pseudonym of the account that asks."""
    reason: str
    handover: int | None = None
    """What it takes out: then it is a recall. A compartment that holds something opens for nothing else."""


class Approved(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="approved"):
    """The person of this session is the addressee of these handovers: they may open, one at a time, in this session.

    It names nobody. Good only in the boot and the session that asked, and no older than 60 s when it comes.
    """

    nonce: str
    boot: str
    session: str
    identification: int
    issued_at: datetime
    handovers: tuple[int, ...]


class NotApproved(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="not-approved"):
    """The identification of this session came to nothing."""

    nonce: str
    boot: str
    session: str
    identification: int
    issued_at: datetime
    why: str
    """A value of `core.refusals.Why`."""


Command = OpenNow | Approved | NotApproved

COMMAND_LIVES_SECONDS = 60
IDENTIFICATION_SECONDS = 120
"""From the choice on the screen to the approval, whatever happens between."""


class Confirmation(Wish, frozen=True, kw_only=True):
    """What ties an approval to this place and moment. The screen and the provider's text are made of the same one."""

    municipality: str
    street: str
    wall: str
    number: str
    """Two digits."""


class StartIdentification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `POST /device/v1/identifications`."""

    boot: str
    session: str
    way: Way
    language: Literal["nl", "fr", "en"]


class IdentificationStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: where to go, and what to show while the person does."""

    id: int
    url: str
    """Of the page to open (way *page*), or the text of the QR (way *phone*). One use, and no older than the limit."""
    confirmation: Confirmation
    seconds: int
    """How long it may still take."""


class TypedDigits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `POST /device/v1/identifications/<id>/digits`: what the person read on their phone. One try."""

    boot: str
    session: str
    digits: str


class OfSession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `POST /device/v1/identifications/<id>/over`."""

    boot: str
    session: str


class DigitsChecked(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. When right, *Approved* or *NotApproved* comes over the stream."""

    right: bool


class Enrol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `POST /device/v1/enrol`: the one-time code shown at the desk, and the kiosk's new public key."""

    code: str
    public_key: str
    """Ed25519, 32 bytes, hex."""
    log: str
    key_kind: Literal["tpm", "software"] = "software"


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: who the kiosk is, and its wall's pepper (sent this once; the same one when enrolled again)."""

    device: int
    pepper: str
    """32 bytes, hex."""
    epoch: int


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every refusal to a device."""

    why: str
    centre_time: datetime
