"""The three statements of hearing facts. Raw SQL here alone: it is the hot path, and the processor is its limit.

Rows go in and come out as JSON, one parameter a table. Locks are taken in the house's order: the kiosk's logs,
handovers by id, items by id, chain heads, wish versions last by kiosk id. Each `(SELECT count(*) …) >= 0` makes
PostgreSQL finish the lock before it begins the next. NO KEY: the foreign keys of others are checked at their commit and
ask for a key share; a plain FOR UPDATE would keep those waiting, crosswise.
"""

from __future__ import annotations

LOCK = """
WITH log AS MATERIALIZED (
    SELECT id, name, heard_up_to, head FROM lockers_log WHERE kiosk_id = %(kiosk)s ORDER BY id FOR NO KEY UPDATE
), handover AS MATERIALIZED (
    SELECT id, item_id FROM lockers_handover
    WHERE (SELECT count(*) FROM log) >= 0 AND id = ANY (ARRAY(
        SELECT unnest(%(handovers)s::bigint[])
        UNION SELECT handover_id FROM lockers_stay
            WHERE until IS NULL AND compartment_id = ANY (ARRAY(
                SELECT id FROM lockers_compartment WHERE kiosk_id = %(kiosk)s AND number = ANY (%(doors)s::int[])))
        {more}
    ))
    ORDER BY id FOR NO KEY UPDATE
), item AS MATERIALIZED (
    SELECT id FROM lockers_item
    WHERE (SELECT count(*) FROM handover) >= 0
      AND (id = ANY (ARRAY(SELECT item_id FROM handover)) OR id = ANY (%(items)s::bigint[]))
    ORDER BY id FOR NO KEY UPDATE
)
SELECT id, heard_up_to, head, name, ARRAY(SELECT id FROM handover),
    (SELECT wish_version FROM lockers_kiosk WHERE id = %(kiosk)s), (SELECT count(*) FROM item) FROM log
"""

LOCK_ITEMS = """
        UNION SELECT h.id FROM lockers_handover h
            LEFT JOIN lockers_custody c ON c.item_id = h.item_id AND c.until IS NULL
            WHERE h.item_id = ANY (ARRAY(
                SELECT id FROM lockers_item WHERE id = ANY (%(items)s::bigint[]) OR tag = ANY (%(tags)s::text[])))
              AND (h.closed_at IS NULL OR h.id = c.handover_id OR h.out_id = c.handover_id
                OR h.out_id = ANY (%(handovers)s::bigint[]))
"""
"""For a thing that comes back without a plan: whose it was, and what is planned for it; also whose it became by a fact
of the same POST."""

LOCK_GRANTS = """
        UNION SELECT handover_id FROM lockers_grant WHERE id = ANY (%(grants)s::bigint[]) AND kiosk_id = %(kiosk)s
"""

READ = """
WITH head AS MATERIALIZED (
    SELECT name, length, head FROM foundation_stream
    WHERE municipality_id = %(municipality)s AND name = ANY (%(streams)s::text[]) ORDER BY name FOR NO KEY UPDATE
), handover AS MATERIALIZED (
    SELECT h.*, p.two_staff, p.personal, i.tag IS NOT NULL AS tagged FROM lockers_handover h
    JOIN lockers_product p ON p.id = h.product_id JOIN lockers_item i ON i.id = h.item_id
    WHERE h.id = ANY (%(handovers)s::bigint[])
), item AS MATERIALIZED (
    SELECT id, product_id, tag FROM lockers_item
    WHERE id = ANY (ARRAY(SELECT item_id FROM handover UNION SELECT unnest(%(items)s::bigint[]))) {tags}
)
SELECT json_build_object(
    'heads', (SELECT json_agg(json_build_array(name, length, encode(head, 'hex'))) FROM head),
    'compartments', (SELECT json_agg(json_build_array(number, id)) FROM lockers_compartment
        WHERE kiosk_id = %(kiosk)s),
    'handovers', (SELECT json_agg(json_build_object(
        'id', id, 'direction', direction, 'stage', stage, 'item', item_id, 'product', product_id,
        'person', person_id, 'kiosk', kiosk_id, 'out', out_id, 'two_staff', two_staff, 'tagged', tagged,
        'personal', personal, 'prepared_by', prepared_by, 'taken_out_by', taken_out_by, 'received_by', received_by,
        'planned_at', planned_at, 'compartment', compartment_id, 'loaded_at', loaded_at, 'loaded_by', loaded_by,
        'recalled_at', recalled_at, 'closed_at', closed_at, 'dispute', dispute, 'grade', grade)) FROM handover),
    'stays', (SELECT json_agg(json_build_object(
        'id', id, 'handover', handover_id, 'compartment', compartment_id, 'since', since)) FROM lockers_stay
        WHERE until IS NULL AND handover_id = ANY (%(handovers)s::bigint[])),
    'custodies', (SELECT json_agg(json_build_object(
        'id', id, 'item', item_id, 'holder', holder, 'compartment', compartment_id, 'handover', handover_id,
        'since', since, 'grade', grade)) FROM lockers_custody
        WHERE until IS NULL AND item_id = ANY (ARRAY(SELECT id FROM item))),
    'grants', (SELECT json_agg(json_build_object(
        'id', id, 'handover', handover_id, 'status', status, 'pin_tries', pin_tries,
        'pin_closed_at', pin_closed_at, 'ended_at', ended_at)) FROM lockers_grant
        WHERE handover_id = ANY (%(handovers)s::bigint[]) AND (status IN ('asleep', 'awake') {grants})),
    'items', (SELECT json_agg(json_build_object('id', id, 'product', product_id, 'tag', tag)) FROM item),
    'behind', (SELECT extract(epoch FROM told_at - at)::float8 FROM lockers_kioskstate WHERE kiosk_id = %(kiosk)s)
    {more}
)::text
"""

