"""The desk as its people use it: each signed in at a browser of their own, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from onthaal.core.protocol import State
from tests.central.lockers.wall import Wall

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from onthaal.central.foundation.people.models import Account, Municipality
    from onthaal.central.lockers.handovers.models import Handover
    from onthaal.central.lockers.requests.models import Request
    from tests.central.lockers.town import Town

BACKEND = "onthaal.central.foundation.people.backend.LocalAccounts"
_DRAWN = re.compile(r'(?<==")[\w-]{20,}(?=")')


def without_tokens(page: str) -> str:
    """A page without what was drawn at random for it: three letters stand in some token of a few thousand."""
    return _DRAWN.sub("", page)


class Browser:
    """One account's browser."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def sees(self, path: str, *, headers: Mapping[str, str] | None = None) -> str:
        """The page at `path` below the desk."""
        answer = self.client.get(f"/desk/{path}", headers=headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
        return answer.content.decode()

    def status_of(self, path: str) -> int:
        return self.client.get(f"/desk/{path}").status_code

    def sends(self, path: str, **given: Any) -> HttpResponse:
        """What a form there answers."""
        return self.client.post(f"/desk/{path}", given)  # type: ignore[return-value]


class Desk:
    """Aalter's desk: its town, its wall, and who works there."""

    def __init__(self, town: Town, aalter: Municipality) -> None:
        from onthaal.central.foundation.people.models import Account

        self.town, self.aalter, self.wall = town, aalter, Wall(town)
        self.staff: dict[str, Account] = {"clerk": town.clerk, "technician": town.technician}
        for role, name in (("administrator", "Ingrid Maes"), ("auditor", "Omar Haddad")):
            username = name.split(maxsplit=1)[0].lower()
            self.staff[role] = Account(username=username, name=name, roles=[role], created_at=town.clock.now())
            self.staff[role].save()
        self._browsers: dict[str, Browser] = {}

    def acting(self) -> AbstractContextManager[None]:
        """What happens beside the pages: at the wall, by the worker."""
        from onthaal.central.foundation.tenancy import acting_for

        return acting_for(self.aalter.pk)

    def browser(self, role: str) -> Browser:
        """That of the account with this role, signed in, in Dutch."""
        if role not in self._browsers:
            self._browsers[role] = Browser(self._signed_in(role))
        return self._browsers[role]

    def _signed_in(self, role: str) -> Client:
        from django.test import Client

        client = Client(HTTP_HOST=self.aalter.host, HTTP_ACCEPT_LANGUAGE="nl")
        with self.acting():
            client.force_login(self.staff[role], backend=BACKEND)
        session = client.session
        session["signed_in_at"] = session["seen_at"] = self.town.clock.now().timestamp()
        session.save()
        return client

    def asked(self, **other: Any) -> Request:
        """Els asks vouchers, and followed the link."""
        with self.acting():
            return self.town.confirmed(self.town.asks(**other))

    def asked_to_borrow(self) -> Request:
        with self.acting():
            return self.town.confirmed(self.town.asks_to_borrow())

    def now(self, request: Request) -> Request:
        """The request as it is now."""
        from onthaal.central.lockers.requests import queries

        with self.acting():
            return queries.get(request.pk)

    def handover_of(self, request: Request) -> Handover:
        handover = self.now(request).handover
        assert handover is not None
        return handover

    def lies_in_the_wall(self, door: int = 1) -> Request:
        """Els's vouchers lie behind a door and she was told."""
        asked = self.asked()
        with self.acting():
            from onthaal.central.lockers.requests import actions

            actions.accept(request_id=asked.pk, by=self.town.clerk)
        handover = self.handover_of(asked)
        with self.acting():
            self.wall.loads(handover, door)
            self.town.follows()
            self.wall.applied()
            self.town.posts()
        return asked

    def wall_answers(self, **told: Any) -> None:
        """The wall tells how it is: every door shut and empty, unless the test says otherwise."""
        from onthaal.central.lockers.devices import actions

        doors = range(1, 10)
        said: dict[str, Any] = {
            "log": self.wall.log, "boot": "boot-1", "at": self.town.clock.now(), "software": "1.0", "epoch": 1,
            "version": self.town.wish_version(), "last_fact": self.wall.number,
            "doors": dict.fromkeys(doors, "closed"), "contents": dict.fromkeys(doors, "empty"),
        }  # fmt: skip
        actions.keep_state(self.wall.device, State(**(said | told)))
