package dev.pg2kinesis.watermark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.VersionedParameter.Versioned;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.Timeline;
import dev.pg2kinesis.slot.Timeline.Relation;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be proved of a slot from where it was left; the slot was left at 1/500. */
class GapCheckTest {

  private static final Lsn MOVED = Lsn.parse("1/500");
  private static final Lsn PUBLISHED = Lsn.parse("1/400");
  private static final ResumePoint PLACE = new ResumePoint(Lsn.parse("1/700"), 7, 1_000);
  private static final WatermarkState LEFT =
      new WatermarkState("cluster", 1, "slot", "pgoutput:p", MOVED, PUBLISHED, PLACE);

  private static GapCheck.Found found(Timeline timeline, String confirmed, String flush) {
    return new GapCheck.Found(
        "slot",
        "pgoutput:p",
        timeline,
        new Slot.Position(Lsn.parse(confirmed), Lsn.parse("1/0"), Lsn.parse(flush), "reserved"));
  }

  private static Timeline same() {
    return new Timeline("cluster", 1, false, false, Relation.SAME, null);
  }

  @ParameterizedTest(name = "{0}: slot at {5}, WAL to {6}")
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          where it was left,            1, false, SAME,     -,     1/500, 1/900, -
          behind after a crash,         1, false, SAME,     -,     1/100, 1/900, -
          moved by something else,      1, false, SAME,     -,     1/501, 1/900, something else moved or recreated it
          an older copy,                1, false, SAME,     -,     1/100, 1/4FF, an older copy
          from before the fork,         2, false, ANCESTOR, 1/300, 1/300, 1/900, -
          made after the fork,          2, false, ANCESTOR, 1/300, 1/301, 1/900, began at 1/300
          ahead on a new timeline,      2, true,  ANCESTOR, 1/900, 1/501, 1/900, something else moved or recreated it
          a timeline not descended,     2, true,  UNRELATED,  -,     1/100, 1/900, does not descend from it
          history unknown but synced,   2, true,  UNKNOWN,  -,     1/100, 1/400, -
          history unknown,              2, false, UNKNOWN,  -,     1/100, 1/900, only the timeline's history tells
          """)
  void findsGaps(
      String name,
      long timeline,
      boolean synced,
      Relation relation,
      @Nullable String forkedAt,
      String confirmed,
      String flush,
      @Nullable String gap) {
    Timeline now =
        new Timeline(
            "cluster",
            timeline,
            false,
            synced,
            relation,
            forkedAt == null ? null : Lsn.parse(forkedAt));
    GapCheck.Found found = found(now, confirmed, flush);

    if (gap == null) {
      WatermarkState next = GapCheck.check(LEFT, found, null);
      assertThat(next.timeline()).isEqualTo(timeline);
      assertThat(next.moved()).isEqualTo(timeline == 1 ? MOVED : Lsn.parse(confirmed));
      assertThat(next.published()).isEqualTo(PUBLISHED);
      assertThat(next.resumePoint()).isEqualTo(timeline == 1 ? PLACE : null);
      return;
    }
    assertThatThrownBy(() -> GapCheck.check(LEFT, found, null))
        .hasMessageStartingWith(
            "GAP: slot slot is at %s, and this function moved it to 1/500 at most, having published"
                    .formatted(confirmed)
                + " up to commit 1/400: ")
        .hasMessageContaining(gap);
    assertThatThrownBy(() -> GapCheck.check(LEFT, found, Lsn.parse("1/AAA")))
        .hasMessageStartingWith("GAP: ");
    assertThat(GapCheck.check(LEFT, found, Lsn.parse(confirmed)))
        .isEqualTo(
            new WatermarkState(
                "cluster", timeline, "slot", "pgoutput:p", Lsn.parse(confirmed), null, null));
  }

  @Test
  void aStandbyThatHasYetToReplayIsNoOlderCopy() {
    Timeline replaying = new Timeline("cluster", 1, true, false, Relation.SAME, null);

    assertThat(GapCheck.check(LEFT, found(replaying, "1/500", "1/4FF"), null)).isEqualTo(LEFT);
    assertThatThrownBy(() -> GapCheck.check(LEFT, found(replaying, "1/501", "1/900"), null))
        .hasMessageContaining("something else moved or recreated it");
  }

  @Test
  void anotherClusterIsAGap() {
    GapCheck.Found found =
        found(new Timeline("other", 1, false, false, Relation.SAME, null), "1/100", "1/900");
    assertThatThrownBy(() -> GapCheck.check(LEFT, found, null))
        .hasMessageContaining("it is another cluster, other and not cluster");
  }

  @Test
  void theWatermarkOfAnotherSlotIsRefused() {
    WatermarkState other =
        new WatermarkState("cluster", 1, "theirs", "pgoutput:p", MOVED, null, null);
    assertThatThrownBy(() -> GapCheck.check(other, found(same(), "1/500", "1/900"), null))
        .hasMessageStartingWith("WATERMARK_INVALID: the watermark is of slot theirs");
  }

  @Test
  void aResumePointHoldsOnlyForTheSamePublications() {
    GapCheck.Found found =
        new GapCheck.Found(
            "slot", "pgoutput:p,q", same(), found(same(), "1/500", "1/900").position());
    assertThat(GapCheck.check(LEFT, found, null).resumePoint()).isNull();
  }

  @Test
  void aNewWatermarkStartsWhereTheSlotIs() {
    WatermarkState begun = GapCheck.check(null, found(same(), "1/500", "1/900"), null);
    assertThat(begun)
        .isEqualTo(new WatermarkState("cluster", 1, "slot", "pgoutput:p", MOVED, null, null));
  }

  @Test
  void parsesWhatItWrote() {
    Lsn high = Lsn.parse("F0000000/80000001");
    for (WatermarkState r :
        new WatermarkState[] {
          LEFT, new WatermarkState("c", 1L << 31, "s", "r", high, null, null)
        }) {
      assertThat(WatermarkState.parse(r.json())).isEqualTo(r);
    }
    assertThat(LEFT.json().toLowerCase(Locale.ROOT)).contains("\"movedlsn\":\"1/500\"");
  }

  static Stream<Arguments> hostile() {
    String json = LEFT.json();
    return Stream.of(
        Arguments.of("empty", "", "systemIdentifier is not a string"),
        Arguments.of("a list", "[]", "systemIdentifier is not a string"),
        Arguments.of("an empty object", "{}", "systemIdentifier is not a string"),
        Arguments.of("null", "null", "systemIdentifier is not a string"),
        Arguments.of(
            "another type", "{\"systemIdentifier\":1}", "systemIdentifier is not a string"),
        Arguments.of("no JSON", "nonsense\nERROR", "it is not JSON"),
        Arguments.of("binary", "\0\u0001\ufffd", "it is not JSON"),
        Arguments.of("deep", "[".repeat(3000), "it is not JSON"),
        Arguments.of("cut off", json.substring(0, json.length() - 1), "it is not JSON"),
        Arguments.of("two of them", json + json, "it is not JSON"),
        Arguments.of("more after it", json + " x", "it is not JSON"),
        Arguments.of(
            "two positions",
            json.replace("\"movedLsn\"", "\"movedLsn\":\"0/1\",\"movedLsn\""),
            "it is not JSON"),
        Arguments.of("no LSN", json.replace("1/500", "1:500"), "expected a WAL position"),
        Arguments.of("an LSN too large", json.replace("1/500", "100000000/0"), "a WAL position"),
        Arguments.of(
            "a timeline of 2^64 + 1",
            json.replace("\"timeline\":1", "\"timeline\":18446744073709551617"),
            "timeline is not a number from 0 to 9223372036854775807"),
        Arguments.of(
            "a timeline below zero",
            json.replace("\"timeline\":1", "\"timeline\":-1"),
            "timeline is not a number"),
        Arguments.of(
            "a fraction of a timeline",
            json.replace("\"timeline\":1", "\"timeline\":1.5"),
            "timeline is not a number"),
        Arguments.of(
            "changes beyond all numbers",
            json.replace("\"changes\":1000", "\"changes\":1e999999999"),
            "changes is not a number"),
        Arguments.of(
            "changes below zero",
            json.replace("\"changes\":1000", "\"changes\":-1000"),
            "changes is not a number"),
        Arguments.of(
            "a place that is a text",
            json.replaceAll("\"place\":\\{.*?}", "\"place\":\"1/700\""),
            "commitLsn is not a string"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void whatItDidNotWriteIsNoWatermark(String name, String text, String why) {
    assertThatThrownBy(() -> ParameterWatermark.parse(new Versioned(text, 1)))
        .isInstanceOf(WatermarkException.class)
        .hasMessageStartingWith("WATERMARK_INVALID: ")
        .hasMessageContaining(why)
        .hasMessageContaining("Name another, or delete it")
        .hasNoCause()
        .message()
        .hasSizeLessThan(400)
        .doesNotContainPattern("\\p{Cntrl}");
  }

  /** A newer version may remember more. */
  @Test
  void fieldsOfAnotherVersionAreLeftAlone() {
    assertThat(WatermarkState.parse(LEFT.json().replace("{", "{\"later\":[1],"))).isEqualTo(LEFT);
  }
}
