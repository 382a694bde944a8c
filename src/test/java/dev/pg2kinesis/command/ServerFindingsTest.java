package dev.pg2kinesis.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.slot.ServerStatus;
import dev.pg2kinesis.slot.ServerStatus.OpenTransaction;
import dev.pg2kinesis.slot.SlotLimits;
import dev.pg2kinesis.slot.SlotRow;
import dev.pg2kinesis.slot.Standby;
import dev.pg2kinesis.slot.Timeline;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code status} makes of a server whose slot can be read. */
class ServerFindingsTest {

  private static final Lsn FLUSH = Lsn.parse("10/0");

  private static List<String> findings(
      SlotRow slot, @Nullable Long keepMegabytes, OpenTransaction... transactions) {
    return findings(null, slot, keepMegabytes, transactions);
  }

  private static List<String> findings(
      @Nullable Standby standby,
      SlotRow slot,
      @Nullable Long keepMegabytes,
      OpenTransaction... transactions) {
    ServerStatus status =
        new ServerStatus(
            new ServerStatus.Server(
                "",
                standby,
                "logical",
                "1",
                FLUSH,
                new SlotLimits(keepMegabytes, null),
                null,
                1,
                10),
            new ServerStatus.Role("relay", false, true),
            slot,
            List.of(),
            List.of(),
            List.of(transactions),
            new Timeline("1", 1, standby != null, false, Timeline.Relation.SAME, null),
            List.of());
    return ServerFindings.of(status).stream().map(f -> f.severity() + " " + f.code()).toList();
  }

  private static SlotRow slot(
      Lsn restart, @Nullable String walStatus, @Nullable Long safe, @Nullable Boolean failover) {
    return new SlotRow(
        "slot",
        "logical",
        "pgoutput",
        "db",
        null,
        restart,
        restart,
        walStatus,
        safe,
        null,
        failover,
        failover,
        false);
  }

  @ParameterizedTest(name = "restart {0}, {1}, safe {2}, limit {3} MB")
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          F/FFFFFFFF, reserved,   -,     1024, -
          F/FFFFFFFF, reserved,   -,     -1,   INFO WAL_UNLIMITED
          F/FFFFFFFF, -,          -,     -,    -
          F/FF000000, extended,   1,     1024, WARNING SLOT_AT_RISK
          F/FF000000, extended,   99999999, 1024, -
          F/FF000000, unreserved, -,     1024, WARNING SLOT_AT_RISK
          D/0,        reserved,   -,     99999, WARNING WAL_RETAINED
          """)
  void saysHowNearTheSlotIsToTrouble(
      String restart,
      @Nullable String walStatus,
      @Nullable Long safe,
      @Nullable Long limit,
      @Nullable String expected) {
    assertThat(findings(slot(Lsn.parse(restart), walStatus, safe, null), limit))
        .isEqualTo(expected == null ? List.of() : List.of(expected));
  }

  @ParameterizedTest(name = "{0} MB, {1} s")
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          -,    -,     -
          1024, 86400, -
          1023, -,     WARNING WAL_LIMIT_SMALL
          0,    -,     WARNING WAL_LIMIT_SMALL
          -1,   -,     INFO WAL_UNLIMITED
          1024, 86399, WARNING IDLE_LIMIT_SHORT
          """)
  void saysWhichLimitsAPauseInPollingWouldPass(
      @Nullable Long megabytes, @Nullable Long seconds, @Nullable String expected) {
    assertThat(ServerFindings.of(new SlotLimits(megabytes, seconds)))
        .extracting(finding -> finding.severity() + " " + finding.code())
        .isEqualTo(expected == null ? List.of() : List.of(expected));
  }

  @Test
  void namesOnlyTransactionsThatAreOpenForLong() {
    SlotRow slot = slot(FLUSH, "reserved", null, null);
    assertThat(
            findings(
                slot,
                1_024L,
                new OpenTransaction(11, null, "db", ServerFindings.LONG_SECONDS, "active"),
                new OpenTransaction(null, "left", "db", ServerFindings.LONG_SECONDS, "prepared"),
                new OpenTransaction(12, null, "db", ServerFindings.LONG_SECONDS - 1, "active")))
        .containsExactly("WARNING TRANSACTION_HOLDS_WAL", "WARNING TRANSACTION_HOLDS_WAL");
  }

  @Test
  void offersFailoverWhereTheServerHasIt() {
    assertThat(findings(slot(FLUSH, "reserved", null, false), 1_024L))
        .containsExactly("INFO FAILOVER_OFF");
    assertThat(findings(slot(FLUSH, "reserved", null, true), 1_024L)).isEmpty();
    assertThat(findings(slot(FLUSH, "reserved", null, null), 1_024L)).isEmpty();
  }

  @ParameterizedTest(name = "feedback {0}, slot {1}, paused {2}")
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          true,  s, false, -
          true,  -, false, INFO STANDBY_SLOT_UNSET
          false, -, false, WARNING STANDBY_FEEDBACK_OFF
          true,  s, true,  WARNING STANDBY_PAUSED
          """)
  void saysWhatEndangersTheSlotOfAStandby(
      boolean feedback, @Nullable String primarySlot, boolean paused, @Nullable String expected) {
    assertThat(
            findings(
                new Standby(feedback, primarySlot, paused),
                slot(FLUSH, "reserved", null, false),
                1_024L))
        .isEqualTo(expected == null ? List.of() : List.of(expected));
  }

  /** A standby's {@code wal_status} stays {@code reserved} until the slot is lost. */
  @Test
  void computesWhatAStandbyHasLeft() {
    Standby standby = new Standby(true, "s", false);
    SlotRow slot = slot(Lsn.parse("F/D0000000"), "reserved", null, false); // 768 MB behind
    assertThat(findings(standby, slot, 1_024L)).isEmpty();
    assertThat(findings(standby, slot, 900L))
        .containsExactly("WARNING SLOT_AT_RISK", "WARNING WAL_LIMIT_SMALL");
  }
}
