-- Prepares a database for pg2kinesis: a role that may read slots, and a publication. Run it again
-- at any time; it keeps what is there.
--
--   psql -f scripts/setup.sql             (PGHOST, PGDATABASE, PGUSER and so on choose the session)
--
-- Variables, each given as -v name=value:
--
--   role         role of the function                                            (pg2kinesis)
--   publication  publication for pgoutput slots; 'none' makes none                (pg2kinesis)
--   tables       tables of the publication, as SQL: 'public.orders, public.lines' (all tables)
--   keyless      on: publish all tables although some have no replica identity     (off)
--   iam          on: the role logs in with RDS IAM tokens                         (off)
--   snapshot     on: the role may read the published tables, for the action snapshot (off)
--   monitor      on: status may look at other sessions' transactions              (off)
--   help         on: show this and stop
--
-- The environment variable PG2KINESIS_PASSWORD sets the role's password. This machine hashes it
-- (with python3) and sends the SCRAM verifier only, so the password is in no command line, in no
-- statement and in no log of the server. Without the variable the role gets no password; psql's
-- \password sets one later in the same safe way.
--
-- On RDS and Aurora the user must be a member of rds_superuser, as the master user is; elsewhere a
-- superuser. wal_level must be logical: on RDS that is the parameter rds.logical_replication = 1,
-- which takes a reboot. Needs psql 13 or newer.
--
-- The function creates the slot afterwards: scripts/invoke create-slot. A slot that is older than
-- its publication fails until it has passed the publication's creation.

\set ON_ERROR_STOP on
\if :{?help}
  \echo 'usage: psql ... [-v role=R] [-v publication=P|none] [-v tables=''a, b''] [-v keyless=on] [-v iam=on] [-v snapshot=on] [-v monitor=on] -f scripts/setup.sql'
  \echo 'The head of scripts/setup.sql says what each is for.'
  \quit
\endif
\if :{?role} \else
  \set role pg2kinesis
\endif
\if :{?publication} \else
  \set publication pg2kinesis
\endif
\if :{?tables} \else
  \set tables ''
\endif
\if :{?keyless} \else
  \set keyless off
\endif
\if :{?iam} \else
  \set iam off
\endif
\if :{?snapshot} \else
  \set snapshot off
\endif
\if :{?monitor} \else
  \set monitor off
\endif

SET client_min_messages = warning;

DO $$
BEGIN
  IF current_setting('server_version_num')::int < 110000 THEN
    RAISE EXCEPTION 'PostgreSQL 11 or newer is needed, this is %', current_setting('server_version');
  END IF;
  -- PostgreSQL 19 raises replica to logical with the first slot.
  IF current_setting('wal_level') <> 'logical'
    AND (current_setting('wal_level') = 'minimal' OR current_setting('effective_wal_level', true) IS NULL)
  THEN
    RAISE EXCEPTION 'wal_level is %, and must be logical', current_setting('wal_level')
      USING HINT = 'On RDS and Aurora set rds.logical_replication = 1 in the parameter group and '
        'reboot; elsewhere ALTER SYSTEM SET wal_level = logical and restart.';
  END IF;
END
$$;

-- The verifier of the password, as RFC 5803 and the manual's chapter "pg_authid" describe it. A
-- password beyond ASCII would have to be normalised first (SASLprep), so it is refused.
\set has_password `test -n "$PG2KINESIS_PASSWORD" && echo on || echo off`
\if :has_password
  \set scram 'import base64, hashlib, hmac, os, sys\n'
  \set scram :scram 'password = os.environ["PG2KINESIS_PASSWORD"]\n'
  \set scram :scram 'if not all(" " <= c <= "~" for c in password):\n'
  \set scram :scram '    sys.exit("PG2KINESIS_PASSWORD may hold printable ASCII characters only")\n'
  \set scram :scram 'salt = os.urandom(16)\n'
  \set scram :scram 'salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 4096)\n'
  \set scram :scram 'key = lambda name: hmac.new(salted, name, hashlib.sha256).digest()\n'
  \set scram :scram 'text = lambda value: base64.b64encode(value).decode()\n'
  \set scram :scram 'stored = hashlib.sha256(key(b"Client Key")).digest()\n'
  \set scram :scram 'print("SCRAM-SHA-256$4096:%s$%s:%s" % (text(salt), text(stored), text(key(b"Server Key"))))\n'
  \setenv PG2KINESIS_SCRAM :scram
  \set verifier `python3 -c "$PG2KINESIS_SCRAM"`
  SELECT :'verifier' LIKE 'SCRAM-SHA-256$%' AS hashed \gset
  \if :hashed \else
    \warn PG2KINESIS_PASSWORD could not be hashed on this machine, which takes python3. Nothing was
    \warn changed. Run this script without the variable, and then set the password with psql:
    \warn '  \\password' :role
    DO $$ BEGIN RAISE EXCEPTION 'the password could not be hashed'; END $$;
  \endif
\endif

-- The role.
SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'role') AS role_exists,
  EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'rds_replication') AS on_rds,
  EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'rds_iam') AS has_iam
