package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.error.CodedException;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The server failed while it decoded. Until the cause is found to lie elsewhere, one transaction is
 * to blame, and {@link Slot#findUndecodable} finds it. The server's own message may quote the row,
 * so neither the message nor the cause is kept.
 */
public final class UndecodableException extends CodedException {

  private static final long serialVersionUID = 1L;

  private static final String CODE = "TRANSACTION_UNDECODABLE";

  /** PostgreSQL writes an LSN as two hexadecimal numbers. */
  private static final Pattern LSN = Pattern.compile("\\b[0-9A-F]{1,8}/[0-9A-F]{1,8}\\b");

  private final String sqlState;
  private final @Nullable Lsn change;

  /**
   * @param slot the slot's name
   * @param sqlState the server's error code
   * @param change the LSN of the change that failed, if the server named it
   */
  public UndecodableException(String slot, String sqlState, @Nullable Lsn change) {
    this(
        "the server cannot decode a transaction of slot "
            + slot
            + ": SQLSTATE "
            + sqlState
            + ", "
            + meaning(sqlState)
            + ". There was no time to find its commit LSN: give the function more.",
        change,
        sqlState);
  }

  private UndecodableException(String explanation, @Nullable Lsn change, String sqlState) {
    super(CODE, explanation + " Nothing is lost: the slot keeps its place.", null);
    this.sqlState = sqlState;
    this.change = change;
  }

  static UndecodableException of(SQLException e, String slot) {
    return new UndecodableException(slot, String.valueOf(e.getSQLState()), change(e, slot));
  }

  /** The same failure, now that the transaction is known: what to do about it. */
  public UndecodableException in(UndecodableTransaction transaction) {
    return new UndecodableException(
        "the server cannot decode the transaction with commit LSN "
            + transaction.commit()
            + (transaction.xid() == null ? "" : " (xid " + transaction.xid() + ")")
            + (transaction.table() == null ? "" : ", at a change of table " + transaction.table())
            + ": SQLSTATE "
            + sqlState
            + ", "
            + meaning(sqlState)
            + ". Runs publish everything before it and stop there. Correct the row or the row"
            + " filter for the transactions to come; this one is in the WAL as it was written, and"
            + " {\"action\":\"skip\",\"to\":\""
            + transaction.commit()
            + "\"} skips it and continues.",
        change,
        sqlState);
  }

  /** The same failure, if there is no single transaction that fails. */
  public SlotException withoutTransaction() {
    return new SlotException(
        SlotException.Code.DATABASE_FAILED,
        SlotFailure.READING
            + " failed with SQLSTATE "
            + sqlState
            + " ("
            + meaning(sqlState)
            + "), and no single transaction is the cause. The server's log has the whole error.",
        null);
  }

  /** The server's error code. PostgreSQL documentation, "PostgreSQL Error Codes". */
  public String sqlState() {
    return sqlState;
  }

  /** The LSN of the change that failed, if the server named it. */
  @Nullable Lsn change() {
    return change;
  }

  /**
   * Whether an error that ended a peek may be the fault of one transaction. All may be but those
   * that the driver reports itself and those of some classes: connections, sessions and roles,
   * concurrency, resources, the slot's state, operators, files.
   */
  static boolean mayBe(SQLException e) {
    if (serverMessage(e) == null) {
      return false;
    }
    return switch (String.valueOf(e.getSQLState()).substring(0, 2)) {
      case "08", "25", "28", "3D", "40", "53", "55", "57", "58" -> false;
      default -> true;
    };
  }

  private static @Nullable ServerErrorMessage serverMessage(SQLException e) {
    return e instanceof PSQLException ofDriver ? ofDriver.getServerErrorMessage() : null;
  }

  private static String meaning(String sqlState) {
    return switch (sqlState) {
      case "22P05", "22021" -> "text that has no equivalent in UTF-8";
      case "54000" -> "a row that is too large for the server to print (1 GB)";
      default ->
          sqlState.startsWith("22")
              ? "an error in a value, in the row filter of a publication or the output of a type"
              : "an error inside the server or its output plugin";
    };
  }

  /**
   * The server's context line names the slot and ends with the change's LSN, in any language:
   * {@code slot "s", output plugin "pgoutput", in the change callback, associated LSN 0/1D8D820}.
   */
  private static @Nullable Lsn change(SQLException e, String slot) {
    ServerErrorMessage message = serverMessage(e);
    String where = message == null ? null : message.getWhere();
    if (where == null) {
      return null;
    }
    String last = null;
    for (String line : where.split("\n", -1)) {
      Matcher matcher = LSN.matcher(line);
      while (line.contains('"' + slot + '"') && matcher.find()) {
        last = matcher.group();
      }
    }
    return last == null ? null : Lsn.parse(last);
  }
}
