package dev.pg2kinesis.chaos;

import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.postgres.Wal2Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code scripts/chaos}: histories, one after the other, until time is up or one is wrong. */
public final class Chaos {

  private static final int LINE_EVERY = 20;

  private long seed = System.nanoTime();
  private long seeds = Long.MAX_VALUE;
  private long minutes = 10;
  private @Nullable String plugin;
  private @Nullable Format format;
  private @Nullable NavigableSet<Integer> kept;
  private @Nullable Path totalsFile;
  private boolean shrinks = true;

  private Chaos(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String option = arguments[i];
      if (option.equals("--no-shrink")) {
        shrinks = false;
        continue;
      }
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(option + " needs a value, or is no option");
      }
      String value = arguments[++i];
      switch (option) {
        case "--seed" -> seed = Long.parseLong(value);
        case "--seeds" -> seeds = Long.parseLong(value);
        case "--minutes" -> minutes = Long.parseLong(value);
        case "--plugin" -> plugin = plugin(value);
        case "--format" -> format = format(value);
        case "--totals" -> totalsFile = Path.of(value);
        case "--keep" ->
            kept =
                Arrays.stream(value.split(",", -1))
                    .map(Integer::valueOf)
                    .collect(Collectors.toCollection(TreeSet::new));
        default -> throw new IllegalArgumentException(option + " is no option");
      }
    }
  }

  private static String plugin(String name) {
    if (!Planner.PLUGINS.contains(name)) {
      throw new IllegalArgumentException(name + " is no plugin");
    }
    return name;
  }

  private static Format format(String name) {
    return Arrays.stream(Format.values())
        .filter(each -> each.settingName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name + " is no format"));
  }

  /** Exit status 1: something was lost or wrong; 2: wrong options; 3: it could not go on. */
  public static void main(String[] arguments) throws Exception {
    Chaos chaos;
    try {
      chaos = new Chaos(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("chaos: " + e.getMessage() + "; see scripts/chaos --help");
      System.exit(2);
      return;
    }
    if (!Wal2Json.isInstalled()) {
      if ("wal2json".equals(chaos.plugin)) {
        System.err.println("chaos: " + Wal2Json.missing());
        System.exit(3);
      }
      System.err.println("chaos: wal2json is left out: " + Wal2Json.missing());
    }
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) -> {
          e.printStackTrace();
          System.exit(3);
        });
    int status = chaos.run() ? 0 : 1;
    System.out.flush();
    System.exit(status); // threads of HTTP servers may linger
  }

  private boolean run() throws Exception {
    Path file = totalsFile;
    Totals totals = file == null ? new Totals() : Totals.in(file);
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    boolean terminal = Boolean.getBoolean("chaos.terminal");
    try (World world = new World()) {
      for (long done = 0; done < seeds && System.nanoTime() < end; done++) {
        Plan plan = Planner.plan(seed + done, plugin, format);
        Plan part = kept == null ? plan : plan.keeping(kept);
        History.Result result = History.run(world, part);
        totals.add(result);
        if (file != null) {
          totals.write(file);
        }
        if (terminal) {
          System.out.print("\r" + totals.line() + "   ");
        } else if ((done + 1) % LINE_EVERY == 0) {
          System.out.println(totals.line());
        }
        if (!result.clean()) {
          report(world, plan, result);
          return false;
        }
      }
    }
    System.out.println((terminal ? "\r" : "") + totals.line() + "\n\n" + totals.table());
    return true;
  }

  private void report(World world, Plan plan, History.Result result) throws Exception {
    System.out.println("\nVIOLATION with " + plan.setup());
    result.findings().violations().forEach(Chaos::show);
    System.out.println("runs ended with " + result.ends() + ", faults " + result.fired());
    System.out.println("again: " + command(plan, kept));
    if (kept == null && shrinks) {
      System.out.println("making it smaller …");
      NavigableSet<Integer> smaller =
          new Shrink(smallerPlan -> !History.run(world, smallerPlan).clean(), 3, 200).shrink(plan);
      System.out.println("smaller: " + command(plan, smaller));
      plan.keeping(smaller).lines().forEach(Chaos::show);
    } else {
      result.plan().lines().forEach(Chaos::show);
    }
  }

  /** Prints a line with its control characters as escapes: terminals obey them. */
  private static void show(String line) {
    StringBuilder shown = new StringBuilder("  ");
    line.chars()
        .forEach(
            c -> {
              int type = Character.getType(c);
              if (type == Character.CONTROL
                  || type == Character.FORMAT
                  || type == Character.LINE_SEPARATOR
                  || type == Character.PARAGRAPH_SEPARATOR) {
                shown.append(String.format("\\u%04x", c));
              } else {
                shown.append((char) c);
              }
            });
    System.out.println(shown);
  }

  private String command(Plan plan, @Nullable NavigableSet<Integer> parts) {
    List<String> words = new ArrayList<>(List.of("scripts/chaos --seeds 1 --seed"));
    words.add(Long.toString(plan.setup().seed()));
    if (plugin != null) {
      words.add("--plugin " + plugin);
    }
    Format chosen = format;
    if (chosen != null) {
      words.add("--format " + chosen.settingName());
    }
    if (parts != null) {
      words.add("--keep " + parts.stream().map(Object::toString).collect(Collectors.joining(",")));
    }
    return String.join(" ", words);
  }
}
