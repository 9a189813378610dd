"""Who signed in with another provider than the walls' collects at the desk, and hears it before they choose a wall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from onthaal.core.refusals import Refusal, Why

if TYPE_CHECKING:
    from tests.central.lockers.papers import Papers
    from tests.central.lockers.town import Town

ITSME, ACM = "https://idp.example/v2", "https://acm.example/op"
NUMBER = "90051700156"


def provider(profile: str, issuer: str, **more: Any) -> Any:
    from onthaal.central.foundation.identity.models import Provider

    made, _ = Provider.objects.update_or_create(
        profile=profile, defaults={"issuer": issuer, "client_id": "aalter", **more}
    )
    return made


def drafted(papers: Papers, issuer: str, **said: Any) -> Any:
    """An begins an application, signed in at this issuer."""
    from tests.central.lockers.test_applying import arrives, begins

    return begins(arrives(issuer=issuer, **said), papers.licence)


def chosen(draft: Any, kiosk: int) -> Any:
    from onthaal.central.lockers.requests import applying

    return applying.choose(identity=draft.dossier.identity, request_id=draft.pk, kiosk_id=kiosk, low=False)


@pytest.fixture
def papers(town: Town) -> Papers:
    from tests.central.lockers.papers import Papers

    return Papers(town)


def test_who_signed_in_with_another_provider_than_the_walls_is_told_in_time(papers: Papers) -> None:
    provider("itsme", ITSME)
    provider("acm-idm", ACM, at_wall_page=False, at_wall_phone=False)
    draft, wall = drafted(papers, ACM), papers.town.seeded.kiosk.pk
    assert (draft.dossier.place, draft.dossier.desk_reason) == ("desk", "other-provider")
    with pytest.raises(Refusal) as no:
        chosen(draft, wall)
    assert no.value.why is Why.OTHER_PROVIDER
    other = drafted(papers, ITSME)
    assert chosen(other, wall).dossier.place == "wall"


def test_the_second_provider_that_serves_walls_is_not_the_one_they_name(papers: Papers) -> None:
    from onthaal.central.lockers.access import identifications

    provider("itsme", ITSME, at_wall_page=False)
    provider("acm-idm", ACM)
    named = identifications.provider_for("phone")
    assert named is not None
    assert named.profile == "itsme"
    assert identifications.provider_for("page") is None
    assert drafted(papers, ACM).dossier.desk_reason == "other-provider"


def test_where_no_provider_serves_walls_it_is_the_desk(papers: Papers) -> None:
    provider("itsme", ITSME, at_wall_page=False, at_wall_phone=False)
    assert drafted(papers, ITSME).dossier.desk_reason == "other-provider"


def test_with_the_national_number_at_both_one_asks_here_and_collects_there(papers: Papers) -> None:
    provider("itsme", ITSME, authorisation="KB 1/2026")
    provider("acm-idm", ACM, authorisation="KB 1/2026", at_wall_page=False, at_wall_phone=False)
    known = drafted(papers, ACM, national_number=NUMBER)
    assert (known.dossier.place, known.dossier.desk_reason) == ("wall", "")
    provider("itsme", ITSME, authorisation="")
    assert drafted(papers, ACM, subject="bo", national_number="85073003328").dossier.desk_reason == "other-provider"


def test_the_walls_may_change_their_provider_before_it_is_accepted(papers: Papers) -> None:
    from onthaal.central.lockers.requests import actions

    provider("itsme", ITSME)
    sent = papers.asked()
    provider("itsme", "https://another.example/v2")
    with pytest.raises(Refusal) as no:
        actions.accept(request_id=sent.pk, by=papers.town.clerk)
    assert no.value.why is Why.OTHER_PROVIDER
