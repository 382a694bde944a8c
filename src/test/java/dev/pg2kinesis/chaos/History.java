package dev.pg2kinesis.chaos;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.chaos.AwsStores.Call;
import dev.pg2kinesis.chaos.AwsStores.Fate;
import dev.pg2kinesis.chaos.Plan.Invocation;
import dev.pg2kinesis.chaos.Plan.Setup;
import dev.pg2kinesis.command.Version;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.DmsOptions;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.window.Spill;
import dev.pg2kinesis.window.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One history: writers do the plan's steps while functions are invoked and meet the plan's faults.
 * Then a last function catches up undisturbed, and the {@link Oracle} looks at the stream.
 */
final class History {

  private static final Duration LIFE = Duration.ofMinutes(2);
  private static final long LIMIT_MILLIS = 20_000;
  private static final long SILENT_LIMIT_MILLIS = 600;
  private static final long SMALL_MEMORY_LIMIT_MILLIS = 12_000;
  private static final int MOST_FINAL_RUNS = 60;
  private static final int MOST_FINAL_RUNS_IN_PLACE = 4;
  private static final AtomicInteger NAMES = new AtomicInteger();

  /** What a run may end with when something disturbs it. */
  private static final Set<String> TOLERATED =
      Set.of(
          "CAUGHT_UP",
          "DEADLINE",
          "BUSY",
          "KILLED",
          "DIED",
          "CONNECTION_LOST",
          "CONNECTION_FAILED",
          "DATABASE_UNREACHABLE",
          "DATABASE_FAILED",
          "LOCK_LOST",
          "SLOT_MOVED",
          "PEEK_TIMEOUT",
          "TRANSACTION_TOO_LONG",
          "STREAM_FAILED",
          "STREAM_UNREACHABLE",
          "PARAMETER_FAILED",
          "PARAMETER_CONFLICT",
          "SPILL_FAILED");

  private final World world;
  private final Plan plan;
  private final Setup setup;
  private final PostgresServer server;
  private final String database;
  private final Admin admin;
  private final String name = "h" + NAMES.incrementAndGet();
  private final FunctionRole role;
  private final long unheardBefore;
  private final List<Delivery> deliveries = Collections.synchronizedList(new ArrayList<>());
  private final List<Gate> gates = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<Fault, Integer> fired = new EnumMap<>(Fault.class);
  private final Map<String, Integer> ends = new HashMap<>();
  private final AtomicInteger runs = new AtomicInteger();
  private final Processes processes;
  private final Random random;
  private final List<Future<?>> writers = new ArrayList<>();
  private FakeStream stream;
  private @Nullable Function warm;
  private @Nullable Function other;

  /** How processes are made; tests put broken ones in their place. */
  interface Processes {

    /** The product as it is. */
    Processes WHOLE = (world, plan, gate, environment) -> new InProcess(gate, environment);

    Function make(World world, Plan plan, Gate gate, Map<String, String> environment);

    /** Statements before the history. */
    default List<String> preparation() {
      return List.of();
    }

    /** Milliseconds after which a run that nothing disturbs is stopped. */
    default long limitMillis() {
      return LIMIT_MILLIS;
    }
  }

  private History(World world, Plan plan, Processes processes) {
    this.world = world;
    this.plan = plan;
    this.setup = plan.setup();
    this.processes = processes;
    this.random = new Random(setup.seed());
    this.server = world.servers.of(setup.major());
    this.database = server.createDatabase("TEMPLATE " + Servers.TEMPLATE);
    this.role = world.servers.role(setup.major());
    this.admin = new Admin(server, database);
    this.stream = createStream(setup.shards());
    this.unheardBefore = world.kinesis.unheardAnswers();
  }

  /**
   * What a history showed.
   *
   * @param fired how often each fault happened
   * @param ends how runs ended
   */
  record Result(
      Plan plan, Oracle.Findings findings, Map<Fault, Integer> fired, Map<String, Integer> ends) {

    boolean clean() {
      return findings.violations().isEmpty();
    }
  }

  static Result run(World world, Plan plan) throws Exception {
    return run(world, plan, Processes.WHOLE);
  }

