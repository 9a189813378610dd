"""What does not work is said on the first screen, in every language, before anybody touches it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from onthaal.kiosk.screen.view import page
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.state import Session
from onthaal.words import LANGS, words
from tests.kiosk.screen.gallery import BARE, ITSME, LOOK, OPEN


@pytest.mark.parametrize("gone", [{"ways": ()}, {"up": False}], ids=["the provider is silent", "no network"])
def test_who_cannot_sign_in_reads_it_on_the_first_screen_with_what_still_works(gone: dict[str, Any]) -> None:
    first = str(page(replace(BARE, offer=replace(ITSME, **gone)), LOOK).body)
    for lang in LANGS:
        assert words("kiosk.home.identify-away", lang, name="itsme") in first
    home = str(page(replace(OPEN, step=at.Home(), offer=replace(ITSME, **gone)), LOOK).body)
    assert words("kiosk.home.identify-away", "nl", name="itsme") in home
    assert 'data-value="identify"' not in home
    assert 'data-value="collect"' in home


def test_where_signing_in_works_or_nobody_offers_it_nothing_is_said_of_it() -> None:
    for offer in (ITSME, None):
        assert "data-identify" not in str(page(replace(BARE, offer=offer), LOOK).body)


@pytest.mark.parametrize("state", [BARE, replace(OPEN, step=at.Home())], ids=["attract", "home"])
def test_a_wall_that_is_cut_off_says_once_what_still_works_also_where_people_could_sign_in(state: Session) -> None:
    cut_off = replace(LOOK, away=True)
    for offer in (replace(ITSME, up=False), None):
        said = str(page(replace(state, offer=offer), cut_off).body)
        assert ("data-identify" in said, "data-link" in said) == (offer is not None, offer is None)
        assert said.count('role="status"') == 1
