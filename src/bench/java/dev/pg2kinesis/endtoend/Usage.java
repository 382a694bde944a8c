package dev.pg2kinesis.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process has used since it started, from {@code /proc}: Linux only.
 *
 * @param cpuSeconds of the processor, in user and system mode, to a hundredth
 * @param peakMegabytes the most memory it had resident
 */
record Usage(double cpuSeconds, int peakMegabytes) {

  /** {@code USER_HZ}, which is the same on every platform that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  /** Of the fields behind the program's name. */
  private static final int USER = 11;

  private static final int SYSTEM = 12;
  private static final int USER_OF_ENDED_CHILDREN = 13;
  private static final int SYSTEM_OF_ENDED_CHILDREN = 14;

  static Usage of(long pid) {
    List<String> fields = stat(pid);
    return new Usage(
        (ticks(fields, USER) + ticks(fields, SYSTEM)) / TICKS_PER_SECOND, peakMegabytes(pid));
  }

  /** Processor time of a process and of all the children it ever had. */
  static double familySeconds(long pid) {
    while (true) {
      List<Long> children = children(pid);
      long ticks = familyTicks(pid, children);
      if (children.equals(children(pid))) {
        return ticks / TICKS_PER_SECOND;
      }
      // One began or ended meanwhile, and was counted twice or not at all.
    }
  }

  private static long familyTicks(long pid, List<Long> children) {
    List<String> fields = stat(pid);
    long ticks =
        ticks(fields, USER)
            + ticks(fields, SYSTEM)
            + ticks(fields, USER_OF_ENDED_CHILDREN)
            + ticks(fields, SYSTEM_OF_ENDED_CHILDREN);
    for (long child : children) {
      try {
        List<String> ofChild = stat(child);
        ticks += ticks(ofChild, USER) + ticks(ofChild, SYSTEM);
      } catch (UncheckedIOException e) {
        // It has just ended.
      }
    }
    return ticks;
  }

  private static List<Long> children(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::children)
        .map(ProcessHandle::pid)
        .sorted()
        .toList();
  }

  private static List<String> stat(long pid) {
    String stat = read(pid, "stat");
    return List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1));
  }

  private static long ticks(List<String> fields, int field) {
    return Long.parseLong(fields.get(field));
  }

  private static int peakMegabytes(long pid) {
    return read(pid, "status")
            .lines()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(0)
        / 1024;
  }

  private static String read(long pid, String file) {
    try {
      return new String(Files.readAllBytes(Path.of("/proc", Long.toString(pid), file)), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
