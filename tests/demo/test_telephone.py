"""The demo's telephone reads what the kiosk's screen shows, and nothing where it shows no code."""

import asyncio

import pytest

from onthaal.demo.mailbox.telephone import code_on, read
from onthaal.kiosk.screen.view import document
from tests.free_ports import free_row
from tests.kiosk.screen.gallery import LOOK, SIGNING_IN, STATES


def test_the_telephone_opens_what_the_code_on_the_screen_says() -> None:
    assert code_on(document(STATES["identify-phone"], LOOK, 1)) == SIGNING_IN.url


@pytest.mark.parametrize("screen", ["attract", "home-identify", "identify-page", "identify-digits"])
def test_a_screen_without_a_code_leads_nowhere(screen: str) -> None:
    assert code_on(document(STATES[screen], LOOK, 1)) is None


def test_a_kiosk_that_is_away_leads_nowhere() -> None:
    assert asyncio.run(read(f"http://127.0.0.1:{free_row(24_000)}/")) is None
