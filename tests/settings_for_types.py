"""The centre's settings as the type checker reads them: on a machine with no installation, connecting to nothing."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

os.environ.setdefault("ONTHAAL_DATABASE_URL", "postgresql://onthaal_app@/none")
os.environ.setdefault("ONTHAAL_OWNER_DATABASE_URL", "postgresql://onthaal_owner@/none")
with tempfile.TemporaryDirectory() as _made:
    _secret = Path(_made) / "secret"
    _secret.write_text(secrets.token_hex(32))
    os.environ["ONTHAAL_SECRET_KEY_FILE"] = str(_secret)

    from onthaal.central.web.settings import *  # noqa: F403 (Django reads a settings module by its names)
