package dev.pg2kinesis.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.chaos.Plan.Invocation;
import dev.pg2kinesis.chaos.Plan.Setup;
import dev.pg2kinesis.chaos.Plan.Step;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A few histories of {@code scripts/chaos}, and products with a flaw that its oracle must see. A
 * flawed product meets only faults that concern its flaw.
 */
@Timeout(300)
class ChaosIT {

  /** A flaw is seen within so many seeds. */
  private static final int SEEDS = 30;

  private static World world;

  @BeforeAll
  static void start() {
    world = new World();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void nothingIsLost(long seed) throws Exception {
    Plan plan = on15(Planner.plan(seed, null, null));

    History.Result result = History.run(world, plan);

    assertThat(result.findings().violations()).as("%s", plan.setup()).isEmpty();
  }

  /** One server is enough here. */
  private static Plan on15(Plan plan) {
    Setup s = plan.setup();
    return new Plan(
        new Setup(
            s.seed(),
            15,
            s.plugin(),
            s.format(),
            s.partitionKey(),
            s.packing(),
            s.ordering(),
            s.watermark(),
            s.remote(),
            s.windowRows(),
            s.shards()),
        plan.steps(),
        plan.invocations());
  }

  @ParameterizedTest
  @EnumSource
  void aFlawIsSeen(Flaw flaw) throws Exception {
    List<String> violations = new ArrayList<>();
    world.kinesis.setLatencyMillis(flaw == Flaw.NO_DEADLINE ? 40 : 0);
    // Asynchronous commits stay unflushed for a while.
    world.servers.of(15).set("wal_writer_delay", flaw == Flaw.WRITE_LSN ? "'10s'" : null);
    long seed = 1;
    for (; seed <= (flaw == Flaw.NONE ? 2 : SEEDS) && violations.isEmpty(); seed++) {
      violations.addAll(
          History.run(world, plan(seed, flaw), processes(flaw)).findings().violations());
    }
    System.out.printf(
        "%s: %d seeds, %s%n",
        flaw, seed - 1, violations.isEmpty() ? "clean" : violations.get(0).split(":", 2)[0]);
    assertThat(violations.isEmpty()).isEqualTo(flaw == Flaw.NONE);
  }

  private static History.Processes processes(Flaw flaw) {
    return new History.Processes() {
      @Override
      public Function make(World in, Plan plan, Gate gate, Map<String, String> environment) {
        return new BrokenFunction(flaw, in, plan, gate, environment);
      }

      @Override
      public List<String> preparation() {
        return flaw == Flaw.NO_LOCK
            ? List.of(
                "CREATE OR REPLACE FUNCTION pg_catalog.pg_try_advisory_lock(bigint)"
                    + " RETURNS boolean LANGUAGE sql AS 'SELECT true'")
            : List.of();
      }

      @Override
      public long limitMillis() {
        return flaw == Flaw.NO_DEADLINE ? 1_500 : 20_000;
      }
    };
  }

  private static Plan plan(long seed, Flaw flaw) {
    Plan plan = Planner.plan(seed, "test_decoding", Format.DEBEZIUM);
    Setup setup =
        new Setup(
            seed,
            15,
            "test_decoding",
            Format.DEBEZIUM,
            flaw == Flaw.NO_DEADLINE ? PartitionKey.CONSTANT : PartitionKey.PRIMARY_KEY,
            Packing.NONE,
            flaw == Flaw.NO_DEADLINE ? Ordering.STRICT : Ordering.REPLAY,
            true,
            false,
            plan.setup().windowRows(),
            2);
    List<Step> steps = new ArrayList<>(plan.steps());
    if (flaw == Flaw.SPOOL_REUSED) {
      steps.add(0, new Step(0, Workload.bulk()));
    }
    if (flaw == Flaw.WRITE_LSN) {
      steps.removeIf(step -> step.statements().get(0).startsWith("SET synchronous_commit"));
      for (int writer = 0; writer < Planner.WRITERS; writer++) {
        steps.add(0, new Step(writer, List.of("SET synchronous_commit = off")));
      }
    }
    Fault fault =
        switch (flaw) {
          case NONE, WRITE_LSN, NO_DEADLINE -> Fault.NONE;
          case ADVANCE_BEFORE_PUBLISH -> Fault.KILLED_BEFORE_PUT;
          case RESEND_ONLY_REFUSED -> Fault.PARTIAL_FAILURES;
          case NO_LOCK -> Fault.SLOW_ANSWER;
          case WATERMARK_AFTER_ADVANCE -> Fault.KILLED_AFTER_ADVANCE;
          case SPOOL_REUSED -> Fault.CUT;
        };
    int at = fault == Fault.CUT ? 150_000 : fault == Fault.PARTIAL_FAILURES ? 4 : 1;
    List<Invocation> invocations =
        flaw == Flaw.NO_DEADLINE
            ? List.of()
            : Collections.nCopies(7, new Invocation(fault, at, false));
    return new Plan(setup, steps, invocations);
  }
}
