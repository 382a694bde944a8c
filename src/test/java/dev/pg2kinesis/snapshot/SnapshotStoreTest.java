package dev.pg2kinesis.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.snapshot.SnapshotState.Cursor;
import dev.pg2kinesis.snapshot.SnapshotState.Phase;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is kept between the runs of a snapshot, and what was put in its place. */
class SnapshotStoreTest {

  private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");

  private static final SnapshotState STATE =
      new SnapshotState(
          STARTED,
          List.of(
              new Table(new TableName("s", "t"), Phase.READING, 7, -1, STARTED, null),
              Table.waiting(new TableName("'; --\n", "\"é😀\\"), 9)),
          new Cursor(List.of("k'\"\\\n", ""), "shape"),
          Set.of(1, -2));

  private static String kept() {
    return SnapshotStore.text(STATE);
  }

  @Test
  void readsWhatItWrote() {
    assertThat(SnapshotStore.parsed(kept())).isEqualTo(STATE);
  }

  @Test
  void fieldsOfAnotherVersionAreLeftAlone() {
    assertThat(SnapshotStore.parsed(kept().replaceFirst("\\{", "{\"later\":[1],")))
        .isEqualTo(STATE);
  }

  static Stream<Arguments> hostile() {
    return Stream.of(
        Arguments.of("empty", ""),
        Arguments.of("null", "null"),
        Arguments.of("no JSON", "secret-key\n"),
        Arguments.of("binary", "\0\u0001\ufffd"),
        Arguments.of("deep", "{\"tables\":".repeat(3000)),
        Arguments.of("cut off", kept().substring(0, kept().length() - 1)),
        Arguments.of("more after it", kept() + " x"),
        Arguments.of("two cursors", kept().replace("\"cursor\"", "\"cursor\":{},\"cursor\"")),
        Arguments.of("no time", kept().replace("2026-01-02", "yesterday")),
        Arguments.of("no table", kept().replace("\"tables\":[", "\"tables\":\"s.t\",\"x\":[")),
        Arguments.of("tables left out", kept().replace("\"tables\"", "\"t\"")),
        Arguments.of("an unknown state", kept().replace("waiting", "wanting")),
        Arguments.of("rows in words", kept().replace("\"rows\":7", "\"rows\":\"seven\"")),
        Arguments.of("fewer than no rows", kept().replace("\"rows\":7", "\"rows\":-7")),
        Arguments.of("2^64 rows", kept().replace("\"rows\":7", "\"rows\":18446744073709551616")),
        Arguments.of(
            "a key that is a text", kept().replaceAll("\"after\":\\[.*?\\]", "\"after\":\"k\"")),
        Arguments.of("a key of lists", kept().replace(",\"\"]", ",[\"secret-key\"]]")),
        Arguments.of("no shape", kept().replace("\"shape\":\"shape\"", "\"shape\":1")),
        Arguments.of(
            "transactions in words", kept().replace("\"unsettled\":[", "\"unsettled\":[\"x\",")),
        Arguments.of(
            "a transaction beyond",
            kept().replace("\"unsettled\":[", "\"unsettled\":[4294967297,")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void hostile(String name, String text) {
    assertThat(text).isNotEqualTo(kept());
    assertThatThrownBy(() -> SnapshotStore.parsed(text))
        .isInstanceOf(SnapshotRefusedException.class)
        .hasMessageStartingWith("SNAPSHOT_REFUSED: the parameter beside WATERMARK_PARAMETER")
        .hasMessageContaining("Delete it")
        .hasNoCause()
        .message()
        .doesNotContain("secret-key");
  }
}
