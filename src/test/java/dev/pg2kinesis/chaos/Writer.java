package dev.pg2kinesis.chaos;

import dev.pg2kinesis.chaos.Plan.Step;
import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A session that does its steps; when the server ends it, it comes back. */
final class Writer implements Runnable {

  private final PostgresServer server;
  private final String database;
  private final List<Step> steps;

  Writer(PostgresServer server, String database, List<Step> steps) {
    this.server = server;
    this.database = database;
    this.steps = steps;
  }

  @Override
  public void run() {
    int next = 0;
    while (next < steps.size()) {
      try (Connection connection = server.connect(database);
          Statement sql = connection.createStatement()) {
        sql.execute("SET lock_timeout = '60ms'");
        while (next < steps.size()) {
          step(sql, steps.get(next++));
        }
      } catch (SQLException e) {
        if (!ended(e)) {
          throw new IllegalStateException(e.getMessage(), e);
        }
        LockSupport.parkNanos(10_000_000); // until the server is back
      }
    }
  }

  private static void step(Statement sql, Step step) throws SQLException {
    try {
      for (String statement : step.statements()) {
        sql.execute(statement);
      }
    } catch (SQLException e) {
      if (ended(e)) {
        throw e;
      }
      sql.execute("ROLLBACK");
    }
  }

  private static boolean ended(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.startsWith("57P");
  }
}
