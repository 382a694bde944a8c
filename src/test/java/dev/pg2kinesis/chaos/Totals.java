package dev.pg2kinesis.chaos;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** What many histories came to, which can be kept in a file from one run to the next. */
public final class Totals {

  private final Map<String, Long> counts = new TreeMap<>();

  /** The totals in a file, if there is one. */
  public static Totals in(Path file) throws IOException {
    Totals totals = new Totals();
    if (Files.exists(file)) {
      Properties kept = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        kept.load(reader);
      }
      kept.forEach((name, count) -> totals.add(name.toString(), Long.parseLong(count.toString())));
    }
    return totals;
  }

  public void write(Path file) throws IOException {
    Properties kept = new Properties();
    counts.forEach((name, count) -> kept.setProperty(name, Long.toString(count)));
    try (Writer writer = Files.newBufferedWriter(file)) {
      kept.store(writer, null);
    }
  }

  /** Adds to a count. */
  public void add(String name, long count) {
    counts.merge(name, count, Long::sum);
  }

  void add(History.Result result) {
    Oracle.Findings findings = result.findings();
    Plan.Setup setup = result.plan().setup();
    add("seeds", 1);
    add("seeds with " + setup.plugin(), 1);
    add("seeds with PostgreSQL " + setup.major(), 1);
    add("seeds with FORMAT=" + setup.format().settingName(), 1);
    add("changes", findings.changes());
    add("deliveries", findings.delivered());
    add("repeats", Math.max(0, findings.delivered() - findings.changes() + findings.lost()));
    add("lost", findings.lost());
    add("order violations", findings.disorder());
    add("other violations", result.clean() ? 0 : findings.violations().size());
    result.ends().forEach((end, count) -> add("runs", count));
    result
        .fired()
        .forEach((fault, count) -> add("fault " + fault.name().toLowerCase(Locale.ROOT), count));
  }

  public long count(String name) {
    return counts.getOrDefault(name, 0L);
  }

  /** The sum of all faults. */
  long faults() {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("fault "))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** One line that says how it goes. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%,d seeds, %,d faults, %,d changes, %,d repeats, %d lost, %d order violations, %d others",
        count("seeds"),
        faults(),
        count("changes"),
        count("repeats"),
        count("lost"),
        count("order violations"),
        count("other violations"));
  }

  /** A Markdown table of all counts. */
  public String table() {
    StringBuilder table = new StringBuilder("| what | count |\n|---|---|\n");
    counts.forEach(
        (name, count) -> table.append(String.format(Locale.ROOT, "| %s | %,d |%n", name, count)));
    return table.toString();
  }
}
