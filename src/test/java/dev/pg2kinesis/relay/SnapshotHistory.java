package dev.pg2kinesis.relay;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.command.RunClock;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.CommittedChange;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.slot.TableReader;
import dev.pg2kinesis.slot.TableShape;
import dev.pg2kinesis.snapshot.Snapshot;
import dev.pg2kinesis.snapshot.SnapshotRun;
import dev.pg2kinesis.snapshot.SnapshotState;
import dev.pg2kinesis.snapshot.SnapshotTables;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A random history of two tables that are loaded while it is written, by runs of which many die.
 * Then each row that was read is compared with what its table held at that place of the history,
 * and a consumer that started empty with the source.
 */
final class SnapshotHistory {

  private static final Duration LIFE = Duration.ofMinutes(2);
  private static final int MOMENT_NANOS = 60_000_000;
  private static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<Life.Point> POINTS = List.of(Life.Point.values());

  /**
   * How a history is made.
   *
   * @param seed of the writers and the deaths; the server schedules the writers, so that a seed is
   *     a likeness and not a replay
   * @param rows rows of each table at the start
   * @param steps what each writer does at least
   * @param reads the writers go on until so many rows were read
   * @param asynchronous whether all commits are, and not most
   * @param pause between two steps of a writer at most
   * @param mutant what is broken
   */
  record Plan(
      long seed,
      String plugin,
      int rows,
      int steps,
      int reads,
      boolean asynchronous,
      Duration pause,
      SnapshotMutant mutant) {

    /** The pause at which writers change many of the rows that are read. */
    static final Duration SHORT_PAUSE = Duration.ofMillis(20);
  }

