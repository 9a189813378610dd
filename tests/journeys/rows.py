"""Print what a town's centre keeps of its work, for the scan of a story: jobs, followers' rows, the journal, and the
rows of sign-ins and identifications without what is sealed. Runs with the centre's own settings."""

from __future__ import annotations

import os
import sys


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
            sys.stdout.writelines(f"{row}\n" for row in model.objects.values())


if __name__ == "__main__":
    main()
