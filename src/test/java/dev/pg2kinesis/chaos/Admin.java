package dev.pg2kinesis.chaos;

import dev.pg2kinesis.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A superuser's session that comes back when the server was restarted. Safe for threads. */
final class Admin implements AutoCloseable {

  private final PostgresServer server;
  private final String database;
  private @Nullable Connection connection;

  Admin(PostgresServer server, String database) {
    this.server = server;
    this.database = database;
  }

  /** Runs statements, each committed by itself. */
  synchronized void execute(List<String> statements) {
    for (String statement : statements) {
      rows(statement);
    }
  }

  /** The first column of the first row. */
  String query(String sql) {
    List<List<@Nullable String>> rows = rows(sql);
    return rows.isEmpty() ? "no row" : String.valueOf(rows.get(0).get(0));
  }

  /** All rows of a query, as text; no row for another statement. */
  synchronized List<List<@Nullable String>> rows(String sql) {
    while (true) {
      boolean fresh = connection == null;
      try {
        Connection open = connection;
        if (open == null) {
          open = server.connect(database);
          connection = open;
        }
        return rows(open, sql);
      } catch (SQLException e) {
        close();
        String state = String.valueOf(e.getSQLState());
        if (fresh || !(state.startsWith("08") || state.startsWith("57P"))) {
          throw new IllegalStateException(e.getMessage(), e);
        }
      }
    }
  }

  private static List<List<@Nullable String>> rows(Connection connection, String sql)
      throws SQLException {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return rows;
      }
      try (ResultSet found = statement.getResultSet()) {
        int columns = found.getMetaData().getColumnCount();
        while (found.next()) {
          List<@Nullable String> row = new ArrayList<>();
          for (int i = 1; i <= columns; i++) {
            row.add(found.getString(i));
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }

  @Override
  public synchronized void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // it is gone already
      }
    }
  }
}