READ_COMMANDS = """,
    'commands', (SELECT json_agg(nonce) FROM lockers_command
        WHERE kiosk_id = %(kiosk)s AND nonce = ANY (%(nonces)s::text[]))
"""

READ_APPROVALS = """,
    'approvals', (SELECT json_agg(json_build_object('id', id, 'boot', boot, 'session', session,
        'handovers', handovers)) FROM lockers_identification
        WHERE kiosk_id = %(kiosk)s AND state = 'approved' AND id = ANY (%(identifications)s::bigint[]))
"""

READ_SPARE = """,
    'spare_ids', (SELECT json_agg(nextval(pg_get_serial_sequence('lockers_handover', 'id')))
        FROM generate_series(1, %(spare)s::int))
"""

FACTS = """
fact AS (
    INSERT INTO lockers_heardfact (municipality_id, log_id, number, at, heard_at, kind, told, verdict, remark)
    SELECT %(municipality)s, %(log)s, n.number, n.at, %(now)s::timestamptz, n.kind, n.told, n.verdict, n.remark
    FROM json_to_recordset(%(facts)s::json)
        AS n(number bigint, at timestamptz, kind text, told text, verdict text, remark text)
), log AS (
    UPDATE lockers_log SET heard_up_to = %(heard_up_to)s, head = %(head)s,
        broken_at = coalesce(broken_at, %(broken_at)s::bigint)
    WHERE id = %(log)s
)"""

PLANNED = """
planned AS (
    INSERT INTO lockers_handover (id, municipality_id, direction, stage, product_id, item_id, person_id, kiosk_id,
        out_id, compartment_id, planned_at, loaded_at, loaded_by, recalled_at, closed_at, dispute, grade,
        resolution)
    SELECT n.id, %(municipality)s, n.direction, n.stage, n.product, n.item, n.person, n.kiosk,
        n.out, n.compartment, %(now)s::timestamptz, n.loaded_at, n.loaded_by, n.recalled_at, n.closed_at, n.dispute,
        n.grade, ''
    FROM json_to_recordset(%(planned)s::json) AS n(id bigint, direction text, stage text, product bigint, item bigint,
        person bigint, kiosk bigint, "out" bigint, compartment bigint, loaded_at timestamptz, loaded_by text,
        recalled_at timestamptz, closed_at timestamptz, dispute text, grade text)
)"""

HANDOVERS = """
handover AS (
    UPDATE lockers_handover h SET stage = n.stage, kiosk_id = n.kiosk, compartment_id = n.compartment,
        loaded_at = n.loaded_at, loaded_by = n.loaded_by, recalled_at = n.recalled_at, closed_at = n.closed_at,
        dispute = n.dispute, grade = n.grade, taken_out_by = n.taken_out_by, received_by = n.received_by,
        received_at = CASE WHEN n.received_by > '' THEN h.received_at END,
        ready_at = CASE WHEN n.stage IN ('planned', 'disputed') THEN NULL ELSE h.ready_at END,
        collect_by = CASE WHEN n.stage IN ('planned', 'disputed') THEN NULL ELSE h.collect_by END,
        reminder_at = CASE WHEN n.stage = h.stage THEN h.reminder_at END
    FROM json_to_recordset(%(handovers)s::json) AS n(id bigint, stage text, kiosk bigint, compartment bigint,
        loaded_at timestamptz, loaded_by text, recalled_at timestamptz, closed_at timestamptz, dispute text, grade text,
        taken_out_by text, received_by text)
    WHERE h.id = n.id
)"""

