package dev.pg2kinesis.relay;

import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A session that writes a random history: savepoints, rollbacks, DDL, aborted bulk loads, messages,
 * asynchronous commits, pauses inside transactions, prepared transactions, checkpoints. What the
 * server refuses because writers meet (locks, deadlocks, columns that are gone) is rolled back and
 * left at that.
 */
final class RandomWriter implements Runnable {

  private static final int TABLES = 3;
  private static final int IDS = 12;

  private final PostgresServer server;
  private final String database;
  private final Random random;
  private final int steps;

  /** The name of this writer's prepared transaction, of which there is one at most. */
  private final String name;

  private boolean prepared;
  volatile @Nullable Throwable failure;

  RandomWriter(PostgresServer server, String database, long seed, int steps) {
    this.server = server;
    this.database = database;
    this.random = new Random(seed);
    this.steps = steps;
    this.name = "'" + database + "_" + Long.toHexString(seed) + "'";
  }

  /** The tables that writers write to. */
  static String[] tables() {
    String[] statements = new String[TABLES];
    for (int i = 0; i < TABLES; i++) {
      statements[i] = "CREATE TABLE t" + i + " (id int PRIMARY KEY, v text)";
    }
    return statements;
  }

  @Override
  public void run() {
    try (Connection connection = server.connect(database);
        Statement sql = connection.createStatement()) {
      sql.execute("SET lock_timeout = '100ms'");
      sql.execute("SET synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
      for (int i = 0; i < steps; i++) {
        step(sql);
      }
      endPrepared(sql);
    } catch (SQLException | RuntimeException e) {
      failure = e;
    }
  }

  private void step(Statement sql) throws SQLException {
    try {
      switch (random.nextInt(20)) {
        case 0 -> sql.execute("CHECKPOINT");
        case 1 -> abortedBulk(sql);
        case 2 -> ddl(sql);
        case 3 -> message(sql);
        case 4, 5, 6, 7, 8, 9 -> change(sql);
        case 10 -> sql.execute("TRUNCATE " + table());
        case 11 -> sql.execute("SET synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
        case 12, 13 -> endPrepared(sql);
        default -> transaction(sql);
      }
    } catch (SQLException e) {
      if (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P")) {
        throw e;
      }
      sql.execute("ROLLBACK");
    }
  }

  private String table() {
    return "t" + random.nextInt(TABLES);
  }

  private void change(Statement sql) throws SQLException {
    int id = random.nextInt(IDS);
    String v = "'v" + random.nextInt(1_000_000) + "'";
    switch (random.nextInt(6)) {
      case 0 -> sql.execute("DELETE FROM " + table() + " WHERE id = " + id);
      case 1 -> sql.execute("UPDATE " + table() + " SET id = id + 100 WHERE id = " + id);
      case 2 ->
          sql.execute(
              "INSERT INTO "
                  + table()
                  + " (id, v) SELECT i, repeat(md5(i::text), 20) FROM generate_series(1000, 1040) i"
                  + " ON CONFLICT (id) DO UPDATE SET v = "
                  + v);
      default ->
          sql.execute(
              "INSERT INTO "
                  + table()
                  + " (id, v) VALUES ("
                  + id
                  + ", "
                  + v
                  + ") ON CONFLICT (id) DO UPDATE SET v = excluded.v");
    }
  }

  private void message(Statement sql) throws SQLException {
    sql.execute(
        "SELECT pg_logical_emit_message("
            + random.nextBoolean()
            + ", 'p', 'm"
            + random.nextInt(1_000)
            + "')");
  }

  private void abortedBulk(Statement sql) throws SQLException {
    sql.execute("BEGIN");
    sql.execute(
        "INSERT INTO "
            + table()
            + " (id, v) SELECT 5000 + i, repeat('x', 100) FROM generate_series(1, "
            + random.nextInt(2_000)
            + ") i ON CONFLICT DO NOTHING");
    sql.execute("ROLLBACK");
  }

  private void ddl(Statement sql) throws SQLException {
    String table = table();
    sql.execute("BEGIN");
    change(sql);
    if (random.nextBoolean()) {
      sql.execute("ALTER TABLE " + table + " ADD COLUMN IF NOT EXISTS c int DEFAULT 7");
    } else {
      sql.execute("ALTER TABLE " + table + " DROP COLUMN IF EXISTS c");
    }
    change(sql);
    sql.execute(random.nextInt(4) == 0 ? "ROLLBACK" : "COMMIT");
  }

  private void transaction(Statement sql) throws SQLException {
    sql.execute("BEGIN");
    int depth = 0;
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> sql.execute("SAVEPOINT s" + depth++);
        case 1 -> {
          if (depth > 0) {
            depth = random.nextInt(depth);
            sql.execute((random.nextBoolean() ? "ROLLBACK TO s" : "RELEASE s") + depth);
          }
        }
        case 2 -> sql.execute("SELECT pg_sleep(" + random.nextInt(20) / 1_000.0 + ")");
        default -> change(sql);
      }
    }
    int end = random.nextInt(5);
    if (end == 1 && !prepared) {
      sql.execute("PREPARE TRANSACTION " + name);
      prepared = true;
    } else {
      sql.execute(end == 0 ? "ROLLBACK" : "COMMIT");
    }
  }

  private void endPrepared(Statement sql) throws SQLException {
    if (prepared) {
      sql.execute((random.nextInt(3) == 0 ? "ROLLBACK" : "COMMIT") + " PREPARED " + name);
      prepared = false;
    }
  }
}
