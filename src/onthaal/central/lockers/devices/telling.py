"""What a kiosk told: the body of `POST /device/v1/facts`, taken apart without trusting any of it. Pure.

Every element keeps its text as it came. One that is no fact is *malformed*: it still has a number, so that it can be
kept and the next one heard.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from onthaal.core import chain, facts
from onthaal.core.facts import Fact
from onthaal.core.protocol import Pruned, State
from onthaal.core.refusals import Refusal, Why

MAX_BYTES = 1024 * 1024
MAX_FACTS = 500
LARGEST_ID = 2**63 - 1
LARGEST_EPOCH = 2**31 - 1
LARGEST_DOOR = 9999
TALLEST_MM = 10_000
_LONGEST_TEXT = 400
_LONGEST_NAME = 60
_YEARS = range(1900, 2300)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Envelope(msgspec.Struct, frozen=True):
    """`core.protocol.Told` with every fact still as its own bytes."""

    log: str
    boot: str
    facts: tuple[msgspec.Raw, ...]
    pruned: Pruned | None = None


class Told(msgspec.Struct, frozen=True):
    """One element: its number, its text as it came, and the fact it is (None: malformed, and `flaw` says how)."""

    number: int
    text: str
    fact: Fact | None
    claims: bytes | None
    """The hash it carries, when there is one."""
    flaw: str = ""
    breaks: str = ""
    """The rule of the database that its rows broke when it was to be heard."""

    def follows(self, previous: bytes) -> bool:
        """Whether its hash stands on `previous`; a malformed one is checked by what it says, not by what it means."""
        if self.fact is not None:
            return facts.follows(self.fact, previous)
        return self.follows_as_told(previous)

    def follows_as_told(self, previous: bytes) -> bool:
        """The same, over what its text says, whatever is made of it: also of a fact that this version knows no more."""
        try:
            said = msgspec.json.decode(self.text)
            told = chain.canonical({part: said[part] for part in ("number", "at", "boot", "body")})
        except (msgspec.DecodeError, KeyError, TypeError, RecursionError):
            return False
        return chain.link(previous, told) == self.claims

    @property
    def words(self) -> str:
        """The SHA-256 of its text, in hex: what the journal holds of one that stands on nothing known."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def head(self, previous: bytes) -> bytes:
        """What the next fact stands on: the hash this one carries, so that one break is told once."""
        return self.claims or chain.link(previous, self.text.encode())


class Post(msgspec.Struct, frozen=True):
    """A body, taken apart: the log's name, its facts by number, each number once, and where the kiosk's facts begin."""

    log: str
    told: tuple[Told, ...]
    pruned: Pruned | None = None


class _Numbered(msgspec.Struct):
    number: int


class _Hashed(msgspec.Struct):
    hash: str


_envelope = msgspec.json.Decoder(Envelope)
_fact = msgspec.json.Decoder(Fact)
_numbered = msgspec.json.Decoder(_Numbered)
_hashed = msgspec.json.Decoder(_Hashed)
_state = msgspec.json.Decoder(State)


def state(body: bytes) -> State:
    """The body of `PUT /device/v1/state`. Refuses (MALFORMED) what is none, and what no column holds."""
    try:
        said = _state.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise Refusal(Why.MALFORMED, what="state") from None
    named = _NAME.fullmatch(said.log) and _NAME.fullmatch(said.boot)
    counted = 0 <= said.epoch <= LARGEST_EPOCH and all(0 <= n <= LARGEST_ID for n in (said.version, said.last_fact))
    if not named or not counted or not _dated(said.at) or rb"\u0000" in body:
        raise Refusal(Why.MALFORMED, what="state")
    return said


def _dated(at: datetime) -> bool:
    return at.tzinfo is not None and at.year in _YEARS