  static Result run(World world, Plan plan, Processes processes) throws Exception {
    History history = new History(world, plan, processes);
    try {
      return history.run();
    } finally {
      history.clear();
    }
  }

  private FakeStream createStream(int shards) {
    FakeStream created = world.kinesis.createStream(name, shards);
    created.observe(deliveries::add);
    return created;
  }

  private String slot(String which) {
    return database + "_" + which;
  }

  private Result run() throws Exception {
    admin.execute(processes.preparation());
    world.stores.setSettings(name, output());
    storeLogin();
    for (String which : List.of("control", "main")) {
      admin.query(
          "SELECT pg_create_logical_replication_slot('"
              + slot(which)
              + "', '"
              + setup.plugin()
              + "')");
    }
    for (int i = 0; i < Planner.WRITERS; i++) {
      int writer = i;
      writers.add(
          world.threads.submit(
              new Writer(
                  server,
                  database,
                  plan.steps().stream().filter(step -> step.writer() == writer).toList())));
    }
    for (Invocation invocation : plan.invocations()) {
      invoke(invocation);
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    settle();
    catchUp();
    world.kinesis.landLate();
    // On a busy machine a call can take longer than its client waits, which then repeats it.
    boolean overlapped = plan.overlaps() || world.kinesis.unheardAnswers() > unheardBefore;
    Oracle.Findings findings =
        new Oracle(setup, control(), List.copyOf(deliveries)).findings(overlapped, admin);
    checkNothingIsLeft();
    List<String> all = new ArrayList<>(violations);
    all.addAll(findings.violations());
    return new Result(
        plan,
        new Oracle.Findings(
            findings.changes(), findings.delivered(), findings.lost(), findings.disorder(), all),
        fired,
        ends);
  }

  /** Ends prepared transactions, and flushes asynchronous commits with one that is not. */
  private void settle() {
    endPrepared("COMMIT");
    admin.query("CREATE TABLE last ()");
  }

  private void endPrepared(String how) {
    admin
        .rows("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
        .forEach(row -> admin.query(how + " PREPARED '" + row.get(0) + "'"));
  }

  // --- processes ---

  private Map<String, String> environment(Gate gate) {
    Map<String, String> environment = new HashMap<>();
    environment.put("PGHOST", server.host());
    environment.put("PGPORT", Integer.toString(gate.database.port()));
    environment.put("PGDATABASE", database);
    environment.put("PGSSLMODE", "disable");
    environment.put("SLOT_NAME", slot("main"));
    environment.put(
        "PUBLICATION_NAMES",
        setup.plugin().equals("pgoutput") ? FunctionRole.PUBLICATION + ",q" : "");
    environment.put("STREAM_NAME", gate.name);
    environment.put("WINDOW_ROWS", Integer.toString(setup.windowRows()));
    environment.put("SPILL_THRESHOLD_MB", "1");
    environment.put("TIME_RESERVE_MS", "100");
    if (setup.watermark()) {
      environment.put("WATERMARK_PARAMETER", "/" + gate.name + "/" + name);
    }
    if (setup.remote()) {
      environment.put("CONFIG_PATH", "/" + gate.name + "/" + name);
      environment.put("DB_SECRET_ID", gate.name + "/" + name);
    } else {
      environment.put("PGUSER", FunctionRole.NAME);
      environment.put("PGPASSWORD", role.password());
      environment.putAll(output());
    }
    return environment;
  }

  /** The settings of what goes to the stream. */
  private Map<String, String> output() {
    return Map.of(
        "FORMAT", setup.format().settingName(),
        "PARTITION_KEY", setup.partitionKey().settingName(),
        "PACKING", setup.packing().settingName(),
        "ORDERING", setup.ordering().settingName(),
        "DMS_INCLUDE", "before-image,nulls");
  }

  private void storeLogin() {
    world.stores.setSecret(
        name,
        JsonNodeFactory.instance
            .objectNode()
            .put("username", FunctionRole.NAME)
            .put("password", role.password())
            .toString());
  }

  private Gate gate() {
    Gate gate = new Gate(name + "-" + gates.size(), server.port());
    gates.add(gate);
    nameStream(gate);
    world.stores.setFates(gate.name, gate::fate);
    return gate;
  }

  private void nameStream(Gate gate) {
    world.kinesis.addName(gate.name, stream);
    world.kinesis.setFaults(gate.name, gate.faults());
  }

  private Function function() {
    Gate gate = gate();
    return processes.make(world, plan, gate, environment(gate));
  }

  /**
   * The process of the next invocation. Where a dead one need not be replaced by a cold one, its
   * handler goes on: it keeps nothing but clients, which are expensive to make.
   */
  private Function warm(boolean cold) {
    Function kept = warm;
    if (kept == null || cold) {
      if (kept != null) {
        kept.close();
      }
      kept = function();
      warm = kept;
    }
    if (kept.gate().closed()) {
      kept.gate().reopen();
    }
    return kept;
  }

  /** A second function with the same settings. */
  private Function second() {
    Function kept = other;
    if (kept == null) {
      kept = function();
      other = kept;
    }
    return kept;
  }

  // --- invocations ---

  private void fired(Fault fault) {
    fired.merge(fault, 1, Integer::sum);
  }

  private void invoke(Invocation invocation) throws Exception {
    Fault fault = invocation.fault();
    if (fault.ownProcess()) {
      invokeProcess(invocation);
      return;
    }
    Function function = warm(invocation.cold() || fault == Fault.CONFIGURATION_FAILURES);
    Gate gate = function.gate();
    int at = invocation.at();
    AtomicInteger left = new AtomicInteger(at);
    switch (fault) {
      case NONE -> poll(function, false);
      case KILLED_BEFORE_PUT, KILLED_AFTER_PUT, TERMINATED_IN_PUT -> {
        gate.set(
            () -> {
              if (left.decrementAndGet() != 0) {
                return CallFault.NONE;
              }
              fired(fault);
              if (fault == Fault.TERMINATED_IN_PUT) {
                terminate();
                return CallFault.NONE;
              }
              gate.kill();
              return fault == Fault.KILLED_AFTER_PUT
                  ? CallFault.putAndHangUp()
                  : CallFault.hangUp();
            },
            null);
        poll(function, true);
      }
      case KILLED_BEFORE_WATERMARK, KILLED_AFTER_WATERMARK -> {
        gate.set(
            null,
            call -> {
              if (call != Call.PUT || left.decrementAndGet() != 0) {
                return Fate.FINE;
              }
              fired(fault);
              gate.kill();
              return fault == Fault.KILLED_AFTER_WATERMARK ? Fate.UNANSWERED : Fate.NOTHING;
            });
        poll(function, true);
      }
      case KILLED_BEFORE_ADVANCE, KILLED_AFTER_ADVANCE -> {
        gate.database.watch(new AtAdvance(fault, gate, left));
        poll(function, true);
      }
      case KILLED_IN_PEEK, CUT -> {
        AtomicLong bytes = new AtomicLong(at);
        gate.database.watch(
            (piece, fromServer) -> {
              if (!fromServer || bytes.addAndGet(-piece.length()) > 0) {
                return true;
              }
              bytes.set(Long.MAX_VALUE);
              fired(fault);
              if (fault == Fault.CUT) {
                gate.database.cut();
              } else {
                gate.kill();
              }
              return false;
            });
        poll(function, true);
      }
      case KILLED_ANYWHERE, TERMINATED_ANYWHERE, RESTARTED_FAST, RESTARTED_IMMEDIATE -> {
        Future<?> running = world.threads.submit(() -> poll(function, true));
        world.clock.schedule(() -> strike(fault, gate, running), at, TimeUnit.MILLISECONDS).get();
        running.get();
      }
      case DEADLINE -> {
        // Lambda stops a function at its limit, wherever it is.
        Future<?> platform =
            world.clock.schedule(
                () -> {
                  fired(fault);
                  gate.kill();
                },
                at,
                TimeUnit.MILLISECONDS);
        poll(function, true, at, Set.of());
        platform.cancel(false);
      }
      case PARTIAL_FAILURES -> {
        disturbed(function, Faults.seeded(random.nextLong(), 0, 0.05 * at, CallFault.NONE), fault);
      }
      case REFUSED_CALLS ->
          disturbed(
              function,
              Faults.seeded(
                  random.nextLong(),
                  0.08 * at,
                  0,
                  CallFault.refuse(500, "InternalFailure"),
                  CallFault.refuse(400, "ProvisionedThroughputExceededException"),
                  CallFault.refuse(503, "ServiceUnavailable"),
                  CallFault.hangUp()),
              fault);
      case LOST_ANSWERS ->
          disturbed(
              function,
              Faults.seeded(
                  random.nextLong(),
                  0.08 * at,
                  0.03,
                  CallFault.putAndHangUp(),
                  CallFault.putButAnswer(500, "InternalFailure")),
              fault);
      case LATE_LANDINGS ->
          disturbed(
              function,
              Faults.seeded(
                  random.nextLong(),
                  0.08 * at,
                  0,
                  new CallFault(CallFault.Landing.LATE, CallFault.HANG_UP, "")),
              fault);
      case RESHARDED -> {
        gate.set(
            () -> {
              if (left.decrementAndGet() == 0) {
                fired(fault);
                reshard();
              }
              return CallFault.NONE;
            },
            null);
        poll(function, false);
      }
      case TWO_RUNS -> {
        fired(fault);
        Function second = second();
        Future<?> running = world.threads.submit(() -> poll(second, true));
        poll(function, true);
        running.get();
      }
      case SLOW_ANSWER, HELD_ANSWER -> held(fault, function, left);
      case PARAMETER_FAILURES -> {
        gate.set(null, failing(fault, 3));
        poll(function, true);
      }
      case CONFIGURATION_FAILURES -> {
        gate.set(null, failing(fault, at));
        poll(function, true, LIMIT_MILLIS, Set.of("SECRET_FAILED"));
      }
      case SECRET_ROTATED -> {
        fired(fault);
        role.rotate();
        poll(function, true, LIMIT_MILLIS, Set.of("PASSWORD_REJECTED"));
        storeLogin();
        poll(function, false);
      }
      case NETWORK_SILENT -> silent(function, at);
      case STREAM_RECREATED -> {
        gate.set(
            () -> {
              if (left.decrementAndGet() == 0) {
                fired(fault);
                deleteStream();
              }
              return CallFault.NONE;
            },
            null);
        poll(function, true, LIMIT_MILLIS, Set.of("STREAM_MISSING"));
        if (left.get() <= 0) {
          stream = createStream(1 + random.nextInt(4));
          gates.forEach(this::nameStream);
        }
      }
      case CLOCK_JUMPED -> {
        AtomicInteger calls = new AtomicInteger();
        InProcess process = (InProcess) function;
        gate.set(
            () -> {
              fired(fault);
              process.setAhead(Duration.ofHours(calls.incrementAndGet() % 2 == at % 2 ? at : -at));
              return CallFault.NONE;
            },
            null);
        poll(function, false);
        process.setAhead(Duration.ZERO);
      }
      case HOSTILE_EVENTS -> {
        fired(fault);
        String position = position();
        int delivered = deliveries.size();
        violations.addAll(HostileEvents.wrongs((InProcess) function));
        if (!position.equals(position()) || delivered != deliveries.size()) {
          violations.add("hostile events moved something");
        }
      }
      case SPOOL_FULL -> {
        System.setProperty("java.io.tmpdir", world.temporary + "/full");
        poll(function, true);
      }
      default -> throw new IllegalStateException(fault.name());
    }
    gate.set(null, null);
    gate.database.watch(null);
    System.setProperty("java.io.tmpdir", world.temporary.toString());
  }

  /** Kills at the n-th advance. */
  private final class AtAdvance implements Doorway.Watch {
    private final Fault fault;
    private final Gate gate;
    private final AtomicInteger left;
    private volatile boolean advancing;

    AtAdvance(Fault fault, Gate gate, AtomicInteger left) {
      this.fault = fault;
      this.gate = gate;
      this.left = left;
    }

    @Override
    public boolean lets(String bytes, boolean fromServer) {
      boolean asks = !fromServer && bytes.contains("pg_replication_slot_advance(");
      if (asks && left.decrementAndGet() == 0) {
        if (fault == Fault.KILLED_AFTER_ADVANCE) {
          advancing = true;
          return true;
        }
      } else if (!(fromServer && advancing)) {
        return true;
      }
      fired(fault);
      gate.kill();
      return false;
    }
  }

  private void disturbed(Function function, Faults faults, Fault fault) {
    function
        .gate()
        .set(
            new Faults() {
              @Override
              public CallFault nextCall() {
                CallFault next = faults.nextCall();
                if (!next.equals(CallFault.NONE)) {
                  fired(fault);
                }
                return next;
              }

              @Override
              public @Nullable String nextEntry() {
                String next = faults.nextEntry();
                if (next != null) {
                  fired(fault);
                }
                return next;
              }
            },
            null);
    poll(function, true);
  }

  private void strike(Fault fault, Gate gate, Future<?> running) {
    if (fault.name().startsWith("RESTARTED")) {
      fired(fault);
      server.restart(fault == Fault.RESTARTED_FAST ? "fast" : "immediate");
    } else if (!running.isDone()) {
      fired(fault);
      if (fault == Fault.KILLED_ANYWHERE) {
        gate.kill();
      } else {
        terminate();
      }
    }
  }

  /** Of so many calls, one fails: without an effect, or with one and no answer. */
  private AwsStores.Fates failing(Fault fault, int oneOf) {
    Random dice = new Random(random.nextLong());
    boolean configuration = fault == Fault.CONFIGURATION_FAILURES;
    return call -> {
      synchronized (dice) {
        if ((call == Call.SETTINGS || call == Call.SECRET) != configuration
            || dice.nextInt(oneOf) > 0) {
          return Fate.FINE;
        }
        fired(fault);
        return List.of(Fate.REFUSED, Fate.NOTHING, Fate.UNANSWERED).get(dice.nextInt(3));
      }
    };
  }

  /**
   * The network falls silent. The process dies at its limit without having heard of it, and the
   * server does not hear of that: another run meets the session that is left.
   */
  private void silent(Function function, int bytes) throws Exception {
    Gate gate = function.gate();
    AtomicLong left = new AtomicLong(bytes);
    gate.database.watch(
        (piece, fromServer) -> {
          if (fromServer && left.addAndGet(-piece.length()) <= 0) {
            left.set(Long.MAX_VALUE);
            fired(Fault.NETWORK_SILENT);
            gate.database.fallSilent();
          }
          return true;
        });
    Future<?> platform =
        world.clock.schedule(gate::kill, SILENT_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    poll(function, true, SILENT_LIMIT_MILLIS, Set.of());
    platform.cancel(false);
    poll(second(), true);
    gate.database.endSilence();
  }

  /** What arrives from now on, nobody reads. */
  private void deleteStream() {
    stream.observe(delivery -> {});
    gates.forEach(gate -> world.kinesis.deleteStream(gate.name));
  }

  private String position() {
    return admin.query(
        "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
            + slot("main")
            + "'");
  }

  private void reshard() {
    int shards = stream.openShardCount();
    if (shards > 1 && random.nextBoolean()) {
      stream.merge(random.nextInt(shards - 1), System.nanoTime());
    } else {
      stream.split(random.nextInt(shards), System.nanoTime());
    }
  }

  /**
   * Others run while this one waits for an answer. If its session is gone, they publish; if not,
   * the lock keeps them away.
   */
  private void held(Fault fault, Function function, AtomicInteger left) throws Exception {
    CountDownLatch holding = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    function
        .gate()
        .set(
            () -> {
              if (left.decrementAndGet() == 0) {
                fired(fault);
                if (fault == Fault.HELD_ANSWER) {
                  terminate();
                }
                holding.countDown();
                await(release);
              }
              return CallFault.NONE;
            },
            null);
    Future<?> running =
        world.threads.submit(
            () -> {
              poll(function, true);
              holding.countDown();
            });
    holding.await();
    poll(second(), true);
    poll(second(), true);
    release.countDown();
    running.get();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void invokeProcess(Invocation invocation) throws Exception {
    Fault fault = invocation.fault();
    Gate gate = gate();
    Path temporary = Files.createDirectory(world.temporary.resolve(gate.name));
    AtomicInteger left = new AtomicInteger(invocation.at());
    boolean smallMemory = fault == Fault.PROCESS_SMALL_MEMORY;
    if (smallMemory) {
      admin.execute(Workload.larger());
      fired(fault);
    }
    long limit = smallMemory ? SMALL_MEMORY_LIMIT_MILLIS : LIMIT_MILLIS;
    try (FunctionProcess process =
        new FunctionProcess(gate, environment(gate), temporary, bounds(invocation))) {
      CountDownLatch frozen = new CountDownLatch(1);
      gate.set(
          () -> {
            if (left.decrementAndGet() == 0) {
              if (fault == Fault.PROCESS_KILLED) {
                fired(fault);
                gate.kill();
              } else if (fault == Fault.PROCESS_FROZEN) {
                fired(fault);
                process.signal("STOP");
                terminate();
                frozen.countDown();
              }
            }
            return CallFault.NONE;
          },
          null);
      Future<?> running =
          world.threads.submit(
              () -> {
                poll(process, true, limit, Set.of());
                frozen.countDown();
              });
      if (fault == Fault.PROCESS_KILLED_ANYWHERE) {
        world
            .clock
            .schedule(
                () -> strike(Fault.KILLED_ANYWHERE, gate, running),
                invocation.at(),
                TimeUnit.MILLISECONDS)
            .get();
        fired(fault);
      } else if (smallMemory) {
        // Lambda would stop it at its limit, should it not end by itself.
        Future<?> platform = world.clock.schedule(gate::kill, limit, TimeUnit.MILLISECONDS);
        running.get();
        platform.cancel(false);
      } else if (fault == Fault.PROCESS_FROZEN) {
        frozen.await();
        poll(second(), true);
        process.signal("CONT");
      }
      running.get();
    } finally {
      try (Stream<Path> left2 = Files.list(temporary)) {
        for (Path file : left2.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(temporary);
    }
  }

  private static FunctionProcess.Bounds bounds(Invocation invocation) {
    return switch (invocation.fault()) {
      case PROCESS_SPOOL_FULL -> new FunctionProcess.Bounds("512", 256);
      case PROCESS_SMALL_MEMORY ->
          new FunctionProcess.Bounds("unlimited", 16 + 8 * invocation.at());
      default -> FunctionProcess.Bounds.AMPLE;
    };
  }

  private void terminate() {
    admin.query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE application_name = 'pg2kinesis-lambda' AND datname = current_database()");
  }

  private String poll(Function function, boolean disturbed) {
    return poll(function, disturbed, LIMIT_MILLIS, Set.of());
  }

  /**
   * Polls once.
   *
   * @param disturbed whether the run may be killed
   * @param explained how else it may end than any disturbed run
   */
  private String poll(
      Function function, boolean disturbed, long limitMillis, Set<String> explained) {
    runs.incrementAndGet();
    String end = function.poll(limitMillis);
    function.gate().awaitCalls();
    if (runs.decrementAndGet() == 0) {
      awaitSenders();
    }
    synchronized (ends) {
      ends.merge(end, 1, Integer::sum);
      if (end.equals("SPILL_FAILED")) {
        fired(Fault.SPOOL_FULL);
      }
      if (!TOLERATED.contains(end)
          && !explained.contains(end)
          && !(disturbed && function.gate().closed())) {
        violations.add("a run ended with " + end);
      }
    }
    return end;
  }

  /**
   * Waits for the calls that a run did not wait for when it ended. On a busy machine Kinesis may
   * not have begun one of them; it would land in the middle of the next run.
   */
  private static void awaitSenders() {
    PostgresServer.await(() -> threads("kinesis-") == 0);
  }

  private static long threads(String namePrefix) {
    Thread[] running = new Thread[2 * Thread.activeCount() + 100];
    int count = Thread.enumerate(running);
    return Arrays.stream(running, 0, count)
        .filter(thread -> thread.getName().startsWith(namePrefix))
        .count();
  }

  /** Runs that nothing disturbs but their time limit, until one has caught up. */
  private void catchUp() throws Exception {
    String before = "";
    int still = 0;
    for (int i = 0; i < MOST_FINAL_RUNS && still < MOST_FINAL_RUNS_IN_PLACE; i++) {
      Function function = warm(i > 0 && i % 5 == 0);
      Future<?> platform =
          world.clock.schedule(
              () -> function.gate().kill(), processes.limitMillis(), TimeUnit.MILLISECONDS);
      String end = poll(function, true, processes.limitMillis(), Set.of());
      platform.cancel(false);
      if (end.equals("CAUGHT_UP")) {
        return;
      }
      String position = position();
      still = position.equals(before) && !end.equals("BUSY") ? still + 1 : 0;
      before = position;
    }
    violations.add("runs that nothing disturbs do not catch up: " + ends);
  }

  // --- the truth ---

  private List<StreamRecord> control() {
    List<StreamRecord> control = new ArrayList<>();
    List<String> publications =
        setup.plugin().equals("pgoutput") ? List.of(FunctionRole.PUBLICATION, "q") : List.of();
    try (Slot slot =
        PostgresSlot.open(server.login(database), slot("control"), publications, 2, LIFE)) {
      RecordMaker records =
          new RecordMaker(
              new RecordMaker.Plan(
                  setup
                      .format()
                      .formatter(
                          new FormatContext(
                              database,
                              slot("main"),
                              Version.CURRENT,
                              slot.plugin().isWal2Json(),
                              new DmsOptions(
                                  setup.partitionKey(),
                                  Set.of(
                                      DmsOptions.Inclusion.BEFORE_IMAGE,
                                      DmsOptions.Inclusion.NULLS)))),
                  setup.partitionKey(),
                  ChangeFilter.ALL,
                  Oversize.FAIL,
                  1 << 20,
                  slot("main")));
      Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
      try (Window window =
          Window.open(
              slot.peek(slot.position().flush(), 10_000_000, LIFE),
              Decoders.commitReader(slot.plugin()),
              new Spill(1 << 30, world.temporary))) {
        for (Commit commit = window.nextTransaction();
            commit != null;
            commit = window.nextTransaction()) {
          RecordMaker.Transaction transaction = records.begin(commit);
          for (RawRow row = window.nextRow(); row != null; row = window.nextRow()) {
            decoder.decode(row, change -> transaction.accept(change, control::add));
          }
        }
      }
    }
    return control;
  }

  private void checkNothingIsLeft() throws IOException {
    for (Function function : Arrays.asList(warm, other)) {
      if (function != null) {
        function.close();
      }
    }
    for (Gate gate : gates) {
      gate.close();
    }
    String sessions =
        "SELECT count(*) FROM pg_stat_activity"
            + " WHERE application_name = 'pg2kinesis-lambda' AND datname = current_database()";
    String locks =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            + " (SELECT oid FROM pg_database WHERE datname = current_database())";
    gone("sessions", () -> admin.query(sessions));
    gone("advisory locks", () -> admin.query(locks));
    gone("threads", () -> Long.toString(threads("kinesis-") + threads("slot-reader")));
    gone(
        "connections",
        () -> Integer.toString(gates.stream().mapToInt(gate -> gate.database.open()).sum()));
    try (Stream<Path> files = Files.list(world.temporary)) {
      files
          .filter(file -> file.getFileName().toString().endsWith(".spill"))
          .forEach(file -> violations.add("left behind: " + file.getFileName()));
    }
  }

  private void gone(String what, Supplier<String> count) {
    try {
      PostgresServer.await(() -> count.get().equals("0"));
    } catch (IllegalStateException e) {
      violations.add("left behind: " + count.get() + " " + what);
    }
  }

  private void clear() {
    gates.forEach(Gate::close);
    gates.forEach(gate -> world.kinesis.deleteStream(gate.name));
    world.kinesis.deleteStream(name);
    world.stores.clear();
    PostgresServer.await(() -> writers.stream().allMatch(Future::isDone));
    endPrepared("ROLLBACK");
    terminate();
    PostgresServer.await(
        () ->
            admin
                .query(
                    "SELECT count(*) FROM pg_replication_slots WHERE active"
                        + " AND database = current_database()")
                .equals("0"));
    admin.query(
        "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots"
            + " WHERE database = current_database()");
    admin.close();
    PostgresServer.await(this::dropped);
  }

  private boolean dropped() {
    try {
      server.execute("postgres", "DROP DATABASE IF EXISTS " + database);
      return true;
    } catch (IllegalStateException e) {
      return false; // a session is about to end
    }
  }
}
