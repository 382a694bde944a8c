package dev.pg2kinesis.relay;

import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Writes to both tables: hot keys, changed keys, large values, savepoints, rollbacks. */
final class SnapshotWriter extends Thread {

  /** A table, and the number in the key of the last row that was read of it. */
  record Place(boolean ofFirst, int number) {
    static final Place START = new Place(true, 0);
  }

  /** The loading meanwhile. */
  interface Load {
    Place place();

    /** Whether nothing must be written now. */
    boolean isQuiet();

    /** Whether so many steps are enough. */
    boolean isEnough(int steps);
  }

  private final PostgresServer server;
  private final String database;
  private final int rows;
  private final Random dice;
  private final Load load;
  private final Map<String, Long> counts = new TreeMap<>();
  private final boolean onlyAsynchronous;
  private final int pauseNanos;
  private boolean asynchronous;
  private volatile @Nullable Throwable failure;

  /**
   * @param rows of each table at the start
   * @param asynchronous whether all commits are, and not most
   * @param pause between two steps at most, so that four writers leave a reader time to read
   */
  SnapshotWriter(
      PostgresServer server,
      String database,
      int rows,
      boolean asynchronous,
      Duration pause,
      long seed,
      Load load) {
    this.server = server;
    this.database = database;
    this.rows = rows;
    this.onlyAsynchronous = asynchronous;
    this.asynchronous = asynchronous;
    this.pauseNanos = Math.toIntExact(pause.toNanos());
    this.dice = new Random(seed);
    this.load = load;
  }

  /** What it did how often; to be asked once it has ended. */
  Map<String, Long> counts() {
    Throwable e = failure;
    if (e != null) {
      throw new IllegalStateException("a writer failed", e);
    }
    return counts;
  }

  private void count(String what) {
    counts.merge(what, 1L, Long::sum);
  }

  @Override
  public void run() {
    try (Connection connection = server.connect(database);
        Statement sql = connection.createStatement()) {
      sql.execute("SET lock_timeout = '200ms'");
      sql.execute("SET synchronous_commit = " + (asynchronous ? "off" : "on"));
      for (int steps = 0; !load.isEnough(steps); steps += load.isQuiet() ? 0 : 1) {
        if (!load.isQuiet()) {
          step(sql);
        }
        LockSupport.parkNanos(dice.nextInt(pauseNanos));
      }
    } catch (SQLException | RuntimeException e) {
      failure = e;
    }
  }

  private void step(Statement sql) throws SQLException {
    try {
      switch (dice.nextInt(12)) {
        case 0 -> {
          asynchronous = onlyAsynchronous || dice.nextInt(3) > 0;
          sql.execute("SET synchronous_commit = " + (asynchronous ? "off" : "on"));
        }
        case 1 -> {
          if (dice.nextInt(100) == 0) {
            sql.execute("TRUNCATE " + (dice.nextBoolean() ? "t" : "u"));
          }
        }
        case 2, 3, 4, 5 -> {
          change(sql);
          committed();
        }
        default -> transaction(sql);
      }
    } catch (SQLException e) {
      if (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P")) {
        throw e;
      }
      sql.execute("ROLLBACK");
    }
  }

  private void transaction(Statement sql) throws SQLException {
    sql.execute("BEGIN");
    boolean savepoint = false;
    for (int i = 1 + dice.nextInt(8); i > 0; i--) {
      switch (dice.nextInt(8)) {
        case 0 -> {
          sql.execute("SAVEPOINT s");
          savepoint = true;
        }
        case 1 -> {
          if (savepoint) {
            sql.execute("ROLLBACK TO s");
            count("written: savepoints rolled back");
          }
        }
        case 2 -> sql.execute("SELECT pg_sleep(" + dice.nextInt(10) / 1_000.0 + ")");
        default -> change(sql);
      }
    }
    if (dice.nextInt(6) == 0) {
      sql.execute("ROLLBACK");
      count("written: transactions rolled back");
    } else {
      sql.execute("COMMIT");
      committed();
    }
  }

  private void committed() {
    count(asynchronous ? "written: commits, asynchronous" : "written: commits, synchronous");
  }

  private void change(Statement sql) throws SQLException {
    // Hot rows, any rows, and those that are being read.
    int kind = dice.nextInt(4);
    boolean first = kind < 2 ? dice.nextBoolean() : load.place().ofFirst();
    int id =
        switch (kind) {
          case 0 -> dice.nextInt(20);
          case 1 -> dice.nextInt(rows * 2 + 10);
          default -> load.place().number() + dice.nextInt(2 << dice.nextInt(9));
        };
    String big = "repeat(md5('" + dice.nextInt() + "'), 80)";
    String where = first ? "t WHERE id = " + id : "u WHERE b = " + id;
    String table = first ? "t" : "u";
    String condition = first ? " WHERE id = " + id : " WHERE b = " + id;
    switch (dice.nextInt(8)) {
      case 0 -> sql.execute("DELETE FROM " + where);
      case 1 ->
          sql.execute(
              first
                  ? "UPDATE t SET id = " + (id + 1 + dice.nextInt(9)) + condition
                  : "UPDATE u SET a = 'k" + dice.nextInt(9) + "'" + condition);
      case 2, 3 ->
          sql.execute(
              first
                  ? "INSERT INTO t VALUES ("
                      + id
                      + ", 1, "
                      + big
                      + ") ON CONFLICT (id) DO UPDATE SET v = t.v + 1, big = excluded.big"
                  : "INSERT INTO u VALUES ('n', "
                      + id
                      + ", 1, "
                      + big
                      + ") ON CONFLICT (b, a) DO UPDATE SET v = u.v + 1, big = excluded.big");
      case 4 -> sql.execute("UPDATE " + table + " SET big = " + big + condition);
      default -> sql.execute("UPDATE " + table + " SET v = v + 1" + condition);
    }
  }
}
