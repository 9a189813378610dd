"""Print what a town's centre keeps of its work, for the scan of a story: jobs, followers' rows, the journal, and the
rows of sign-ins and identifications. Runs with the centre's own settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def readable(row: Mapping[str, object]) -> dict[str, object]:
    """A row whose bytes stand as the text they are, or, as a digest or a sealed box, in hexadecimal: read as text,
    enough of those hold what looks like a mail address."""
    return {name: _text(cell) if isinstance(cell, bytes | memoryview) else cell for name, cell in row.items()}


def _text(cell: bytes | memoryview) -> str:
    try:
        return bytes(cell).decode()
    except UnicodeDecodeError:
        return bytes(cell).hex()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onthaal.central.web.settings")
    import django

    django.setup()
    from django.db import connection

    from onthaal.central.foundation.journal.models import Entry, Following
    from onthaal.central.foundation.models import Municipality, SignIn
    from onthaal.central.foundation.tenancy import acting_for
    from onthaal.central.lockers.access.models import Identification

    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args::text FROM procrastinate_jobs")
        sys.stdout.writelines(f"{row}\n" for row in cursor.fetchall())
    with acting_for(Municipality.objects.get(slug="aalter").pk):
        for model in (Following, Entry, Identification, SignIn):
            sys.stdout.writelines(f"{readable(row)}\n" for row in model.objects.values())


if __name__ == "__main__":
    main()
