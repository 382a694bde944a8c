package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.SlotException.Code;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/**
 * Rows of {@code COPY (SELECT lsn, xid, data …) TO STDOUT (FORMAT binary)}. The client holds one
 * row at a time, whatever the size of the result. Layout: PostgreSQL documentation, "COPY", section
 * "Binary Format".
 */
final class CopyPeek implements Slot.Peek {

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0
  };
  private static final int COLUMNS = 3;

  /** {@code object_not_in_prerequisite_state}. */
  private static final String NOT_READY = "55000";

  private final Session session;
  private final CopyOut copy;
  private final Diagnosis diagnosis;
  private ByteBuffer message = ByteBuffer.allocate(0);
  private boolean headerRead;
  private volatile boolean cancelled;

  CopyPeek(Session session, CopyOut copy, Diagnosis diagnosis) {
    this.session = session;
    this.copy = copy;
    this.diagnosis = diagnosis;
  }

  @Override
  public @Nullable RawRow next() {
    try {
      while (true) {
        if (message.hasRemaining()) {
          RawRow row = readRow();
          if (row != null) {
            checkWarnings();
            return row;
          }
        }
        // Also after the trailer: only the end of the COPY itself leaves the session free.
        byte[] bytes = copy.readFromCopy();
        if (bytes == null) {
          checkWarnings();
          return null;
        }
        message = ByteBuffer.wrap(bytes);
        if (!headerRead) {
          readHeader();
        }
      }
    } catch (SQLException e) {
      if (cancelled) {
        return null;
      }
      throw diagnosis.reading(e);
    }
  }

  /** From PostgreSQL 18 on a missing publication is a warning, and its changes are left out. */
  private void checkWarnings() throws SQLException {
    if (session.warnedOf(NOT_READY)) {
      throw diagnosis.publicationTooNew();
    }
  }

  private void readHeader() {
    byte[] signature = new byte[SIGNATURE.length];
    message.get(signature);
    message.getInt(); // flags: none that change the layout
    int extension = message.getInt();
    if (!java.util.Arrays.equals(signature, SIGNATURE) || extension < 0) {
      throw malformed();
    }
    message.position(message.position() + extension);
    headerRead = true;
  }

  private @Nullable RawRow readRow() {
    short columns = message.getShort();
    if (columns == -1) {
      return null; // the trailer
    }
    if (columns != COLUMNS
        || message.getInt() != Long.BYTES
        || message.remaining() < Long.BYTES + 2 * Integer.BYTES) {
      throw malformed();
    }
    Lsn lsn = new Lsn(message.getLong());
    if (message.getInt() != Integer.BYTES) {
      throw malformed();
    }
    long xid = Integer.toUnsignedLong(message.getInt());
    int length = message.getInt();
    if (length < 0 || length > message.remaining()) {
      throw malformed();
    }
    byte[] bytes = new byte[length];
    message.get(bytes);
    return new RawRow(lsn, xid, bytes);
  }

  private static SlotException malformed() {
    return new SlotException(
        Code.DATABASE_FAILED, "the server's COPY output is not in its documented form.", null);
  }

  @Override
  public void cancel() {
    cancelled = true;
    try {
      session.postgres().cancelQuery();
    } catch (SQLException e) {
      throw SqlFailure.of(e, "cancelling the peek");
    }
  }

  @Override
  public void close() {
    if (!copy.isActive()) {
      return;
    }
    cancelled = true;
    try {
      copy.cancelCopy();
    } catch (SQLException e) {
      throw SqlFailure.of(e, "cancelling the peek");
    }
  }
}
