package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.watermark.ResumePoint;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What was handed over, how many records of it are acknowledged, and where the slot may go. In a
 * history a capital letter begins a transaction, {@code +} is a record, {@code 2} a mark that two
 * changes are in what was handed over so far, and a dot ends the transaction.
 */
class RunProgressTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static Commit commit(char name) {
    return new Commit(name, new Lsn(name), NOW.minusSeconds(name));
  }

  private static RunProgress after(@Nullable ResumePoint start, String history, long acknowledged) {
    RunProgress progress = new RunProgress(start);
    for (int i = 0; i < history.length(); i++) {
      char step = history.charAt(i);
      if (step == '+') {
        progress.handedOver();
      } else if (step == '.') {
        progress.end();
      } else if (Character.isDigit(step)) {
        progress.mark(Character.digit(step, 10));
      } else {
        progress.begin(commit(step));
      }
    }
    progress.acknowledged(acknowledged, NOW);
    return progress;
  }

  private static String name(@Nullable Lsn lsn) {
    return lsn == null ? "-" : Character.toString((char) lsn.value());
  }

  @ParameterizedTest(name = "{0} with {1} acknowledged")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # handed over   | acknowledged | safe | transactions | unfinished | resume
                          |      0       |  -   |      0       |     -      |   -
          A.              |      0       |  A   |      1       |     -      |   -
          A+              |      1       |  -   |      0       |     A      |   -
          A+.             |      0       |  -   |      0       |     A      |   -
          A+.             |      1       |  A   |      1       |     -      |   -
          A+.B            |      1       |  A   |      1       |     B      |   -
          A+.B+.          |      1       |  A   |      1       |     B      |   -
          A++.B.          |      1       |  -   |      0       |     A      |   -
          A++.B.          |      2       |  B   |      2       |     -      |   -
          A.B+.C.         |      0       |  A   |      1       |     B      |   -
          A+.B+.C+.       |      2       |  B   |      2       |     C      |   -
          A++2+           |      1       |  -   |      0       |     A      |   -
          A++2+           |      2       |  -   |      0       |     A      |  A2
          A++2+3+4+.      |      4       |  -   |      0       |     A      |  A4
          A++1+2+.        |      4       |  A   |      1       |     -      |   -
          A++2+.B         |      3       |  A   |      1       |     B      |   -
          A++2.B+1+2.C    |      3       |  A   |      1       |     B      |  B1
          A1++            |      0       |  -   |      0       |     A      |  A1
          """)
  void tellsHowFarTheSlotMayGo(
      @Nullable String history,
      long acknowledged,
      String safe,
      long transactions,
      String unfinished,
      String resume) {
    RunProgress progress = after(null, history == null ? "" : history, acknowledged);

    assertThat(name(progress.safeLsn())).isEqualTo(safe);
    assertThat(progress.transactions()).isEqualTo(transactions);
    Commit first = progress.firstUnacknowledged();
    assertThat(name(first == null ? null : first.lsn())).isEqualTo(unfinished);
    ResumePoint point = progress.resumePoint();
    assertThat(point == null ? "-" : name(point.commit()) + point.changes()).isEqualTo(resume);
    assertThat(progress.acknowledgedRecords()).isEqualTo(acknowledged);
  }

  @Test
  void aResumePointMustGetFurtherThanTheLast() {
    ResumePoint start = new ResumePoint(new Lsn('B'), 'B', 3);

    assertThat(after(start, "B+3+4", 1).resumePoint()).isNull();
    assertThat(after(start, "B+3+4", 2).resumePoint())
        .isEqualTo(new ResumePoint(new Lsn('B'), 'B', 4));
    assertThat(after(start, "A+1", 1).resumePoint())
        .isEqualTo(new ResumePoint(new Lsn('A'), 'A', 1));
  }

  @Test
  void knowsWhichChangesAnEarlierRunSent() {
    RunProgress progress = new RunProgress(new ResumePoint(new Lsn('B'), 'B', 3));
    progress.begin(commit('A'));
    assertThat(progress.isAlreadySent(0)).isFalse();
    progress.end();
    progress.begin(commit('B'));
    assertThat(progress.isAlreadySent(2)).isTrue();
    assertThat(progress.isAlreadySent(3)).isFalse();
  }

  @Test
  void theAgeIsThatOfTheOldestCommitWhenItWasAcknowledged() {
    RunProgress progress = after(null, "A+.B+.", 0);
    assertThat(progress.oldestAgeMillis()).isNull();

    progress.acknowledged(1, NOW);
    progress.acknowledged(2, NOW.plusSeconds(10)); // B is older than A

    assertThat(progress.oldestAgeMillis()).isEqualTo(('B' + 10) * 1_000L);
  }

  @Test
  void aCommitInTheFutureHasNoAge() {
    RunProgress progress = new RunProgress(null);
    progress.begin(new Commit(1, new Lsn(1), NOW.plusSeconds(5)));
    progress.end();
    progress.acknowledged(0, NOW);

    assertThat(progress.oldestAgeMillis()).isZero();
  }
}
