"""The admin: configuration only, by who may; what cannot be is said beside the form, and never breaks a page."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from onthaal.central.foundation.configuration import site
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people.actions import NewAccount, close_account, create_account, erase_account
from onthaal.central.foundation.people.models import Account, Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.catalogue.models import Custody, Item, Product
from onthaal.central.lockers.catalogue.seeds import Seeded, seed_aalter
from onthaal.central.lockers.places.models import Kiosk, Site
from onthaal.words import LANGS, catalogue
from tests.central.lockers.conftest import MONDAY
from tests.central.lockers.photograph import once
from tests.central.lockers.town import Town, turned_clock

PASSWORD = "een-goed-wachtwoord"
PRODUCT = {
    "slug": "zaalsleutel", "name_nl": "Zaalsleutel", "name_fr": "Clé", "name_en": "Hall key", "kind": "key",
    "mode": "lend", "size": "S", "locker_allowed": "on", "offered": "on", "for_residents": "on",
    "collection_days": "5", "reminder_day": "3", "max_loan_days": "7", "book_ahead_days": "90",
    "overdue_reminder_days": "2", "lead_days": "1", "fee_cents": "0",
}  # fmt: skip
ACCOUNT = {
    "username": "Piet", "name": "Piet Pauwels", "email": "", "language": "nl", "roles": ["clerk"], "is_active": "on",
    "new_password": "nog-een-goed-wachtwoord",
}  # fmt: skip
HOURS = {
    "hours_nl": "9-12",
    "hours_fr": "9-12",
    "hours_en": "9-12",
    "day_0": "09:00-12:00",
    "day_2": "9-12, 14u – 19.30",
}


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> turned_clock:
    return turned_clock(tmp_path / "clock", monkeypatch, MONDAY)


def _seeded(clock: turned_clock) -> Seeded:
    return seed_aalter()


@pytest.fixture
def seeded(aalter: Municipality, clock: turned_clock) -> Seeded:
    with acting_for(aalter.pk):
        return once(_seeded, clock)


def signed_in(municipality: Municipality, *roles: str, username: str = "an") -> Client:
    with acting_for(municipality.pk):
        create_account(NewAccount(username=username, name="An", password=PASSWORD, roles=roles), by=None)
    client = Client(headers={"host": municipality.host})
    client.post("/desk/sign-in/", {"username": username, "password": PASSWORD})
    return client


@pytest.fixture
def client(aalter: Municipality, seeded: Seeded) -> Client:
    return signed_in(aalter, "administrator")


def filled(answer: Any) -> dict[str, Any]:
    """What the form on a page would send if nothing were changed."""
    form = answer.context["adminform"].form
    given = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in given.items() if value is not None and value is not False}


def added(client: Client, table: str, given: dict[str, Any]) -> Any:
    answer = client.post(f"/admin/{table}/add/", given)
    said = answer.context["adminform"].form.errors.as_json() if answer.context and "adminform" in answer.context else ""
    assert answer.status_code == 302, said
    return answer


def refused(client: Client, table: str, given: dict[str, Any], field: str) -> None:
    answer = client.post(f"/admin/{table}/add/", given)
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors, answer.context["adminform"].form.errors.as_json()


def test_an_administrator_adds_a_product(client: Client, aalter: Municipality) -> None:
    added(client, "lockers/product", PRODUCT)
    with acting_for(aalter.pk):
        assert Product.objects.get(slug="zaalsleutel").collection_days == 5
        assert Entry.objects.filter(kind="configuration.added").count() == 1


def test_an_administrator_adds_a_thing_that_begins_at_the_desk(
    client: Client, aalter: Municipality, seeded: Seeded
) -> None:
    added(client, "lockers/item", {"product": seeded.material.pk, "name": "Koffer 7", "tag": "e280 1160"})
    with acting_for(aalter.pk):
        item = Item.objects.get(name="Koffer 7")
        assert item.tag == "E2801160"
        assert Custody.objects.get(item=item).holder == "desk"


def test_an_administrator_adds_a_place_and_a_wall(client: Client, aalter: Municipality) -> None:
    added(client, "lockers/site", {"name": "Sporthal", "address": "Lindestraat 17"})
    with acting_for(aalter.pk):
        place = Site.objects.get(name="Sporthal")
    added(client, "lockers/kiosk", {"site": place.pk, "name": "Automaat sporthal", **HOURS})
    with acting_for(aalter.pk):
        hours = Kiosk.objects.get(name="Automaat sporthal").opening_hours
    morning = ["09:00", "12:00"]
    assert [hours[lang] for lang in LANGS] == ["9-12"] * len(LANGS)
    assert hours["week"] == [[morning], [], [morning, ["14:00", "19:30"]], [], [], [], []]


def test_a_wall_needs_no_opening_hours(client: Client, seeded: Seeded) -> None:
    added(client, "lockers/kiosk", {"site": seeded.site.pk, "name": "Automaat zwembad"})


def test_opening_hours_stay_when_something_else_changes(client: Client, aalter: Municipality, seeded: Seeded) -> None:
    address = f"/admin/lockers/kiosk/{seeded.kiosk.pk}/change/"
    given = filled(client.get(address))
    assert given["day_2"] == "09:00-12:00, 14:00-19:00"
    assert client.post(address, {**given, "help_phone": "+32 9 325 22 98"}).status_code == 302
    with acting_for(aalter.pk):
        assert Kiosk.objects.get().opening_hours == seeded.kiosk.opening_hours
        (told,) = Entry.objects.filter(kind="configuration.changed")
    assert told.data["columns"] == ["help_phone"], "the journal names columns, in nobody's language"


def test_walls_are_told_of_what_they_hold_a_copy_of(client: Client, aalter: Municipality, seeded: Seeded) -> None:
    address = f"/admin/lockers/product/{seeded.vouchers.pk}/change/"
    given = {**filled(client.get(address)), "name_en": "Vouchers of Aalter"}
    assert client.post(address, given).status_code == 302
    with acting_for(aalter.pk):
        assert Kiosk.objects.get().wish_version > seeded.kiosk.wish_version


def test_an_administrator_mends_the_municipality(client: Client, aalter: Municipality) -> None:
    address = f"/admin/foundation/municipality/{aalter.pk}/change/"
    given = {**filled(client.get(address)), "help_phone": "+32 9 325 22 99"}
    assert client.post(address, given).status_code == 302
    aalter.refresh_from_db()
    assert aalter.help_phone == "+32 9 325 22 99"
    refused_answer = client.post(address, {**given, "duty_address": "no address"})
    assert "duty_address" in refused_answer.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reminder_day": "5"}, "__all__"),
        ({"reminder_day": "9"}, "__all__"),
        ({"slug": "aalterbonnen"}, "__all__"),
        ({"slug": "met spatie"}, "slug"),
        ({"collection_days": "-1"}, "collection_days"),
        ({"collection_days": "99999"}, "collection_days"),
        ({"max_loan_days": "veel"}, "max_loan_days"),
        ({"kind": "fiets"}, "kind"),
        ({"name_fr": ""}, "name_fr"),
        ({"name_nl": "x" * 101}, "name_nl"),
        ({"personal": "on", "locker_allowed": ""}, "two_staff"),
    ],
)
def test_a_product_that_cannot_be_is_said_beside_the_form(client: Client, change: dict[str, str], field: str) -> None:
    refused(client, "lockers/product", {**PRODUCT, **change}, field)


@pytest.mark.parametrize("tag", ["E2801160600000000000A001", "e280 1160 6000 0000 0000 a001"])
def test_two_things_never_have_one_tag(client: Client, seeded: Seeded, tag: str) -> None:
    refused(client, "lockers/item", {"product": seeded.material.pk, "name": "x", "tag": tag}, "__all__")


@pytest.mark.parametrize("tag", ["geen tag", "E280é", "A" * 63])
def test_a_tag_is_hexadecimal(client: Client, seeded: Seeded, tag: str) -> None:
    refused(client, "lockers/item", {"product": seeded.material.pk, "name": "x", "tag": tag}, "tag")


@pytest.mark.parametrize("hours", ["nonsense", "9", "9-25", "12-9", "9-9", "9-12-14", "9-12, 11-14", "14-19, 9-12"])
def test_opening_hours_are_times_one_after_the_other(client: Client, seeded: Seeded, hours: str) -> None:
    refused(client, "lockers/kiosk", {"site": seeded.site.pk, "name": "x", "day_3": hours}, "day_3")


def test_an_administrator_makes_and_closes_an_account(client: Client, aalter: Municipality) -> None:
    added(client, "foundation/account", ACCOUNT)
    with acting_for(aalter.pk):
        piet = Account.objects.get(username="piet")
        assert piet.check_password("nog-een-goed-wachtwoord")
    address = f"/admin/foundation/account/{piet.pk}/change/"
    given = {name: value for name, value in filled(client.get(address)).items() if name != "is_active"}
    assert client.post(address, given).status_code == 302
    with acting_for(aalter.pk):
        assert not Account.objects.get(username="piet").is_active
        assert Entry.objects.filter(kind="account.closed").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "AN"}, "__all__"),
        ({"new_password": "kort"}, "new_password"),
        ({"new_password": ""}, "new_password"),
        ({"roles": ["burgemeester"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"email": "geen"}, "email"),
    ],
)
def test_an_account_that_cannot_be_is_said_beside_the_form(client: Client, change: dict[str, Any], field: str) -> None:
    refused(client, "foundation/account", {**ACCOUNT, **change}, field)


@pytest.mark.parametrize(
    ("lang", "spoken"),
    [("nl", ("Instellingen", "afhalen", "Naam, Frans", "Langste uitlening, in dagen")),
     ("fr", ("Réglages", "retirer", "Nom, français", "Prêt maximal, en jours"))],
)  # fmt: skip
@pytest.mark.parametrize("role", ["administrator", "technician"])
def test_the_settings_speak_the_language_of_who_reads_them(
    aalter: Municipality, seeded: Seeded, role: str, lang: str, spoken: tuple[str, ...]
) -> None:
    client = signed_in(aalter, role, username="tine")
    shown = client.get(f"/desk/?lang={lang}").content.decode()
    assert 'href="/admin/"' in shown, "who configures gets there from the desk"
    pages = ("/admin/", "/admin/lockers/product/", f"/admin/lockers/product/{seeded.vouchers.pk}/change/")
    shown += "".join(client.get(page).content.decode() for page in pages)
    assert [text for text in spoken if text not in unescape(shown)] == []
    assert not [text for text in ("Pick Up", ">Voucher<", "Max loan", "Products", ">Lockers<") if text in shown]


def test_a_password_is_changed_in_one_place_only(client: Client, aalter: Municipality) -> None:
    new = "een-ander-goed-wachtwoord"
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    for answer in (client.get("/admin/password_change/"), client.post("/admin/password_change/", given)):
        assert (answer.status_code, answer["Location"]) == (302, "/desk/account/")
    with acting_for(aalter.pk):
        assert Account.objects.get(username="an").check_password(PASSWORD)


def test_who_signs_out_of_the_settings_is_signed_out(client: Client) -> None:
    assert client.post("/admin/logout/")["Location"] == "/desk/sign-in/"
    assert client.get("/desk/").status_code == 302


def test_every_column_of_the_settings_has_words(aalter: Municipality) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with acting_for(aalter.pk):
        shown = {
            f"configuration.{model._meta.model_name}.{name}"
            for model, table in site._registry.items()
            for name in (*table.get_form(request, change=True).base_fields, *table.list_display)
            if name != "__str__"
        }
    assert len(shown) > len(site._registry)
    assert sorted(shown - set(catalogue())) == []


def test_an_erased_account_is_read_and_not_changed(client: Client, aalter: Municipality) -> None:
    with acting_for(aalter.pk):
        gone = create_account(NewAccount(username="bo", name="Bo", password=PASSWORD, roles=("clerk",)), by=None)
        close_account(gone, by=None)
        erase_account(gone, by=None)
    page = client.get(f"/admin/foundation/account/{gone.pk}/change/")
    assert page.status_code == 200
    assert not page.context["has_change_permission"]


PAGES = [
    f"/admin/{table}/{page}"
    for table in ("lockers/product", "lockers/item", "lockers/site", "lockers/kiosk")
    for page in ("", "add/")
]


def test_a_technician_configures_walls_and_things_but_no_accounts(aalter: Municipality, seeded: Seeded) -> None:
    client = signed_in(aalter, "technician")
    pages = [page for page in (*PAGES, "/admin/") if page != "/admin/lockers/product/add/"]
    assert {client.get(page).status_code for page in pages} == {200}
    added(client, "lockers/item", {"product": seeded.material.pk, "name": "Koffer 8"})
    for page in ("", "add/"):
        assert client.get(f"/admin/foundation/account/{page}").status_code == 403
    assert client.post("/admin/foundation/account/add/", ACCOUNT).status_code == 403
    with acting_for(aalter.pk):
        assert not Account.objects.filter(username="piet").exists()


@pytest.mark.parametrize("role", ["clerk", "auditor"])
def test_others_configure_nothing(aalter: Municipality, seeded: Seeded, role: str) -> None:
    client = signed_in(aalter, role)
    for page in (*PAGES, "/admin/", "/admin/foundation/account/add/"):
        assert client.get(page).status_code == 403, page
        assert client.post(page, PRODUCT).status_code == 403, page


def test_nothing_is_deleted_in_the_admin(client: Client, seeded: Seeded) -> None:
    for table, number in (("product", seeded.vouchers.pk), ("item", seeded.items[0].pk), ("kiosk", seeded.kiosk.pk)):
        assert client.post(f"/admin/lockers/{table}/{number}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("changed", [{"kind": "key"}, {"personal": ""}, {"two_staff": ""}], ids=str)
@pytest.mark.parametrize("role", ["technician", "administrator"])
def test_nobody_makes_a_passport_an_ordinary_thing(
    client: Client, aalter: Municipality, seeded: Seeded, role: str, changed: dict[str, str]
) -> None:
    where = f"/admin/lockers/product/{seeded.passport.pk}/change/"
    whole = {**filled(client.get(where)), **changed}
    given = {name: value for name, value in whole.items() if value}
    if role == "technician":
        assert signed_in(aalter, role, username="tine").post(where, given).status_code == 403
    else:
        answer = client.post(where, given)
        assert answer.status_code == 200
        (field,) = changed
        assert "Dit kan niet meer veranderen" in str(answer.context["adminform"].form.errors[field])
    with acting_for(aalter.pk):
        passport = Product.objects.get(pk=seeded.passport.pk)
        assert (passport.kind, passport.personal, passport.two_staff) == ("document", True, True)


def test_an_identity_card_is_never_made_a_document(client: Client, aalter: Municipality) -> None:
    with acting_for(aalter.pk):
        card = Product.objects.get(kind="identity-card").pk
    where = f"/admin/lockers/product/{card}/change/"
    answer = client.post(where, {**filled(client.get(where)), "kind": "document"})
    assert answer.status_code == 200
    assert "kind" in answer.context["adminform"].form.errors
    with acting_for(aalter.pk):
        assert Product.objects.get(pk=card).kind == "identity-card"


def test_a_thing_stays_of_its_product(client: Client, aalter: Municipality, seeded: Seeded) -> None:
    added(client, "lockers/item", {"product": seeded.material.pk, "name": "Koffer", "tag": ""})
    with acting_for(aalter.pk):
        item = Item.objects.get(name="Koffer")
    where = f"/admin/lockers/item/{item.pk}/change/"
    answer = client.post(where, {"product": seeded.vouchers.pk, "name": "Rode koffer", "tag": ""})
    assert answer.status_code == 302
    with acting_for(aalter.pk):
        item.refresh_from_db()
        assert (item.product_id, item.name) == (seeded.material.pk, "Rode koffer")


def test_a_technician_reads_what_is_handed_out_and_changes_none_of_it(aalter: Municipality, seeded: Seeded) -> None:
    technician = signed_in(aalter, "technician")
    for address in (f"/admin/foundation/municipality/{aalter.pk}", f"/admin/lockers/product/{seeded.vouchers.pk}"):
        assert technician.get(f"{address}/change/").status_code == 200
        assert technician.post(f"{address}/change/", PRODUCT).status_code == 403
    assert technician.post("/admin/lockers/product/add/", PRODUCT).status_code == 403
    assert technician.get(f"/admin/lockers/kiosk/{seeded.kiosk.pk}/change/").context["has_change_permission"]


def test_a_wall_for_which_somebody_still_waits_for_an_answer_stays_in_use(
    client: Client, aalter: Municipality, seeded: Seeded, clock: turned_clock
) -> None:
    from onthaal.central.lockers.requests import actions

    with acting_for(aalter.pk):
        clerk = create_account(NewAccount(username="bo", name="Bo", password=PASSWORD, roles=("clerk",)), by=None)
        town = Town(clock, seeded, clerk, clerk)
        asked = town.confirmed(town.asks())
    address = f"/admin/lockers/kiosk/{seeded.kiosk.pk}/change/"
    given = {**filled(client.get(address)), "retired_at_0": "2026-11-01", "retired_at_1": "12:00"}
    errors = client.post(address, given).context["adminform"].form.errors
    assert "Beslis eerst over die aanvragen" in str(errors["retired_at"])
    with acting_for(aalter.pk):
        actions.refuse(request_id=asked.pk, by=clerk, reason="Deze automaat gaat weg.")
    assert client.post(address, given).status_code == 302


def test_a_wall_with_something_in_it_or_planned_for_it_stays_in_use(
    client: Client, aalter: Municipality, seeded: Seeded, clock: turned_clock
) -> None:
    with acting_for(aalter.pk):
        clerk = create_account(NewAccount(username="bo", name="Bo", password=PASSWORD, roles=("clerk",)), by=None)
        town = Town(clock, seeded, clerk, clerk)
        town.accepted(town.asks())
    address = f"/admin/lockers/kiosk/{seeded.kiosk.pk}/change/"
    given = {**filled(client.get(address)), "retired_at_0": "2026-11-01", "retired_at_1": "12:00"}
    assert "retired_at" in client.post(address, given).context["adminform"].form.errors
    product = f"/admin/lockers/product/{seeded.vouchers.pk}/change/"
    other = {**filled(client.get(product)), "mode": "lend"}
    assert "mode" in client.post(product, other).context["adminform"].form.errors
