package dev.pg2kinesis.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.change.VisibleTransactions;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Outbox;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableCandidate;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import dev.pg2kinesis.snapshot.SnapshotState.Phase;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a run keeps of a snapshot, whatever the server says. */
class SnapshotRunTest {

  private static final Lsn POSITION = new Lsn(1_000);
  private static final TableName ORDERS = new TableName("public", "orders");

  private final FakeTables tables = new FakeTables();
  private final HandCranked clock = new HandCranked();
  private final List<StreamRecord> stream = new ArrayList<>();
  private SnapshotState kept = begin(ORDERS);
  private int maxRecordBytes = 1 << 20;
  private Outbox outbox = Outbox.NONE;

  private static SnapshotState begin(TableName... names) {
    return SnapshotState.begin(
        Instant.parse("2026-01-01T00:00:00Z"),
        List.of(names).stream().map(name -> Table.waiting(name, 100)).toList());
  }

  private SnapshotRun run() {
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                Format.DEBEZIUM.formatter(new FormatContext("shop", "slot", "1", false)),
                PartitionKey.PRIMARY_KEY,
                ChangeFilter.ALL,
                Oversize.FAIL,
                maxRecordBytes,
                "slot",
                outbox,
                true));
    return new SnapshotRun(tables, kept, records, this::keep, clock, 1 << 20);
  }

  /** Keeps a state as a parameter does. */
  private void keep(SnapshotState state) {
    kept = SnapshotStore.parsed(SnapshotStore.text(state));
  }

  private void load(SnapshotRun run) {
    while (run.read() != null) {
      publish(run);
    }
  }

  private void publish(SnapshotRun run) {
    run.publishRemaining(POSITION, stream::add);
    run.awaitReadAhead();
    run.acknowledged();
  }

  @Test
  void loadsATableAndKeepsThatItIsDone() {
    load(run());
    assertThat(stream).hasSize(1);
    assertThat(kept.tables().get(0).phase()).isEqualTo(Phase.DONE);
  }

  @Test
  void manyOpenTransactionsAreWaitedForAndNeedNoRoomInTheState() {
    tables.inProgress =
        IntStream.range(2_000_000_000, 2_000_002_000).boxed().collect(Collectors.toSet());
    tables.visible = new VisibleTransactions(2_000_002_000, tables.inProgress);
    SnapshotRun run = run();
    load(run);
    assertThat(stream).isEmpty();
    assertThat(kept.unsettled()).as("looked at again by the next run").isNull();

    SnapshotRun next = run();
    tables.visible = new VisibleTransactions(2_000_002_000, Set.of());
    load(next);
    assertThat(stream).hasSize(1);
  }

  @Test
  void tablesThatFailWithLongReasonsFitIntoTheState() {
    List<TableName> names =
        IntStream.range(0, 20).mapToObj(i -> new TableName("public", "orders_" + i)).toList();
    kept = begin(names.toArray(TableName[]::new));
    tables.failure =
        new SlotException(SlotException.Code.DATABASE_FAILED, "reason ".repeat(100), null);
    load(run());
    assertThat(kept.tables())
        .allSatisfy(
            table -> {
              assertThat(table.phase()).isEqualTo(Phase.FAILED);
              assertThat(table.problem()).startsWith("DATABASE_FAILED");
            });
  }

  @Test
  void aKeyThatDoesNotFitIntoTheStateFailsItsTableAlone() {
    tables.key = "k".repeat(5_000);
    tables.end = TableChunk.End.BY_ROWS;
    kept = begin(ORDERS, new TableName("public", "small"));
    SnapshotRun run = run();
    run.read();
    publish(run);
    assertThat(kept.tables().get(0).phase()).isEqualTo(Phase.FAILED);
    assertThat(kept.tables().get(0).problem()).startsWith("KEY_TOO_LARGE: ");

    tables.key = "1";
    tables.end = TableChunk.End.OF_TABLE;
    load(run);
    assertThat(kept.tables().get(1).phase()).isEqualTo(Phase.DONE);
  }

  /** Keeping a state asks the session for the slot's lock, and rows may be arriving in it. */
  @Test
  void nothingIsKeptWhileRowsAreOnTheirWay() {
    maxRecordBytes = 100;
    SnapshotRun run = run();
    run.read();
    SnapshotState before = kept;
    run.publishRemaining(POSITION, stream::add);
    assertThat(kept).isSameAs(before);
    run.acknowledged();
    assertThat(run.read()).isNull();
    assertThat(kept.tables().get(0).problem()).startsWith("RECORD_TOO_LARGE: ");
  }

  @Test
  void theNextChunkIsReadWhileOneIsPublished() {
    tables.end = TableChunk.End.BY_ROWS;
    SnapshotRun run = run();
    run.read();
    tables.key = "2";
    tables.end = TableChunk.End.OF_TABLE;
    tables.gate = new CountDownLatch(1);
    List<Boolean> busy = new ArrayList<>();

    run.publishRemaining(
        POSITION,
        row -> {
          stream.add(row);
          busy.add(run.isReadingAhead());
        });
    tables.gate.countDown();
    run.awaitReadAhead();

    assertThat(busy).containsExactly(true);
    assertThat(run.isReadingAhead()).isFalse();
    assertThat(kept.cursor()).as("kept once all rows are acknowledged").isNull();
    run.acknowledged();
    assertThat(kept.cursor()).isNotNull().returns(List.of("1"), SnapshotState.Cursor::after);
    load(run);
    assertThat(tables.after).containsExactly("null", "[1]");
    assertThat(stream).hasSize(2);
    assertThat(kept.tables().get(0)).returns(Phase.DONE, Table::phase).returns(2L, Table::rows);
  }

  @Test
  void aSessionThatEndsWhileReadingAheadEndsTheRunAfterTheChunkBefore() {
    tables.end = TableChunk.End.BY_ROWS;
    SnapshotRun run = run();
    run.read();
    tables.failure = new SlotException(SlotException.Code.CONNECTION_LOST, "as told", null);
    publish(run);
    assertThat(kept.cursor()).isNotNull();
    assertThatThrownBy(run::read).hasMessageStartingWith("CONNECTION_LOST");
    assertThat(stream).hasSize(1);
  }

  @Test
  void aTableThatFailsWhileItIsReadAheadFailsAlone() {
    kept = begin(ORDERS, new TableName("public", "small"));
    tables.end = TableChunk.End.BY_ROWS;
    SnapshotRun run = run();
    run.read();
    tables.failure = new SlotException(SlotException.Code.DATABASE_FAILED, "as told.", null);
    publish(run);
    tables.failure = null;
    tables.end = TableChunk.End.OF_TABLE;
    load(run);
    assertThat(kept.tables().get(0).problem()).startsWith("DATABASE_FAILED: ");
    assertThat(kept.tables().get(1).phase()).isEqualTo(Phase.DONE);
  }

  @Test
  void whatIsReadBehindARowThatCannotBePublishedIsDropped() {
    kept = begin(ORDERS, new TableName("public", "small"));
    tables.end = TableChunk.End.BY_ROWS;
    maxRecordBytes = 100;
    SnapshotRun run = run();
    run.read();
    tables.end = TableChunk.End.OF_TABLE;
    publish(run);
    run.read();
    assertThat(tables.after).containsExactly("null", "[1]", "null");
    assertThat(kept.tables().get(0).problem()).startsWith("RECORD_TOO_LARGE: ");
  }

  /** Invariant I10 holds for every chunk. */
  @Test
  void nothingIsReadAheadBehindATransactionThatIsNotVisible() {
    tables.end = TableChunk.End.BY_ROWS;
    SnapshotRun run = run();
    run.read();
    run.windowBegins();
    tables.visible = new VisibleTransactions(100, Set.of(99));
    run.windowBegins();
    run.decoded(new Commit(99, POSITION, Instant.EPOCH));
    publish(run);
    assertThat(run.read()).isNull();
    assertThat(tables.after).containsExactly("null");
  }

  /** A database snapshot holds back vacuum. */
  @Test
  void theServerIsToGiveUpAReadAfterTenSecondsAndEarlierIfTheRunEnds() {
    tables.end = TableChunk.End.BY_ROWS;
    SnapshotRun run = run();
    run.read();
    publish(run);
    assertThat(tables.limits).containsOnly(Duration.ofSeconds(10)).hasSize(2);
    clock.pause(Duration.ofSeconds(55));
    run.read();
    publish(run);
    assertThat(tables.limits).hasSize(3).endsWith(Duration.ofSeconds(5));
  }

  @Test
  void withoutTimeNothingIsReadAhead() {
    tables.end = TableChunk.End.BY_ROWS;
    SnapshotRun run = run();
    run.read();
    clock.pause(Duration.ofSeconds(59));
    publish(run);
    assertThat(tables.after).containsExactly("null");
    assertThat(kept.cursor()).isNotNull();
  }

  @Test
  void aTableWithoutTheColumnsOfAnOutboxFailsAlone() {
    outbox = Outbox.parse(ORDERS.name());
    kept = begin(ORDERS, new TableName("public", "small"));
    load(run());
    assertThat(kept.tables().get(0).problem()).startsWith("OUTBOX_COLUMNS_MISSING: ");
    assertThat(kept.tables().get(1).phase()).isEqualTo(Phase.DONE);
    assertThat(stream).hasSize(1);
  }

  @Test
  void aLockedTableIsReadByALaterRun() {
    tables.failure = new SlotException(SlotException.Code.TABLE_LOCKED, "locked.", null);
    load(run());
    assertThat(tables.reads).isEqualTo(1);
    assertThat(kept.tables().get(0).problem()).isNull();
    tables.failure = null;
    load(run());
    assertThat(kept.tables().get(0).phase()).isEqualTo(Phase.DONE);
  }

  @Test
  void aTableThatTakesTooLongIsAskedForLess() {
    tables.failure = new SlotException(SlotException.Code.PEEK_TIMEOUT, "slow.", null);
    load(run());
    assertThat(tables.reads).isEqualTo(9); // 500 rows, 250, … 1
    assertThat(kept.tables().get(0).problem()).startsWith("PEEK_TIMEOUT: ");
  }

  /** One row in each table. */
  private static final class FakeTables implements TableReader {
    Set<Integer> inProgress = Set.of();
    VisibleTransactions visible = new VisibleTransactions(100, Set.of());
    @Nullable SlotException failure;
    String key = "1";
    TableChunk.End end = TableChunk.End.OF_TABLE;
    int reads;

    /** What was read, each time, by the key that it goes on after. */
    final List<String> after = new ArrayList<>();

    /** When the server was to give up, each time. */
    final List<Duration> limits = new ArrayList<>();

    /** Reading waits for this. */
    @Nullable CountDownLatch gate;

    @Override
    public List<TableCandidate> candidates() {
      return List.of();
    }

    @Override
    public TableShape shape(TableName table) {
      TableShape.KeyColumn id =
          new TableShape.KeyColumn("id", "text", null, "<", ">=", "pg_catalog.>");
      return new TableShape(
          table, false, List.of(new Column("id", "text")), List.of(id), null, 1, "k", "c");
    }

    @Override
    public TableChunk read(
        TableShape shape,
        @Nullable List<String> after,
        TableChunk.Bounds bounds,
        Duration timeout) {
      reads++;
      this.after.add(String.valueOf(after));
      limits.add(timeout);
      CountDownLatch closed = gate;
      if (closed != null) {
        await(closed);
      }
      SlotException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      Row row = new Row(shape.columns(), List.of(Value.of(key)));
      return new TableChunk(List.of(row), 100, List.of(key), visible, end);
    }

    private static void await(CountDownLatch gate) {
      try {
        assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Set<Integer> inProgress() {
      return inProgress;
    }

    @Override
    public VisibleTransactions visible() {
      return visible;
    }

    @Override
    public Lsn insertLsn() {
      return POSITION;
    }

    @Override
    public Lsn flushLsn() {
      return POSITION;
    }
  }

  /** Time that passes only where the run waits. */
  private static final class HandCranked implements SnapshotRun.Pause {
    private long nanos;

    @Override
    public void pause(Duration duration) {
      nanos += duration.toNanos();
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public long leftMillis() {
      return 60_000 - Duration.ofNanos(nanos).toMillis();
    }
  }
}
