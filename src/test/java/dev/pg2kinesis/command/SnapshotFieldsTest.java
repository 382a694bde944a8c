package dev.pg2kinesis.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.snapshot.SnapshotState;
import dev.pg2kinesis.snapshot.SnapshotState.Cursor;
import dev.pg2kinesis.snapshot.SnapshotState.Phase;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotFieldsTest {

  private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");
  private static final TableName ORDERS = new TableName("public", "orders");
  private static final TableName LINES = new TableName("public", "lines");

  private static Map<?, ?> first(SnapshotState state, @Nullable Instant now) {
    return SnapshotFields.tables(state, now).get(0);
  }

  private static SnapshotState reading(long rows, long estimate) {
    return reading(rows, estimate, Set.of());
  }

  private static SnapshotState reading(long rows, long estimate, Set<Integer> unsettled) {
    Table orders = new Table(ORDERS, Phase.READING, rows, estimate, BEGAN, null);
    return new SnapshotState(
        BEGAN,
        List.of(orders, Table.waiting(LINES, 7)),
        new Cursor(List.of("secret key"), "shape"),
        unsettled);
  }

  @Test
  void aTableThatIsReadHasARateAndTheTimeThatIsLeft() {
    SnapshotState state = reading(3_000, 9_000);
    Map<String, Object> all = SnapshotFields.of(state, BEGAN.plusSeconds(30));
    assertThat(all).containsEntry("state", "loading").doesNotContainKey("waitsFor");
    assertThat(all.toString()).doesNotContain("secret key");
    Map<?, ?> orders = first(state, BEGAN.plusSeconds(30));
    assertThat(orders.get("table")).hasToString("public.orders");
    assertThat(orders.get("state")).isEqualTo("reading");
    assertThat(orders.get("rows")).isEqualTo(3_000L);
    assertThat(orders.get("estimate")).isEqualTo(9_000L);
    assertThat(orders.get("rowsPerSecond")).isEqualTo(100L);
    assertThat(orders.get("secondsLeft")).isEqualTo(60L);
  }

  @Test
  void aTableWithMoreRowsThanEstimatedHasNoTimeLeft() {
    Map<?, ?> orders = first(reading(9_001, 9_000), BEGAN.plusSeconds(30));
    assertThat(orders.get("rowsPerSecond")).isEqualTo(300L);
    assertThat(orders.containsKey("secondsLeft")).isFalse();
  }

  @Test
  void aTableThatWaitsHasNoRate() {
    Map<String, Object> lines = SnapshotFields.tables(reading(1, 2), BEGAN.plusSeconds(30)).get(1);
    assertThat(lines).containsEntry("state", "waiting").doesNotContainKey("rowsPerSecond");
  }

  @Test
  void transactionsThatAreNotVisibleAreWaitedFor() {
    SnapshotState state = reading(1, 2, Set.of(7, 8));
    assertThat(String.valueOf(SnapshotFields.of(state, BEGAN).get("waitsFor")))
        .startsWith("2 transactions that are not visible yet");
  }

  @Test
  void aTableThatFailedHasItsProblem() {
    SnapshotState state =
        SnapshotState.begin(
            BEGAN, List.of(new Table(ORDERS, Phase.FAILED, 0, 2, null, "TABLE_MISSING: gone.")));
    assertThat(SnapshotFields.of(state, BEGAN)).containsEntry("state", "done");
    Map<?, ?> orders = first(state, BEGAN);
    assertThat(orders.get("state")).isEqualTo("failed");
    assertThat(orders.get("problem")).isEqualTo("TABLE_MISSING: gone.");
  }
}
