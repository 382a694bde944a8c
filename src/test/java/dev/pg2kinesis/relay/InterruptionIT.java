package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.CutProxy;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.SlotException.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever ends a run, the slot is free again within the time stated, and the next run goes on. */
@Timeout(120)
class InterruptionIT {

  private static final Duration LIFE = Duration.ofSeconds(60);

  /** A client that is gone, and says so by its closed socket. */
  private static final Duration FREE_AFTER_DEATH = Duration.ofSeconds(10);

  /** {@code tcp_user_timeout} is 20 s; the kernel looks at it with each retransmission. */
  private static final Duration FREE_AFTER_SILENCE = Duration.ofSeconds(60);

  private static PostgresServer server;

  @TempDir Path directory;

  private final List<StreamRecord> stream = new ArrayList<>();
  private String database = "";
  private String slot = "";

  @BeforeAll
  static void start() {
    server = PostgresServer.start(15, Map.of("max_wal_size", "4GB"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void create() {
    database = server.createDatabase();
    slot = "slot_" + database;
    server.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
  }

  private void insert(int from, int to, int bytes) {
    server.execute(
        database,
        "INSERT INTO t SELECT i, repeat('x', "
            + bytes
            + ") FROM generate_series("
            + from
            + ", "
            + to
            + ") i");
  }

  private PostgresSlot open(int port, Duration life) {
    return PostgresSlot.open(PostgresServer.login(port, database), slot, List.of("p"), 2, life);
  }

  private RelayBuilder relay(Slot of, long windowRows, Runnable onPublish, AtomicLong remaining) {
    FakePublisher.Script script = FakePublisher.Script.onPublish(onPublish);
    return RelayBuilder.over(of, new FakePublisher(stream, Life.unlimited(), script))
        .window(windowRows, 1L << 30)
        .spillingInto(directory)
        .deadline(remaining::get, 1_000);
  }

  private static AtomicLong life() {
    return new AtomicLong(LIFE.toMillis());
  }

  private RunReport run(Runnable onPublish) {
    try (PostgresSlot opened = open(server.port(), LIFE)) {
      return relay(opened, 100_000, onPublish, life()).poll();
    }
  }

  /** The run that comes next, as soon as the slot is free. */
  private RunReport nextRun(Duration within) {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      try {
        return run(() -> {});
      } catch (SlotException e) {
        assertThat(e.code()).isEqualTo(Code.BUSY);
        assertThat(System.nanoTime()).as("still BUSY after " + within).isLessThan(end);
      }
    }
  }

  private void assertDelivered(int rows) {
    Set<String> ids = new HashSet<>();
    int last = 0;
    for (StreamRecord r : stream) {
      String json = new String(r.payload(), UTF_8);
      String id = json.substring(json.indexOf("\"after\":{\"id\":") + 14, json.indexOf(",\"v\""));
      if (ids.add(id)) {
        assertThat(Integer.parseInt(id)).as("order of the first deliveries").isEqualTo(++last);
      }
    }
    assertThat(ids).hasSize(rows);
    assertThat(run(() -> {}).counts().published().records()).isZero();
  }

  @Test
  void aKilledProcessFreesTheSlotWithinSeconds() {
    insert(1, 4_000, 10_000);
    try (RelayProcess process = RelayProcess.start(server, database, slot)) {
      assertThat(process.line()).isEqualTo("peeking");
      assertThat(process.line()).isEqualTo("reading");
      assertThatThrownBy(() -> run(() -> {})).hasMessageStartingWith("BUSY");

      process.signal("KILL");
      RunReport next = nextRun(FREE_AFTER_DEATH);

      assertThat(next.counts().published().records()).isEqualTo(4_000);
      assertDelivered(4_000);
    }
  }

  @Test
  void aProcessKilledWhileTheServerDecodesFreesTheSlotWithinSeconds() {
    insert(1, 300_000, 10);
    try (RelayProcess process = RelayProcess.start(server, database, slot)) {
      assertThat(process.line()).isEqualTo("peeking");
      PostgresServer.await(
          () ->
              server
                  .query(
                      database,
                      "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'COPY%'"
                          + " AND datname = current_database()")
                  .equals("t"));

      process.signal("KILL");

      assertThat(nextRun(FREE_AFTER_DEATH).counts().published().records()).isEqualTo(300_000);
    }
  }

  @Test
  void aFrozenProcessLosesTheSlotAndPublishesNothingWhenItWakesUp() {
    insert(1, 4_000, 10_000);
    try (RelayProcess process = RelayProcess.start(server, database, slot)) {
      assertThat(process.line()).isEqualTo("peeking");
      assertThat(process.line()).isEqualTo("reading");
      process.signal("STOP");

      assertThat(nextRun(FREE_AFTER_SILENCE).counts().published().records()).isEqualTo(4_000);
      insert(4_001, 4_010, 10);

      process.signal("CONT");
      process.goOn();
      assertThat(process.line()).isEqualTo("CONNECTION_LOST 0");
      assertThat(run(() -> {}).counts().published().records()).isEqualTo(10);
      assertDelivered(4_010);
    }
  }

  /**
   * A process that was frozen for longer than its lease sends nothing before it has asked for its
   * lock. With {@code -Dfrozen.seconds=} below ten it shows how much it sends after a short freeze.
   */
  @Test
  void aProcessFrozenWhileItPublishesAsksBeforeItSendsAgain() {
    Duration frozen = Duration.ofSeconds(Integer.getInteger("frozen.seconds", 11));
    insert(1, 20_000, 10);
    try (FakeKinesis kinesis = FakeKinesis.start()) {
      kinesis.createStream("changes", 1);
      kinesis.setLatencyMillis(20);
      try (RelayProcess process =
          RelayProcess.publishing(server, database, slot, kinesis.endpoint(), "changes")) {
        PostgresServer.await(() -> kinesis.putCalls() > 5);
        process.signal("STOP");
        long since = System.nanoTime();
        server.query(
            database,
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
                + " application_name = 'pg2kinesis-lambda' AND datname = current_database()");
        assertThat(nextRun(FREE_AFTER_DEATH).counts().published().records()).isEqualTo(20_000);
        PostgresServer.await(
            () -> System.nanoTime() - since > frozen.toNanos() && kinesis.putCalls() > 0);
        long sent = kinesis.putEntries();

        process.signal("CONT");

        assertThat(process.line()).startsWith("CONNECTION_LOST");
        long after = kinesis.putEntries() - sent;
        System.out.printf("frozen for %s: %d records sent after it woke up%n", frozen, after);
        if (frozen.compareTo(LockFence.LEASE) > 0) {
          assertThat(after).as("what was on its way when it froze").isLessThanOrEqualTo(16 * 500);
        }
      }
    }
    assertDelivered(20_000);
  }

  @Test
  void aTerminatedBackendEndsTheRunAndTheNextContinues() {
    for (int i = 0; i < 40; i++) {
      insert(i * 100 + 1, i * 100 + 100, 10_000);
    }
    int[] left = {150};

    assertThatThrownBy(
            () ->
                run(
                    () -> {
                      if (left[0]-- == 0) {
                        server.query(
                            database,
                            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
                                + " application_name = 'pg2kinesis-lambda'"
                                + " AND datname = current_database()");
                      }
                    }))
        .isInstanceOfSatisfying(
            SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.CONNECTION_LOST));

    nextRun(FREE_AFTER_DEATH);
    assertDelivered(4_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fast", "immediate"})
  void aRestartOfTheServerEndsTheRunAndTheNextContinues(String mode) {
    for (int i = 0; i < 40; i++) {
      insert(i * 100 + 1, i * 100 + 100, 1_000);
    }
    int[] left = {1_550};
    assertThatThrownBy(
            () -> {
              try (PostgresSlot opened = open(server.port(), LIFE)) {
                relay(
                        opened,
                        500,
                        () -> {
                          if (left[0]-- == 0) {
                            server.restart(mode);
                          }
                        },
                        life())
                    .poll();
              }
            })
        .isInstanceOfSatisfying(
            SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.CONNECTION_LOST));
    assertThat(stream).as("published before the restart").hasSizeGreaterThan(500);

    nextRun(FREE_AFTER_DEATH);
    assertDelivered(4_000);
  }

  @Test
  void aConnectionClosedDuringTheCopyEndsTheRunAndTheNextContinues() {
    insert(1, 4_000, 10_000);
    try (CutProxy proxy = CutProxy.to(server.port())) {
      proxy.cutAfter(10_000_000, false);
      assertThatThrownBy(() -> runThrough(proxy, LIFE))
          .isInstanceOfSatisfying(
              SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.CONNECTION_LOST));
    }
    nextRun(FREE_AFTER_DEATH);
    assertDelivered(4_000);
  }

  @Test
  void anUnfinishedRunWhoseNetworkFallsSilentEndsByItself() {
    insert(1, 4_000, 10_000);
    Duration life = Duration.ofSeconds(5);
    try (CutProxy proxy = CutProxy.to(server.port())) {
      proxy.cutAfter(10_000_000, true);
      long began = System.nanoTime();
      assertThatThrownBy(() -> runThrough(proxy, life))
          .isInstanceOfSatisfying(
              SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.CONNECTION_LOST));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(life.multipliedBy(4));
    }
    nextRun(FREE_AFTER_DEATH);
    assertDelivered(4_000);
  }

