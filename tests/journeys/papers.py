"""Personal documents: who asks for one, two clerks who handle it, and whoever stands before the wall."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, expect

from onthaal.kiosk.session.identify import APPROVED_SECONDS, STILL_LEFT
from onthaal.kiosk.session.stepping import THANKS_SECONDS
from tests.journeys.asking import ask
from tests.journeys.citizen import Citizen
from tests.journeys.faces import Desk, asks_until
from tests.journeys.story import Story
from tests.journeys.unseen import UnseenCitizen, UnseenPaperDesk

AMOUNTS = {"voorlopig-rijbewijs": "25,00", "eerste-reispas": "71,00"}


class PaperDesk(Desk):
    """A clerk who handles personal documents."""

    def opens(self, number: int) -> None:
        """The page of one request; what follows is about it."""
        self.turns_to(number)
        self.visit(self.request)

    def turns_to(self, number: int) -> None:
        """What follows is about this request."""
        self.number, self.request = number, f"{self.town.ready['desk']}dossiers/{number}/"

    def act(self, name: str, **typed: str) -> None:
        """As everywhere; what lies in a folded part is unfolded first."""
        form = self.page.locator(f"form:has(input[name=act][value={name}])")
        if not form.locator("button").is_visible():
            self.page.locator("details", has=form).locator("summary").click()
        super().act(name, **typed)

    def registers_payment(self, amount: str) -> None:
        self.act("paid", amount=amount, reference="KAS-1")

    def prepares(self) -> str:
        """Scan the dossier and its envelope; the text of the envelope's label."""
        labels = self.reads_labels()
        self.visit("prepare/")
        self.page.locator("[name=dossier]").fill(labels["dossier"])
        self.page.locator("[name=envelope]").fill(labels["envelope"])
        self.page.locator("main form[data-scan] button").click()
        expect(self.page.locator(f"#prepared ~ ul a[href$='/{self.number}/']").first).to_be_attached()
        return labels["envelope"]

    def reads_labels(self) -> dict[str, str]:
        self.visit(f"dossiers/{self.number}/labels/")
        shown = self.page.locator("[data-label]")
        return {
            one.get_attribute("data-label") or "": one.locator("[role=img]").get_attribute("aria-label") or ""
            for one in shown.all()
        }

    def reaches(self, stage: str, *, within: float = 60.0) -> None:
        """Wait until the document is at this stage."""
        asks_until(lambda: self.stage() == stage, within=within, what=f"stage {stage}")

    def status(self) -> str:
        return self._says("status")

    def place(self) -> str:
        """`wall` or `desk`: where it is to be collected."""
        return self._says("place")

    def _says(self, what: str) -> str:
        shown = re.search(rf'<dd data-{what}="([^"]*)"', self._source(self.request))
        assert shown, (self.request, what)
        return shown[1]

    def hands_out(self, checked: str) -> None:
        """Give it to who stands at the desk, having seen this document of theirs."""
        self.visit(self.request)
        self.page.locator(f"[name=checked][value={checked}]").check()
        self.act("hand-out")

    # -- two people ---------------------------------------------------------------------------------------------

    def may_receive(self) -> bool:
        """Whether this clerk is offered to receive it: what came out of the wall is named in any case."""
        self.visit("receive/")
        row = self.page.locator("[data-receive]", has=self.page.locator(f"a[href$='/{self.number}/']"))
        expect(row).to_be_visible()
        return row.locator("button").count() > 0

    def receives(self) -> None:
        row = self.page.locator("[data-receive]", has=self.page.locator(f"a[href$='/{self.number}/']"))
        row.locator("button").click()
        expect(row).to_have_count(0)

    def asks_to_open(self, door: int, *, reason: str) -> None:
        """Ask from the desk that a door on a document be opened."""
        self._visit_wall()
        self.visit(f"{self.page.url.partition('#')[0]}doors/{door}/")
        form = self.page.locator("form:has(input[name=act][value=open])")
        form.locator("[name=reason]").fill(reason)
        form.locator("button").click()
        expect(self.page.locator("[data-opening]")).to_be_visible()

    def may_confirm(self) -> bool:
        self.visit("openings/")
        expect(self.page.locator("[data-opening]")).to_be_visible()
        return self.page.locator("form:has([value=confirm]) button").count() > 0

    def confirms(self) -> None:
        self.page.locator("form:has([value=confirm]) button").click()
        expect(self.page.locator("[data-opening]")).to_have_count(0)

    def confirms_without_a_button(self) -> int:
        """What the centre answers to who sends the form that the page does not offer them."""
        form = self.page.locator("form:has([value=withdraw])")
        token = form.locator("[name=csrfmiddlewaretoken]").input_value()
        fields: dict[str, str | float | bool] = {"act": "confirm", "csrfmiddlewaretoken": token}
        url = self.town.ready["portal"].rstrip("/") + (form.get_attribute("action") or "")
        return self.page.request.post(url, form=fields, headers={"Referer": self.page.url}).status

    def sees_open(self, door: int) -> None:
        """Wait until the live wall shows the door open."""
        self._visit_wall()
        expect(self.page.locator(f"[data-door='{door}'][data-state=open]")).to_be_attached()

    def history(self) -> list[str]:
        """What happened to it, the newest first, each line with who did it."""
        self.visit(self.request)
        return self.page.locator("ol.history li").all_inner_texts()


