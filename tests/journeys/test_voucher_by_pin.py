"""A shopkeeper asks for vouchers, and collects them at night with the PIN from the mail."""

from tests.journeys.town import Desk, Kiosk, Person, Portal, Town


def test_a_voucher_is_collected_with_the_pin_from_the_mail(
    town: Town, portal: Portal, desk: Desk, kiosk: Kiosk, someone: Person
) -> None:
    portal.ask("aalterbonnen", someone)
    label = desk.accept(someone)
    asked = town.mail_to(someone.email).number

    kiosk.loads(label=label, text="Envelop")
    ready = town.mail_to(someone.email, after=asked)
    desk.see_stage("waiting")
    assert portal.state() == "waiting"

    kiosk.collects(pin=ready.pin)

    desk.see_stage("collected")
    assert "collected" in portal.state() or portal.state() == "done"
    assert not town.wall.doors_open()
