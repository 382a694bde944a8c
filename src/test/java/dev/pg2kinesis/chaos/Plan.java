package dev.pg2kinesis.chaos;

import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;

/**
 * A history as it is to be made. The server schedules the writers, so a plan is a likeness and not
 * a replay.
 *
 * @param setup what does not change in it
 * @param steps what the writers do
 * @param invocations what the runs meet, one after the other
 */
record Plan(Setup setup, List<Step> steps, List<Invocation> invocations) {

  /**
   * The settings of a history.
   *
   * @param major PostgreSQL's major version
   * @param plugin the slot's output plugin
   * @param watermark whether there is one
   * @param remote whether the settings and the login are in Parameter Store and Secrets Manager
   * @param windowRows {@code WINDOW_ROWS}
   * @param shards of the stream at the start
   */
  record Setup(
      long seed,
      int major,
      String plugin,
      Format format,
      PartitionKey partitionKey,
      Packing packing,
      Ordering ordering,
      boolean watermark,
      boolean remote,
      int windowRows,
      int shards) {

    @Override
    public String toString() {
      return "seed "
          + seed
          + ": PostgreSQL "
          + major
          + ", "
          + plugin
          + ", FORMAT="
          + format.settingName()
          + " PARTITION_KEY="
          + partitionKey.settingName()
          + " PACKING="
          + packing.settingName()
          + " ORDERING="
          + ordering.settingName()
          + (watermark ? ", watermark" : "")
          + (remote ? ", remote settings" : "")
          + ", WINDOW_ROWS="
          + windowRows
          + ", "
          + shards
          + " shards";
    }
  }

  /**
   * What a writer does at once; after the first statement that fails, it rolls back.
   *
   * @param writer which of them, from 0
   */
  record Step(int writer, List<String> statements) {}

  /**
   * One invocation.
   *
   * @param at which call, byte or millisecond the fault is at; its range depends on the fault
   * @param cold whether a new process runs it
   */
  record Invocation(Fault fault, int at, boolean cold) {}

  /** How many parts there are to leave out: steps, then invocations. */
  int size() {
    return steps.size() + invocations.size();
  }

  /** The same with only these parts. */
  Plan keeping(NavigableSet<Integer> parts) {
    List<Step> keptSteps = new ArrayList<>();
    List<Invocation> keptInvocations = new ArrayList<>();
    for (int part : parts) {
      if (part < steps.size()) {
        keptSteps.add(steps.get(part));
      } else {
        keptInvocations.add(invocations.get(part - steps.size()));
      }
    }
    return new Plan(setup, keptSteps, keptInvocations);
  }

  boolean overlaps() {
    return invocations.stream().anyMatch(invocation -> invocation.fault().overlaps());
  }

  /** Everything that happens, for a person to read. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(setup.toString());
    steps.forEach(
        step -> lines.add("writer " + step.writer() + ": " + String.join("; ", step.statements())));
    invocations.forEach(
        invocation ->
            lines.add(
                "invocation: "
                    + invocation.fault()
                    + " at "
                    + invocation.at()
                    + (invocation.cold() ? ", cold" : ", warm")));
    return lines;
  }
}
