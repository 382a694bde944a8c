package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.SlotException.Code;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;

/**
 * Maps a failed connection attempt to an error code. PostgreSQL documentation, "PostgreSQL Error
 * Codes".
 */
final class ConnectionFailure {

  private ConnectionFailure() {}

  static SlotException of(SQLException e, Database database) {
    SlotException refusal = ManagedRefusal.of(e);
    if (refusal != null) {
      return refusal;
    }
    String state = String.valueOf(e.getSQLState());
    if (isTls(e)) {
      return new SlotException(
          Code.TLS_FAILED,
          "no connection to "
              + database.host()
              + ":"
              + database.port()
              + " with PGSSLMODE="
              + database.sslMode()
              + " ("
              + reason(e)
              + "). PGHOST must be a name that the server's certificate is for, PGSSLROOTCERT the"
              + " certificates of its authority (scripts/rds-bundle brings those of RDS), and the"
              + " server must offer TLS.",
          e);
    }
    return switch (state) {
      case "28P01" ->
          new SlotException(
              Code.PASSWORD_REJECTED,
              "the password of role "
                  + database.user()
                  + " was not accepted. Check PGUSER and the secret or PGPASSWORD.",
              e);
      case "28000" ->
          new SlotException(
              Code.CONNECTION_FAILED,
              "the server does not let role "
                  + database.user()
                  + " in from here ("
                  + SqlFailure.firstLine(e)
                  + "). Check that the role exists and may log in, and pg_hba.conf or the IAM"
                  + " authentication settings. If the server asks for a client certificate, set"
                  + " PGSSLCERT and PGSSLKEY.",
              e);
      case "3D000" ->
          new SlotException(
              Code.CONNECTION_FAILED,
              "there is no database " + database.name() + ". Check PGDATABASE.",
              e);
      case "53300" ->
          new SlotException(
              Code.SERVER_LIMIT,
              "the server has no connection left. Raise max_connections or reserve one for role "
                  + database.user()
                  + ".",
              e);
      case "57P03" ->
          new SlotException(
              Code.CONNECTION_FAILED,
              "the server is starting up or shutting down. The next run tries again.",
              e);
      default ->
          new SlotException(
              Code.CONNECTION_FAILED,
              "no connection to "
                  + database.host()
                  + ":"
                  + database.port()
                  + " ("
                  + reason(e)
                  + "). Check PGHOST, PGPORT, PGSSLMODE, the security groups and that the server"
                  + " runs.",
              e);
    };
  }

  /**
   * pgjdbc has no SQLSTATE for TLS. The exception's cause shows it; a certificate for another host
   * and a server without TLS show only in the message.
   */
  private static boolean isTls(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof GeneralSecurityException || cause instanceof SSLException) {
        return true;
      }
    }
    String message = String.valueOf(e.getMessage());
    return message.contains("hostnameverifier") || message.contains("does not support SSL");
  }

  private static String reason(SQLException e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof UnknownHostException) {
      return "the name has no address"; // its message is the name alone
    }
    String message = cause.getMessage();
    return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
  }
}
