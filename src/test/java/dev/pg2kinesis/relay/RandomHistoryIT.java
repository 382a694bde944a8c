package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.window.Spill;
import dev.pg2kinesis.window.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several writers make a random history while runs with random bounds come and go, many of them
 * killed. What was delivered is then compared with what a slot says that was never advanced. A
 * failing seed is in the test's name; {@code -Drandom.seed=} runs it again, {@code -Drandom.seeds=}
 * runs more. The server schedules the writers, so that a seed is a likeness and not a replay.
 */
class RandomHistoryIT {

  private static final Duration LIFE = Duration.ofSeconds(60);
  private static final int WRITERS = 3;
  private static final int STEPS = 30;
  private static final List<Life.Point> POINTS = List.of(Life.Point.values());

  @TempDir Path directory;

  private final List<StreamRecord> stream = new ArrayList<>();
  private PostgresServer server = PostgresServer.shared(15);
  private String database = "";
  private int killed;

  static LongStream seeds() {
    Long seed = Long.getLong("random.seed");
    return seed != null
        ? LongStream.of(seed)
        : new Random().longs(Integer.getInteger("random.seeds", 20));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void deliversWhatASlotSaysThatWasNeverAdvanced(long seed) throws Exception {
    Random random = new Random(seed);
    server = PostgresServer.shared(random.nextBoolean() ? 15 : 18);
    database = server.createDatabase();
    String plugin = random.nextBoolean() ? "pgoutput" : "test_decoding";
    server.execute(database, RandomWriter.tables());
    server.execute(
        database,
        "CREATE PUBLICATION p FOR ALL TABLES",
        "SELECT pg_create_logical_replication_slot('" + database + "_control', '" + plugin + "')",
        "SELECT pg_copy_logical_replication_slot('" + database + "_control', '" + database + "')");
    try {
      List<RandomWriter> writers = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new RandomWriter(server, database, random.nextLong(), STEPS));
        threads.add(new Thread(writers.get(i)));
        threads.get(i).start();
      }
      for (int more = 5; more > 0; ) { // in the backlog that is left, even where all is slow
        mortalRun(random);
        more -= threads.stream().anyMatch(Thread::isAlive) ? 0 : 1;
      }
      for (int i = 0; i < WRITERS; i++) {
        threads.get(i).join();
        assertThat(writers.get(i).failure).as("failure of a writer").isNull();
      }
      // A synchronous commit flushes the asynchronous ones before it.
      server.execute(database, "CREATE TABLE last ()");
      lastRun();

      List<String> control = control();
      System.out.printf(
          "seed %d: PostgreSQL %d, %s, %d changes, %d records, %d runs killed%n",
          seed, server.major(), plugin, control.size(), stream.size(), killed);
      assertThat(delivered()).isEqualTo(control);
    } finally {
      dropSlots();
    }
  }

  /** One run with random bounds that is as likely as not to die. */
  private void mortalRun(Random random) {
    Life life = Life.unlimited();
    Runnable onPublish = () -> {};
    AtomicLong remaining = new AtomicLong(LIFE.toMillis());
    int fate = random.nextInt(10);
    if (fate < 7) {
      Life.Point point = POINTS.get(random.nextInt(POINTS.size()));
      life = Life.endingAt(point, random.nextInt(point == Life.Point.IN_PEEK ? 200 : 8));
    } else if (fate == 7) {
      int[] left = {random.nextInt(30)};
      onPublish =
          () -> {
            if (left[0]-- == 0) {
              terminate();
            }
          };
    } else if (fate == 8) {
      onPublish = () -> remaining.addAndGet(-1_000);
    }
    try (Slot slot = open(life)) {
      relay(slot, random, life, onPublish, remaining).poll();
    } catch (Life.Death | TransactionTooLongException e) {
      killed++;
    } catch (SlotException e) {
      assertThat(e.code()).isIn(SlotException.Code.CONNECTION_LOST, SlotException.Code.BUSY);
      killed++;
    }
  }

  /** Runs that nobody disturbs, until one is not held off by the last of the killed ones. */
  private void lastRun() {
    long end = System.nanoTime() + LIFE.toNanos();
    while (true) {
      try (Slot slot = open(Life.unlimited())) {
        RunReport report =
            relay(slot, new Random(1), Life.unlimited(), () -> {}, new AtomicLong(60_000)).poll();
        assertThat(report.outcome()).isEqualTo(RunReport.Outcome.CAUGHT_UP);
        return;
      } catch (SlotException e) {
        assertThat(e.code()).isEqualTo(SlotException.Code.BUSY);
        assertThat(System.nanoTime()).isLessThan(end);
      }
    }
  }

  private Slot open(Life life) {
    return new MortalSlot(
        PostgresSlot.open(server.login(database), database, List.of("p"), 2, LIFE), life);
  }

  private RelayBuilder relay(
      Slot slot, Random random, Life life, Runnable onPublish, AtomicLong remaining) {
    FakePublisher.Script script = FakePublisher.Script.onPublish(onPublish);
    return RelayBuilder.over(slot, new FakePublisher(stream, life, script))
        .window(1 + random.nextInt(200), 512L << random.nextInt(12))
        .spillingAfter(random.nextInt(30_000))
        .spillingInto(directory)
        .deadline(remaining::get, 5_000);
  }

  private void terminate() {
    server.query(
        database,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE application_name = 'pg2kinesis-lambda' AND datname = current_database()");
  }

  private List<String> control() {
    List<String> control = new ArrayList<>();
    RecordMaker records = AllChanges.in(Format.DEBEZIUM);
    try (Slot slot =
        PostgresSlot.open(server.login(database), database + "_control", List.of("p"), 2, LIFE)) {
      Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
      try (Window window =
          Window.open(
              slot.peek(slot.position().flush(), 10_000_000, LIFE),
              Decoders.commitReader(slot.plugin()),
              new Spill(1 << 30, directory))) {
        for (Commit commit = window.nextTransaction();
            commit != null;
            commit = window.nextTransaction()) {
          RecordMaker.Transaction transaction = records.begin(commit);
          for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
            decoder.decode(row, change -> transaction.accept(change, r -> control.add(text(r))));
          }
        }
      }
    }
    return control;
  }

  /**
   * The stream without what was sent again. A split key update is two records of one identity, so
   * the key belongs to it.
   */
  private List<String> delivered() {
    Map<String, String> first = new LinkedHashMap<>();
    for (StreamRecord r : stream) {
      String identity = r.commitLsn() + ":" + r.ordinal() + ":" + r.partitionKey();
      assertThat(first.merge(identity, text(r), (a, b) -> a)).as("a replay").isEqualTo(text(r));
    }
    return List.copyOf(first.values());
  }

  private static String text(StreamRecord r) {
    return r.commitLsn()
        + ":"
        + r.ordinal()
        + " "
        + r.partitionKey()
        + " "
        + new String(r.payload(), UTF_8);
  }

  private void dropSlots() {
    terminate();
    server.query(database, "SELECT pg_drop_replication_slot('" + database + "_control')");
    long end = System.nanoTime() + LIFE.toNanos();
    while (!server
        .query(
            database,
            "SELECT active FROM pg_replication_slots WHERE slot_name = current_database()")
        .equals("f")) {
      assertThat(System.nanoTime()).isLessThan(end);
    }
    server.query(database, "SELECT pg_drop_replication_slot(current_database())");
  }
}
