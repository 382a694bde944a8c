package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Maps a failed statement to an error code by its SQLSTATE alone. PostgreSQL documentation,
 * "PostgreSQL Error Codes". {@link SlotFailure} handles states that have several causes.
 */
final class SqlFailure {

  private SqlFailure() {}

  /**
   * @param doing the statement's purpose, for example "reading the slot"
   */
  static SlotException of(SQLException e, String doing) {
    SlotException refusal = ManagedRefusal.of(e);
    if (refusal != null) {
      return refusal;
    }
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
      case "40001" ->
          new SlotException(
              Code.STANDBY_CONFLICT,
              doing
                  + " was ended by the standby, because it stood in the way of WAL to be replayed. The"
                  + " next run tries again, and says so if the slot was lost. If this repeats, set"
                  + " hot_standby_feedback = on on the standby, or raise its"
                  + " max_standby_streaming_delay.",
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
                  + "). Raise temp_file_limit, or lower WINDOW_ROWS and WINDOW_WAL_MB.",
              e);
      case "42602" ->
          new SlotException(
              Code.SLOT_NAME_INVALID,
              "the server does not take the slot's name (" + firstLine(e) + "). Correct SLOT_NAME.",
              e);
      default ->
          new SlotException(
              lost(state) ? Code.CONNECTION_LOST : Code.DATABASE_FAILED,
              doing
                  + " failed with SQLSTATE "
                  + state
                  + " ("
                  + firstLine(e)
                  + (lost(state) ? "). The next run tries again." : ").")
                  + (state.equals("57P01") ? " An administrator ended the session." : ""),
              e);
    };
  }

  /** Class 08 (connection exceptions) and the server's shutdown states. */
  private static boolean lost(String state) {
    return state.startsWith("08") || state.startsWith("57P");
  }

  /** The function in PostgreSQL's source that raised the error; empty if it is not known. */
  static String routine(SQLException e) {
    ServerErrorMessage message =
        e instanceof PSQLException ofDriver ? ofDriver.getServerErrorMessage() : null;
    String routine = message == null ? null : message.getRoutine();
    return routine == null ? "" : routine;
  }

  /** The primary message. Detail and context may quote values and are left out. */
  static String firstLine(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
