-- Prepares a database for pg2kinesis: a role that may read slots, and a publication. May be run
-- again; what is there already stays.
--
--   psql "host=… dbname=shop user=admin" -v ON_ERROR_STOP=1 -f scripts/setup.sql
--
-- Variables, each given as -v name=value:
--
--   role         role of the function                                            (pg2kinesis)
--   publication  publication for pgoutput slots; 'none' makes none                (pg2kinesis)
--   tables       tables of the publication, as SQL: 'public.orders, public.lines' (all tables)
--   iam          on: the role logs in with RDS IAM tokens                         (off)
--   monitor      on: status may look at other sessions' transactions              (off)
--   help         on: show this and stop
--
-- A password is taken from the environment variable PG2KINESIS_PASSWORD (psql 14 or newer), so that
-- it is in no command line; or set it afterwards with psql's \password. On RDS and Aurora the user
-- must be a member of rds_superuser, elsewhere a superuser; wal_level must be logical, which is the
-- parameter rds.logical_replication = 1 on RDS, and takes a restart.
--
-- The slot is made last, and by the function: {"action":"create-slot"}. A slot that is older than
-- its publication fails until it has passed the publication's creation.

\set ON_ERROR_STOP on
\if :{?help}
  \echo 'usage: psql ... [-v role=R] [-v publication=P|none] [-v tables=''a, b''] [-v iam=on] [-v monitor=on] -f scripts/setup.sql'
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
\if :{?iam} \else
  \set iam off
\endif
\if :{?monitor} \else
  \set monitor off
\endif
\getenv password PG2KINESIS_PASSWORD

DO $$
BEGIN
  IF current_setting('server_version_num')::int < 110000 THEN
    RAISE EXCEPTION 'PostgreSQL 11 or newer is needed, this is %', current_setting('server_version');
  END IF;
  IF current_setting('wal_level') <> 'logical' THEN
    RAISE EXCEPTION 'wal_level is %, and must be logical', current_setting('wal_level')
      USING HINT = 'On RDS and Aurora set rds.logical_replication = 1 in the parameter group and '
        'reboot; elsewhere ALTER SYSTEM SET wal_level = logical and restart.';
  END IF;
END
$$;

SET client_min_messages = warning;

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
\if :{?password}
  SET log_statement = 'none';
  ALTER ROLE :"role" PASSWORD :'password';
  RESET log_statement;
  \echo Its password is set from PG2KINESIS_PASSWORD.
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
\if :monitor
  GRANT pg_read_all_stats TO :"role";
\endif
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'role')
\gexec
\echo It may read slots; it may read no table.

-- The publication.
SELECT :'publication' <> 'none' AS wanted,
  EXISTS (SELECT 1 FROM pg_publication WHERE pubname = :'publication') AS publication_exists,
  :'tables' <> '' AS some_tables
\gset
\if :wanted
  \if :publication_exists
    \echo Publication :publication exists and is left as it is.
  \elif :some_tables
    CREATE PUBLICATION :"publication" FOR TABLE :tables;
    \echo Publication :publication created.
  \else
    CREATE PUBLICATION :"publication" FOR ALL TABLES;
    \echo Publication :publication created, for all tables.
  \endif
\endif

-- UPDATE and DELETE of these would fail, or could not say which row they are about.
SELECT count(*) > 0 AS keyless
FROM pg_publication_tables p
JOIN pg_class c ON c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass
WHERE p.pubname = :'publication'
  AND (c.relreplident = 'n' OR (c.relreplident = 'd' AND NOT EXISTS (
    SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)))
\gset
\if :keyless
  \warn These published tables have no replica identity. UPDATE and DELETE on them fail until they
  \warn have a primary key, or ALTER TABLE ... REPLICA IDENTITY FULL:
  SELECT format('%I.%I', p.schemaname, p.tablename) AS "table"
  FROM pg_publication_tables p
  JOIN pg_class c ON c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass
  WHERE p.pubname = :'publication'
    AND (c.relreplident = 'n' OR (c.relreplident = 'd' AND NOT EXISTS (
      SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)))
  ORDER BY 1;
\endif