@dataclass
class Papers:
    """One story about personal documents. `an` and `bea` are two clerks."""

    story: Story
    an: PaperDesk
    bea: PaperDesk
    fresh: Callable[[], BrowserContext]

    def __post_init__(self) -> None:
        self.town, self.kiosk, self.wall, self.clock = (
            self.story.town, self.story.kiosk, self.story.wall, self.story.clock
        )  # fmt: skip
        self.number = 0

    def citizen(self, key: str) -> Citizen:
        """One of the simulator's people, with a browser of their own."""
        return Citizen(self.town, self.fresh(), key)

    def prepared(self, who: Citizen, product: str) -> str:
        """Somebody asks for a document, pays, and An puts it into its envelope; the envelope's label."""
        at_home = UnseenCitizen(who)
        at_home.signs_in()
        who.number = at_home.applies(product)
        self.an.turns_to(who.number)
        desk = UnseenPaperDesk(self.town, self.an.page.request, "an")
        return desk.prepares(who.number, amount=AMOUNTS[product])

    def waits(self, who: Citizen, product: str) -> int:
        """The document lies in the wall, put there by Bea, and its addressee was told; the door's number."""
        label = self.prepared(who, product)
        asked = self.town.mail_to(who.email).number
        self.an.waits_for_the_wall()
        self.number = self.story.hands.loads(label=label, text="Envelop", role="bea")
        self.town.mail_to(who.email, after=asked)
        self.an.reaches("waiting")
        return self.number

    def takes(self, who: Citizen) -> int:
        """Somebody says who they are by telephone, and takes what is theirs; the door's number."""
        self.begins()
        who.scans(self.kiosk)
        self.types(who.identifies())
        self.kiosk.sees("identify-next")
        return self.takes_next()

    def begins(self) -> None:
        """Choose to say who one is, at a wall with one way to do so."""
        self.kiosk.begins()
        self.kiosk.does("go", "identify")

    def types(self, digits: str) -> None:
        """The two digits of the telephone."""
        self.kiosk.does("digits")
        self.kiosk.sees("identify-digits")
        self.kiosk.types(digits)

    def provider(self, condition: str) -> None:
        """`up`, `slow` or `down`."""
        ask(f"{self.town.ready['simulator']}condition", {"state": condition})

    def is_left_approved(self) -> None:
        """Nobody opens what the screen offers: it asks whether more time is needed, and then it forgets."""
        left = STILL_LEFT[APPROVED_SECONDS]
        self.clock.turn(seconds=APPROVED_SECONDS - left + 1)
        self.kiosk.sees("warning")
        self.clock.turn(seconds=left + 1)
        self.kiosk.sees("attract")

    def is_left_at_thanks(self) -> None:
        """Nobody asks for the next document: the screen forgets it."""
        self.clock.turn(seconds=THANKS_SECONDS + 1)
        self.kiosk.sees("attract")

    def is_too_late(self) -> None:
        """Two minutes go by without an answer."""
        for left in (60, 30):
            self.clock.turn(seconds=61 if left == 60 else 31)
            expect(self.kiosk.page.locator(f"[data-left='{left}']")).to_be_attached()
        self.clock.turn(seconds=31)
        self.kiosk.refuses("identity-too-late")

    def takes_next(self) -> int:
        """Open the door that the screen names, take what is in, shut it, and go."""
        number = self.takes_one()
        self.kiosk.leaves()
        return number

    def takes_one(self) -> int:
        """The same, and stay before the screen that says thanks."""
        self.kiosk.does("open")
        self.kiosk.sees("take")
        number = self.kiosk.opened()
        self.wall.take(number)
        self.wall.shut(number)
        self.kiosk.sees("thanks")
        return number
