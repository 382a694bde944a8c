-- Run this right before a major upgrade of the server (pg_upgrade, or RDS's in place), once writers
-- are stopped and scripts/drain has published what waits. It checks that the upgrade loses nothing,
-- and changes nothing before everything is right.
--
--   psql -v slot=pg2kinesis -f scripts/upgrade.sql   (PGHOST, PGDATABASE and so on choose the session)
--
-- The session is in the slot's database, as a superuser, or on RDS as a member of rds_superuser.
--
-- From PostgreSQL 17 on the upgrade keeps the slot. Before 17 it does not, and cannot start while
-- there is one, so this script drops the slot as its last step. After the upgrade create it again
-- with scripts/invoke create-slot, before writers start.
--
-- Exit status 0: upgrade now. 3: the message says what to do first. Needs PostgreSQL 12 or newer.

\set ON_ERROR_STOP on
\if :{?slot} \else
  \set slot pg2kinesis
\endif
SELECT set_config('pg2kinesis.upgrade', :'slot', false) AS slot \gset upgrade_

DO $$
DECLARE
  name text := current_setting('pg2kinesis.upgrade');
  slot pg_replication_slots;
  found text;
BEGIN
  SELECT * INTO slot FROM pg_replication_slots WHERE slot_name = name;
  IF slot.slot_name IS NULL THEN
    RAISE EXCEPTION 'There is no slot %. Name it with -v slot=...', name;
  ELSIF slot.database IS DISTINCT FROM current_database() THEN
    RAISE EXCEPTION 'Slot % belongs to database %: connect to that one.', name, slot.database;
  ELSIF slot.restart_lsn IS NULL THEN
    RAISE EXCEPTION 'Slot % is lost. Drop it, and load the tables again after the upgrade.', name;
  END IF;

  SELECT string_agg(format('process %s of %s', pid, coalesce(usename, 'the server')), ', ')
  INTO found
  FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid();
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'Transactions are open: %. Stop the writers first.', found;
  END IF;

  SELECT string_agg(gid, ', ') INTO found FROM pg_prepared_xacts;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'Transactions are prepared: %. Commit them or roll them back.', found;
  END IF;

  SELECT string_agg(slot_name, ', ') INTO found
  FROM pg_replication_slots WHERE slot_type = 'logical' AND slot_name <> name;
  IF found IS NOT NULL THEN
    RAISE NOTICE 'There are other logical slots, which stop the upgrade as well: %.', found;
  END IF;

  -- A copy shows what waits without the slot's plugin and without moving the slot.
  PERFORM pg_copy_logical_replication_slot(name, name || '_upgrade', true, 'test_decoding');
  SELECT data INTO found
  FROM pg_logical_slot_peek_changes(name || '_upgrade', NULL, 1, 'skip-empty-xacts', '1') LIMIT 1;
  PERFORM pg_drop_replication_slot(name || '_upgrade');
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'Slot % has changes that are not published. Run scripts/drain first.', name;
  END IF;

  IF current_setting('server_version_num')::int < 170000 THEN
    PERFORM pg_drop_replication_slot(name);
    RAISE NOTICE 'Slot % was empty at % and is dropped. Upgrade, and create it again before writers start.',
      name, slot.confirmed_flush_lsn;
  ELSE
    RAISE NOTICE 'Slot % is empty at %. The upgrade keeps it.', name, slot.confirmed_flush_lsn;
  END IF;
END
$$;