  private void runThrough(CutProxy proxy, Duration life) {
    try (PostgresSlot opened = open(proxy.port(), life)) {
      relay(opened, 100_000, () -> {}, new AtomicLong(life.toMillis())).poll();
    }
  }

  @Test
  void windowsThatMeetTheServersTempFileLimitBecomeSmaller() {
    for (int i = 0; i < 60; i++) {
      insert(i * 100 + 1, i * 100 + 100, 1_000);
    }
    server.set("work_mem", "'64kB'");
    server.set("temp_file_limit", "'1MB'");
    try {
      RunReport report = run(() -> {});
      assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
      assertThat(report.counts().windows()).isGreaterThan(6);
    } finally {
      server.set("temp_file_limit", null);
      server.set("work_mem", null);
    }
    assertDelivered(6_000);
  }

  @Test
  void aTransactionBeyondTheServersLimitIsReported() {
    insert(1, 5_000, 1_000);
    server.set("work_mem", "'64kB'");
    server.set("temp_file_limit", "'1MB'");
    try {
      assertThatThrownBy(() -> run(() -> {}))
          .hasMessageStartingWith("SERVER_LIMIT")
          .hasMessageContaining("temp_file_limit");
    } finally {
      server.set("temp_file_limit", null);
      server.set("work_mem", null);
    }
    nextRun(FREE_AFTER_DEATH);
    assertDelivered(5_000);
  }

  @Test
  void aTransactionThatDoesNotFitARunIsReported() {
    insert(1, 20_000, 10);
    AtomicLong remaining = life();
    try (PostgresSlot opened = open(server.port(), LIFE)) {
      assertThatThrownBy(
              () -> relay(opened, 100_000, () -> remaining.addAndGet(-10), remaining).poll())
          .hasMessageStartingWith("TRANSACTION_TOO_LONG")
          .hasMessageContaining("WATERMARK_PARAMETER");
    }
    assertThat(nextRun(FREE_AFTER_DEATH).counts().published().records()).isEqualTo(20_000);
    assertDelivered(20_000);
  }
}
