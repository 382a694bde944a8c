package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.COMMIT;
import static dev.pg2kinesis.format.Given.TEST_DECODING;
import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.message;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.truncate;
import static dev.pg2kinesis.format.Given.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.format.RecordMaker.Plan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordMakerTest {

  private static final int MEBIBYTE = 1 << 20;
  private static final Row ONE = row(cell("id", "integer", "1"), cell("v", "text", "x"));

  private final List<StreamRecord> published = new ArrayList<>();

  @Test
  void ordinalsCountEveryChangeBeforeItIsFiltered() {
    RecordMaker records =
        new RecordMaker(
            plan(
                Format.DEBEZIUM,
                new ChangeFilter(
                    TablePatterns.parse("public.*"),
                    TablePatterns.parse("hidden"),
                    EnumSet.complementOf(EnumSet.of(Operation.TRUNCATE)))));
    accept(
        records,
        COMMIT,
        insert("public.hidden", "id", ONE),
        insert("public.t", "id", ONE),
        truncate("public.t"),
        message("p", "c"),
        insert("other.t", "id", ONE),
        insert("public.t", "id", ONE));
    accept(records, new Commit(767, Lsn.parse("0/2000000"), null), insert("public.t", "id", ONE));

    assertThat(published).extracting(StreamRecord::ordinal).containsExactly(1L, 3L, 5L, 0L);
    assertThat(published)
        .extracting(StreamRecord::partitionKey)
        .containsExactly("public.t|1", "message|p", "public.t|1", "public.t|1");
    assertThat(published)
        .extracting(StreamRecord::commitLsn)
        .containsExactly(COMMIT.lsn(), COMMIT.lsn(), COMMIT.lsn(), Lsn.parse("0/2000000"));
    assertThat(text(2)).contains("\"total_order\":6,\"data_collection_order\":3");
    assertThat(text(3)).contains("\"total_order\":1,\"data_collection_order\":1");
    assertThat(records.changes()).isEqualTo(7);
    assertThat(records.filtered()).isEqualTo(3);
    assertThat(records.oversized()).isZero();
  }

  @Test
  void changesWithoutAFormInTheFormatCountAsFiltered() {
    RecordMaker records = new RecordMaker(plan(Format.CSV, ChangeFilter.ALL));
    accept(records, COMMIT, insert("public.log", "", ONE), message("p", "c"), truncate("public.t"));
    assertThat(published).isEmpty();
    assertThat(records.filtered()).isEqualTo(3);
  }

  @Test
  void anUpdateOfTheKeyIsADeleteAndAnInsertWithOneOrdinal() {
    RecordMaker records = new RecordMaker(plan(Format.DEBEZIUM, ChangeFilter.ALL));
    accept(
        records,
        COMMIT,
        insert("public.t", "id", ONE),
        update(
            "public.t",
            "id",
            row(cell("id", "integer", "1"), cell("v", "text", "toasted")),
            row(cell("id", "integer", "2"), cell("v", "text", Value.UNCHANGED))));
    assertThat(published)
        .extracting(StreamRecord::partitionKey)
        .containsExactly("public.t|1", "public.t|1", "public.t|2");
    assertThat(published).extracting(StreamRecord::ordinal).containsExactly(0L, 1L, 1L);
    assertThat(text(1))
        .startsWith("{\"before\":{\"id\":1,\"v\":\"toasted\"},\"after\":null,")
        .contains("\"op\":\"d\"");
    assertThat(text(2))
        .startsWith("{\"before\":null,\"after\":{\"id\":2,\"v\":\"toasted\"},")
        .contains("\"op\":\"c\"");
    assertThat(records.changes()).isEqualTo(2);
    assertThat(records.filtered()).isZero();
  }

  @Test
  void otherFormatsKeepAnUpdateOfTheKeyWholeUnderTheNewKey() {
    RecordMaker records = new RecordMaker(plan(Format.PG_KINESIS, ChangeFilter.ALL));
    accept(records, COMMIT, update("public.t", "id", row(cell("id", "integer", "0")), ONE));
    assertThat(published).extracting(StreamRecord::partitionKey).containsExactly("public.t|1");
  }

  @Test
  void anUpdateThatShowsAnUnchangedKeyIsNotSplit() {
    RecordMaker records = new RecordMaker(plan(Format.DEBEZIUM, ChangeFilter.ALL));
    accept(
        records,
        COMMIT,
        update("public.t", "id", ONE, row(cell("id", "integer", "1"), cell("v", "text", "y"))),
        update(
            "public.t",
            "id",
            row(cell("id", "text", "1")),
            row(cell("id", "text", Value.UNCHANGED), cell("v", "text", "y"))));
    assertThat(published)
        .extracting(StreamRecord::partitionKey)
        .containsExactly("public.t|1", "public.t|1");
    assertThat(text(0)).contains("\"op\":\"u\"");
  }

  @Test
  void oversizeFailNamesTheRecordAndTheFixAndNoValue() {
    RecordMaker records = new RecordMaker(plan(Format.DEBEZIUM, Oversize.FAIL, 1000));
    Change large = insert("public.t", "id", row(cell("id", "text", "k"), secret(2000)));
    RecordMaker.Transaction transaction = records.begin(COMMIT);
    transaction.accept(insert("public.t", "id", ONE), published::add);
    assertThatThrownBy(() -> transaction.accept(large, published::add))
        .isInstanceOf(OversizeException.class)
        .hasMessageMatching(
            "RECORD_TOO_LARGE: the INSERT in public\\.t with ordinal 1 in the transaction that"
                + " commits at 0/19C3D60 makes a record of 2\\d\\d\\d bytes, and the stream takes"
                + " 1000\\..*")
        .hasMessageContainingAll("MaxRecordSizeInKiB", "OVERSIZE=marker", "EXCLUDE_TABLES")
        .hasMessageNotContaining("secret");
    assertThat(published).hasSize(1);
  }

  @Test
  void theSizeOfARecordIncludesItsPartitionKey() {
    Change change = insert("public.t", "id", row(cell("id", "text", "é".repeat(50))));
    accept(new RecordMaker(plan(Format.CSV, ChangeFilter.ALL)), COMMIT, change);
    StreamRecord record = published.get(0);
    int size =
        record.payload().length + record.partitionKey().getBytes(StandardCharsets.UTF_8).length;

    accept(new RecordMaker(plan(Format.CSV, Oversize.FAIL, size)), COMMIT, change);
    assertThat(published).hasSize(2);
    RecordMaker.Transaction tooSmall =
        new RecordMaker(plan(Format.CSV, Oversize.FAIL, size - 1)).begin(COMMIT);
    assertThatThrownBy(() -> tooSmall.accept(change, published::add))
        .isInstanceOf(OversizeException.class)
        .hasMessageContaining("a record of " + size + " bytes");
  }

  @Test
  void oversizeMarkerPublishesTheKeyAndTheSize() {
    RecordMaker records = new RecordMaker(plan(Format.DEBEZIUM, Oversize.MARKER, 1000));
    accept(
        records,
        COMMIT,
        insert("public.t", "id", row(cell("id", "integer", "1"), secret(5000))),
        delete("public.t", "id", row(cell("id", "integer", "1"), secret(5000))),
        message("p", "x".repeat(5000)));
    assertThat(text(0))
        .startsWith("{\"before\":null,\"after\":{\"id\":1},\"source\":{")
        .matches(".*\"oversize\":5\\d\\d\\d}");
    assertThat(text(1)).startsWith("{\"before\":{\"id\":1},\"after\":null,\"source\":{");
    assertThat(text(2)).startsWith("{\"message\":{\"prefix\":\"p\"},\"source\":{");
    assertThat(records.oversized()).isEqualTo(3);
    assertThat(published).extracting(StreamRecord::partitionKey).startsWith("public.t|1");
  }

  @Test
  void markersOfTheOtherFormats() {
    Change change = insert("public.t", "id", row(cell("id", "integer", "1"), secret(5000)));
    accept(new RecordMaker(plan(Format.FULL_CHANGE, Oversize.MARKER, 1000)), COMMIT, change);
    accept(new RecordMaker(plan(Format.PG_KINESIS, Oversize.MARKER, 1000)), COMMIT, change);
    assertThat(text(0))
        .matches(
            ".*\"table\": \"t\", \"columnnames\": \\[\"id\"\\], \"columntypes\": \\[\"integer\"\\],"
                + " \"columnvalues\": \\[1\\], \"oversize\": 5\\d\\d\\d}}");
    assertThat(text(1))
        .matches(
            ".*\"columns\":\\{\"id\":\\{\"new\":\\{\"q\":\"false\",\"t\":\"integer\",\"v\":\"1\"}}},"
                + "\"oversize\":5\\d\\d\\d}");
  }

  @Test
  void aMarkerThatIsTooLargeFailsTheSame() {
    RecordMaker records = new RecordMaker(plan(Format.DEBEZIUM, Oversize.MARKER, 1000));
    RecordMaker.Transaction transaction = records.begin(COMMIT);
    Change change = insert("public.t", "id", row(cell("id", "text", "k".repeat(2000))));
    assertThatThrownBy(() -> transaction.accept(change, published::add))
        .isInstanceOf(OversizeException.class);
  }

  private static Given.Cell secret(int length) {
    return cell("v", "text", "secret".repeat(length / 6 + 1));
  }

  private void accept(RecordMaker records, Commit commit, Change... changes) {
    RecordMaker.Transaction transaction = records.begin(commit);
    for (Change change : changes) {
      transaction.accept(change, published::add);
    }
  }

  private String text(int record) {
    return new String(published.get(record).payload(), StandardCharsets.UTF_8);
  }

  private static Plan plan(Format format, ChangeFilter filter) {
    return new Plan(
        format.formatter(TEST_DECODING),
        PartitionKey.PRIMARY_KEY,
        filter,
        Oversize.FAIL,
        MEBIBYTE,
        "slot_a");
  }

  private static Plan plan(Format format, Oversize oversize, int maxRecordBytes) {
    return new Plan(
        format.formatter(TEST_DECODING),
        PartitionKey.PRIMARY_KEY,
        ChangeFilter.ALL,
        oversize,
        maxRecordBytes,
        "slot_a");
  }
}
