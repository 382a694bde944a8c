package dev.pg2kinesis.slot;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.SocketFactoryFactory;

/** Lets the driver do in memory what every run does: prepare TLS, log in, ask, and copy. */
public final class DriverRehearsal {

  private DriverRehearsal() {}

  /**
   * Runs once.
   *
   * @param database whose settings of TLS are prepared; it is not connected to
   * @throws SlotException if the driver asks for more than it is told, or does not accept the
   *     settings
   */
  public static void run(Database database) {
    try {
      rehearse(database);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "rehearsing");
    }
  }

  private static void rehearse(Database database) throws SQLException {
    Properties properties = Session.properties(database);
    SocketFactoryFactory.getSslSocketFactory(properties);
    PGProperty.SSL_MODE.set(properties, "disable");
    PGProperty.SOCKET_FACTORY.set(properties, RehearsalSockets.class.getName());
    try (Connection connection =
            DriverManager.getConnection("jdbc:postgresql://rehearsal/rehearsal", properties);
        Statement statement = connection.createStatement()) {
      read(statement.executeQuery("SELECT text"));
      try (PreparedStatement prepared = connection.prepareStatement("SELECT text WHERE text = ?")) {
        prepared.setObject(1, "1");
        read(prepared.executeQuery());
      }
      CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY");
      while (copy.readFromCopy() != null) {
        // one row
      }
    }
  }

  private static void read(ResultSet rows) throws SQLException {
    try (rows) {
      rows.next();
      rows.getString(1);
      rows.getBoolean(1);
    }
  }
}
