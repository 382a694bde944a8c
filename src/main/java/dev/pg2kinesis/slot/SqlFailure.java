package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.SQLException;

/**
 * Sorts a failed statement by its SQLSTATE. PostgreSQL documentation, "PostgreSQL Error Codes".
 * What one state has several reasons for ({@code 55000}, {@code 42704}) is told apart before, by
 * looking at the catalog when the slot is opened.
 */
final class SqlFailure {

  private SqlFailure() {}

  /**
   * @param doing what was tried, such as "reading the slot"
   */
  static SlotException of(SQLException e, String doing) {
    String state = String.valueOf(e.getSQLState());
    return switch (state) {
      case "55006" ->
          new SlotException(Code.BUSY, "another session is decoding the slot just now.", e);
      case "57014" ->
          new SlotException(
              Code.PEEK_TIMEOUT,
              doing
                  + " took longer than the run's time allows. Give the function more time or lower"
                  + " WINDOW_WAL_MB.",
              e);
      case "42501" ->
          new SlotException(
              Code.PRIVILEGE_MISSING,
              doing
                  + " needs the REPLICATION privilege. Run ALTER ROLE … REPLICATION, or on RDS GRANT"
                  + " rds_replication TO ….",
              e);
      case "53100", "53400" ->
          new SlotException(
              Code.SERVER_LIMIT,
              doing
                  + " hit a limit of the server ("
                  + firstLine(e)
                  + "). Raise temp_file_limit or max_replication_slots, or lower WINDOW_WAL_MB.",
              e);
      case "58P01" ->
          new SlotException(
              Code.PLUGIN_MISSING,
              "the server cannot load the slot's output plugin or find a file of its WAL ("
                  + firstLine(e)
                  + ").",
              e);
      default ->
          new SlotException(
              lost(state) ? Code.CONNECTION_LOST : Code.DATABASE_FAILED,
              doing + " failed with SQLSTATE " + state + " (" + firstLine(e) + ").",
              e);
    };
  }

  /** Class 08 and the server's shutdown states; without a state it is the driver's own error. */
  private static boolean lost(String state) {
    return state.startsWith("08") || state.startsWith("57P");
  }

  /** The primary message; details and context may quote values and are left out. */
  private static String firstLine(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
