package dev.pg2kinesis.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.command.RunClock;
import dev.pg2kinesis.decode.CommitReader;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.CommittedChange;
import dev.pg2kinesis.format.Formatter;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.Payload;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.snapshot.SnapshotRun;
import dev.pg2kinesis.snapshot.SnapshotState;
import dev.pg2kinesis.snapshot.SnapshotTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A random history of two tables that are loaded while it is written, by runs of which many die.
 * Then each row that was read is compared with what its table held at that place of the history,
 * and a consumer that started empty with the source.
 */
final class SnapshotHistory {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIFE = Duration.ofMinutes(2);
  private static final String UNCHANGED = "\u0000unchanged";
  private static final String MISSING = "\u0000missing";
  private static final List<TableName> TABLES =
      List.of(new TableName("public", "t"), new TableName("public", "u"));
  private static final List<Life.Point> POINTS = List.of(Life.Point.values());

  /**
   * How a history is made.
   *
   * @param seed of the writers and the deaths; the server schedules the writers, so that a seed is
   *     a likeness and not a replay
   * @param rows rows of each table at the start
   * @param steps what each writer does
   */
  record Plan(long seed, String plugin, int rows, int steps) {}

  /**
   * What a history showed.
   *
   * @param reads rows read and published, repeats included
   * @param wrong reads that are not what the table held at their place
   * @param missing rows of the source that the consumer does not have, or has otherwise
   * @param unequal records of one identity and key with other bytes
   * @param killed runs that died
   * @param detail the first things that were wrong
   */
  record Findings(int reads, int wrong, int missing, int unequal, int killed, List<String> detail) {

    boolean isClean() {
      return wrong == 0 && missing == 0 && unequal == 0;
    }
  }

  private final PostgresServer server;
  private final Plan plan;
  private final Path directory;
  private final Random random;
  private final String database;
  private final List<StreamRecord> stream = new ArrayList<>();
  private SnapshotState kept = SnapshotState.begin(Instant.EPOCH, List.of());
  private final List<String> detail = new ArrayList<>();
  private final Map<String, NavigableMap<Lsn, Map<String, String>>> truth = new HashMap<>();
  private final Set<String> moved = new HashSet<>();
  private int killed;

  private SnapshotHistory(PostgresServer server, Plan plan, Path directory) {
    this.server = server;
    this.plan = plan;
    this.directory = directory;
    this.random = new Random(plan.seed());
    this.database = server.createDatabase();
  }

  static Findings run(PostgresServer server, Plan plan, Path directory)
      throws InterruptedException, SQLException {
    SnapshotHistory history = new SnapshotHistory(server, plan, directory);
    try {
      return history.run();
    } finally {
      history.dropSlots();
    }
  }

