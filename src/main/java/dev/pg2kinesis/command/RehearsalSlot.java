package dev.pg2kinesis.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.Timeline;
import dev.pg2kinesis.slot.UndecodableException;
import dev.pg2kinesis.slot.UndecodableTransaction;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pgoutput slot in memory, with one transaction of one row that has columns of common types. */
final class RehearsalSlot implements Slot {

  private static final Lsn START = new Lsn(0x100);
  private static final Lsn COMMIT = new Lsn(0x200);
  private static final Lsn END = new Lsn(0x300);
  private static final int XID = 700;
  private static final int TABLE = 16_384;
  private static final long TIME = 800_000_000_000_000L;

  /** Names, the object ids of their types in {@code pg_type}, and values. */
  private static final List<Field> FIELDS =
      List.of(
          new Field("id", 20, "1"),
          new Field("flag", 16, "t"),
          new Field("count", 23, "1"),
          new Field("note", 25, "rehearsal"),
          new Field("amount", 1700, "1.50"),
          new Field("day", 1082, "2026-01-02"),
          new Field("at", 1184, "2026-01-02 03:04:05.678901+00"),
          new Field("document", 3802, "{\"a\": 1}"));

  private Lsn confirmed = START;

  private record Field(String name, int type, String value) {}

  @Override
  public Plugin plugin() {
    return Plugin.PGOUTPUT;
  }

  @Override
  public Position position() {
    return new Position(confirmed, START, END, "reserved");
  }

  @Override
  public void checkLock(Duration patience) {
    // it is held
  }

  @Override
  public Timeline timeline(@Nullable Long earlier) {
    return new Timeline("rehearsal", 1, false, false, Timeline.Relation.SAME, null);
  }

  @Override
  public Catalog catalog() {
    return new Catalog(
        Map.of(new TableName("public", "t"), Catalog.Table.withPrimaryKey("id")), Map.of());
  }

  @Override
  public TableReader tables() {
    throw new UnsupportedOperationException("a rehearsal reads no tables");
  }

  @Override
  public Peek peek(Lsn upTo, long rows, Duration timeout) {
    Iterator<RawRow> all = List.of(begin(), relation(), insert(), commit()).iterator();
    return new Peek() {
      @Override
      public @Nullable RawRow next() {
        return all.hasNext() ? all.next() : null;
      }

      @Override
      public void cancel() {
        // ends by itself
      }

      @Override
      public void close() {
        // nothing is open
      }
    };
  }

  @Override
  public @Nullable UndecodableTransaction findUndecodable(
      UndecodableException cause, Lsn upTo, Duration timeout) {
    return null;
  }

  @Override
  public void advance(Lsn to) {
    confirmed = to;
  }

  @Override
  public void close() {
    // nothing is open
  }

  // PostgreSQL documentation, "Logical Replication Message Formats".

  private static RawRow begin() {
    return row(COMMIT, message('B').putLong(COMMIT.value()).putLong(TIME).putInt(XID));
  }

  private static RawRow relation() {
    ByteBuffer message = message('R').putInt(TABLE);
    text(message, "public");
    text(message, "t");
    message.put((byte) 'd').putShort((short) FIELDS.size());
    for (Field field : FIELDS) {
      message.put((byte) (field.name().equals("id") ? 1 : 0));
      text(message, field.name());
      message.putInt(field.type()).putInt(-1);
    }
    return row(START, message);
  }

  private static RawRow insert() {
    ByteBuffer message = message('I').putInt(TABLE).put((byte) 'N');
    message.putShort((short) FIELDS.size());
    for (Field field : FIELDS) {
      byte[] value = field.value().getBytes(UTF_8);
      message.put((byte) 't').putInt(value.length).put(value);
    }
    return row(START, message);
  }

  private static RawRow commit() {
    return row(
        END, message('C').put((byte) 0).putLong(COMMIT.value()).putLong(END.value()).putLong(TIME));
  }

  private static ByteBuffer message(char type) {
    return ByteBuffer.allocate(1024).put((byte) type);
  }

  private static void text(ByteBuffer message, String text) {
    message.put(text.getBytes(UTF_8)).put((byte) 0);
  }

  private static RawRow row(Lsn lsn, ByteBuffer message) {
    byte[] bytes = new byte[message.position()];
    message.flip().get(bytes);
    return new RawRow(lsn, XID, bytes);
  }
}
