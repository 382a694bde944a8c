package dev.pg2kinesis.decode;

import java.util.ArrayList;
import java.util.List;

/** Statements after which the three plugins have as much as possible to disagree on. */
final class HostileScript {

  private HostileScript() {}

  /** Values of one type each, and NULL. */
  private static final List<List<String>> TYPES =
      List.of(
          List.of("smallint", "-32768", "32767"),
          List.of("integer", "-2147483648", "0"),
          List.of("bigint", "9223372036854775807", "-1"),
          List.of("numeric", "1.500", "0.000000000000000000000000000000000000001"),
          List.of("numeric(10,2)", "-1.5", "99999999.99"),
          List.of("numeric(100,0)", "9".repeat(100), "-" + "1".repeat(100)),
          List.of("real", "1e-07", "3.4028235e+38"),
          List.of("double precision", "0.1", "-1.7976931348623157e+308"),
          List.of("money", "-1234567.89", "0"),
          List.of("text", "''", "'it''s \"q\" \\ / null'"),
          List.of("character varying", "'x'", "' '"),
          List.of("character varying(10)", "'é🐘'", "'null'"),
          List.of("character(5)", "'ab'", "''"),
          List.of("bpchar", "'ab '", "''"),
          List.of("\"char\"", "'a'", "''''"),
          List.of("name", "'n'", "'N m'"),
          List.of("bytea", "'\\x00ff27225c'", "''"),
          List.of("timestamp", "'0044-03-15 12:00:00.000001 BC'", "'infinity'"),
          List.of("timestamp(3)", "'2026-01-31 23:59:59.9996'", "'-infinity'"),
          List.of(
              "timestamptz", "'294276-12-31 23:59:59.999999+00'", "'2026-06-01 00:00:00+05:45'"),
          List.of("timestamptz(0)", "'2026-01-31 12:00:00.5+00'", "'4713-01-01 00:00:00+00 BC'"),
          List.of("date", "'0001-01-01 BC'", "'infinity'"),
          List.of("time", "'24:00:00'", "'00:00:00.000001'"),
          List.of("time(3)", "'01:02:03.4567'", "'00:00'"),
          List.of("timetz", "'01:02:03.456789-11:59:30'", "'24:00:00+00'"),
          List.of("timetz(2)", "'01:02:03.456789+01'", "'00:00:00+00'"),
          List.of("interval", "'-1 year -2 mons +3 days -04:05:06.789'", "'0'"),
          List.of("interval(3)", "'1.23456 seconds'", "'178000000 years'"),
          List.of("interval day to second(2)", "'1 day 02:03:04.567'", "'-1 day'"),
          List.of("interval year to month", "'1-2'", "'-1-2'"),
          List.of("boolean", "true", "false"),
          List.of("point", "'(1.5,-2)'", "'(Infinity,NaN)'"),
          List.of("line", "'{1,2,3}'", "'{-1,0,0}'"),
          List.of("lseg", "'[(0,0),(1,1)]'", "'[(1,1),(0,0)]'"),
          List.of("box", "'(1,1),(0,0)'", "'(0,0),(0,0)'"),
          List.of("path", "'((0,0),(1,1))'", "'[(0,0),(1,1)]'"),
          List.of("polygon", "'((0,0),(1,1),(1,0))'", "'((0,0))'"),
          List.of("circle", "'<(0,0),1>'", "'<(1,2),0>'"),
          List.of("cidr", "'10.0.0.0/8'", "'2001:db8::/32'"),
          List.of("inet", "'10.1.2.3/8'", "'::ffff:1.2.3.4'"),
          List.of("macaddr", "'08:00:2b:01:02:03'", "'00:00:00:00:00:00'"),
          List.of("macaddr8", "'08:00:2b:01:02:03:04:05'", "'ff:ff:ff:ff:ff:ff:ff:ff'"),
          List.of("bit", "B'1'", "B'0'"),
          List.of("bit(3)", "B'101'", "B'000'"),
          List.of("bit varying", "B''", "B'1111000011110000111100001'"),
          List.of("bit varying(5)", "B'1'", "B''"),
          List.of("tsvector", "'a:1 ''b c'':2A'", "''"),
          List.of("tsquery", "'a & !''b''''c'''", "''"),
          List.of(
              "uuid",
              "'00000000-0000-0000-0000-000000000000'",
              "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
          List.of("json", "'{\"a\" : [1, null, \"x\\u00e9\\n\"]}'", "'\"\"'"),
          List.of("xml", "'<a b=\"it&amp;s\">ü</a>'", "'x'"),
          List.of("jsonb", "'{\"b\": 1.50, \"a\": \"\\\"\"}'", "'null'"),
          List.of("jsonpath", "'$.a[*] ? (@ > 1)'", "'lax $'"),
          List.of("int4range", "'[1,2)'", "'empty'"),
          List.of("int8range", "'(,)'", "'[1,]'"),
          List.of("numrange", "'[1.0,1.00]'", "'(,2)'"),
          List.of("tsrange", "'[2026-01-31,infinity)'", "'(,)'"),
          List.of("tstzrange", "'[2026-01-31 00:00+00,2026-02-01 00:00+00)'", "'empty'"),
          List.of("daterange", "'[2026-01-31,2026-01-31]'", "'(,)'"),
          List.of("int4multirange", "'{[1,2),[5,9)}'", "'{}'"),
          List.of("nummultirange", "'{[1.0,2.0)}'", "'{(,)}'"),
          List.of("tstzmultirange", "'{[2026-01-31 00:00+00,)}'", "'{}'"),
          List.of("datemultirange", "'{[2026-01-31,2026-02-01)}'", "'{}'"),
          List.of("oid", "4294967295", "0"),
          List.of("regclass", "'pg_class'", "'public.types'"),
          List.of("regtype", "'integer'", "'public.mood'"),
          List.of("pg_lsn", "'FFFFFFFF/FFFFFFFF'", "'0/0'"),
          List.of("xid", "'4294967295'", "'3'"),
          List.of("xid8", "'18446744073709551615'", "'3'"),
          List.of("tid", "'(1,2)'", "'(4294967295,65535)'"),
          List.of("int2vector", "'1 2'", "''"),
          List.of("pg_snapshot", "'10:20:10,14'", "'1:1:'"),
          List.of("integer[]", "'{{1,2},{3,NULL}}'", "'[0:1]={1,2}'"),
          List.of("numeric(5,1)[]", "'{1.5,NaN}'", "'{}'"),
          List.of("text[]", "'{\"a,b\",\"it''s\",\"\\\"\",NULL,\"NULL\",\"\"}'", "'{}'"),
          List.of("character varying(3)[]", "'{abc}'", "'{}'"),
          List.of("bpchar[]", "'{a}'", "'{}'"),
          List.of("\"char\"[]", "'{a,b}'", "'{}'"),
          List.of("bytea[]", "'{\"\\\\x00ff\"}'", "'{}'"),
          List.of("boolean[]", "'{t,f,NULL}'", "'{}'"),
          List.of("bit(2)[]", "'{10}'", "'{}'"),
          List.of("timestamp(2)[]", "'{2026-01-31}'", "'{}'"),
          List.of("interval day to second[]", "'{1 day}'", "'{}'"),
          List.of("jsonb[]", "'{\"{\\\"a\\\": 1}\"}'", "'{}'"),
          List.of("int4range[]", "'{\"[1,2)\"}'", "'{}'"),
          List.of("public.mood", "'ok'", "'it''s'"),
          List.of("public.mood[]", "'{ok,\"it''s\"}'", "'{}'"),
          List.of("\"Odd S\".mood", "'a'", "'b'"),
          List.of("\"Odd S\".mood[]", "'{a,b}'", "'{}'"),
          List.of("public.\"Typ e (1)\"", "'x'", "'x'"),
          List.of("public.price", "1.5", "0"),
          List.of("public.price[]", "'{1.5}'", "'{}'"),
          List.of("public.flag", "true", "false"),
          List.of("public.bin", "'\\x00ff'", "''"),
          List.of("public.pair", "'(1,\"a,b\")'", "'(,)'"),
          List.of("public.span", "'[1,2)'", "'empty'"));

  /** Special values of numbers, which wal2json cannot print. */
  private static final List<List<String>> SPECIAL =
      List.of(
          List.of("numeric", "'NaN'"),
          List.of("numeric(5,2)", "'NaN'"),
          List.of("real", "'-Infinity'"),
          List.of("double precision", "'Infinity'"),
          List.of("double precision", "'NaN'"));

  private static final List<String> TEXTS =
      List.of(
          "null",
          "unchanged-toast-datum",
          "(no-tuple-data)",
          "'",
          "''",
          "' b[text]:'x",
          "x'\nCOMMIT 748 (at 2026-01-31 12:34:56.789+00)",
          "\r\n\t\u0001\u001f\u007f\u0080\u2028\uFEFF\uFFFD\uFFFF",
          "\" new-tuple: old-key: ",
          "\\",
          "\\\"",
          "\\u0041\\n",
          "\"}]}",
          "\",\"value\":null},{\"name\":\"b",
          "{\"action\":\"C\",\"timestamp\":\"2026-01-31 12:34:56+00\"}",
          "BEGIN 1",
          "table public.texts: INSERT: id[integer]:1",
          "message: transactional: 0 prefix: p, sz: 1 content:x",
          "žluťoučký кот 🐘 \uD83D\uDC68\u200D\uD83D\uDC69",
          "__debezium_unavailable_value",
          "x".repeat(10_000));

  /** Types, tables and whatever else must be there before the slots. */
  static List<String> before(int major) {
    List<String> sql = new ArrayList<>();
    sql.add("CREATE SCHEMA \"Odd S\"");
    sql.add("CREATE SCHEMA \"S.\"\"x\"\"\"");
    sql.add("CREATE TYPE public.mood AS ENUM ('ok', 'it''s')");
    sql.add("CREATE TYPE \"Odd S\".mood AS ENUM ('a', 'b')");
    sql.add("CREATE TYPE public.\"Typ e (1)\" AS ENUM ('x')");
    sql.add("CREATE DOMAIN public.price AS numeric(10,2)");
    sql.add("CREATE DOMAIN public.flag AS boolean");
    sql.add("CREATE DOMAIN public.bin AS bytea");
    sql.add("CREATE TYPE public.pair AS (a integer, b text)");
    sql.add("CREATE TYPE public.span AS RANGE (subtype = double precision)");
    sql.add("CREATE TABLE public.types (id integer PRIMARY KEY)");
    addColumns(sql, "types", TYPES);
    sql.add("CREATE TABLE public.special (id integer PRIMARY KEY)");
    addColumns(sql, "special", SPECIAL);
    sql.add("CREATE TABLE public.texts (id integer PRIMARY KEY, a text, b text)");
    sql.add("ALTER TABLE public.texts REPLICA IDENTITY FULL");
    sql.add(
        "CREATE TABLE \"S.\"\"x\"\"\".\"T: INSERT: [a],  \"\"b\"\"\" ("
            + "\"select\" integer, \"new-tuple:\" text, \"a b[text]:'x'\" text, \"ключ \"\"🐘\" text,"
            + " plain_1 text, \"\\\" text, PRIMARY KEY (\"new-tuple:\", \"select\"))");
    sql.add(
        "CREATE TABLE public.by_index (a integer PRIMARY KEY, c text, b text NOT NULL, d text)");
    sql.add("CREATE UNIQUE INDEX by_b ON public.by_index (b)");
    sql.add("ALTER TABLE public.by_index REPLICA IDENTITY USING INDEX by_b");
    sql.add("CREATE TABLE public.whole (a integer, b text, c text)");
    sql.add("ALTER TABLE public.whole REPLICA IDENTITY FULL");
    sql.add("CREATE TABLE public.keyless (a integer, b text)");
    sql.add("CREATE TABLE public.nothing (a integer PRIMARY KEY, b text)");
    sql.add("ALTER TABLE public.nothing REPLICA IDENTITY NOTHING");
    sql.add("CREATE TABLE public.no_columns ()");
    sql.add(
        "CREATE TABLE public.toasted (id text PRIMARY KEY, a text, n numeric, b bytea, c integer)");
    sql.add("CREATE TABLE public.toasted_whole (id integer PRIMARY KEY, a text, c text)");
    sql.add("ALTER TABLE public.toasted_whole REPLICA IDENTITY FULL");
    for (String column :
        List.of(
            "toasted ALTER id",
            "toasted ALTER a",
            "toasted ALTER n",
            "toasted ALTER b",
            "toasted_whole ALTER a")) {
      sql.add("ALTER TABLE public." + column + " SET STORAGE external");
    }
    sql.add(
        "CREATE TABLE public.generated (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            + " a integer, gen_a integer GENERATED ALWAYS AS (a * 2) STORED, b text)");
    sql.add(
        "CREATE TABLE public.parts (id integer, at date, v text, PRIMARY KEY (at, id))"
            + " PARTITION BY RANGE (at)");
    sql.add(
        "CREATE TABLE public.part_1 PARTITION OF public.parts"
            + " FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')");
    sql.add("CREATE TABLE public.part_2 PARTITION OF public.parts DEFAULT");
    sql.add("CREATE TABLE public.dropped (a integer, b text, c integer PRIMARY KEY, d text)");
    sql.add("ALTER TABLE public.dropped DROP COLUMN b");
    if (major >= 18) {
      sql.add(
          "CREATE TABLE public.virtual (id integer PRIMARY KEY,"
              + " v integer GENERATED ALWAYS AS (id + 1) VIRTUAL, b text)");
    }
    return sql;
  }

  private static void addColumns(List<String> sql, String table, List<List<String>> types) {
    StringBuilder alter = new StringBuilder("ALTER TABLE public." + table);
    for (int i = 0; i < types.size(); i++) {
      alter.append(i == 0 ? " " : ", ").append("ADD c").append(i).append(' ');
      alter.append(types.get(i).get(0));
    }
    sql.add(alter.toString());
  }

  /** Transactions, each a list of statements. */
  static List<List<String>> transactions(int major) {
    List<List<String>> all = new ArrayList<>();
    all.add(List.of(insert("types", TYPES, 1), insert("types", TYPES, 2)));
    all.add(List.of("INSERT INTO public.types (id) VALUES (3)"));
    all.add(
        List.of(
            "UPDATE public.types SET id = id + 10 WHERE id = 1",
            "UPDATE public.types SET c0 = 1",
            "DELETE FROM public.types"));
    all.add(List.of(insert("special", SPECIAL, 1)));
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < TEXTS.size(); i++) {
      texts.add(
          "INSERT INTO public.texts VALUES ("
              + i
              + ", "
              + quoted(TEXTS.get(i))
              + ", "
              + (i % 2 == 0 ? "NULL" : quoted(TEXTS.get(i)))
              + ")");
    }
    texts.add("UPDATE public.texts SET a = b");
    texts.add("UPDATE public.texts SET a = a");
    texts.add("DELETE FROM public.texts");
    all.add(texts);
    String odd = "\"S.\"\"x\"\"\".\"T: INSERT: [a],  \"\"b\"\"\"";
    all.add(
        List.of(
            "INSERT INTO " + odd + " VALUES (1, 'k', 'x', 'y', 'z', 'w')",
            "UPDATE " + odd + " SET plain_1 = NULL",
            "UPDATE " + odd + " SET \"new-tuple:\" = 'new-tuple:'",
            "DELETE FROM " + odd));
    all.add(
        List.of(
            "INSERT INTO public.by_index VALUES (1, 'c', 'b', NULL)",
            "UPDATE public.by_index SET a = 2",
            "UPDATE public.by_index SET b = 'bb', a = 3",
            "DELETE FROM public.by_index"));
    all.add(
        List.of(
            "INSERT INTO public.whole VALUES (NULL, NULL, NULL), (1, NULL, 'x'), (2, 'x', NULL)",
            "UPDATE public.whole SET b = 'y' WHERE a IS NULL",
            "UPDATE public.whole SET c = NULL",
            "DELETE FROM public.whole"));
    all.add(
        List.of(
            "INSERT INTO public.keyless VALUES (1, 'x')",
            "INSERT INTO public.nothing VALUES (1, 'x')",
            "INSERT INTO public.no_columns DEFAULT VALUES"));
    String big = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 200) i)";
    String key = "(SELECT left(string_agg(md5(i::text), ''), 2300) FROM generate_series(1, 100) i)";
    all.add(
        List.of(
            "INSERT INTO public.toasted VALUES ('k', "
                + big
                + ", ('1.' || repeat('12345678', 1000))::numeric,"
                + " decode("
                + big
                + ", 'hex'), 1)",
            "UPDATE public.toasted SET c = 2",
            "UPDATE public.toasted SET id = 'kk', a = 'short'",
            "UPDATE public.toasted SET n = 1.50, b = NULL",
            "DELETE FROM public.toasted",
            "INSERT INTO public.toasted VALUES (" + key + ", 'x', 1, '', 1)",
            "UPDATE public.toasted SET c = 3",
            "UPDATE public.toasted SET id = id || 'x', c = 4",
            "DELETE FROM public.toasted"));
    all.add(
        List.of(
            "INSERT INTO public.toasted_whole VALUES (1, " + big + ", 'x')",
            "UPDATE public.toasted_whole SET c = NULL",
            "UPDATE public.toasted_whole SET a = 'short'",
            "DELETE FROM public.toasted_whole"));
    all.add(
        List.of(
            "INSERT INTO public.generated (a, b) VALUES (1, 'x'), (NULL, 'y')",
            "UPDATE public.generated SET a = 5",
            "DELETE FROM public.generated"));
    all.add(
        List.of(
            "INSERT INTO public.parts VALUES (1, '2026-01-31', 'x'), (2, '2026-06-01', 'y')",
            "UPDATE public.parts SET at = '2026-03-01' WHERE id = 1",
            "DELETE FROM public.parts"));
    all.add(
        List.of(
            "INSERT INTO public.dropped VALUES (1, 2, 'x')",
            "UPDATE public.dropped SET c = 3",
            "DELETE FROM public.dropped"));
    all.add(
        List.of(
            "INSERT INTO public.keyless VALUES (10, 'before')",
            "SAVEPOINT s",
            "INSERT INTO public.keyless VALUES (11, 'rolled back')",
            "ROLLBACK TO SAVEPOINT s",
            "SAVEPOINT t",
            "INSERT INTO public.keyless VALUES (12, 'kept')",
            "RELEASE SAVEPOINT t",
            "CREATE TABLE public.made (x integer PRIMARY KEY, y text)",
            "INSERT INTO public.made VALUES (1, 'x')",
            "ALTER TABLE public.made ADD z text DEFAULT 'z'",
            "INSERT INTO public.made VALUES (2, 'x')"));
    all.add(
        List.of(
            "SELECT pg_logical_emit_message(true, 'p, sz: 3 content:', E'a\\nb\"\\\\')",
            "SELECT pg_logical_emit_message(false, 'alone, within', 'x')",
            "SELECT pg_logical_emit_message(true, '', '')"));
    all.add(List.of("SELECT pg_logical_emit_message(false, 'alone', 'žluť 🐘')"));
    all.add(List.of("TRUNCATE public.types, public.texts"));
    all.add(List.of("TRUNCATE public.types RESTART IDENTITY CASCADE", "TRUNCATE public.parts"));
    if (major >= 18) {
      all.add(
          List.of(
              "INSERT INTO public.virtual (id, b) VALUES (1, 'x'), (2, NULL)",
              "UPDATE public.virtual SET id = id + 10",
              "DELETE FROM public.virtual"));
    }
    return all;
  }

  private static String insert(String table, List<List<String>> types, int value) {
    StringBuilder sql = new StringBuilder("INSERT INTO public." + table + " VALUES (" + value);
    for (List<String> type : types) {
      sql.append(", ").append(type.get(value));
    }
    return sql.append(')').toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
