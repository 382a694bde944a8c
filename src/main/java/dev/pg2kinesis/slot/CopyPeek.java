package dev.pg2kinesis.slot;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.SlotException.Code;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.Arrays;
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
  private static final ByteBuffer NO_MESSAGE = ByteBuffer.allocate(0);

  /** The routine of pgoutput that warns of missing publications. */
  private static final String LOADING_PUBLICATIONS = "LoadPublications";

  private final Session session;
  private final CopyOut copy;
  private final SlotFailure failure;
  private ByteBuffer message = NO_MESSAGE;
  private boolean headerRead;
  private volatile boolean cancelled;
  private boolean failed;

  CopyPeek(Session session, CopyOut copy, SlotFailure failure) {
    this.session = session;
    this.copy = copy;
    this.failure = failure;
  }

  @Override
  public @Nullable RawRow next() {
    try {
      while (true) {
        if (message.hasRemaining()) {
          RawRow row = readRow();
          if (row != null) {
            return row;
          }
        }
        message = NO_MESSAGE; // frees a large row before the next arrives
        // Read on after the trailer: the session is free only once the COPY itself has ended.
        byte[] bytes = copy.readFromCopy();
        if (bytes == null) {
          checkWarnings();
          return null;
        }
        message = ByteBuffer.wrap(bytes);
        if (!headerRead) {
          readHeader();
          checkWarnings();
        }
      }
    } catch (BufferUnderflowException e) {
      throw malformed();
    } catch (SQLException e) {
      failed = true;
      if (cancelled) {
        return null;
      }
      throw failure.reading(e);
    }
  }

  /**
   * From PostgreSQL 18 on a missing publication is only a warning, and its changes are left out.
   * The server decodes everything before it sends the first row, so warnings come first.
   */
  private void checkWarnings() throws SQLException {
    if (session.warnedBy(LOADING_PUBLICATIONS)) {
      throw failure.publicationTooNew();
    }
  }

  private void readHeader() {
    byte[] signature = new byte[SIGNATURE.length];
    message.get(signature);
    message.getInt(); // flags: none that change the layout
    int extension = message.getInt();
    if (!Arrays.equals(signature, SIGNATURE) || extension < 0) {
      throw malformed();
    }
    message.position(message.position() + extension);
    headerRead = true;
  }

  private @Nullable RawRow readRow() {
    short columns = message.getShort();
    if (columns == -1) {
      return null; // trailer
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
      // The server cannot be asked to stop: break the connection, so that the reader does not wait.
      session.abort();
    }
  }

  @Override
  public void close() {
    if (copy.isActive() && !failed) {
      cancel();
      takeTheRest();
    }
    if (copy.isActive()) {
      session.abort(); // the server did not end the COPY: the connection is broken
    }
  }

  /** Whether the server ended it with an error, a cancelled one included. */
  boolean failed() {
    return failed;
  }

  /**
   * Reads and drops the remaining rows. Until the COPY ends they would precede the next statement's
   * answer, and {@code CopyOut.cancelCopy()} does not wait for its end.
   */
  private void takeTheRest() {
    message = NO_MESSAGE;
    try {
      while (copy.readFromCopy() != null) {
        // dropped
      }
    } catch (SQLException e) {
      failed = true; // expected: a cancelled COPY ends with an error
    }
  }
}
