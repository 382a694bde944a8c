-- Writes every DDL command into a table, whose rows are then published like those of any other: a
-- consumer sees a table's change in its place between the rows before and after it. Logical
-- decoding itself carries no DDL.
--
--   psql "host=… dbname=shop user=admin" -v ON_ERROR_STOP=1 -f scripts/ddl-audit.sql
--   psql "host=… dbname=shop user=admin" -v ON_ERROR_STOP=1 -v remove=on -f scripts/ddl-audit.sql
--
-- Variables, each given as -v name=value:
--
--   publication  publication that the table is added to, if it names its tables one by one
--   statement    off: leave the commands' text out                                 (on)
--   remove       on: take triggers and functions away; the table goes too, with drop=on
--   help         on: show this and stop
--
-- Installs schema pg2kinesis with table ddl_audit and two event triggers. Needs a superuser, on RDS
-- and Aurora a member of rds_superuser. May be run again. Temporary objects are left out, and so is
-- what has no event trigger: databases, roles and tablespaces.

\set ON_ERROR_STOP on
\if :{?help}
  \echo 'usage: psql ... [-v publication=P] [-v statement=off] [-v remove=on [-v drop=on]] -f scripts/ddl-audit.sql'
  \echo 'The head of scripts/ddl-audit.sql says what each is for.'
  \quit
\endif
\if :{?statement} \else
  \set statement on
\endif
\if :{?remove} \else
  \set remove off
\endif
\if :{?drop} \else
  \set drop off
\endif
SET client_min_messages = warning;

BEGIN;

-- Also before installing again: this script's own commands are not to be audited.
DROP EVENT TRIGGER IF EXISTS pg2kinesis_ddl_command;
DROP EVENT TRIGGER IF EXISTS pg2kinesis_ddl_drop;

\if :remove
  DROP FUNCTION IF EXISTS pg2kinesis.audit_ddl_command();
  DROP FUNCTION IF EXISTS pg2kinesis.audit_ddl_drop();
  \if :drop
    DROP TABLE IF EXISTS pg2kinesis.ddl_audit;
    DROP SCHEMA IF EXISTS pg2kinesis;
  \endif
  COMMIT;
  \echo The audit of DDL is removed.
  \quit
\endif

CREATE SCHEMA IF NOT EXISTS pg2kinesis;
CREATE TABLE IF NOT EXISTS pg2kinesis.ddl_audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  role text NOT NULL DEFAULT session_user,
  tag text NOT NULL,
  object_type text,
  schema_name text,
  object text,
  statement text
);
COMMENT ON TABLE pg2kinesis.ddl_audit IS 'DDL commands, one row per object; written by event triggers';

-- With the rights of their owner, as whoever runs DDL need not be able to write the table; so
-- nothing is looked up on the caller's path.
CREATE OR REPLACE FUNCTION pg2kinesis.audit_ddl_command() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO pg2kinesis.ddl_audit (tag, object_type, schema_name, object, statement)
  SELECT command_tag, object_type, schema_name, object_identity, current_query()
  FROM pg_event_trigger_ddl_commands()
  WHERE schema_name IS DISTINCT FROM 'pg_temp' AND NOT in_extension;
END
$$;

CREATE OR REPLACE FUNCTION pg2kinesis.audit_ddl_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO pg2kinesis.ddl_audit (tag, object_type, schema_name, object, statement)
  SELECT TG_TAG, object_type, schema_name, object_identity, current_query()
  FROM pg_event_trigger_dropped_objects()
  WHERE original AND NOT is_temporary;
END
$$;

\if :statement
\else
  -- The columns stay, so that installing again with another choice breaks no consumer.
  CREATE OR REPLACE FUNCTION pg2kinesis.audit_ddl_command() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    INSERT INTO pg2kinesis.ddl_audit (tag, object_type, schema_name, object)
    SELECT command_tag, object_type, schema_name, object_identity
    FROM pg_event_trigger_ddl_commands()
    WHERE schema_name IS DISTINCT FROM 'pg_temp' AND NOT in_extension;
  END
  $$;
  CREATE OR REPLACE FUNCTION pg2kinesis.audit_ddl_drop() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    INSERT INTO pg2kinesis.ddl_audit (tag, object_type, schema_name, object)
    SELECT TG_TAG, object_type, schema_name, object_identity
    FROM pg_event_trigger_dropped_objects()
    WHERE original AND NOT is_temporary;
  END
  $$;
\endif

REVOKE ALL ON FUNCTION pg2kinesis.audit_ddl_command() FROM public;
REVOKE ALL ON FUNCTION pg2kinesis.audit_ddl_drop() FROM public;

\if :{?publication}
  SELECT EXISTS (
    SELECT 1 FROM pg_publication_tables
    WHERE pubname = :'publication' AND schemaname = 'pg2kinesis' AND tablename = 'ddl_audit'
  ) AS published
  \gset
  \if :published
  \else
    ALTER PUBLICATION :"publication" ADD TABLE pg2kinesis.ddl_audit;
  \endif
\endif

CREATE EVENT TRIGGER pg2kinesis_ddl_command ON ddl_command_end
  EXECUTE FUNCTION pg2kinesis.audit_ddl_command();
CREATE EVENT TRIGGER pg2kinesis_ddl_drop ON sql_drop
  EXECUTE FUNCTION pg2kinesis.audit_ddl_drop();
COMMIT;
\echo DDL is audited in pg2kinesis.ddl_audit.
