"""A mail with a code that leaves late, after a newer code was made."""

from tests.central.lockers.test_the_way_of_a_thing import out_of
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def test_an_old_mail_that_leaves_late_does_not_keep_the_newer_code_from_leaving(town: Town, wall: Wall) -> None:
    from onthaal.core import facts

    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    town.follows()
    wall.applied()  # the first mail may leave; nobody posts it yet
    first = out.grants.get()
    town.clock.turn(minutes=1)
    for _ in range(5):
        wall.tells(facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=first.pk, counts=True))
    town.follows()

    assert town.posts()[-1].kind == "ready"
    town.follows()
    first.refresh_from_db()
    assert first.sealed is None

    wall.applied()
    newer = town.posts()
    assert [mail.kind for mail in newer] == ["ready"]
    town.follows()
    assert not out.grants.filter(sealed__isnull=False).exists()
