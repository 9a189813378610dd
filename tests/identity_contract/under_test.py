"""What a provider must offer to be tried: a way to start it for one client, and somebody who plays the phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

CLIENT_ID = "aalter"
PORTAL, WALL = "PORTAL", "WALL"
PORTAL_BACK = "https://aalter.example/aanmelden/itsme/terug"
WALL_BACK = "https://aalter.example/aanmelden/itsme/terug?muur"

Quirk = Literal["takes-a-signed-request-object"]
"""Where the certified provider is known to be laxer than itsme's documents. The suite says what it does instead."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The one client of the suite: portal (identification) and wall (confirmation), allowed to know national numbers.

    The portal returns to PORTAL_BACK only, the wall to WALL_BACK only.
    """

    jwks_uri: str
    client_id: str = CLIENT_ID


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What the person with the phone does with the next sign-in that begins."""

    citizen: str = "emma"
    answer: Literal["approve", "refuse", "wait", "other"] = "approve"
    ongoing_call: bool = False


class ProviderUnderTest(Protocol):
    """A provider that runs, on loopback."""

    issuer: str
    quirks: frozenset[Quirk]

    def phone(self, doing: Doing) -> None:
        """Do this with the next sign-in, as soon as it begins."""


Start = Callable[[Registration], AbstractContextManager[ProviderUnderTest]]
Started = Iterator[ProviderUnderTest]
