"""Which tests one worker runs together: those of a file, and the stories that share a town."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

STORIES = "tests/journeys/test_"
PERSONAL = f"{STORIES}personal_"


class Together(LoadFileScheduling):  # type: ignore[misc]
    """Two towns a run, whatever the number of workers: one for stories of the wall, one for personal documents.

    A town takes 20 seconds of a processor before its first story.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(STORIES):
            return PERSONAL if nodeid.startswith(PERSONAL) else STORIES
        return nodeid.partition("::")[0]


def scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """Ours for `--dist loadfile`; what was asked for otherwise."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