STAYS_ENDED = """
stay_ended AS (
    UPDATE lockers_stay s SET until = n.until FROM json_to_recordset(%(stays_ended)s::json)
        AS n(id bigint, until timestamptz) WHERE s.id = n.id RETURNING s.id
)"""

STAYS = """
stay AS (
    INSERT INTO lockers_stay (municipality_id, handover_id, compartment_id, since, until)
    SELECT %(municipality)s, n.handover, n.compartment, n.since, n.until FROM json_to_recordset(%(stays)s::json)
        AS n(handover bigint, compartment bigint, since timestamptz, until timestamptz)
"""
AFTER_STAYS = " WHERE (SELECT count(*) FROM stay_ended) >= 0"

CUSTODIES_ENDED = """
custody_ended AS (
    UPDATE lockers_custody c SET until = n.until FROM json_to_recordset(%(custodies_ended)s::json)
        AS n(id bigint, until timestamptz) WHERE c.id = n.id RETURNING c.id
)"""

CUSTODIES = """
custody AS (
    INSERT INTO lockers_custody (municipality_id, item_id, holder, compartment_id, handover_id, grade, since, until)
    SELECT %(municipality)s, n.item, n.holder, n.compartment, n.handover, n.grade, n.since, n.until
    FROM json_to_recordset(%(custodies)s::json) AS n(item bigint, holder text, compartment bigint, handover bigint,
        grade text, since timestamptz, until timestamptz)
"""
AFTER_CUSTODIES = " WHERE (SELECT count(*) FROM custody_ended) >= 0"

GRANTS = """
access AS (
    UPDATE lockers_grant g SET pin_tries = n.pin_tries, pin_closed_at = n.pin_closed_at,
        status = CASE WHEN g.status IN ('asleep', 'awake') THEN n.status ELSE g.status END,
        ended_at = coalesce(g.ended_at, n.ended_at),
        sealed = CASE WHEN n.status IN ('used', 'revoked') THEN NULL ELSE g.sealed END
    FROM json_to_recordset(%(grants)s::json) AS n(id bigint, status text, pin_tries int, pin_closed_at timestamptz,
        ended_at timestamptz)
    WHERE g.id = n.id
)"""

COMMANDS = """
command AS (
    UPDATE lockers_command c SET outcome = n.outcome, answered_at = n.at
    FROM json_to_recordset(%(commands)s::json) AS n(nonce text, outcome text, at timestamptz)
    WHERE c.kiosk_id = %(kiosk)s AND c.nonce = n.nonce
)"""

ENTRIES = """
entry AS (
    INSERT INTO foundation_entry (municipality_id, stream, number, at, noted_at, kind, by, about, data, hash)
    SELECT %(municipality)s, n.stream, n.number, n.at, %(now)s::timestamptz, n.kind, n.by, n.about, n.data,
        decode(n.hash, 'hex')
    FROM json_to_recordset(%(entries)s::json) AS n(stream text, number bigint, at timestamptz, kind text, by text,
        about jsonb, data jsonb, hash text)
    RETURNING id, kind
), following AS (
    INSERT INTO foundation_following (municipality_id, entry, follower, due_at, tries, error)
    SELECT %(municipality)s, entry.id, n.follower, %(now)s::timestamptz, 0, ''
    FROM entry JOIN json_to_recordset(%(followers)s::json) AS n(kind text, follower text) ON n.kind = entry.kind
), head AS (
    INSERT INTO foundation_stream AS s (municipality_id, name, length, head)
    SELECT %(municipality)s, n.name, n.length, decode(n.head, 'hex')
    FROM json_to_recordset(%(heads)s::json) AS n(name text, length bigint, head text)
    ON CONFLICT (municipality_id, name) DO UPDATE SET length = excluded.length, head = excluded.head
        WHERE s.length = (
            SELECT was FROM json_to_recordset(%(heads)s::json) AS b(name text, was bigint) WHERE b.name = s.name)
    RETURNING name
)"""

WISHES = """
wishes AS (
    UPDATE lockers_kiosk SET wish_version = wish_version + 1 WHERE id IN (
        SELECT id FROM lockers_kiosk WHERE (id = %(kiosk)s OR (%(all)s AND retired_at IS NULL)) {after}
        ORDER BY id FOR NO KEY UPDATE)
    RETURNING id, wish_version
)"""
AFTER_HEADS = "AND (SELECT count(*) FROM head) >= 0"
"""A head that nobody had begun could not be locked before: who begins it at the same moment is waited for here."""
