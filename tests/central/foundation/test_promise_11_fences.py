"""Promise 11: nothing of one municipality reads or writes another's rows."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_application_role_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)
