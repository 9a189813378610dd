"""The tables of the kiosk's store, and the step from each schema that ever shipped to the next.

Facts are append-only: the database itself refuses to change one, and to drop one before it was heard and folded
into the checkpoint.
"""

from __future__ import annotations

import apsw

APPLICATION_ID = 0x4F4E5448  # "ONTH": an SQLite file of another program is never taken for a store

V1 = """
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log TEXT NOT NULL,
    heard_up_to INTEGER NOT NULL DEFAULT 0 CHECK (heard_up_to >= 0)
) STRICT;

CREATE TABLE fact (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    told BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    up_to INTEGER NOT NULL,
    head TEXT NOT NULL,
    evidence BLOB NOT NULL
) STRICT;

CREATE TABLE wishes (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    snapshot BLOB NOT NULL
) STRICT;

CREATE TRIGGER fact_follows BEFORE INSERT ON fact
WHEN NEW.number <> 1 + max(
    coalesce((SELECT max(number) FROM fact), 0), coalesce((SELECT up_to FROM checkpoint), 0)
)
BEGIN SELECT raise(ABORT, 'facts are numbered without gaps'); END;

CREATE TRIGGER fact_never_changes BEFORE UPDATE ON fact
BEGIN SELECT raise(ABORT, 'facts are never changed'); END;

CREATE TRIGGER fact_is_kept BEFORE DELETE ON fact
WHEN OLD.number > coalesce((SELECT up_to FROM checkpoint), 0) OR OLD.number > (SELECT heard_up_to FROM meta)
BEGIN SELECT raise(ABORT, 'a fact is kept until it was heard and folded'); END;

CREATE TRIGGER log_never_changes BEFORE UPDATE OF log ON meta
BEGIN SELECT raise(ABORT, 'a log keeps its name'); END;
"""

V2 = """
CREATE TABLE ended (
    log TEXT PRIMARY KEY,
    up_to INTEGER NOT NULL,
    head TEXT NOT NULL
) STRICT;

CREATE TABLE former (
    log TEXT NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    told BLOB NOT NULL,
    PRIMARY KEY (log, number)
) STRICT;

CREATE TRIGGER ended_never_changes BEFORE UPDATE ON ended
BEGIN SELECT raise(ABORT, 'a log ends once'); END;

CREATE TRIGGER ended_is_kept BEFORE DELETE ON ended
BEGIN SELECT raise(ABORT, 'a log ends once'); END;

CREATE TRIGGER former_never_changes BEFORE UPDATE ON former
BEGIN SELECT raise(ABORT, 'facts are never changed'); END;

CREATE TRIGGER former_is_kept BEFORE DELETE ON former
BEGIN SELECT raise(ABORT, 'facts of a log that ended are kept'); END;

DROP TRIGGER fact_is_kept;

CREATE TRIGGER fact_is_kept BEFORE DELETE ON fact
WHEN (OLD.number > coalesce((SELECT up_to FROM checkpoint), 0) OR OLD.number > (SELECT heard_up_to FROM meta))
AND NOT EXISTS (
    SELECT 1 FROM former WHERE log = (SELECT log FROM meta) AND number = OLD.number AND told = OLD.told
)
BEGIN SELECT raise(ABORT, 'a fact is kept until it was heard and folded'); END;

DROP TRIGGER log_never_changes;

CREATE TRIGGER log_never_changes BEFORE UPDATE OF log ON meta
WHEN EXISTS (SELECT 1 FROM fact) OR NOT EXISTS (SELECT 1 FROM ended WHERE log = OLD.log)
OR EXISTS (SELECT 1 FROM ended WHERE log = NEW.log)
BEGIN SELECT raise(ABORT, 'a log keeps its name'); END;
"""
"""A log that had to end, because the disk was put back to an earlier state, keeps its facts beside the new one's."""

STEPS: tuple[str, ...] = (V1, V2)
"""What leads from schema n to n + 1. Never change one that shipped: add the next."""


def bring_up(connection: apsw.Connection) -> None:
    """Create or migrate, each step in one transaction. ValueError for a file that is none of ours, or too new."""
    held = int(connection.pragma("user_version") or 0)
    owner = int(connection.pragma("application_id") or 0)
    foreign = owner != APPLICATION_ID and (owner or held or connection.pragma("schema_version"))
    if foreign or held > len(STEPS):
        raise ValueError("not a store of this program, or of a newer one")
    for version, step in enumerate(STEPS[held:], start=held + 1):
        with connection:
            connection.execute(step)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {version}")
