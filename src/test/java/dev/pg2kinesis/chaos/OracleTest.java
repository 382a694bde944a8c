package dev.pg2kinesis.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.chaos.Plan.Setup;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OracleTest {

  private static final List<String> CHANGES = List.of("a", "b", "c");

  /** What the oracle says of records with these changes of one key, in the order of arrival. */
  private static List<String> violations(
      Ordering ordering, boolean overlapped, List<String> control, String... records) {
    Setup setup =
        new Setup(
            1,
            15,
            "wal2json",
            Format.CSV,
            PartitionKey.PRIMARY_KEY,
            Packing.LINES,
            ordering,
            false,
            false,
            100,
            1);
    List<StreamRecord> expected = new ArrayList<>();
    for (String change : control) {
      expected.add(new StreamRecord("k", change.getBytes(UTF_8), new Lsn(1), expected.size()));
    }
    List<Delivery> stream =
        Arrays.stream(records)
            .map(
                text ->
                    new Delivery(
                        "shard",
                        BigInteger.ZERO,
                        BigInteger.TEN,
                        "1",
                        "k",
                        text.getBytes(UTF_8),
                        0))
            .toList();
    return new Oracle(setup, expected, stream).findingsOfStream(overlapped).violations();
  }

  private static List<String> violations(Ordering ordering, boolean overlapped, String... records) {
    return violations(ordering, overlapped, CHANGES, records);
  }

  @Test
  void repeatsInOrderAreFine() {
    assertThat(violations(Ordering.REPLAY, false, "a\nb", "a\nb", "c")).isEmpty();
    assertThat(violations(Ordering.REPLAY, false, "a", "c", "b\nc")).isEmpty();
    assertThat(violations(Ordering.STRICT, false, "a", "a\nb\nc")).isEmpty();
  }

  @Test
  void whatIsLostOrWasNeverCommittedIsSeen() {
    assertThat(violations(Ordering.REPLAY, false, "a", "c")).containsExactly("lost: b");
    assertThat(violations(Ordering.REPLAY, false, "a\nb\nc", "d"))
        .containsExactly("no committed change has these bytes: d");
  }

  @Test
  void onlyReplayMaySkipAndComeBack() {
    assertThat(violations(Ordering.STRICT, false, "a", "c", "b\nc"))
        .containsExactly("a change of key k came before an earlier one");
  }

  /** The call timed out, its repetition and a later one landed, and then it did. */
  @Test
  void aCallThatLandsAfterItsRepetitionLooksLikeDisorderUnlessItIsKnown() {
    assertThat(violations(Ordering.REPLAY, false, "a\nb", "c", "a\nb"))
        .containsExactly("change 2 of key k did not come again after earlier ones");
    assertThat(violations(Ordering.REPLAY, true, "a\nb", "c", "a\nb")).isEmpty();
  }

  @Test
  void aLineBreakInQuotesOfCsvIsPartOfItsChange() {
    List<String> control = List.of("a,\"x\n\"\"y\"", "b");

    assertThat(violations(Ordering.REPLAY, false, control, "a,\"x\n\"\"y\"\nb")).isEmpty();
    assertThat(Oracle.lines("{\"a\":\"\\\"\"}\n{}", false))
        .containsExactly("{\"a\":\"\\\"\"}", "{}");
  }
}