  private Findings run() throws InterruptedException, SQLException {
    prepare();
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writers.add(new Writer(random.nextLong()));
      writers.get(i).start();
    }
    while (writers.stream().anyMatch(Thread::isAlive)) {
      mortalRun();
    }
    for (Writer writer : writers) {
      writer.join();
      if (writer.failure != null) {
        throw new IllegalStateException("a writer failed", writer.failure);
      }
    }
    // A synchronous commit flushes the asynchronous ones before it.
    server.execute(database, "CREATE TABLE last ()");
    long end = System.nanoTime() + LIFE.toNanos();
    while (!finalRun()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the snapshot does not end: " + kept.node());
      }
    }
    readTruth();
    int wrong = wrongReads();
    int unequal = unequalRecords();
    int missing = missingRows();
    return new Findings(reads(), wrong, missing, unequal, killed, detail);
  }

  private void prepare() {
    String n = Integer.toString(plan.rows());
    server.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, v int, big text)",
        "CREATE TABLE u (a text, b int, v int, big text, PRIMARY KEY (b, a))",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        "ALTER TABLE u ALTER big SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT i * 2, 0, repeat(md5(i::text), 80) FROM generate_series(1, "
            + n
            + ") i",
        "INSERT INTO u SELECT 'a' || i % 7, i, 0, repeat(md5(i::text), 80) FROM"
            + " generate_series(1, "
            + n
            + ") i",
        "CREATE PUBLICATION p FOR TABLE t, u");
    for (TableName table : TABLES) {
      for (Map<String, String> row : rows(table)) {
        timeline(table, row).put(new Lsn(0), row);
      }
    }
    server.execute(
        database,
        "SELECT pg_create_logical_replication_slot('"
            + slot("control")
            + "', '"
            + plan.plugin()
            + "')",
        "SELECT pg_create_logical_replication_slot('"
            + slot("main")
            + "', '"
            + plan.plugin()
            + "')");
    try (Slot slot = open(Life.unlimited())) {
      kept =
          SnapshotState.begin(
              Instant.parse("2026-01-01T00:00:00Z"),
              SnapshotTables.chosen(
                  List.of("public.t", "public.u"),
                  slot.tables().candidates(),
                  ChangeFilter.ALL,
                  false));
    }
  }

  private String slot(String name) {
    return database + "_" + name;
  }

  private PostgresSlot open(String name) {
    return PostgresSlot.open(server.login(database), slot(name), List.of("p"), 2, LIFE);
  }

  private Slot open(Life life) {
    return new MortalSlot(open("main"), life);
  }

  private void mortalRun() {
    Life life = Life.unlimited();
    AtomicLong remaining = new AtomicLong(LIFE.toMillis());
    if (random.nextInt(4) > 0) {
      Life.Point point = POINTS.get(random.nextInt(POINTS.size()));
      life = Life.endingAt(point, random.nextInt(point == Life.Point.IN_PEEK ? 400 : 12));
    }
    try {
      relay(life, remaining);
    } catch (Life.Death | TransactionTooLongException e) {
      killed++;
    } catch (SlotException e) {
      if (e.code() != SlotException.Code.BUSY) {
        throw e;
      }
    }
    if (kept.next() == null) {
      again();
    }
  }

  /** Loads the tables once more. */
  private void again() {
    SnapshotState state = kept;
    List<SnapshotState.Table> tables =
        TABLES.stream().map(table -> SnapshotState.Table.waiting(table, 0)).toList();
    kept = state.adding(Instant.parse("2026-01-01T00:00:00Z"), tables, false);
  }

  private boolean finalRun() {
    try {
      RunReport report = relay(Life.unlimited(), new AtomicLong(LIFE.toMillis()));
      return report.outcome() == RunReport.Outcome.CAUGHT_UP && kept.next() == null;
    } catch (SlotException e) {
      if (e.code() == SlotException.Code.BUSY) {
        return false;
      }
      throw e;
    }
  }

  private RunReport relay(Life life, AtomicLong remaining) {
    try (Slot slot =
        new ForwardingSlot(open(life)) {
          @Override
          public TableReader tables() {
            life.at(Life.Point.BEFORE_PEEK);
            return super.tables();
          }
        }) {
      RecordMaker records = records();
      Snapshot snapshot =
          kept.next() == null
              ? Snapshot.NONE
              : new SnapshotRun(
                  slot.tables(),
                  kept,
                  records,
                  state -> keep(state, life),
                  new RunClock(() -> remaining.get() - 5_000),
                  2_000L << random.nextInt(9));
      return RelayBuilder.over(slot, new FakePublisher(stream, life, FakePublisher.Script.NOTHING))
          .records(records)
          .snapshot(snapshot)
          .window(1 + random.nextInt(300), 512L << random.nextInt(12))
          .spillingAfter(random.nextInt(30_000))
          .spillingInto(directory)
          .deadline(remaining::get, 5_000)
          .poll();
    }
  }

  /** A dead process writes no parameter any more. */
  private void keep(SnapshotState state, Life life) {
    life.at(Life.Point.BEFORE_WATERMARK);
    kept = SnapshotState.parse(state.node());
    life.at(Life.Point.AFTER_WATERMARK);
  }

  private static RecordMaker records() {
    return new RecordMaker(
        new RecordMaker.Plan(
            new PlainFormatter(),
            PartitionKey.PRIMARY_KEY,
            ChangeFilter.ALL,
            Oversize.FAIL,
            1 << 20,
            "slot"));
  }

  /** Rows as JSON objects of texts, with a mark where a value is not in the WAL. */
  private static final class PlainFormatter implements Formatter {
    @Override
    public boolean format(CommittedChange committed, @Nullable Long oversize, Payload payload) {
      ObjectNode node = JSON.createObjectNode();
      Change change = committed.change();
      node.put("op", committed.isRead() ? "READ" : change.operation().name());
      node.put("table", String.valueOf(change.table()));
      if (change instanceof RowChange row) {
        if (row.before() != null) {
          node.set("before", JSON.valueToTree(texts(row.before())));
        }
        if (row.after() != null) {
          node.set("after", JSON.valueToTree(texts(row.after())));
        }
      }
      byte[] bytes = node.toString().getBytes(StandardCharsets.UTF_8);
      payload.write(bytes, 0, bytes.length);
      return true;
    }

    @Override
    public boolean splitsKeyChanges() {
      return true;
    }
  }

  private static Map<String, String> texts(Row row) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < row.columns().size(); i++) {
      Value value = row.values().get(i);
      String text = value instanceof Value.Text t ? t.text() : UNCHANGED;
      texts.put(row.columns().get(i).name(), value == Value.NULL ? "null" : text);
    }
    return texts;
  }

  private static String key(String table, Map<String, String> row) {
    return table.endsWith(".t")
        ? table + ":" + row.get("id")
        : table + ":" + row.get("b") + ":" + row.get("a");
  }

  private NavigableMap<Lsn, Map<String, String>> timeline(
      TableName table, Map<String, String> row) {
    return truth.computeIfAbsent(key(table.toString(), row), key -> new TreeMap<>());
  }

  private List<Map<String, String>> rows(TableName table) {
    String columns = table.name().equals("t") ? "id, v, big" : "a, b, v, big";
    String json =
        server.query(
            database,
            "SELECT coalesce(json_agg(r), '[]') FROM (SELECT "
                + columns
                + " FROM "
                + table
                + ") r");
    List<Map<String, String>> rows = new ArrayList<>();
    for (JsonNode row : tree(json)) {
      Map<String, String> texts = new LinkedHashMap<>();
      row.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
      rows.add(texts);
    }
    return rows;
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What each key held after each commit, by a slot that was never advanced. */
  private void readTruth() {
    try (Slot slot = open("control")) {
      Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
      CommitReader commits = Decoders.commitReader(slot.plugin());
      List<Change> changes = new ArrayList<>();
      try (Slot.Peek peek = slot.peek(slot.position().flush(), Integer.MAX_VALUE, LIFE)) {
        for (RawRow row = peek.next(); row != null; row = peek.next()) {
          decoder.decode(row, changes::add);
          Commit commit = commits.commitOf(row);
          if (commit != null) {
            changes.forEach(change -> apply(commit.lsn(), change));
            changes.clear();
          }
        }
      }
    }
  }

  private void apply(Lsn lsn, Change change) {
    if (change instanceof Change.Truncate truncate) {
      String prefix = truncate.table() + ":";
      truth.forEach(
          (key, timeline) -> {
            if (key.startsWith(prefix)) {
              timeline.put(lsn, Map.of());
            }
          });
    } else if (change instanceof RowChange row) {
      Map<String, String> old = Map.of();
      if (row.before() != null) {
        Map<String, String> before = texts(row.before());
        NavigableMap<Lsn, Map<String, String>> timeline = timeline(row.table(), before);
        old = timeline.isEmpty() ? Map.of() : timeline.lastEntry().getValue();
        timeline.put(lsn, Map.of());
      }
      if (row.after() != null) {
        Map<String, String> after = texts(row.after());
        NavigableMap<Lsn, Map<String, String>> timeline = timeline(row.table(), after);
        Map<String, String> from =
            row.before() != null || timeline.isEmpty() ? old : timeline.lastEntry().getValue();
        if (row.before() != null) {
          moved.add(key(row.table().toString(), after));
        }
        after.replaceAll(
            (name, text) -> text.equals(UNCHANGED) ? from.getOrDefault(name, "?") : text);
        timeline.put(lsn, after);
      }
    }
  }

  private int reads() {
    return (int) stream.stream().filter(SnapshotHistory::isRead).count();
  }

  private static boolean isRead(StreamRecord record) {
    return record.ordinal() == CommittedChange.READ_ORDINAL;
  }

  private int wrongReads() {
    int wrong = 0;
    for (StreamRecord record : stream) {
      if (!isRead(record)) {
        continue;
      }
      JsonNode node = tree(new String(record.payload(), StandardCharsets.UTF_8));
      Map<String, String> row = fields(node.path("after"));
      String key = key(node.path("table").asText(), row);
      NavigableMap<Lsn, Map<String, String>> timeline = truth.getOrDefault(key, new TreeMap<>());
      var before = timeline.lowerEntry(record.commitLsn());
      if (before == null || !before.getValue().equals(row)) {
        wrong++;
        note("read of " + key + " at " + record.commitLsn() + " is not what the table held");
      }
    }
    return wrong;
  }

  private void note(String what) {
    if (detail.size() < 5) {
      detail.add(what);
    }
  }

  private static Map<String, String> fields(JsonNode object) {
    Map<String, String> fields = new LinkedHashMap<>();
    object.properties().forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
    return fields;
  }

  private int unequalRecords() {
    Map<String, String> first = new HashMap<>();
    int unequal = 0;
    for (StreamRecord record : stream) {
      String text = new String(record.payload(), StandardCharsets.UTF_8);
      String identity = record.commitLsn() + ":" + record.ordinal() + ":" + record.partitionKey();
      if (!first.merge(identity, text, (a, b) -> a).equals(text)) {
        unequal++;
        note("two records of " + identity);
      }
    }
    return unequal;
  }

  /** A key's newest identity, and its row; an empty one where it was deleted. */
  private record Applied(Lsn commit, long ordinal, Map<String, String> row) {
    boolean isOlderThan(StreamRecord record) {
      int order = commit.compareTo(record.commitLsn());
      return order < 0 || (order == 0 && ordinal < record.ordinal());
    }
  }

  /** The documented consumer: what is not newer than what was applied is dropped. */
  private int missingRows() {
    Map<String, Applied> applied = new HashMap<>();
    Map<String, Applied> truncated = new HashMap<>();
    for (StreamRecord record : stream) {
      JsonNode node = tree(new String(record.payload(), StandardCharsets.UTF_8));
      String table = node.path("table").asText();
      Applied change = new Applied(record.commitLsn(), record.ordinal(), Map.of());
      if (node.path("op").asText().equals("TRUNCATE")) {
        truncated.merge(table, change, (a, b) -> a.isOlderThan(record) ? b : a);
        applied.replaceAll(
            (key, row) -> key.startsWith(table + ":") && row.isOlderThan(record) ? change : row);
        continue;
      }
      boolean delete = node.path("op").asText().equals("DELETE");
      Map<String, String> row = fields(node.path(delete ? "before" : "after"));
      String key = key(table, row);
      Applied last = applied.getOrDefault(key, truncated.get(table));
      if (last != null && !last.isOlderThan(record)) {
        continue;
      }
      Map<String, String> known = last == null ? Map.of() : last.row();
      row.replaceAll(
          (name, text) -> text.equals(UNCHANGED) ? known.getOrDefault(name, MISSING) : text);
      applied.put(key, new Applied(record.commitLsn(), record.ordinal(), delete ? Map.of() : row));
    }
    int missing = 0;
    Set<String> source = new HashSet<>();
    for (TableName table : TABLES) {
      for (Map<String, String> row : rows(table)) {
        String key = key(table.toString(), row);
        source.add(key);
        Applied copy = applied.get(key);
        if (copy == null || !equal(key, row, copy.row())) {
          missing++;
          note("the consumer's row of " + key + " is not the source's");
        }
      }
    }
    for (Map.Entry<String, Applied> row : applied.entrySet()) {
      if (!row.getValue().row().isEmpty() && !source.contains(row.getKey())) {
        missing++;
        note("the consumer has " + row.getKey() + ", which the source has not");
      }
    }
    return missing;
  }

  /** Where an update changed the key, PostgreSQL does not log what it did not touch. */
  private boolean equal(String key, Map<String, String> row, Map<String, String> copy) {
    for (Map.Entry<String, String> field : row.entrySet()) {
      String text = String.valueOf(copy.get(field.getKey()));
      boolean lostWithItsKey = text.equals(MISSING) && moved.contains(key);
      if (!text.equals(field.getValue()) && !lostWithItsKey) {
        return false;
      }
    }
    return true;
  }

  private void dropSlots() {
    server.query(
        database,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE application_name = 'pg2kinesis-lambda' AND datname = current_database()");
    PostgresServer.await(
        () ->
            server
                .query(
                    database,
                    "SELECT count(*) FROM pg_replication_slots WHERE active"
                        + " AND database = current_database()")
                .equals("0"));
    server.query(
        database,
        "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots"
            + " WHERE database = current_database()");
  }

  /** Writes to both tables: hot keys, changed keys, large values, savepoints, rollbacks. */
  private final class Writer extends Thread {

    private final Random dice;
    volatile @Nullable Throwable failure;

    Writer(long seed) {
      this.dice = new Random(seed);
    }

    @Override
    public void run() {
      try (Connection connection = server.connect(database);
          Statement sql = connection.createStatement()) {
        sql.execute("SET lock_timeout = '200ms'");
        for (int i = 0; i < plan.steps(); i++) {
          step(sql);
        }
      } catch (SQLException | RuntimeException e) {
        failure = e;
      }
    }

    private void step(Statement sql) throws SQLException {
      try {
        switch (dice.nextInt(12)) {
          case 0 ->
              sql.execute("SET synchronous_commit = " + (dice.nextInt(3) == 0 ? "on" : "off"));
          case 1 -> {
            if (dice.nextInt(100) == 0) {
              sql.execute("TRUNCATE " + (dice.nextBoolean() ? "t" : "u"));
            }
          }
          case 2, 3, 4, 5 -> change(sql);
          default -> transaction(sql);
        }
      } catch (SQLException e) {
        if (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P")) {
          throw e;
        }
        sql.execute("ROLLBACK");
      }
    }

    private void transaction(Statement sql) throws SQLException {
      sql.execute("BEGIN");
      boolean savepoint = false;
      for (int i = 1 + dice.nextInt(8); i > 0; i--) {
        switch (dice.nextInt(8)) {
          case 0 -> {
            sql.execute("SAVEPOINT s");
            savepoint = true;
          }
          case 1 -> {
            if (savepoint) {
              sql.execute("ROLLBACK TO s");
            }
          }
          case 2 -> sql.execute("SELECT pg_sleep(" + dice.nextInt(10) / 1_000.0 + ")");
          default -> change(sql);
        }
      }
      sql.execute(dice.nextInt(6) == 0 ? "ROLLBACK" : "COMMIT");
    }

    private void change(Statement sql) throws SQLException {
      int id = dice.nextInt(dice.nextBoolean() ? 20 : plan.rows() * 2 + 10);
      String big = "repeat(md5('" + dice.nextInt() + "'), 80)";
      boolean first = dice.nextBoolean();
      String where = first ? "t WHERE id = " + id : "u WHERE b = " + id;
      String table = first ? "t" : "u";
      String condition = first ? " WHERE id = " + id : " WHERE b = " + id;
      switch (dice.nextInt(8)) {
        case 0 -> sql.execute("DELETE FROM " + where);
        case 1 ->
            sql.execute(
                first
                    ? "UPDATE t SET id = " + (id + 1 + dice.nextInt(9)) + condition
                    : "UPDATE u SET a = 'k" + dice.nextInt(9) + "'" + condition);
        case 2, 3 ->
            sql.execute(
                first
                    ? "INSERT INTO t VALUES ("
                        + id
                        + ", 1, "
                        + big
                        + ") ON CONFLICT (id) DO UPDATE SET v = t.v + 1, big = excluded.big"
                    : "INSERT INTO u VALUES ('n', "
                        + id
                        + ", 1, "
                        + big
                        + ") ON CONFLICT (b, a) DO UPDATE SET v = u.v + 1, big = excluded.big");
        case 4 -> sql.execute("UPDATE " + table + " SET big = " + big + condition);
        default -> sql.execute("UPDATE " + table + " SET v = v + 1" + condition);
      }
    }
  }

  /** Holds commits in the wait for a standby that is not there, again and again. */
  static AutoCloseable holdingCommits(PostgresServer server) {
    AtomicBoolean ended = new AtomicBoolean();
    Thread thread =
        new Thread(
            () -> {
              while (!ended.get()) {
                server.set("synchronous_standby_names", "nobody");
                LockSupport.parkNanos(Duration.ofMillis(150).toNanos());
                server.set("synchronous_standby_names", null);
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
              }
            });
    thread.start();
    return () -> {
      ended.set(true);
      thread.join();
    };
  }
}
