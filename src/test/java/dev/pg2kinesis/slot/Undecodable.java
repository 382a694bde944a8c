package dev.pg2kinesis.slot;

import dev.pg2kinesis.postgres.PostgresServer;

/**
 * Rows that a server stores and cannot decode: each in a table {@code t (id int, v …)} whose other
 * rows are good.
 */
public enum Undecodable {
  /** A byte that WIN1252 does not define. */
  WIN1252("ENCODING 'WIN1252'", "22P05", "text", "'good'", "E'x\\201'", ""),
  /** Bytes that are no UTF-8, in a database that does not look. */
  /** The same in a message, whose text the plugins that print text convert. */
  MESSAGE("ENCODING 'WIN1252'", "22P05", "text", "'good'", "", ""),
  LONE_MESSAGE("ENCODING 'WIN1252'", "22P05", "text", "'good'", "", ""),
  SQL_ASCII("ENCODING 'SQL_ASCII'", "22021", "text", "'good'", "E'x\\377'", ""),
  FILTER_DIVIDES_BY_ZERO("", "22012", "int", "1", "0", "(10 / v > 0)"),
  FILTER_OVERFLOWS("", "22003", "int", "1", "2147483647", "(v + 1 > 0)"),
  FILTER_QUOTES_THE_VALUE("", "22023", "text", "'good'", "'a secret'", "(parse_ident(v) <> '{}')"),
  FILTER_IS_TOO_LARGE("", "54000", "int", "1", "2000000000", "(length(repeat('x', v)) > 0)"),
  FILTER_BREAKS(
      "",
      "XX000",
      "int",
      "1",
      "0",
      "(float8_accum(CASE v WHEN 0 THEN ARRAY[float8 '1'] ELSE"
          + " ARRAY[float8 '1', float8 '2', float8 '3'] END, float8 '1') IS NOT NULL)"),
  /** A value that its type cannot print, as any type may have one. */
  TYPE_OVERFLOWS("", "22008", "year", "'0'", "'-9223372036854775807'", ""),
  /** The same with an error that the server holds for impossible. */
  TYPE_BREAKS("", "XX000", "document", "'\\x00000020'", "'\\x00000000'", ""),
  /** The same with one that looks like a mistake in a query. */
  TYPE_IS_UNKNOWN("", "42704", "pair", "NULL", "'\\xffffffff3f420f00'", "");

  final String encoding;

  /** The SQLSTATE of the server. */
  public final String sqlState;

  private final String type;
  private final String good;
  private final String bad;

  /** A row filter, for a publication; empty if the error is not in one. */
  public final String filter;

  Undecodable(
      String encoding, String sqlState, String type, String good, String bad, String filter) {
    this.encoding = encoding;
    this.sqlState = sqlState;
    this.type = type;
    this.good = good;
    this.bad = bad;
    this.filter = filter;
  }

  /** Whether the server and the plugin can have it. */
  public boolean isIn(int major, String plugin) {
    return switch (this) {
      case MESSAGE, LONE_MESSAGE -> !plugin.equals("pgoutput");
      default -> filter.isEmpty() || (major >= 15 && plugin.equals("pgoutput"));
    };
  }

  /** Whether it is text that cannot be converted, in a row of a table. */
  public boolean isUnconvertible() {
    return this == WIN1252 || this == SQL_ASCII;
  }

  /** Creates a database with the table and a publication {@code p}, and returns its name. */
  public String createDatabase(PostgresServer server) {
    String database =
        server.createDatabase(
            encoding.isEmpty() ? "" : encoding + " LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    if (type.equals("year")) {
      type(server, database, "int8in", "timestamp_out", "LIKE = bigint");
    } else if (type.equals("document")) {
      type(server, database, "byteain", "jsonb_out", "LIKE = bytea, STORAGE = plain");
    } else if (type.equals("pair")) {
      type(server, database, "byteain", "record_out", "LIKE = bytea, STORAGE = plain");
    }
    server.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v " + type + ")",
        filter.isEmpty()
            ? "CREATE PUBLICATION p FOR ALL TABLES"
            : "CREATE PUBLICATION p FOR TABLE t WHERE " + filter);
    if (!filter.isEmpty()) {
      server.execute(
          database,
          "ALTER TABLE t REPLICA IDENTITY FULL",
          "ALTER PUBLICATION p SET (publish = 'insert')");
    }
    return database;
  }

  /** A type with the functions of two others. */
  private void type(
      PostgresServer server, String database, String input, String output, String like) {
    server.execute(
        database,
        "CREATE TYPE " + type,
        "CREATE FUNCTION " + type + "_in(cstring) RETURNS " + type + language(input),
        "CREATE FUNCTION " + type + "_out(" + type + ") RETURNS cstring" + language(output),
        "CREATE TYPE "
            + type
            + " (INPUT = "
            + type
            + "_in, OUTPUT = "
            + type
            + "_out, "
            + like
            + ")");
  }

  private static String language(String symbol) {
    return " AS '" + symbol + "' LANGUAGE internal IMMUTABLE STRICT";
  }

  /** An INSERT that can be decoded. */
  public String good(int id) {
    return "INSERT INTO t VALUES (" + id + ", " + good + ")";
  }

  /** A statement that cannot. */
  public String bad(int id) {
    return switch (this) {
      case MESSAGE -> "SELECT pg_logical_emit_message(true, 'p', E'x\\201')";
      case LONE_MESSAGE -> "SELECT pg_logical_emit_message(false, 'p', E'x\\201')";
      default -> "INSERT INTO t VALUES (" + id + ", " + bad + ")";
    };
  }
}
