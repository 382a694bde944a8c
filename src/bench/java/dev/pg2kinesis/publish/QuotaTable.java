package dev.pg2kinesis.publish;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How much of a stream's quota the queue uses, in virtual time. Arguments: {@code all}, {@code hot}
 * or {@code odd}; for {@code all} then lists of shard counts, change sizes, packings, orderings and
 * stored seconds.
 */
final class QuotaTable {

  private QuotaTable() {}

  public static void main(String[] arguments) {
    switch (arguments[0]) {
      case "all" -> all(arguments);
      case "hot" -> hot();
      case "odd" -> odd();
      default -> throw new IllegalArgumentException("expected all, hot or odd");
    }
  }

  private static void all(String[] arguments) {
    System.out.println(
        "| shards | change | packing | ordering | stored | of the quota | refused | records | calls |");
    System.out.println("|---|---|---|---|---|---|---|---|---|");
    for (String shards : list(arguments[1])) {
      for (String bytes : list(arguments[2])) {
        for (String packing : list(arguments[3])) {
          for (String ordering : list(arguments[4])) {
            for (String stored : list(arguments[5])) {
              QuotaRun.Result result =
                  QuotaRun.of(
                      new QuotaRun.Load(
                          Integer.parseInt(shards),
                          Integer.parseInt(bytes),
                          Packing.valueOf(packing.toUpperCase(Locale.ROOT)),
                          Ordering.valueOf(ordering.toUpperCase(Locale.ROOT)),
                          Double.parseDouble(stored)));
              System.out.printf(
                  "| %s | %s B | %s | %s | %s s | %.1f %% | %.1f %% | %d | %d |%n",
                  shards,
                  bytes,
                  packing,
                  ordering,
                  stored,
                  100 * result.used(),
                  100 * result.refused(),
                  result.records(),
                  result.calls());
            }
          }
        }
      }
    }
  }

  private static List<String> list(String text) {
    return Arrays.asList(text.split(",", -1));
  }

  /** What a hot key costs in either ordering. */
  private static void hot() {
    System.out.println("| changes of one key | packing | replay, s | strict, s |");
    System.out.println("|---|---|---|---|");
    for (Packing packing : Packing.values()) {
      for (double share : new double[] {0, 0.01, 0.1, 1}) {
        System.out.printf(
            "| %.0f %% | %s | %.1f | %.1f |%n",
            100 * share,
            packing.settingName(),
            hot(packing, Ordering.REPLAY, share).seconds(),
            hot(packing, Ordering.STRICT, share).seconds());
      }
    }
  }

  private static QuotaRun.Result hot(Packing packing, Ordering ordering, double share) {
    return QuotaRun.of(
        new QuotaRun.Load(4, 560, packing, ordering, 0.25).withChanges(32_000).withHotShare(share));
  }

  /** Lanes that are not shards, shards that are not known, and what else happens to a stream. */
  private static void odd() {
    System.out.println(
        "| 4 shards, 560 B | packing | stored | s | of the quota | refused | calls |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (Packing packing : Packing.values()) {
      for (double stored : new double[] {0.25, 1}) {
        QuotaRun.Load load = new QuotaRun.Load(4, 560, packing, Ordering.REPLAY, stored);
        Map<String, QuotaRun.Load> loads = new LinkedHashMap<>();
        loads.put("4 lanes", load);
        loads.put("1 lane", load.withLanes(1));
        loads.put("3 lanes", load.withLanes(3));
        loads.put("64 lanes", load.withLanes(64));
        loads.put("number of shards unknown", load.undescribed());
        loads.put("others use half for 3 s", load.with(QuotaRun.World.withOthers(4, 5)));
        loads.put("others use 90 % for 3 s", load.with(QuotaRun.World.withOthers(4, 9)));
        loads.put("split in two after 3 s", load.with(QuotaRun.World.resharding(true)));
        loads.put("merged in pairs after 3 s", load.with(QuotaRun.World.resharding(false)));
        loads.forEach(
            (what, odd) -> {
              QuotaRun.Result result = QuotaRun.of(odd);
              System.out.printf(
                  "| %s | %s | %s s | %.1f | %.1f %% | %.1f %% | %d |%n",
                  what,
                  packing.settingName(),
                  stored,
                  result.seconds(),
                  100 * result.used(),
                  100 * result.refused(),
                  result.calls());
            });
      }
    }
  }
}
