"""Grants and badges: what a wall is given to check, and what nobody but their owner ever knows."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core.codes import Kind, read, read_pin
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs import pins, qr, staff
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def access() -> Any:
    from onthaal.central.lockers.access import actions

    return actions


def wished(town: Town) -> Any:
    from onthaal.central.lockers.access import queries

    return queries.wished_grants(town.seeded.kiosk.pk)


def pepper(town: Town) -> bytes:
    town.seeded.kiosk.refresh_from_db()
    found: bytes = access().pepper(town.seeded.kiosk)
    return found


def test_the_wall_can_check_exactly_the_code_that_is_mailed(town: Town, wall: Wall) -> None:
    request = town.accepted(town.asks())
    out: Any = request.handover
    wall.loads(out, 1)
    town.follows()
    (mail,) = town.mails(f"handover:{out.pk}")
    shown, text = town.code_in(mail)
    (grant,) = wished(town)[out.pk]
    pin, code = read_pin(shown), read(text)
    assert pin is not None
    assert code is not None
    assert pin.selector == grant.selector
    assert pins.matches(pin, grant.pin_verifier, pepper(town))
    assert code.kind is Kind.GRANT
    assert qr.verifier(Kind.GRANT, code.body, pepper(town)) == grant.qr_verifier


def test_promise_16_no_clear_code_stands_in_any_row_or_journal_entry(town: Town, wall: Wall) -> None:
    from django.core import serializers

    from onthaal.central.foundation.journal.models import Entry
    from onthaal.central.foundation.notices.models import Notice
    from onthaal.central.lockers.access.models import Grant

    out: Any = town.accepted(town.asks()).handover
    wall.loads(out, 1)
    town.follows()
    shown, text = town.code_in(town.mails(f"handover:{out.pk}")[0])
    rows = [*Grant.objects.all(), *Entry.objects.all(), *Notice.objects.all()]
    written = serializers.serialize("json", rows)
    pin = read_pin(shown)
    assert pin is not None
    for secret in (shown, pin.secret, text, text[4:]):
        assert secret not in written
    said = [field.name for field in Entry._meta.fields if field.name != "hash"]  # which may spell any short name
    entries = serializers.serialize("json", Entry.objects.all(), fields=said)
    for name in ("Els", "Bloemen", "bloemen.example"):
        assert name not in entries


def test_a_pepper_is_drawn_once_and_kept_sealed(town: Town) -> None:
    once, again = pepper(town), pepper(town)
    assert once == again
    assert once not in bytes(town.seeded.kiosk.pepper_sealed or b"")


def test_a_wall_that_was_never_enrolled_is_told_no_badge(town: Town) -> None:
    from onthaal.central.lockers.access import queries

    access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    access().set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.clerk)
    assert queries.staff_badges(town.seeded.kiosk.pk) == ()
    town.seeded.kiosk.refresh_from_db()
    assert town.seeded.kiosk.pepper_sealed is None


def test_no_code_is_made_for_a_personal_document(town: Town) -> None:
    from onthaal.central.lockers.requests import actions

    request = town.confirmed(town.asks())
    town.seeded.vouchers.personal, town.seeded.vouchers.locker_allowed = True, False
    town.seeded.vouchers.save()
    with pytest.raises(Refusal) as no:
        actions.accept(request_id=request.pk, by=town.clerk)
    assert no.value.why is Why.PROOF_TOO_WEAK


def test_send_again_is_refused_for_what_is_not_there(town: Town) -> None:
    out: Any = town.accepted(town.asks()).handover
    with pytest.raises(Refusal) as no:
        access().send_again(handover_id=out.pk, by=town.clerk)
    assert no.value.why is Why.MOVE_NOT_ALLOWED


def badges(town: Town) -> Any:
    from onthaal.central.lockers.access import queries

    pepper(town)  # its wall was enrolled
    return queries.staff_badges(town.seeded.kiosk.pk)


def test_a_badge_is_known_at_the_wall_once_its_owner_chose_a_pin(town: Town) -> None:
    code = read(access().issue_badge(account_id=town.clerk.pk, by=town.technician))
    assert code is not None
    assert code.kind is Kind.BADGE
    assert badges(town) == ()
    access().set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.clerk)
    (badge,) = badges(town)
    assert (badge.shown_as, badge.rights) == ("Karel", ("load", "take_back", "inspect"))
    assert badge.badge_verifier == qr.verifier(Kind.BADGE, code.body, pepper(town))
    assert staff.matches("170935", badge.pin_salt, badge.pin_verifier, pepper(town))
    assert not staff.matches("170936", badge.pin_salt, badge.pin_verifier, pepper(town))


def test_nobody_chooses_another_ones_pin(town: Town) -> None:
    access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    with pytest.raises(Refusal) as no:
        access().set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.technician)
    assert no.value.why is Why.NOT_YOURS


def test_a_pin_has_six_digits(town: Town) -> None:
    access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    with pytest.raises(Refusal) as no:
        access().set_badge_pin(account_id=town.clerk.pk, pin="1709", by=town.clerk)
    assert no.value.why is Why.MALFORMED


def test_a_new_badge_ends_the_old_one(town: Town) -> None:
    access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    access().set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.clerk)
    (old,) = badges(town)
    access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    access().set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.clerk)
    (new,) = badges(town)
    assert new.badge_verifier != old.badge_verifier
    kinds = town.kinds(f"account:{town.clerk.pseudonym}")
    assert kinds == ["badge.issued", "badge.pin-set", "badge.revoked", "badge.issued", "badge.pin-set"]


def test_an_auditor_has_nothing_to_do_at_a_wall(town: Town) -> None:
    town.clerk.roles = ["auditor"]
    town.clerk.save()
    with pytest.raises(Refusal) as no:
        access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    assert no.value.why is Why.NOT_YOURS


def test_rights_follow_the_roles_and_every_wall_hears_of_it(town: Town) -> None:
    from onthaal.central.foundation.people.actions import set_roles

    access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    access().set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.clerk)
    version = town.wish_version()
    set_roles(town.clerk, ["technician"], by=None)
    assert badges(town)[0].rights == ("service",)
    assert town.wish_version() > version


def test_a_closed_account_opens_nothing_any_more(town: Town) -> None:
    from onthaal.central.foundation.people.actions import close_account

    access().issue_badge(account_id=town.clerk.pk, by=town.technician)
    access().set_badge_pin(account_id=town.clerk.pk, pin="170935", by=town.clerk)
    version = town.wish_version()
    close_account(town.clerk, by=None)
    assert badges(town) == ()
    assert town.wish_version() > version
    assert "badge.revoked" in town.kinds(f"account:{town.clerk.pseudonym}")


def test_a_wall_is_released_from_qr_only_twenty_times_a_year(town: Town) -> None:
    kiosk = town.seeded.kiosk.pk
    for _ in range(20):
        access().release_qr_only(kiosk_id=kiosk, by=town.clerk)
    with pytest.raises(Refusal) as no:
        access().release_qr_only(kiosk_id=kiosk, by=town.clerk)
    assert no.value.why is Why.QR_ONLY
    town.clock.turn(days=90)  # from November into the next year
    assert access().release_qr_only(kiosk_id=kiosk, by=town.clerk).qr_only_releases == 1


def test_a_code_waits_for_the_very_version_that_holds_it(town: Town, wall: Wall) -> None:
    out: Any = town.accepted(town.asks()).handover
    wall.loads(out, 1)
    town.follows()
    grant = out.grants.get()
    kiosk = town.seeded.kiosk.pk
    assert access().wall_knows(kiosk_id=kiosk, version=grant.wish_version - 1) == 0
    assert access().wall_knows(kiosk_id=kiosk, version=grant.wish_version) == 1
