"""Promise 18: the signed digest of a day betrays a past that was rewritten, also by somebody who owns the tables."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal import digests
from onthaal.central.foundation.journal.models import Digest
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.web import chains

ROOT = Path(__file__).parents[3]


def test_a_day_is_signed_once_over_every_head(in_aalter: Municipality) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    digest = digests.sign_day(clock.now())
    assert digest is not None
    assert digest.heads["handover:12"][0] == 1
    assert digests.sign_day(clock.now()) is None
    assert digests.is_genuine(Digest.objects.get())


def test_promise_18_a_changed_digest_does_not_pass(in_aalter: Municipality) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    digest = digests.sign_day(clock.now())
    assert digest is not None
    digest.heads["handover:12"][0] = 2
    assert not digests.is_genuine(digest)


def test_promise_18_everything_is_recomputed(in_aalter: Municipality) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    digests.sign_day(clock.now(), chains.other_heads())
    journal.note(stream="handover:12", kind="handover.cancelled")
    assert {checked.break_at for checked in chains.recomputed()} == {None}


def checked_as_the_paper_says(lines: Path) -> int:
    """The check that SECURITY.md prints, run on an export; its exit code."""
    (script,) = re.findall(r"```python\n(.*?)```", (ROOT / "SECURITY.md").read_text(), re.DOTALL)
    return subprocess.run([sys.executable, "-c", script, str(lines)], check=False, capture_output=True).returncode


def test_an_export_is_checked_without_this_software_as_the_paper_says(in_aalter: Municipality, tmp_path: Path) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    digests.sign_day(clock.now())
    (told,) = digests.exported()
    lines = tmp_path / "digests"
    lines.write_text(f"{json.dumps(told)}\n")
    assert checked_as_the_paper_says(lines) == 0
    told["heads"]["handover:12"][0] = 2
    lines.write_text(f"{json.dumps(told)}\n")
    assert checked_as_the_paper_says(lines) == 1


def test_an_exported_digest_carries_what_checks_it(in_aalter: Municipality) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    digests.sign_day(clock.now())
    (line,) = digests.exported()
    assert line["municipality"] == "aalter"
    assert len(bytes.fromhex(line["signature"])) == 64
    assert len(bytes.fromhex(line["public_key"])) == 32
