"""A wall is configured while others change its row, too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import RequestFactory

from onthaal.central.foundation.configuration import site
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.lockers.admin import KioskAdmin
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Kiosk
from tests.central.conftest import municipality
from tests.central.devices.cast import Wall, a_wall
from tests.central.lockers.racing import crossing


@pytest.fixture
def wall(committed: None) -> Wall:
    return a_wall(municipality("aalter", "aalter.example"))


def configured(wall: Wall, meanwhile: Callable[[], object] = lambda: None) -> None:
    """As the page does: read, looked at, stored and noted."""
    admin, request = KioskAdmin(Kiosk, site), RequestFactory().post("/")
    request.user = wall.clerk
    row = Kiosk.objects.get(pk=wall.kiosk.pk)
    form = admin.get_form(request, row)({"site": row.site_id, "name": "Muur", "hours_nl": "8-12"}, instance=row)
    assert form.is_valid()
    meanwhile()
    admin.save_model(request, form.save(commit=False), form, change=True)
    admin.log_change(request, row, [{"changed": {"fields": form.changed_data}}])


def test_a_wall_that_is_configured_as_it_gets_news_is_told_of_both(wall: Wall) -> None:
    """A version that goes back is one that the wall knows already: it would ask for nothing."""
    with wall.acting():
        configured(wall, meanwhile=lambda: places.raise_wishes([wall.kiosk.pk]))
        now = Kiosk.objects.get(pk=wall.kiosk.pk)
    assert (now.name, now.opening_hours["nl"]) == ("Muur", "8-12")
    assert now.wish_version == wall.kiosk.wish_version + 2


def test_a_wall_that_is_configured_as_it_tells_what_happened_is_no_deadlock(wall: Wall) -> None:
    with crossing(wall.municipality.pk) as both:
        journal.note(stream=f"kiosk:{wall.kiosk.pk}", kind="kiosk.door-forced", about={"kiosk": wall.kiosk.pk})
        both.comes(lambda: configured(wall))
        places.raise_wishes([wall.kiosk.pk])
