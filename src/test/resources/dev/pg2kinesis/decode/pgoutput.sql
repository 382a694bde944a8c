-- What pgoutput.capture holds: run with psql on a database with wal_level = logical.
CREATE TYPE public.mood AS ENUM ('sad', 'hunter2');
CREATE DOMAIN public.moods AS public.mood[];
CREATE TABLE public.plain (id int PRIMARY KEY, name text, note varchar(20), at timestamptz, n numeric);
CREATE TABLE public."Odd ""name"".é" ("A b" uuid PRIMARY KEY, m public.mood, ms public.moods, j jsonb, b bytea);
CREATE TABLE public.whole (id int, big text, "char" "char", r int4range);
ALTER TABLE public.whole REPLICA IDENTITY FULL;
ALTER TABLE public.whole ALTER big SET STORAGE EXTERNAL;
CREATE TABLE public.wide (a int, b int, c int, d int, e int, f int, g int, h int, PRIMARY KEY (h, a));
CREATE TABLE public.empty ();
CREATE PUBLICATION p FOR ALL TABLES;
SELECT pg_create_logical_replication_slot('capture', 'pgoutput');
SELECT pg_replication_origin_create('upstream');
INSERT INTO public.plain VALUES (1, 'hunter2', NULL, '2026-01-02 03:04:05.678901Z', 'NaN'), (2, '', 'hunter2 ''"\', '-infinity', 1e40);
UPDATE public.plain SET name = E'hunter2\n\t😀', id = id + 10;
UPDATE public.plain SET name = NULL;
DELETE FROM public.plain WHERE id = 11;
INSERT INTO public."Odd ""name"".é" VALUES ('7c9e6679-7425-40de-944b-e07fc1f90ae7', 'hunter2', '{hunter2,NULL}', '{"hunter2": [1, "é"]}', '\x00ff0a');
UPDATE public."Odd ""name"".é" SET "A b" = '00000000-0000-0000-0000-000000000000', m = NULL;
DELETE FROM public."Odd ""name"".é";
INSERT INTO public.whole VALUES (1, repeat('hunter2', 400), 'x', '[1,2)'), (NULL, NULL, NULL, NULL);
UPDATE public.whole SET id = 2 WHERE id = 1;
DELETE FROM public.whole;
INSERT INTO public.wide VALUES (1, 2, 3, 4, 5, 6, 7, 8);
UPDATE public.wide SET h = 9;
DELETE FROM public.wide;
INSERT INTO public.empty DEFAULT VALUES;
BEGIN;
INSERT INTO public.plain VALUES (3, 'hunter2');
ALTER TABLE public.plain ADD COLUMN extra int[];
INSERT INTO public.plain VALUES (4, 'hunter2', 'hunter2', NULL, NULL, '{1,2,NULL}');
COMMIT;
TRUNCATE public.plain, public.wide RESTART IDENTITY CASCADE;
SELECT pg_logical_emit_message(false, 'prefix', 'hunter2');
SELECT pg_logical_emit_message(true, '', '\x6875006e74657232'::bytea);
SELECT pg_replication_origin_session_setup('upstream');
INSERT INTO public.wide VALUES (1, 2, 3, 4, 5, 6, 7, 8);
SELECT pg_replication_origin_session_reset();
\pset format unaligned
\pset fieldsep ' '
\pset tuples_only on
\o pgoutput.capture
SET TimeZone = 'UTC';
SELECT lsn, xid, encode(data, 'hex') FROM pg_logical_slot_peek_binary_changes('capture', NULL, NULL,
  'proto_version', '1', 'publication_names', 'p', 'messages', 'true');
