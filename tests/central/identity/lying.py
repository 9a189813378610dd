"""What goes wrong between the provider and us, beside what `tests.provider.lies` can do."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from onthaal.central.foundation.identity.actions import Finished
from tests.central.identity.signing_in import Desk
from tests.provider.lies import TOKEN, Forged
from tests.provider.line import Lie, Passing


def forged(desk: Desk, **lie: Any) -> Finished:
    """A sign-in at the portal during which the token is not what the provider made."""
    with desk.real.line.lying(Forged(desk.real, **lie)):
        return desk.signs_in()


class Counting:
    """How often an address was asked, by what its path ends with; whatever else is wrong with it."""

    def __init__(self, ending: str, then: Lie) -> None:
        self.ending, self.then, self.times = ending, then, 0

    def before(self, passing: Passing) -> bool:
        self.times += passing.path.endswith(self.ending)
        return self.then.before(passing)

    def after(self, passing: Passing) -> None:
        self.then.after(passing)


@dataclass
class Garbled:
    """The ID token is another text."""

    change: Callable[[str], str]

    def before(self, passing: Passing) -> bool:
        return False

    def after(self, passing: Passing) -> None:
        if passing.path.endswith(TOKEN):
            answer = passing.json()
            passing.set_json({**answer, "id_token": self.change(answer["id_token"])})


@dataclass
class Changed:
    """A JSON page says something else."""

    ending: str
    change: Callable[[dict[str, Any]], dict[str, Any]]

    def before(self, passing: Passing) -> bool:
        return False

    def after(self, passing: Passing) -> None:
        if passing.path.partition("?")[0].endswith(self.ending):
            passing.set_json(self.change(passing.json()))


@dataclass
class Posted:
    """Sees the token requests, and may put other words in them."""

    put: dict[str, str] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)

    def before(self, passing: Passing) -> bool:
        if passing.path.endswith(TOKEN):
            form = {name: values[0] for name, values in parse_qs(passing.asked.decode()).items()}
            self.seen.append(form)
            passing.asked = urlencode({**form, **self.put}).encode()
        return False

    def after(self, passing: Passing) -> None:
        """Nothing more."""


def claims_of(token: str) -> dict[str, Any]:
    """What a signed token says, not checked."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
