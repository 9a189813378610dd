"""How most stories begin: something is asked for, accepted, and lies in the wall."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta

from tests.journeys.faces import Desk, Person, Portal, newcomer
from tests.journeys.screen import Kiosk
from tests.journeys.town import Mail, Town
from tests.journeys.unseen import UnseenDesk, UnseenKiosk, UnseenPortal


@dataclass
class Story:
    """Everybody in one story."""

    town: Town
    portal: Portal
    desk: Desk
    kiosk: Kiosk
    who: Person

    def __post_init__(self) -> None:
        self.wall, self.clock = self.town.wall, self.town.clock
        self.number = 0
        self.asked = 0
        self.hands = UnseenKiosk(self.kiosk)

    def accepted_voucher(self) -> str:
        """Somebody asks for vouchers, and the desk accepts; the label."""
        return self._accepted("aalterbonnen").label(self.desk.request)

    def voucher_waits(self) -> Mail:
        """Somebody's vouchers lie in the wall (in `number`); the mail with the code."""
        self.number = self.hands.loads(label=self.accepted_voucher(), text="Envelop")
        return self._waits()

    def material_waits(self) -> Mail:
        """A case of party material (its tag in `tag`) lies in the wall for somebody; the mail with the code."""
        self.tag = self._accepted("klein-feestmateriaal", days=self.days()).tag(self.desk.item)
        self.number = self.hands.loads(tag=self.tag)
        return self._waits()

    def voucher_is_seen_to_wait(self) -> Mail:
        """The same as `voucher_waits`, each page and screen drawn."""
        self.portal.ask("aalterbonnen", self.who)
        label = self.desk.accept(self.who)
        self.asked = self.town.mail_to(self.who.email).number
        self.number = self.kiosk.loads(label=label, text="Envelop")
        return self._waits()

    def material_is_seen_to_wait(self) -> Mail:
        """The same as `material_waits`, each page and screen drawn."""
        self.portal.ask("klein-feestmateriaal", self.who, days=self.days())
        self.desk.accept(self.who)
        self.asked = self.town.mail_to(self.who.email).number
        self.tag = self.desk.tag()
        self.number = self.kiosk.loads(tag=self.tag)
        return self._waits()

    def days(self) -> tuple[date, date]:
        """When a loan of this story is for."""
        today = self.clock.today()
        return today + timedelta(days=1), today + timedelta(days=3)

    def _accepted(self, product: str, *, days: tuple[date, date] | None = None) -> UnseenDesk:
        self.portal.link = UnseenPortal(self.town, self.portal.context.request).ask(product, self.who, days=days)
        desk = UnseenDesk(self.town, self.desk.page.request)
        self.desk.request, self.desk.item = desk.accept(self.who)
        self.asked = self.town.mail_to(self.who.email).number
        self.desk.waits_for_the_wall()
        return desk

    def _waits(self) -> Mail:
        self.town.mail_to(self.who.email, after=self.asked)  # asked for less than a page of the desk costs
        self.desk.sees("waiting", holder="compartment")
        return self.town.mail_to(self.who.email, after=self.asked)  # the newest: it waits once its mail has gone

    def another(self) -> Story:
        """Somebody else, at the same desk and wall."""
        return Story(self.town, self.portal, copy(self.desk), self.kiosk, newcomer())
