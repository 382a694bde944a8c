package dev.pg2kinesis.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A control group that gives a process a share of one processor, as Lambda gives it by memory: AWS
 * Lambda Developer Guide, "Configure Lambda function memory". Where the machine has no such groups,
 * or none that may be made, nothing is limited.
 */
final class CpuShare implements AutoCloseable {

  /** The memory that has one whole processor. */
  static final double MEGABYTES_PER_CPU = 1769;

  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final int PERIOD_MICROS = 20_000;

  private final @Nullable Path group;

  private CpuShare(@Nullable Path group) {
    this.group = group;
  }

  /** Makes a group that limits nothing yet. */
  static CpuShare create() {
    for (Path parent : List.of(ROOT, ROOT.resolve("cpu"))) {
      Path group = parent.resolve("pg2kinesis-bench-" + ProcessHandle.current().pid());
      try {
        Files.createDirectory(group);
        if (Files.isWritable(group.resolve("cpu.max"))
            || Files.isWritable(group.resolve("cpu.cfs_quota_us"))) {
          return new CpuShare(group);
        }
        Files.delete(group);
      } catch (IOException e) {
        // Not here.
      }
    }
    return new CpuShare(null);
  }

  /** Whether this machine lets a process be limited. */
  static boolean possible() {
    try (CpuShare share = create()) {
      return share.group != null;
    }
  }

  /** What to put before a command so that it runs in the group. */
  List<String> prefix() {
    return group == null
        ? List.of()
        : List.of("sh", "-c", "echo $$ >" + group + "/cgroup.procs && exec \"$@\"", "sh");
  }

  /**
   * Limits the group from now on.
   *
   * @param share of one processor
   */
  void limit(double share) {
    Path limited = group;
    if (limited == null) {
      return;
    }
    long quota = Math.round(share * PERIOD_MICROS);
    try {
      if (Files.exists(limited.resolve("cpu.max"))) {
        Files.writeString(limited.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
      } else {
        Files.writeString(limited.resolve("cpu.cfs_period_us"), Integer.toString(PERIOD_MICROS));
        Files.writeString(limited.resolve("cpu.cfs_quota_us"), Long.toString(quota));
      }
    } catch (IOException e) {
      throw new IllegalStateException("the processor could not be limited", e);
    }
  }

  /** Deletes the group, whose processes must have ended. */
  @Override
  public void close() {
    try {
      if (group != null) {
        Files.delete(group);
      }
    } catch (IOException e) {
      throw new IllegalStateException(group + " was not deleted", e);
    }
  }
}
