package dev.pg2kinesis.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Lsn;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Writes pgoutput messages field by field, as the protocol's documentation lists them. */
final class PgOutputBytes {

  /** High bits set: what sign extension would break. */
  static final Lsn LSN = new Lsn(0x89AB_CDEF_FEDC_BA98L);

  static final long XID = 0xFFFF_FFF0L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  static PgOutputBytes message(char type) {
    return new PgOutputBytes().int8(type);
  }

  /**
   * A relation with columns named and typed in turn; a name that starts with {@code *} is flagged.
   */
  static PgOutputBytes relation(int oid, String table, char identity, Object... columns) {
    PgOutputBytes message = message('R').int32(oid).string("public").string(table).int8(identity);
    message.int16(columns.length / 2);
    for (int i = 0; i < columns.length; i += 2) {
      String name = (String) columns[i];
      boolean flagged = name.startsWith("*");
      message.int8(flagged ? 1 : 0).string(flagged ? name.substring(1) : name);
      message.int32((Integer) columns[i + 1]).int32(-1);
    }
    return message;
  }

  PgOutputBytes int8(int value) {
    bytes.write(value);
    return this;
  }

  PgOutputBytes int16(int value) {
    bytes.writeBytes(ByteBuffer.allocate(2).putShort((short) value).array());
    return this;
  }

  PgOutputBytes int32(int value) {
    bytes.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
    return this;
  }

  PgOutputBytes int64(long value) {
    bytes.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
    return this;
  }

  PgOutputBytes string(String value) {
    bytes.writeBytes(value.getBytes(UTF_8));
    return int8(0);
  }

  PgOutputBytes raw(int... values) {
    for (int value : values) {
      int8(value);
    }
    return this;
  }

  /** A tuple: {@code NULL} and {@code UNCHANGED} are markers, everything else is text. */
  PgOutputBytes tuple(char kind, String... values) {
    int8(kind).int16(values.length);
    for (String value : values) {
      switch (value) {
        case "NULL" -> int8('n');
        case "UNCHANGED" -> int8('u');
        default -> text(value);
      }
    }
    return this;
  }

  private void text(String value) {
    byte[] utf8 = value.getBytes(UTF_8);
    int8('t').int32(utf8.length);
    bytes.writeBytes(utf8);
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  /** The message as a row at {@link #LSN} of transaction {@link #XID}. */
  RawRow row() {
    return new RawRow(LSN, XID, bytes());
  }
}
