package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import org.jspecify.annotations.Nullable;

/** A Message message: what {@code pg_logical_emit_message} wrote. */
final class PgOutputMessage {

  private static final int TRANSACTIONAL = 1;

  private PgOutputMessage() {}

  /** Reads a message. */
  static Change read(RawRow row) {
    PgOutputReader in = new PgOutputReader(row, "Message");
    boolean transactional = isTransactional(in);
    in.rowLsn("LSN");
    String prefix = in.string("prefix");
    byte[] content = in.bytes("content");
    in.end();
    return new Change.Message(row.lsn(), transactional, prefix, content);
  }

  /**
   * The end of the transaction that a message outside any transaction is by itself, or null where
   * it belongs to one. The row's LSN is the end of the message's WAL record: a slot advanced to it
   * does not send the message again, and one advanced further may lose a transaction whose commit
   * record follows.
   */
  static @Nullable Commit commitOf(RawRow row) {
    boolean transactional = isTransactional(new PgOutputReader(row, "Message"));
    return transactional ? null : new Commit(row.xid(), row.lsn(), null);
  }

  private static boolean isTransactional(PgOutputReader in) {
    int flags = in.int8("flags");
    if ((flags & ~TRANSACTIONAL) != 0) {
      throw in.expectedBefore("flags", "0 or 1");
    }
    return flags == TRANSACTIONAL;
  }
}
