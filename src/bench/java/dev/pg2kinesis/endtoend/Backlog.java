package dev.pg2kinesis.endtoend;

import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.postgres.Authority;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * A server with TLS whose WAL holds updates of full rows, and slots before them. Each reader gets a
 * copy of such a slot, so that all of them read the same WAL.
 */
final class Backlog implements AutoCloseable {

  static final String PUBLICATION = "p";

  private static final int KEYS = 10_000;
  private static final int ROWS_PER_TRANSACTION = 10;
  private static final int PROTOCOL_SINCE = 150_000;

  private final PostgresServer server;
  private final Path authority;
  private final String database;
  private final long postmaster;
  private final String end;

  /**
   * Writes the backlog.
   *
   * @param sizes how many changes wait behind a slot; each plugin has a slot of each size
   */
  Backlog(Authority authority, Authority.Issued issued, List<String> plugins, List<Long> sizes) {
    this.authority = authority.certificate();
    Map<String, String> settings = new HashMap<>();
    settings.put("ssl", "on");
    settings.put("ssl_cert_file", issued.certificate().toString());
    settings.put("ssl_key_file", issued.key().toString());
    settings.put("checkpoint_timeout", "1d");
    settings.put("max_wal_size", "60GB");
    settings.put("autovacuum", "off");
    settings.put("shared_buffers", "512MB");
    if (Wal2Json.isInstalled()) {
      settings.putAll(Wal2Json.settings());
    }
    server = PostgresServer.start(Wal2Json.MAJOR, settings);
    database = server.createDatabase();
    postmaster =
        Long.parseLong(
            server.query(
                "postgres", "SELECT split_part(pg_read_file('postmaster.pid'), e'\\n', 1)"));
    server.execute(
        database,
        "CREATE TABLE t (id bigint PRIMARY KEY, a int, b bigint, version int, filler char(84))",
        "INSERT INTO t SELECT i, i, i, 0, 'x' FROM generate_series(0, " + (KEYS - 1) + ") i",
        "CREATE PUBLICATION " + PUBLICATION + " FOR ALL TABLES");
    List<Long> descending = new ArrayList<>(sizes);
    descending.sort(Collections.reverseOrder());
    for (int i = 0; i < descending.size(); i++) {
      for (String plugin : plugins) {
        server.query(
            database,
            "SELECT pg_create_logical_replication_slot('%s', '%s')"
                .formatted(base(plugin, descending.get(i)), plugin));
      }
      update(descending.get(i) - (i + 1 < descending.size() ? descending.get(i + 1) : 0));
    }
    end = server.query(database, "SELECT pg_current_wal_flush_lsn()");
  }

  private static String base(String plugin, long changes) {
    return "base_" + plugin + "_" + changes;
  }

  private void update(long changes) {
    server.execute(
        database,
        """
        DO $$ BEGIN
          FOR i IN 0..%d LOOP
            UPDATE t SET a = i, b = b + 1, version = version + 1, filler = md5(i::text)
              WHERE id BETWEEN i * %2$d %% %3$d AND i * %2$d %% %3$d + %4$d;
            COMMIT;
          END LOOP;
        END $$"""
            .formatted(
                changes / ROWS_PER_TRANSACTION - 1,
                ROWS_PER_TRANSACTION,
                KEYS,
                ROWS_PER_TRANSACTION - 1));
  }

  PostgresServer server() {
    return server;
  }

  String database() {
    return database;
  }

  /** The certificate of the authority that clients have to trust, a PEM file. */
  Path authority() {
    return authority;
  }

  /** Where the WAL of the changes ends. */
  String end() {
    return end;
  }

  /** Makes a slot that a reader may move. */
  void copy(String plugin, long changes, String slot) {
    server.query(
        database,
        "SELECT pg_copy_logical_replication_slot('%s', '%s')"
            .formatted(base(plugin, changes), slot));
  }

  /** Drops the slot, once its reader is gone. */
  void drop(String slot) {
    PostgresServer.await(
        () ->
            server
                .query(
                    database,
                    "SELECT active FROM pg_replication_slots WHERE slot_name = '" + slot + "'")
                .equals("f"));
    server.query(database, "SELECT pg_drop_replication_slot('" + slot + "')");
  }

  /** What the server has used so far, its own housekeeping included. */
  double cpuSeconds() {
    return Usage.familySeconds(postmaster);
  }

  /** Counts what a peek returns: what the server needs alone, without a row leaving it. */
  void count(String plugin, long changes) {
    server.execute(
        database,
        "SET logical_decoding_work_mem = '128MB'", // what the product's session comes to here
        "SELECT count(*) FROM " + peek(plugin, changes));
  }

  /** Takes what a peek returns off the server, and drops it. */
  void receive(String plugin, long changes) {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("SET logical_decoding_work_mem = '128MB'");
      CopyOut copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut(
                  "COPY (SELECT lsn, xid, data FROM %s) TO STDOUT (FORMAT binary)"
                      .formatted(peek(plugin, changes)));
      while (copy.readFromCopy() != null) {
        // nothing is done with it
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String peek(String plugin, long changes) {
    Plugin of = Plugin.ofSlot(plugin).orElseThrow();
    return of.options(PROTOCOL_SINCE, List.of(PUBLICATION)).stream()
        .map(option -> ", '" + option + "'")
        .collect(
            Collectors.joining(
                "",
                "pg_logical_slot_peek_%schanges('%s', '%s', NULL"
                    .formatted(of.binary() ? "binary_" : "", base(plugin, changes), end),
                ")"));
  }

  @Override
  public void close() {
    server.close();
  }
}
