package dev.pg2kinesis.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.decode.CommitReader;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.Plugin;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.SlotException.Code;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/** A slot on each major version that is supported. */
@ParameterizedClass(name = "PostgreSQL {0}")
@MethodSource("majors")
class PostgresSlotIT {

  private static final Duration LIFE = Duration.ofSeconds(60);
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static @Nullable PostgresServer ofThisMajor;

  @Parameter int major;

  private final PostgresServer server = Objects.requireNonNull(ofThisMajor);
  private final String database = server.createDatabase();
  private final String slot = "it_" + NAMES.incrementAndGet();

  static IntStream majors() {
    return IntStream.rangeClosed(11, 18);
  }

  @BeforeParameterizedClassInvocation
  static void start(int major) {
    Map<String, String> settings = new HashMap<>();
    settings.put("shared_buffers", "512MB");
    if (major >= 17) {
      settings.put("transaction_timeout", "30s");
    }
    ofThisMajor = PostgresServer.start(major, settings);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    Objects.requireNonNull(ofThisMajor).close();
  }

  private void create(String plugin) {
    server.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + slot + "', '" + plugin + "')");
  }

  private PostgresSlot open() {
    return PostgresSlot.open(server.login(database), slot, List.of("p"), 2, LIFE);
  }

  private void insert(int from, int to) {
    server.execute(
        database, "INSERT INTO t SELECT i, 'v' FROM generate_series(" + from + ", " + to + ") i");
  }

  /** The commits of a peek, and the number of its rows. */
  private record Peeked(List<Commit> commits, int rows) {}

  private static Peeked peek(Slot slot, Lsn upTo, long rows) {
    CommitReader reader = Decoders.commitReader(slot.plugin());
    List<Commit> commits = new ArrayList<>();
    int count = 0;
    try (Slot.Peek peek = slot.peek(upTo, rows, LIFE)) {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        count++;
        Commit commit = reader.commitOf(row);
        if (commit != null) {
          commits.add(commit);
        }
      }
    }
    return new Peeked(commits, count);
  }

  static Stream<String> plugins() {
    return Stream.of("test_decoding", "pgoutput");
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void peeksWithinBothBoundsAndAdvances(String plugin) {
    create(plugin);
    insert(1, 3);
    insert(4, 6);
    Lsn middle = Lsn.parse(server.query(database, "SELECT pg_current_wal_flush_lsn()"));
    insert(7, 9);

    try (PostgresSlot opened = open()) {
      assertThat(opened.plugin()).isEqualTo(Plugin.ofSlot(plugin).orElseThrow());
      Slot.Position position = opened.position();
      assertThat(position.walStatus()).isEqualTo(major >= 13 ? "reserved" : "unknown");
      assertThat(position.restart()).isLessThanOrEqualTo(position.confirmed());

      // Where it costs nothing the servers print empty transactions too, for what created the slot.
      Peeked all = peek(opened, position.flush(), 1_000);
      assertThat(all.commits).hasSize(3);
      assertThat(peek(opened, position.flush(), 1).commits).hasSize(1);
      assertThat(peek(opened, middle, 1_000).commits).hasSize(2);
      assertThat(peek(opened, middle, 1).rows).isGreaterThanOrEqualTo(5);

      opened.advance(all.commits.get(0).lsn());
      assertThat(opened.position().confirmed()).isEqualTo(all.commits.get(0).lsn());
      assertThat(peek(opened, position.flush(), 1_000).commits)
          .isEqualTo(all.commits.subList(1, 3));
      opened.advance(position.flush());
      assertThat(peek(opened, position.flush(), 1_000).rows).isZero();
      assertThat(opened.position().confirmed()).isEqualTo(position.flush());
    }
  }

  @Test
  void aCancelledPeekLeavesTheSessionFree() {
    create("pgoutput");
    server.execute(
        database, "INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i");
    try (PostgresSlot opened = open()) {
      Slot.Position position = opened.position();
      try (Slot.Peek peek = opened.peek(position.flush(), 1_000_000, LIFE)) {
        assertThat(peek.next()).isNotNull();
        peek.cancel();
        int more = 0;
        while (peek.next() != null) {
          more++;
        }
        assertThat(more).isLessThan(20_000);
      }
      assertThat(opened.position().confirmed()).isEqualTo(position.confirmed());
      try (Slot.Peek peek = opened.peek(position.flush(), 1_000_000, LIFE)) {
        assertThat(peek.next()).isNotNull();
      } // closed amid the rows
      opened.advance(position.flush());
      assertThat(opened.position().confirmed()).isEqualTo(position.flush());
    }
  }

  @Test
  void aPeekThatTakesTooLongIsATimeout() {
    create("pgoutput");
    insert(1, 150_000);
    try (PostgresSlot opened = open()) {
      Lsn flush = opened.position().flush();
      assertThatThrownBy(() -> read(opened.peek(flush, 1_000_000, Duration.ofMillis(1))))
          .isInstanceOfSatisfying(
              SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.PEEK_TIMEOUT));
      assertThat(peek(opened, flush, 1_000_000).commits).hasSize(1);
    }
  }

  @Test
  void whatAPeekSaidBeforeItsTimeOutTheNextOneSaysAgain() {
    create("pgoutput");
    server.execute(
        database,
        "DO 'BEGIN FOR i IN 1..100000 LOOP INSERT INTO t VALUES (i); COMMIT; END LOOP; END'");
    try (PostgresSlot opened = open()) {
      Lsn flush = opened.position().flush();
      assertThatThrownBy(() -> read(opened.peek(flush, 1_000_000, Duration.ofMillis(100))))
          .isInstanceOfSatisfying(
              SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.PEEK_TIMEOUT));
      assertThat(decoded(opened, flush)).isEqualTo(100_000);
    }
  }

  /** How many changes a peek holds. */
  private static long decoded(Slot slot, Lsn upTo) {
    Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
    AtomicLong changes = new AtomicLong();
    try (Slot.Peek peek = slot.peek(upTo, 1_000_000, LIFE)) {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        decoder.decode(row, change -> changes.incrementAndGet());
      }
    }
    return changes.get();
  }

  @Test
  void aSlotThatSomethingElseMovedIsNotMovedBackAndItIsSaid() {
    create("pgoutput");
    insert(1, 3);
    insert(4, 6);
    try (PostgresSlot opened = open()) {
      Slot.Position position = opened.position();
      Lsn first = peek(opened, position.flush(), 1).commits.get(0).lsn();
      server.query(
          database,
          "SELECT pg_replication_slot_advance('" + slot + "', '" + position.flush() + "')");

      assertThatThrownBy(() -> opened.advance(first))
          .isInstanceOfSatisfying(
              SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.SLOT_MOVED))
          .hasMessageContaining(position.flush().toString());
      assertThat(opened.position().confirmed()).isEqualTo(position.flush());
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void aTwoPhaseSlotIsRefused(String plugin) {
    assumeTrue(major >= 14, "two_phase");
    server.execute(
        database,
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + slot + "', '" + plugin + "', false, true)");
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.SLOT_TWO_PHASE))
        .hasMessageContaining("without two_phase");
  }

  @Test
  void aPeekThatWaitsForAStandbySaysSoAndGoesOnWithIt() throws Exception {
    assumeTrue(major >= 17, "failover slots");
    create("test_decoding");
    String standby = "standby_of_" + slot;
    String failover = "failover_" + slot;
    server.execute(
        database,
        "SELECT pg_create_physical_replication_slot('" + standby + "', true)",
        "SELECT pg_create_logical_replication_slot('"
            + failover
            + "', 'pgoutput', failover => true)");
    insert(1, 3);
    server.set("synchronized_standby_slots", "'" + standby + "'");
    try (PostgresSlot opened =
        PostgresSlot.open(server.login(database), failover, List.of("p"), 2, LIFE)) {
      Slot.Position position = opened.position();
      assertThatThrownBy(() -> read(opened.peek(position.flush(), 100, Duration.ofMillis(500))))
          .isInstanceOfSatisfying(
              SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.STANDBY_BEHIND))
          .hasMessageContaining("synchronized_standby_slots");

      // The server has warned of the standby by the time that it comes back.
      FutureTask<Peeked> waiting = new FutureTask<>(() -> peek(opened, position.flush(), 100));
      new Thread(waiting, "waits-for-standby").start();
      PostgresServer.await(
          () ->
              server
                  .query(
                      database,
                      "SELECT count(*) FROM pg_stat_activity WHERE wait_event ="
                          + " 'WaitForStandbyConfirmation'")
                  .equals("1"));
      server.set("synchronized_standby_slots", null);
      assertThat(waiting.get().commits).hasSize(1);
    } finally {
      server.set("synchronized_standby_slots", null);
      server.execute(database, "SELECT pg_drop_replication_slot('" + standby + "')");
    }
  }

  private static void read(Slot.Peek peek) {
    try (peek) {
      while (peek.next() != null) {
        // to its end
      }
    }
  }

  @Test
  void aSecondRunIsBusyUntilTheFirstIsOver() {
    create("test_decoding");
    try (PostgresSlot first = open()) {
      assertThat(first.position()).isNotNull();
      assertBusy(this::open);
    }
    open().close();
  }

  @Test
  void aSlotThatAnotherProgramDecodesIsBusy() throws SQLException {
    create("test_decoding");
    Properties properties = new Properties();
    PGProperty.USER.set(properties, "postgres");
    PGProperty.PASSWORD.set(properties, "postgres");
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "11");
    String url = "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + database;
    try (java.sql.Connection connection = java.sql.DriverManager.getConnection(url, properties);
        PGReplicationStream stream =
            connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot)
                .start()) {
      assertThat(stream.isClosed()).isFalse();
      try (PostgresSlot opened = open()) {
        Lsn flush = opened.position().flush();
        assertBusy(() -> read(opened.peek(flush, 100, LIFE)));
        assertBusy(() -> opened.advance(flush));
      }
    }
  }

  private static void assertBusy(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SlotException.class, e -> assertThat(e.code()).isEqualTo(Code.BUSY));
  }

  @Test
  void readsTheCatalog() {
    create("pgoutput");
    server.execute(
        database,
        "CREATE TYPE mood AS ENUM ('fine')",
        "CREATE TABLE pair (a int, b text, m mood, PRIMARY KEY (b, a))",
        "CREATE TABLE nokey (v text)",
        "ALTER TABLE nokey REPLICA IDENTITY FULL");
    try (PostgresSlot opened = open()) {
      Catalog catalog = opened.catalog();
      assertThat(catalog.tables().get(new TableName("public", "pair")))
          .extracting(Catalog.Table::key)
          .isEqualTo(List.of("b", "a"));
      assertThat(catalog.tables().get(new TableName("public", "nokey")))
          .extracting(Catalog.Table::full)
          .isEqualTo(true);
      assertThat(catalog.types())
          .containsValue(
              new Catalog.UserType(
                  "public", "mood", new Type.Scalar("public.mood", Type.Kind.ENUM, ',')));
    }
  }

  @Test
  void pinsWhatValuesAndTimeOutsDependOn() throws SQLException {
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("search_path", "\"\"");
    expected.put("TimeZone", "UTC");
    expected.put("DateStyle", "ISO, YMD");
    expected.put("IntervalStyle", "postgres");
    expected.put("bytea_output", "hex");
    expected.put("extra_float_digits", major >= 12 ? "1" : "3");
    expected.put("statement_timeout", "1min");
    expected.put("idle_in_transaction_session_timeout", "1min");
    expected.put("tcp_keepalives_idle", "5");
    expected.put("tcp_user_timeout", major >= 12 ? "20000" : "none");
    expected.put("logical_decoding_work_mem", major >= 13 ? "128MB" : "none");
    expected.put("idle_session_timeout", major >= 14 ? "1min" : "none");
    expected.put("client_connection_check_interval", major >= 14 ? "200ms" : "none");
    expected.put("client_min_messages", "warning");
    expected.put("transaction_timeout", major >= 17 ? "0" : "none");
    Map<String, String> found = new LinkedHashMap<>();
    try (Session session = Session.open(server.login(database), LIFE)) {
      assertThat(session.version() / 10_000).isEqualTo(major);
      for (String setting : expected.keySet()) {
        try (PreparedStatement statement =
                session.prepare("SELECT coalesce(current_setting(?, true), 'none')", setting);
            ResultSet row = statement.executeQuery()) {
          row.next();
          found.put(setting, row.getString(1));
        }
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void aMissingSlotIsSaidToBeMissing() {
    assertThatThrownBy(this::open).hasMessageStartingWith("SLOT_MISSING");
  }

  @Test
  void valuesArriveAsTheServerStoresThem() {
    create("test_decoding");
    server.execute(database, "INSERT INTO t VALUES (1, E'a\\nb''ü\\u20ac')");
    try (PostgresSlot opened = open();
        Slot.Peek peek = opened.peek(opened.position().flush(), 100, LIFE)) {
      List<String> rows = new ArrayList<>();
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        rows.add(new String(row.bytes(), UTF_8));
      }
      assertThat(rows).contains("table public.t: INSERT: id[integer]:1 v[text]:'a\nb''ü€'");
    }
  }
}
