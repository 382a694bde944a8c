package dev.pg2kinesis.slot;

import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What RDS, Aurora and RDS Proxy refuse in words of their own, under SQLSTATEs that mean something
 * else in PostgreSQL. The texts are those that users have quoted in public issues.
 */
final class ManagedRefusal {

  /**
   * "replication slots cannot be used on RO (Read Only) node" (55000, an Aurora reader), "Creating
   * logical replication slot … is not supported on the Multi-AZ DB cluster reader node" (XX000),
   * "Function …() is currently not supported for Aurora" (0A000, an Aurora reader).
   */
  private static final Pattern READER =
      Pattern.compile(
          "RO \\(Read Only\\) node|Multi-AZ DB cluster reader node|not supported for Aurora");

  /**
   * "RDS Proxy currently doesn’t support …" (0A000), "This RDS proxy has no credentials for the
   * role …", "This RDS Proxy requires TLS connections".
   */
  private static final Pattern PROXY = Pattern.compile("\\bRDS [Pp]roxy\\b");

  /** "The password that was provided for the role … is wrong." (RDS Proxy). */
  private static final Pattern PASSWORD =
      Pattern.compile("^(FATAL: )?The password that was provided for the role");

  private ManagedRefusal() {}

  /** The error that a text of RDS stands for; null for all others. */
  static @Nullable SlotException of(SQLException e) {
    String text = SqlFailure.firstLine(e);
    if (PASSWORD.matcher(text).find()) {
      return new SlotException(
          Code.PASSWORD_REJECTED,
          "RDS Proxy did not accept the password. Check the secret or PGPASSWORD; better, point"
              + " PGHOST at the database itself: a run keeps one session, so a proxy is of no use.",
          e);
    }
    if (PROXY.matcher(text).find()) {
      return new SlotException(
          Code.CONNECTION_FAILED,
          "PGHOST is an RDS Proxy, which refused ("
              + text
              + "). Point PGHOST at the database itself: a run keeps one session, so a proxy is of no"
              + " use.",
          e);
    }
    if (READER.matcher(text).find()) {
      return new SlotException(
          Code.SERVER_IN_RECOVERY,
          "the server is a reader that cannot use slots ("
              + text
              + "). Point PGHOST at the writer (the cluster endpoint, not the reader's). Nothing is"
              + " lost: the slot keeps its place.",
          e);
    }
    return null;
  }
}
