package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.TableName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything in an event except its rows: where and when the change happened. Changes of one
 * transaction to one table share nearly all of it, so its text is made once for them.
 */
final class DebeziumEnvelope {

  private static final Encoded BEFORE_OPERATION = new Encoded(",\"xmin\":null},\"op\":\"");

  private final Commit commit;
  private final @Nullable TableName table;
  private final boolean transactional;
  private final boolean read;

  private final Encoded beforeSequenceLsn;
  private final Encoded beforeLsn;
  private final Encoded beforeOrder;

  /**
   * @param names the names in it, as JSON
   * @param table the table, or null for messages, whose schema and table are empty strings
   * @param read whether the row was read by a snapshot, which has no transaction id
   * @param transactional false for a message outside any transaction, which has neither id nor time
   */
  DebeziumEnvelope(
      DebeziumNames names,
      Commit commit,
      @Nullable TableName table,
      boolean transactional,
      boolean read) {
    this.commit = commit;
    this.table = table;
    this.transactional = transactional;
    this.read = read;
    String commitLsn = commit.lsn().toDecimal();
    beforeSequenceLsn =
        new Encoded(
            names.connector()
                + times(commit.time())
                + ",\"snapshot\":"
                + (read ? "\"incremental\"" : "\"false\"")
                + names.database()
                + ",\"sequence\":\"[\\\""
                + commitLsn
                + "\\\",\\\"");
    beforeLsn =
        new Encoded(
            "\\\"]\""
                + names.table(table)
                + ",\"txId\":"
                + (transactional && !read ? commit.xid() : "null")
                + ",\"lsn\":");
    beforeOrder =
        new Encoded(
            "\",\"ts_ms\":"
                + millis(commit.time())
                + ",\"transaction\":"
                + (transactional
                    ? "{\"id\":\"" + commit.xid() + ':' + commitLsn + "\",\"total_order\":"
                    : "null"));
  }

  /** Whether this is the envelope of such changes. */
  boolean fits(
      Commit ofCommit, @Nullable TableName ofTable, boolean inTransaction, boolean ofRead) {
    return Objects.equals(commit, ofCommit) // mostly the same object
        && Objects.equals(table, ofTable)
        && transactional == inTransaction
        && read == ofRead;
  }

  /** Writes the envelope into an open object that has a field already. */
  void write(JsonGenerator json, CommittedChange change, String operation) throws IOException {
    String lsn = change.change().lsn().toDecimal();
    json.writeRaw(beforeSequenceLsn);
    json.writeRaw(lsn);
    json.writeRaw(beforeLsn);
    json.writeRaw(lsn);
    json.writeRaw(BEFORE_OPERATION);
    json.writeRaw(operation);
    json.writeRaw(beforeOrder);
    if (transactional) {
      json.writeRaw(Long.toString(change.ordinal() + 1));
      json.writeRaw(",\"data_collection_order\":");
      json.writeRaw(Long.toString(change.tableOrdinal() + 1));
      json.writeRaw('}');
    }
  }

  private static String times(@Nullable Instant time) {
    long micros = time == null ? 0 : time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    return ",\"ts_ms\":"
        + millis(time)
        + ",\"ts_us\":"
        + (time == null ? "null" : micros)
        + ",\"ts_ns\":"
        + (time == null ? "null" : micros * 1_000);
  }

  private static String millis(@Nullable Instant time) {
    return time == null ? "null" : Long.toString(time.toEpochMilli());
  }

  /** Text whose bytes are made by the JDK, which takes a fraction of the time of Jackson's loop. */
  private static final class Encoded extends SerializedString {

    private static final long serialVersionUID = 1;

    Encoded(String text) {
      super(text);
      _unquotedUTF8Ref = text.getBytes(StandardCharsets.UTF_8);
    }
  }
}