\gset
\if :role_exists
  \echo Role :role exists.
\else
  CREATE ROLE :"role" LOGIN;
  \echo Role :role created.
\endif
\if :on_rds
  GRANT rds_replication TO :"role";
\else
  ALTER ROLE :"role" REPLICATION;
\endif
\if :iam
  \if :has_iam
    GRANT rds_iam TO :"role";
  \else
    DO $$ BEGIN RAISE EXCEPTION 'iam=on needs RDS or Aurora: there is no role rds_iam here'; END $$;
  \endif
\endif
-- The owner of a database alone may grant on it, and PUBLIC mostly has the right already.
SELECT NOT has_database_privilege(:'role', current_database(), 'CONNECT') AS shut_out \gset
\if :shut_out
  SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'role')
  \gexec
\endif
\if :has_password
  ALTER ROLE :"role" PASSWORD :'verifier';
  \echo Its password is set from PG2KINESIS_PASSWORD.
\endif
\if :monitor
  -- From PostgreSQL 16 on a grant takes ADMIN OPTION on just that role, and who is no superuser may
  -- have it on pg_monitor only, which includes pg_read_all_stats.
  SELECT set_config('pg2kinesis.role', :'role', false) AS ignored \gset
  DO $$
  BEGIN
    EXECUTE format('GRANT pg_read_all_stats TO %I', current_setting('pg2kinesis.role'));
  EXCEPTION WHEN insufficient_privilege THEN
    EXECUTE format('GRANT pg_monitor TO %I', current_setting('pg2kinesis.role'));
  END
  $$;
\endif
\if :snapshot \else
  \echo It may read slots; it may read no table.
\endif

-- The publication. From then on UPDATE and DELETE of a published table fail unless it has a replica
-- identity: a valid primary key that is not deferrable, the index chosen, or the whole row.
SELECT :'publication' <> 'none' AS wanted,
  EXISTS (SELECT 1 FROM pg_publication WHERE pubname = :'publication') AS publication_exists,
  :'tables' <> '' AS some_tables
\gset
SELECT coalesce(array_agg(format('%I.%I', n.nspname, c.relname) ORDER BY n.nspname, c.relname), '{}')
  AS keyless_tables
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid >= 16384
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND c.relreplident <> 'f'
  AND NOT EXISTS (
    SELECT 1 FROM pg_index i
    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
      AND ((c.relreplident = 'd' AND i.indisprimary) OR (c.relreplident = 'i' AND i.indisreplident)))
\gset
\if :wanted
  \if :publication_exists
    \echo Publication :publication exists and is left as it is.
  \elif :some_tables
    CREATE PUBLICATION :"publication" FOR TABLE :tables;
    \echo Publication :publication created.
  \else
    SELECT :'keyless_tables' <> '{}' AND NOT :'keyless'::boolean AS endangered,
      array_to_string(:'keyless_tables'::text[], E'\n') AS names
    \gset
    \if :endangered
      \warn The role is ready. No table is published yet, because UPDATE and DELETE of these would fail
      \warn from then on, as they have no replica identity:
      \warn :names
      \warn Give each a primary key or ALTER TABLE ... REPLICA IDENTITY FULL, or name the tables to publish
      \warn (-v tables=...), or publish them all the same if nobody updates these (-v keyless=on).
      DO $$ BEGIN RAISE EXCEPTION 'tables without a replica identity'; END $$;
    \endif
    \set ON_ERROR_STOP off
    CREATE PUBLICATION :"publication" FOR ALL TABLES;
    \set refused :ERROR
    \set ON_ERROR_STOP on
    \if :refused
      \warn The role is ready, the publication is missing. Only a superuser, and on RDS and Aurora a
      \warn member of rds_superuser, may publish all tables. The owner of tables may publish those:
      \warn   -v tables='public.orders, public.lines'
      DO $$ BEGIN RAISE EXCEPTION 'the publication was not created'; END $$;
    \endif
    \echo Publication :publication created, for all tables.
  \endif
\endif

-- A snapshot reads exactly the tables that are published.
\if :snapshot
  SELECT format('GRANT USAGE ON SCHEMA %I TO %I', schemaname, :'role')
  FROM pg_publication_tables WHERE pubname = :'publication' GROUP BY schemaname
  \gexec
  SELECT format('GRANT SELECT ON TABLE %I.%I TO %I', schemaname, tablename, :'role')
  FROM pg_publication_tables WHERE pubname = :'publication'
  \gexec
  \echo It may read slots and the published tables.
\endif

SELECT count(*) > 0 AS some_keyless,
  coalesce(string_agg(t.name, E'\n' ORDER BY t.name), '') AS names
FROM (SELECT format('%I.%I', schemaname, tablename) AS name
  FROM pg_publication_tables WHERE pubname = :'publication') t
WHERE t.name = ANY (:'keyless_tables'::text[])
\gset
\if :some_keyless
  \warn These published tables have no replica identity. UPDATE and DELETE of them fail until they
  \warn have a primary key, or ALTER TABLE ... REPLICA IDENTITY FULL:
  \warn :names
\endif