def read(body: bytes) -> Post:
    """What a kiosk told. Refuses (MALFORMED) what is no such body at all."""
    if len(body) > MAX_BYTES:
        raise Refusal(Why.MALFORMED, what="too-long", limit=MAX_BYTES)
    try:
        body.decode()
        envelope = _envelope.decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        raise Refusal(Why.MALFORMED, what="body") from None
    if not _NAME.fullmatch(envelope.log) or not _NAME.fullmatch(envelope.boot):
        raise Refusal(Why.MALFORMED, what="log")
    pruned = envelope.pruned
    if pruned is not None and not (0 < pruned.number < LARGEST_ID and _HASH.fullmatch(pruned.hash)):
        raise Refusal(Why.MALFORMED, what="pruned")
    if len(envelope.facts) > MAX_FACTS:
        raise Refusal(Why.MALFORMED, what="too-many", limit=MAX_FACTS)
    texts = [bytes(raw) for raw in envelope.facts]
    by_number: dict[int, Told] = {}
    for number, text in zip(_numbers(texts), texts, strict=True):
        by_number.setdefault(number, taken(number, text))
    return Post(envelope.log, tuple(by_number[number] for number in sorted(by_number)), pruned)


def _numbers(texts: Sequence[bytes]) -> list[int]:
    """Each element's number; one that says none has the number its neighbours leave it."""
    own = [_own_number(text) for text in texts]
    anchor = next((index for index, number in enumerate(own) if number is not None), None)
    if texts and anchor is None:
        raise Refusal(Why.MALFORMED, what="numbers")
    numbers: list[int] = []
    for index, number in enumerate(own):
        if number is not None:
            numbers.append(number)
        elif numbers:
            numbers.append(numbers[-1] + 1)
        else:
            numbers.append((own[anchor or 0] or 0) - (anchor or 0) + index)
    return numbers


def _own_number(text: bytes) -> int | None:
    try:
        number = _numbered.decode(text).number
    except (msgspec.DecodeError, RecursionError):
        return None
    return number if 0 < number <= LARGEST_ID else None


def taken(number: int, text: bytes) -> Told:
    """One element by its number and its text, which is UTF-8."""
    fact, flaw = _meant(text)
    return Told(number=number, text=text.decode(), fact=fact, claims=claimed(text), flaw=flaw)


def claimed(text: bytes) -> bytes | None:
    """The hash that an element carries, when there is one."""
    try:
        said = _hashed.decode(text).hash
    except (msgspec.DecodeError, RecursionError):
        return None
    return bytes.fromhex(said) if _HASH.fullmatch(said) else None


def _meant(text: bytes) -> tuple[Fact | None, str]:
    """The fact, or what is wrong with it. PostgreSQL's own limits are met here, so that none is met there."""
    if rb"\u0000" in text:
        return None, "a null character"
    try:
        fact = _fact.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return None, "unknown" if isinstance(error, RecursionError) else _shape(error)
    flaw = _flaw(fact)
    return (None, flaw) if flaw else (fact, "")


def _flaw(fact: Fact) -> str:
    if not _dated(fact.at):
        return "time"
    if not _HASH.fullmatch(fact.hash):
        return "hash"
    if any(_too_long(name, value) for name, value in msgspec.structs.asdict(fact.body).items()):
        return "too long"
    return "measures" if isinstance(fact.body, facts.Configured) and not _fits(fact.body) else ""


def _fits(configured: facts.Configured) -> bool:
    doors = [fitted.number for fitted in configured.compartments]
    measures = [mm for fitted in configured.compartments for mm in (fitted.bottom_mm, fitted.top_mm)]
    in_bounds = all(0 < door <= LARGEST_DOOR for door in doors) and all(0 <= mm <= TALLEST_MM for mm in measures)
    return in_bounds and len(set(doors)) == len(doors)


def _shape(error: msgspec.DecodeError) -> str:
    """Where the shape is wrong, without what stood there."""
    _, at, path = str(error).partition("at `")
    return f"{at}{path}"[:100] if at and path.replace("`", "").replace("$", "").isascii() else "shape"


def _too_long(name: str, value: object) -> bool:
    longest = _LONGEST_NAME if name in {"staff", "first_staff", "nonce"} else _LONGEST_TEXT
    return isinstance(value, str) and len(value) > longest
