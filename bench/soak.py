"""`python -m bench.soak [--minutes N] [--seed S]`: one wall for long, people and machines in any order.

The real runner on ptys before an emulated wall, the centre on a PostgreSQL of its own. After every talk the ledgers
of both sides are compared with each other and with the wall; at the first difference it stops, says which seed and
which steps led there, and ends with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console

from onthaal.demo.postgres import Postgres

CRITICAL = 50
STEPS = 60
"""Of one wall; then another begins, so that a failure is short enough to read."""
TALKS_EVERY = 4


@contextmanager
def a_centre() -> Iterator[None]:
    """A PostgreSQL of our own, migrated, and Django on it as the application role."""
    with tempfile.TemporaryDirectory(prefix="onthaal-soak-", dir="/var/tmp") as folder:
        home = Path(folder)
        home.chmod(0o711)  # started by root the server is `nobody`, who must pass through
        secret = home / "secret"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32))
        with Postgres(home / "postgres", durable=False) as server:
            os.environ.update(server.urls.environment(), ONTHAAL_SECRET_KEY_FILE=str(secret))
            os.environ["DJANGO_SETTINGS_MODULE"] = "onthaal.central.web.settings"
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connections
            from django.test.utils import setup_test_environment

            setup_test_environment()
            call_command("migrate", database="owner", verbosity=0)
            try:
                yield
            finally:
                connections.close_all()


def verbs(walk: Any, chance: random.Random) -> dict[str, tuple[int, Callable[[], None]]]:
    """Name → how often, and what it does with this draw."""
    handover = chance.choice(walk.handovers)
    hands = chance.choice(["as asked", "as asked", "as asked", "nothing", "leaves it open"])
    dies = chance.choice(["never", "never", "never", "never", "pulsed", "taken", "shut"])
    door = walk.town.book(handover).lies or chance.randint(1, 9)
    named = chance.choice([handover, None])
    undo, takes = chance.random() < 0.3, chance.random() < 0.5
    trouble = [chance.choice(["none", "lost", "answer lost", "twice", "late", "garbled", "away"]) for _ in range(3)]
    said = f"h{handover}, {hands}, dies {dies}"
    return {
        f"collect {said}": (6, lambda: walk.collects(handover, hands, dies)),
        f"load {said}, undo {undo}": (6, lambda: walk.loads(handover, hands, dies, undo=undo)),
        f"take out {hands}, dies {dies}": (4, lambda: walk.takes_out(hands, dies)),
        f"check {hands}, dies {dies}": (3, lambda: walk.checks(hands, dies)),
        "shut the doors": (3, walk.somebody_shuts_the_doors),
        f"force {door}, take {takes}": (1, lambda: walk.somebody_forces(door, takes=takes)),
        "kill the agent": (2, walk.restarts),
        "silence the bus": (1, walk.the_bus_falls_silent),
        f"open {door} from afar for {named}": (2, lambda: walk.opens_from_afar(door, named)),
        f"recall h{handover}": (1, lambda: walk.recalls(handover)),
        f"notify h{handover}": (2, lambda: walk.notifies(handover)),
        f"talk {trouble}": (TALKS_EVERY, lambda: walk.talks(trouble)),
        "an old snapshot": (1, lambda: walk.gets_an_old_snapshot(chance.randint(0, 20))),
    }


def one_wall(town: Any, seed: int, until: float, done: list[str]) -> None:
    """Walk one wall from this seed; `done` is what was done, for who reads a failure."""
    from tests.proof.walk import Walk

    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(town, Path(folder))
        try:
            for _ in range(STEPS):
                choices = verbs(walk, chance)
                name = chance.choices(list(choices), [often for often, _ in choices.values()])[0]
                done.append(name)
                choices[name][1]()
                walk.nothing_is_given_out()
                if time.monotonic() > until:
                    break
            done.append("the end")
            walk.somebody_shuts_the_doors()
            walk.talks([])
        except AssertionError:
            done.append("the log:")
            done.extend(f"{fact.number} {fact.body}" for fact in walk.agent.store.facts_after(0))
            raise
        finally:
            walk.ends()


def soak(minutes: float, seed: int, console: Console) -> int:
    from django.db import transaction

    from tests.proof.town import a_town

    until, walls, counted = time.monotonic() + minutes * 60, 0, Counter[str]()
    while time.monotonic() < until:
        done: list[str] = []
        try:
            with transaction.atomic():
                one_wall(a_town(), seed + walls, until, done)
                transaction.set_rollback(True)
        except AssertionError as difference:
            console.print(f"[red]seed {seed + walls}, after {len(done)} steps[/]: {difference}")
            console.print("\n".join(done))
            return 1
        walls += 1
        counted.update(step.split()[0] for step in done)
        console.print(f"{walls} walls, {sum(counted.values())} steps, the ledgers agree")
    console.print(dict(counted))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=240.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    asked = parser.parse_args()
    with a_centre():
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
        return soak(asked.minutes, asked.seed, Console())


if __name__ == "__main__":
    sys.exit(main())