  /**
   * What a history showed.
   *
   * @param reads rows read and published, repeats included
   * @param wrong reads that are not what the table held at their place
   * @param missing rows of the source that a consumer does not have, or has otherwise, at the end
   *     of a loading or of the history
   * @param unequal records that have the identity of another one and other bytes, or that arrive
   *     for the first time after a newer one of their key
   * @param killed runs that died
   * @param detail the first things that were wrong
   * @param counts how often what happened
   */
  record Findings(
      int reads,
      int wrong,
      int missing,
      int unequal,
      int killed,
      List<String> detail,
      Map<String, Long> counts) {

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
  private final Map<String, Long> counts = new TreeMap<>();
  private final Set<Integer> waitedFor = new HashSet<>();
  private SnapshotState kept = SnapshotState.begin(Instant.EPOCH, List.of());
  private final List<SnapshotOracle.Load> loads = new ArrayList<>();
  private int killed;

  /** The stream's length when the tables began to be loaded. */
  private int loadBegan;

  /** Where the slot was when a chunk ended last. */
  private Lsn chunkEnd = new Lsn(0);

  /** Rows that were read and acknowledged. */
  private volatile int reads;

  /** Whether the writers pause, so that a chunk can be read twice at one position. */
  private volatile boolean quiet;

  /** What is read next. */
  private volatile SnapshotWriter.Place place = SnapshotWriter.Place.START;

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
      history.drop();
    }
  }

  private Findings run() throws InterruptedException, SQLException {
    createTables();
    SnapshotOracle oracle = new SnapshotOracle(server, database, stream);
    createSlots();
    List<SnapshotWriter> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writers.add(
          new SnapshotWriter(
              server,
              database,
              plan.rows(),
              plan.asynchronous(),
              plan.pause(),
              random.nextLong(),
              new Load()));
      writers.get(i).start();
    }
    while (writers.stream().anyMatch(Thread::isAlive)) {
      mortalRun();
    }
    for (SnapshotWriter writer : writers) {
      writer.join();
      writer.counts().forEach(this::count);
    }
    // A synchronous commit flushes the asynchronous ones before it.
    server.execute(database, "CREATE TABLE last ()");
    long end = System.nanoTime() + LIFE.toNanos();
    while (!finalRun()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the snapshot does not end: " + kept.json());
      }
    }
    try (Slot slot = open("control")) {
      oracle.readTruth(slot, LIFE);
    }
    int wrong = oracle.wrongReads();
    int unequal = oracle.unequalOrDisordered();
    int missing = oracle.missingAtTheEnd();
    for (SnapshotOracle.Load load : loads) {
      missing += oracle.missingAfter(load);
    }
    count("loads, each compared with the source at its end", loads.size());
    count("reads", reads);
    count("reads: repeated with the same identity", oracle.repeats());
    return new Findings(reads, wrong, missing, unequal, killed, oracle.detail(), counts);
  }

  private void count(String what, long times) {
    counts.merge(what, times, Long::sum);
  }

  private void createTables() {
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
  }

  private void createSlots() {
    for (String name : List.of("control", "main")) {
      server.execute(
          database,
          "SELECT pg_create_logical_replication_slot('"
              + slot(name)
              + "', '"
              + plan.plugin()
              + "')");
    }
    try (Slot slot = open("main")) {
      kept =
          SnapshotState.begin(
              STARTED,
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

  private void mortalRun() {
    quiet = random.nextInt(quiet ? 3 : 12) < (quiet ? 2 : 1);
    Life life = life();
    count("runs", 1);
    try {
      relay(life, 1 + random.nextInt(20));
    } catch (Life.Death e) {
      killed++;
      count("runs: killed " + String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT), 1);
    } catch (TransactionTooLongException e) {
      killed++;
    } catch (SlotException e) {
      if (e.code() != SlotException.Code.BUSY) {
        throw e;
      }
    }
    if (kept.next() == null) {
      again();
    }
    countReads();
  }

  /** Three of four die. In a quiet time they die where the next one reads the same rows again. */
  private Life life() {
    if (quiet) {
      return random.nextBoolean()
          ? Life.endingAt(Life.Point.IN_FLUSH, random.nextInt(20))
          : Life.endingAt(Life.Point.BEFORE_WATERMARK, random.nextInt(3));
    }
    if (random.nextInt(4) == 0) {
      return Life.unlimited();
    }
    Life.Point point = POINTS.get(random.nextInt(POINTS.size()));
    return Life.endingAt(point, random.nextInt(point == Life.Point.IN_PEEK ? 400 : 12));
  }

  private void countReads() {
    reads =
        (int)
            stream.stream()
                .filter(record -> record.ordinal() == CommittedChange.READ_ORDINAL)
                .count();
  }

  /** Loads the tables once more. */
  private void again() {
    SnapshotState state = kept;
    List<SnapshotState.Table> tables =
        SnapshotRows.TABLES.stream().map(table -> SnapshotState.Table.waiting(table, 0)).toList();
    kept = state.adding(STARTED, tables, false);
    loadBegan = stream.size();
    place = SnapshotWriter.Place.START;
  }

  private boolean finalRun() {
    try {
      RunReport report = relay(Life.unlimited(), Integer.MAX_VALUE);
      countReads();
      return report.outcome() == RunReport.Outcome.CAUGHT_UP && kept.next() == null;
    } catch (SlotException e) {
      if (e.code() == SlotException.Code.BUSY) {
        return false;
      }
      throw e;
    }
  }

  private RunReport relay(Life life, int chunks) {
    try (Slot slot =
        new ForwardingSlot(new MortalSlot(open("main"), life)) {
          @Override
          public TableReader tables() {
            life.at(Life.Point.BEFORE_PEEK);
            return plan.mutant().reader(new Slow(super.tables()));
          }
        }) {
      RecordMaker records = SnapshotRows.records();
      Snapshot snapshot =
          kept.next() == null
              ? Snapshot.NONE
              : new Watched(
                  plan.mutant()
                      .merge(
                          new SnapshotRun(
                              slot.tables(),
                              kept,
                              records,
                              state -> keep(state, life),
                              new RunClock(() -> LIFE.toMillis() - 5_000),
                              chunkBytes(chunks))),
                  chunks);
      return RelayBuilder.over(slot, new FakePublisher(stream, life, FakePublisher.Script.NOTHING))
          .records(records)
          .snapshot(snapshot)
          .window(1 + random.nextInt(300), 512L << random.nextInt(12))
          .spillingAfter(random.nextInt(30_000))
          .spillingInto(directory)
          .deadline(LIFE::toMillis, 5_000)
          .poll();
    }
  }

  /** From one row to some hundred, mostly many; the last run does not dawdle. */
  private long chunkBytes(int chunks) {
    if (chunks == Integer.MAX_VALUE) {
      return 1 << 20;
    }
    return 2_000L << (random.nextInt(4) == 0 ? random.nextInt(6) : 6 + random.nextInt(5));
  }

  /** A dead process writes no parameter any more. */
  private void keep(SnapshotState state, Life life) {
    life.at(Life.Point.BEFORE_WATERMARK);
    boolean loading = kept.next() != null;
    kept = SnapshotState.parse(state.json());
    if (loading && kept.next() == null) {
      Lsn since = loads.isEmpty() ? new Lsn(0) : loads.get(loads.size() - 1).to();
      loads.add(new SnapshotOracle.Load(loadBegan, stream.size(), since, chunkEnd));
    }
    Set<Integer> unsettled = kept.unsettled();
    for (Integer xid : unsettled == null ? Set.<Integer>of() : unsettled) {
      count("transactions that a chunk waited for", waitedFor.add(xid) ? 1 : 0);
    }
    SnapshotState.Table table = kept.next();
    SnapshotState.Cursor cursor = kept.cursor();
    place =
        new SnapshotWriter.Place(
            table == null || table.name().equals(SnapshotRows.TABLES.get(0)),
            cursor == null ? 0 : Integer.parseInt(cursor.after().get(0)));
    life.at(Life.Point.AFTER_WATERMARK);
  }

  private void drop() {
    server.query(
        "postgres",
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '"
            + database
            + "'");
    PostgresServer.await(
        () ->
            server
                .query(
                    "postgres",
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database + "'")
                .equals("0"));
    server.query(
        "postgres",
        "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots"
            + " WHERE database = '"
            + database
            + "'");
    server.execute("postgres", "DROP DATABASE " + database);
  }

  /** What the writers see of the loading. */
  private final class Load implements SnapshotWriter.Load {
    @Override
    public SnapshotWriter.Place place() {
      return place;
    }

    @Override
    public boolean isQuiet() {
      return quiet;
    }

    @Override
    public boolean isEnough(int steps) {
      return steps >= plan.steps() && reads >= plan.reads();
    }
  }

  /** Lets the writers write: half of the time, for a moment. */
  private void dawdle() {
    if (random.nextBoolean()) {
      LockSupport.parkNanos(random.nextInt(MOMENT_NANOS));
    }
  }

  /** Leaves the writers a moment before and after a chunk is read. */
  private final class Slow extends ForwardingReader {
    Slow(TableReader reader) {
      super(reader);
    }

    @Override
    public @Nullable TableChunk read(
        TableShape shape,
        @Nullable List<String> after,
        TableChunk.Bounds bounds,
        Duration timeout) {
      dawdle();
      TableChunk chunk = super.read(shape, after, bounds, timeout);
      dawdle();
      return chunk;
    }
  }

  /** Reads so many chunks at most, and counts what happens to them. */
  private final class Watched extends ForwardingSnapshot {

    /** Rows that changed since the chunk was read. */
    private final Set<String> changed = new HashSet<>();

    private int chunksLeft;

    Watched(Snapshot snapshot, int chunks) {
      super(snapshot);
      this.chunksLeft = chunks;
    }

    @Override
    public @Nullable Lsn read() {
      changed.clear();
      Lsn end = chunksLeft-- > 0 ? super.read() : null;
      count("chunks", end == null ? 0 : 1);
      return end;
    }

    @Override
    public void before(Commit commit, Change change, Consumer<StreamRecord> publisher) {
      boolean reading = isReading();
      super.before(
          commit, change, record -> publish("before a change they did not see", record, publisher));
      if (!reading) {
        return;
      }
      count("changes between a chunk's read and its end", 1);
      if (change instanceof Change.Truncate) {
        count("changes between: truncates", 1);
      } else if (change instanceof RowChange row) {
        Row before = row.before();
        Row after = row.after();
        if (before != null && after != null) {
          count("changes between: of the key", 1);
        }
        if (after != null && after.values().contains(Value.UNCHANGED)) {
          count("changes between: without the large value", 1);
        }
        add(row, before);
        add(row, after);
      }
    }

    private void add(RowChange change, @Nullable Row row) {
      if (row != null) {
        changed.add(SnapshotRows.key(change.table().toString(), SnapshotRows.texts(row)));
      }
    }

    @Override
    public void publishRemaining(Lsn position, Consumer<StreamRecord> publisher) {
      chunkEnd = position;
      super.publishRemaining(
          position, record -> publish("at the end of their chunk", record, publisher));
    }

    private void publish(String place, StreamRecord record, Consumer<StreamRecord> publisher) {
      publisher.accept(record);
      count("reads: placed " + place, 1);
      if (!changed.isEmpty() && changed.contains(SnapshotRows.key(record))) {
        count("reads: placed after changes that they saw", 1);
      }
    }
  }
}
