package dev.pg2kinesis.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.format.CommittedChange;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.snapshot.SnapshotRun;
import dev.pg2kinesis.snapshot.SnapshotState;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where rows that are read go among the changes, step by step on a real server. Each test also runs
 * a broken variant and shows what that does wrong.
 */
class SnapshotMergeIT {

  private static final Duration LIFE = Duration.ofSeconds(60);
  private static final String BIG = "repeat('x', 5000)";

  private static PostgresServer server = PostgresServer.shared(15);

  private String database = "";
  private final List<StreamRecord> stream = new ArrayList<>();
  private SnapshotState state = SnapshotState.begin(Instant.EPOCH, List.of());

  @BeforeAll
  static void start() {
    // Asynchronous commits are flushed late, so that a test sees the time between.
    server =
        PostgresServer.start(
            15, Map.of("wal_writer_delay", "10s", "max_prepared_transactions", "2"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void prepare() {
    fresh();
  }

  private void fresh() {
    database = server.createDatabase();
    server.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v int, big text)",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        "INSERT INTO t VALUES (1, 10, " + BIG + "), (2, 20, " + BIG + ")",
        "CREATE PUBLICATION p FOR TABLE t",
        "SELECT pg_create_logical_replication_slot('" + database + "', 'pgoutput')");
    stream.clear();
    state =
        SnapshotState.begin(
            Instant.parse("2026-01-01T00:00:00Z"),
            List.of(SnapshotState.Table.waiting(new TableName("public", "t"), 2)));
  }

  @AfterEach
  void drop() {
    PostgresServer.await(
        () ->
            server
                .query(
                    database,
                    "SELECT count(*) FROM pg_replication_slots WHERE active"
                        + " AND slot_name = current_database()")
                .equals("0"));
    server.query(
        database,
        "SELECT count(pg_drop_replication_slot(slot_name)) FROM" + " pg_replication_slots");
  }

  private void poll() {
    poll(reader -> reader, snapshot -> snapshot, Life.unlimited());
  }

  private void poll(UnaryOperator<TableReader> reader, UnaryOperator<Snapshot> merge, Life life) {
    try (Slot slot = PostgresSlot.open(server.login(database), database, List.of("p"), 2, LIFE)) {
      RecordMaker records = AllChanges.in(Format.DEBEZIUM);
      Snapshot snapshot =
          merge.apply(
              new SnapshotRun(
                  reader.apply(slot.tables()),
                  state,
                  records,
                  next -> state = next,
                  new Time(),
                  1 << 20));
      RelayBuilder.over(slot, new FakePublisher(stream, life, FakePublisher.Script.NOTHING))
          .records(records)
          .snapshot(snapshot)
          .deadline(() -> 60_000, 5_000)
          .poll();
    }
  }

  private static final class Time implements SnapshotRun.Pause {
    @Override
    public void pause(Duration duration) {
      LockSupport.parkNanos(duration.toNanos());
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public long leftMillis() {
      return 55_000;
    }
  }

  /** Operation, id and v of each record, with a + where the large value is there. */
  private List<String> arrived() {
    return stream.stream().map(SnapshotMergeIT::summary).toList();
  }

  private static String summary(StreamRecord record) {
    String json = new String(record.payload(), StandardCharsets.UTF_8);
    String op = json.replaceAll(".*\"op\":\"(.)\".*", "$1");
    String after = json.replaceAll(".*\"after\":\\{\"id\":(\\d+),\"v\":(\\d+).*", "$1=$2");
    return op + " " + after + (json.contains("xxxxx") ? "+" : "");
  }

  private static String withoutPosition(StreamRecord record) {
    String json = new String(record.payload(), StandardCharsets.UTF_8);
    Lsn lsn = record.commitLsn();
    return json.replace(Long.toString(lsn.value()), "LSN").replace(lsn.toString(), "LSN");
  }

  /** Runs statements right after a chunk was read, before the changes behind it are published. */
  private UnaryOperator<TableReader> afterTheRead(String... sql) {
    return reader ->
        new ForwardingReader(reader) {
          @Override
          public @Nullable TableChunk read(
              TableShape shape,
              @Nullable List<String> after,
              TableChunk.Bounds bounds,
              Duration timeout) {
            TableChunk chunk = super.read(shape, after, bounds, timeout);
            server.execute(database, sql);
            return chunk;
          }
        };
  }

  @Test
  void rowsThatNothingChangesAreReadOnce() {
    poll();
    assertThat(arrived()).containsExactly("r 1=10+", "r 2=20+");
    assertThat(state.next()).isNull();
    poll();
    assertThat(arrived()).hasSize(2);
  }

  @Test
  void aRowPrecedesTheChangeThatTheReadDidNotSee() {
    String update = "UPDATE t SET v = v + 1 WHERE id = 1";
    poll(afterTheRead(update), snapshot -> snapshot, Life.unlimited());
    assertThat(arrived()).containsExactly("r 1=10+", "u 1=11", "r 2=20+");
    assertThat(stream.get(0).commitLsn()).isEqualTo(stream.get(1).commitLsn());
    assertThat(stream.get(0).ordinal()).isEqualTo(CommittedChange.READ_ORDINAL);
    assertThat(stream.get(2).commitLsn()).isGreaterThan(stream.get(1).commitLsn());

    drop();
    fresh(); // a variant that takes every transaction for visible puts the old row behind
    poll(
        reader -> SnapshotMutant.EARLIER_EPOCH.reader(afterTheRead(update).apply(reader)),
        snapshot -> snapshot,
        Life.unlimited());
    assertThat(arrived()).containsExactly("u 1=11", "r 1=10+", "r 2=20+");
  }

  @Test
  void aRowFollowsTheChangesThatTheReadSaw() {
    server.execute(database, "UPDATE t SET v = 12 WHERE id = 1");
    poll(
        reader ->
            new ForwardingReader(reader) {
              @Override
              public @Nullable TableChunk read(
                  TableShape shape,
                  @Nullable List<String> after,
                  TableChunk.Bounds bounds,
                  Duration timeout) {
                server.execute(database, "UPDATE t SET v = 13 WHERE id = 2");
                return super.read(shape, after, bounds, timeout);
              }
            },
        snapshot -> snapshot,
        Life.unlimited());
    assertThat(arrived()).containsExactly("u 1=12", "u 2=13", "r 1=12+", "r 2=13+");
  }

  @Test
  void aVariantThatDropsReadRowsLosesLargeValues() {
    poll(
        afterTheRead("UPDATE t SET v = v + 1 WHERE id = 1"),
        SnapshotMutant.DROPPED_ROWS::merge,
        Life.unlimited());
    assertThat(arrived()).containsExactly("u 1=11", "r 2=20+");
  }

  @Test
  void truncateReleasesAllRowsBefore() {
    poll(afterTheRead("TRUNCATE t"), snapshot -> snapshot, Life.unlimited());
    assertThat(arrived().subList(0, 2)).containsExactly("r 1=10+", "r 2=20+");
    assertThat(stream).hasSize(3);
  }

  @Test
  void aChangedKeyReleasesItsOldRowBefore() {
    poll(afterTheRead("UPDATE t SET id = 3 WHERE id = 1"), snapshot -> snapshot, Life.unlimited());
    assertThat(arrived().get(0)).isEqualTo("r 1=10+");
    assertThat(arrived().get(1)).startsWith("d ");
    assertThat(arrived().subList(2, 4)).containsExactly("c 3=10", "r 2=20+");
  }

  /** Invariant I10. */
  @Test
  void aCommitThatIsNotVisibleYetHoldsTheNextChunkBack() throws Exception {
    heldUpdate(
        () -> {
          poll();
          assertThat(arrived()).containsExactly("u 1=11");
          assertThat(Objects.requireNonNull(state.unsettled())).hasSize(1);
        });
    poll();
    assertThat(arrived()).containsExactly("u 1=11", "r 1=11+", "r 2=20+");
    assertThat(state.next()).isNull();

    drop();
    fresh(); // a variant without the rule publishes the row as it was before its newest change
    heldUpdate(
        () -> poll(SnapshotMutant.WITHOUT_I10::reader, snapshot -> snapshot, Life.unlimited()));
    assertThat(arrived()).containsExactly("u 1=11", "r 1=10+", "r 2=20+");
  }

  /** Commits an update whose transaction is decoded, but not visible while the action runs. */
  private void heldUpdate(Runnable action) throws Exception {
    Thread held = new Thread(() -> server.execute(database, "UPDATE t SET v = 11 WHERE id = 1"));
    server.set("synchronous_standby_names", "nobody");
    try {
      held.start();
      PostgresServer.await(
          () ->
              server
                  .query(
                      database,
                      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                  .equals("1"));
      action.run();
    } finally {
      server.set("synchronous_standby_names", null);
      held.join();
    }
  }

  @Test
  void aRowIsNotPublishedBeforeTheCommitThatItShowsIsFlushed() throws Exception {
    asynchronousUpdate();
    Thread flush =
        new Thread(
            () -> {
              PostgresServer.await(
                  () ->
                      server
                          .query(
                              database,
                              "SELECT count(*) FROM pg_stat_activity WHERE application_name ="
                                  + " 'pg2kinesis-lambda' AND query LIKE '%flush_lsn%'")
                          .equals("1"));
              server.execute(database, "CREATE TABLE flushes ()");
            });
    flush.start();
    poll();
    flush.join();
    assertThat(arrived()).containsExactly("u 1=11", "r 1=11+", "r 2=20+");

    drop();
    fresh(); // a variant that does not wait publishes what a crash of the server would take back
    asynchronousUpdate();
    poll(
        reader ->
            new ForwardingReader(reader) {
              @Override
              public Lsn insertLsn() {
                return super.flushLsn();
              }
            },
        snapshot -> snapshot,
        Life.unlimited());
    assertThat(arrived()).containsExactly("r 1=11+", "r 2=20+");
  }

  private void asynchronousUpdate() throws Exception {
    try (Connection connection = server.connect(database);
        Statement sql = connection.createStatement()) {
      sql.execute("SET synchronous_commit = off");
      sql.execute("UPDATE t SET v = 11 WHERE id = 1");
    }
  }

  @Test
  void aChunkWhoseRowsAreNotAcknowledgedIsReadAgain() {
    Life dies = Life.endingAt(Life.Point.IN_FLUSH, 1);
    try {
      poll(reader -> reader, snapshot -> snapshot, dies);
    } catch (Life.Death e) {
      assertThat(arrived()).containsExactly("r 1=10+");
    }
    poll();
    assertThat(arrived()).containsExactly("r 1=10+", "r 1=10+", "r 2=20+");
    assertThat(stream.get(1).commitLsn()).isGreaterThanOrEqualTo(stream.get(0).commitLsn());
    // The server writes WAL of its own at times, and then the second read has a later position.
    assertThat(withoutPosition(stream.get(1))).isEqualTo(withoutPosition(stream.get(0)));

    drop();
    fresh(); // a variant that saves its progress first never sends the second row
    Life diesAgain = Life.endingAt(Life.Point.IN_FLUSH, 1);
    try {
      poll(
          reader -> reader,
          snapshot ->
              new ForwardingSnapshot(snapshot) {
                @Override
                public void publishRemaining(Lsn position, Consumer<StreamRecord> publisher) {
                  super.publishRemaining(position, publisher);
                  super.acknowledged();
                }
              },
          diesAgain);
    } catch (Life.Death e) {
      assertThat(arrived()).hasSize(1);
    }
    poll();
    assertThat(arrived()).containsExactly("r 1=10+");
  }

  @Test
  void aTableWhoseColumnsChangeStartsAgain() {
    poll(afterTheRead("ALTER TABLE t ADD w int DEFAULT 5"), snapshot -> snapshot, Life.unlimited());
    server.execute(database, "INSERT INTO t SELECT i, i FROM generate_series(3, 1500) i");
    state =
        state.adding(
            Instant.EPOCH,
            List.of(SnapshotState.Table.waiting(new TableName("public", "t"), 2)),
            true);
    stream.clear();
    int[] reads = {0};
    poll(
        reader ->
            new ForwardingReader(reader) {
              @Override
              public @Nullable TableChunk read(
                  TableShape shape,
                  @Nullable List<String> after,
                  TableChunk.Bounds bounds,
                  Duration timeout) {
                TableChunk chunk = super.read(shape, after, bounds, timeout);
                if (++reads[0] == 1) {
                  server.execute(database, "ALTER TABLE t ADD x int DEFAULT 6");
                }
                return chunk;
              }
            },
        snapshot -> snapshot,
        Life.unlimited());
    long rows =
        stream.stream()
            .filter(record -> record.ordinal() == CommittedChange.READ_ORDINAL)
            .map(SnapshotMergeIT::summary)
            .distinct()
            .count();
    assertThat(rows).isEqualTo(1500);
    assertThat(
            stream.stream()
                .filter(r -> new String(r.payload(), StandardCharsets.UTF_8).contains("\"x\":6"))
                .count())
        .isEqualTo(1500);
    assertThat(state.next()).isNull();
  }

  /** Loads 1,500 rows, and runs a statement after the first chunk. */
  private void loadChanging(String sql) {
    server.execute(database, "INSERT INTO t SELECT i, i FROM generate_series(3, 1500) i");
    poll(); // the inserts are changes; what follows is the loading
    state =
        state.adding(
            Instant.EPOCH,
            List.of(SnapshotState.Table.waiting(new TableName("public", "t"), 2)),
            true);
    stream.clear();
    int[] reads = {0};
    poll(
        reader ->
            new ForwardingReader(reader) {
              @Override
              public @Nullable TableChunk read(
                  TableShape shape,
                  @Nullable List<String> after,
                  TableChunk.Bounds bounds,
                  Duration timeout) {
                TableChunk chunk = super.read(shape, after, bounds, timeout);
                if (++reads[0] == 1) {
                  server.execute(database, sql);
                }
                return chunk;
              }
            },
        snapshot -> snapshot,
        Life.unlimited());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE t DROP big",
        "ALTER TABLE t ALTER v TYPE bigint",
        "ALTER TABLE t ALTER v TYPE text",
        "ALTER TABLE t RENAME v TO w",
        "ALTER TABLE t ALTER id TYPE bigint",
        "UPDATE t SET v = id; ALTER TABLE t ALTER v SET NOT NULL, DROP CONSTRAINT t_pkey,"
            + " ADD PRIMARY KEY (v)",
        "ALTER PUBLICATION p SET TABLE t WHERE (id < 2000)",
        "ALTER PUBLICATION p SET TABLE t (id, v)",
        "DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, v int, big text); INSERT INTO t"
            + " SELECT i, i FROM generate_series(1, 1500) i; ALTER PUBLICATION p ADD TABLE t"
      })
  void aTableThatIsReadInAnotherWayStartsAgain(String sql) {
    loadChanging(sql);
    assertThat(state.next()).isNull();
    assertThat(state.tables().get(0).phase()).isEqualTo(SnapshotState.Phase.DONE);
    assertThat(state.tables().get(0).rows()).isEqualTo(1500);
    // The first chunk comes twice: as the table was, and as it is.
    assertThat(
            stream.stream()
                .filter(record -> record.ordinal() == CommittedChange.READ_ORDINAL)
                .count())
        .isGreaterThan(1500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ANALYZE t",
        "VACUUM FULL t",
        "CLUSTER t USING t_pkey",
        "CREATE INDEX ON t (v)",
        "ALTER TABLE t ALTER v SET DEFAULT 7"
      })
  void aTableThatIsReadInTheSameWayGoesOn(String sql) {
    loadChanging(sql);
    assertThat(state.next()).isNull();
    assertThat(
            stream.stream()
                .filter(record -> record.ordinal() == CommittedChange.READ_ORDINAL)
                .count())
        .isEqualTo(1500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DROP TABLE t",
        "ALTER TABLE t RENAME TO other",
        "CREATE SCHEMA elsewhere; ALTER TABLE t SET SCHEMA elsewhere"
      })
  void aTableThatIsGoneFails(String sql) {
    loadChanging(sql);
    assertThat(state.tables().get(0).phase()).isEqualTo(SnapshotState.Phase.FAILED);
    assertThat(state.tables().get(0).problem()).startsWith("TABLE_MISSING: ");
  }

  @Test
  void aTableThatLeavesThePublicationFails() {
    loadChanging("ALTER PUBLICATION p DROP TABLE t");
    assertThat(state.tables().get(0).phase()).isEqualTo(SnapshotState.Phase.FAILED);
    assertThat(state.tables().get(0).problem()).startsWith("TABLE_MISSING: ");
  }

  /** A prepared transaction is invisible until it is committed, whoever prepared it. */
  @Test
  void aPreparedTransactionIsWaitedForAtTheStartAndInvisibleLater() {
    String prepare = "BEGIN; UPDATE t SET v = 11 WHERE id = 1; PREPARE TRANSACTION '" + database;
    server.execute(database, prepare + "_a'");
    poll();
    assertThat(stream).isEmpty();
    assertThat(state.unsettled()).hasSize(1);
    server.execute(database, "COMMIT PREPARED '" + database + "_a'");
    server.execute(database, "UPDATE t SET v = 12 WHERE id = 1");

    poll(
        reader ->
            new ForwardingReader(reader) {
              @Override
              public @Nullable TableChunk read(
                  TableShape shape,
                  @Nullable List<String> after,
                  TableChunk.Bounds bounds,
                  Duration timeout) {
                server.execute(database, prepare.replace("11", "13") + "_b'");
                TableChunk chunk = super.read(shape, after, bounds, timeout);
                server.execute(database, "COMMIT PREPARED '" + database + "_b'");
                return chunk;
              }
            },
        snapshot -> snapshot,
        Life.unlimited());
    assertThat(arrived()).containsExactly("u 1=11", "u 1=12", "r 1=12+", "u 1=13", "r 2=20+");
  }

  @Test
  void aTableThatIsDroppedFailsAloneAndTheNextIsRead() {
    server.execute(database, "CREATE TABLE s (id int PRIMARY KEY)", "INSERT INTO s VALUES (7)");
    server.execute(database, "ALTER PUBLICATION p ADD TABLE s");
    state =
        SnapshotState.begin(
            Instant.EPOCH,
            List.of(
                SnapshotState.Table.waiting(new TableName("public", "gone"), 2),
                SnapshotState.Table.waiting(new TableName("public", "s"), 1)));
    poll();
    assertThat(stream).hasSize(1);
    assertThat(state.tables().get(0).problem()).startsWith("TABLE_MISSING: ");
    assertThat(state.tables().get(1).phase()).isEqualTo(SnapshotState.Phase.DONE);
  }
}
