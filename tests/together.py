"""Which tests one worker runs together, and which worker: a file, a town's stories, and what waits for machines."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

STORIES = "tests/journeys/test_"
PERSONAL = f"{STORIES}personal_"
WAITING = (
    "tests/kiosk/test_", "tests/kiosk/drivers/test_", "tests/emulator/test_process", "tests/emulator/test_control",
    "tests/simulator/test_phone", "tests/proof/test_killed_for_real",
)  # fmt: skip
"""They wait for lines, doors and processes more than they compute."""
ASIDE_FROM = 4
"""With so many workers one of them begins with what waits: its processor's time is left to the others."""


class Together(LoadFileScheduling):  # type: ignore[misc]
    """Two towns a run, whatever the number of workers: one for stories of the wall, one for personal documents.

    A town takes 20 seconds of a processor before its first story.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(STORIES):
            return PERSONAL if nodeid.startswith(PERSONAL) else STORIES
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        """The next of the kind this worker begins with; of the other kind when there is none left."""
        nodes = self.nodes
        waits = len(nodes) >= ASIDE_FROM and node is nodes[-1]
        scope = next((scope for scope in self.workqueue if scope.startswith(WAITING) == waits), None)
        if scope is not None:
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


def scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """Ours for `--dist loadfile`; what was asked for otherwise."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
