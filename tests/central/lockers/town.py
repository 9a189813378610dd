"""What the tests of the lockers do again and again, named as a clerk would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from onthaal import clock as clocks

if TYPE_CHECKING:
    from onthaal.central.foundation.journal.models import Entry
    from onthaal.central.foundation.notices.models import Notice
    from onthaal.central.foundation.people.models import Account
    from onthaal.central.lockers.catalogue.seeds import Seeded
    from onthaal.central.lockers.requests.models import Request


class turned_clock:  # noqa: N801 (reads as what it is)
    """The process's clock file, turned by hand."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, start: datetime) -> None:
        self._path, self.start = path, start
        monkeypatch.setenv(clocks.CLOCK_FILE, str(path))
        self._path.write_text(str((start - clocks.SystemClock().now()).total_seconds()))

    def now(self) -> datetime:
        return clocks.now()

    def just_began(self) -> bool:
        """Whether no test turned it yet."""
        return timedelta() <= self.now() - self.start < timedelta(seconds=30)

    def today(self) -> date:
        from onthaal.core.deadlines import day_of

        return day_of(self.now())

    def ahead(self) -> float:
        """Seconds before the machine's own."""
        return float(self._path.read_text())

    def turn(self, **by: float) -> None:
        self._path.write_text(str(self.ahead() + timedelta(**by).total_seconds()))

    def turn_to(self, moment: datetime) -> None:
        self.turn(seconds=(moment - self.now()).total_seconds())


@dataclass
class Town:
    clock: turned_clock
    seeded: Seeded
    clerk: Account
    technician: Account
    municipality: int = 0
    """Where it was committed: for tests with threads."""

    @classmethod
    def founded(cls, clock: turned_clock) -> Town:
        """Seeded, in the scope's municipality."""
        from tests.central.lockers.photograph import once

        return once(cls._founded, clock)

    @classmethod
    def _founded(cls, clock: turned_clock) -> Town:
        from onthaal.central.foundation.people.models import Account
        from onthaal.central.lockers.catalogue.seeds import seed_aalter

        def account(name: str, *roles: str) -> Account:
            """Without a password: hashing one takes longer than most tests."""
            username = name.split(maxsplit=1)[0].lower()
            made = Account(username=username, name=name, roles=list(roles), created_at=clock.now())
            made.save()
            return made

        return cls(clock, seed_aalter(), account("Karel Claeys", "clerk"), account("Tine Thys", "technician"))

    # who asks

    def asks(self, email: str = "els@bloemen.example", **other: Any) -> Request | None:
        """Els asks vouchers for her shop, unless the test says otherwise."""
        from onthaal.central.lockers.requests import actions

        form: dict[str, Any] = {
            "product_id": self.seeded.vouchers.pk,
            "kiosk_id": self.seeded.kiosk.pk,
            "asked_for": "business",
            "name": "Els Bloemen",
            "email": email,
            "language": "nl",
            "origin": "203.0.113.9",
        }
        return actions.ask(**(form | other))

    def asks_to_borrow(self, first: int = 3, last: int = 5, email: str = "bram@scouts.example", **other: Any) -> Any:
        """Bram asks a case for the scouts, from so many days ahead until so many days ahead."""
        today = self.clock.today()
        return self.asks(
            email,
            product_id=self.seeded.material.pk,
            asked_for="association",
            name="Bram Baert",
            organisation="Scouts Aalter",
            starts_on=today + timedelta(days=first),
            ends_on=today + timedelta(days=last),
            **other,
        )

    def confirmed(self, request: Request | None) -> Request:
        """Its link was followed."""
        from onthaal.central.lockers.requests import actions

        assert request is not None
        return actions.confirm(token=self.link_of(request))

    def link_of(self, request: Request | None) -> str:
        """The token in the mail that asks to confirm."""
        from onthaal.central.foundation.sealing import unseal

        assert request is not None
        (notice,) = [one for one in self.mails(f"request:{request.pk}") if one.kind == "request-link"]
        assert notice.sealed is not None
        return unseal(bytes(notice.sealed), f"notice:{notice.about}").decode()

    def accepted(self, request: Request | None) -> Request:
        """Confirmed, and accepted by Karel."""
        from onthaal.central.lockers.requests import actions

        return actions.accept(request_id=self.confirmed(request).pk, by=self.clerk)

    # what goes on by itself

    def follows(self) -> int:
        """The worker does everything that follows from the journal so far. How much there was."""
        from onthaal.central.foundation.journal import followers
        from onthaal.central.foundation.journal.models import Entry, Following

        done = 0
        while waiting := list(Following.objects.filter(done_at=None).order_by("pk")):
            for row in waiting:
                followers.named(row.follower)(Entry.objects.get(pk=row.entry))
                Following.objects.filter(pk=row.pk).update(done_at=self.clock.now())
                done += 1
        return done

    def posts(self) -> list[Notice]:
        """Every mail that may go is sent; then what follows from that. Those that went."""
        from onthaal.central.foundation.notices import actions
        from onthaal.central.foundation.notices.models import Notice

        due = list(Notice.objects.filter(status="due").order_by("pk"))
        for notice in due:
            notice.status, notice.sent_at, notice.sealed = "sent", self.clock.now(), None
            notice.save()
            actions.note(notice, "notice.sent")
        self.follows()
        return due

    def bounces(self, notice: Notice) -> None:
        """The mail comes back; then what follows from that."""
        from onthaal.central.foundation.notices import actions

        actions.mark_bounced(notice)
        self.follows()

    # looking

    def code_in(self, notice: Notice) -> tuple[str, str]:
        """The clear PIN and QR text that a mail not yet sent carries."""
        from onthaal.central.foundation.sealing import unseal

        assert notice.sealed is not None
        pin, _, qr = unseal(bytes(notice.sealed), f"notice:{notice.about}").decode().partition("\n")
        return pin, qr

    def tasks(self) -> set[tuple[str, str]]:
        """What staff is asked to do: kind and subject."""
        from onthaal.central.foundation.attention.models import Task

        return set(Task.objects.filter(done_at=None).values_list("kind", "about"))

    def alerts(self) -> set[tuple[str, str]]:
        """What staff is warned of and goes on: kind and subject."""
        from onthaal.central.foundation.attention.models import Alert

        return set(Alert.objects.filter(over_at=None, acknowledged_at=None).values_list("kind", "about"))

    def mails(self, about: str) -> list[Notice]:
        from onthaal.central.foundation.notices.models import Notice

        return list(Notice.objects.filter(about=about).order_by("pk"))

    def journal(self, stream: str) -> list[Entry]:
        from onthaal.central.foundation.journal.queries import of_stream

        return list(of_stream(stream))

    def kinds(self, stream: str) -> list[str]:
        return [entry.kind for entry in self.journal(stream)]

    def wish_version(self) -> int:
        self.seeded.kiosk.refresh_from_db()
        return self.seeded.kiosk.wish_version
