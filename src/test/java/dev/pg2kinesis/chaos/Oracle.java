package dev.pg2kinesis.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.chaos.Plan.Setup;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.Delivery;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * Says whether a stream is right: everything that a slot that was never advanced says is there,
 * with the same bytes and nothing else; each key is in order; and a consumer ends at the source.
 */
final class Oracle {

  private static final int MOST = 5;

  private final Setup setup;
  private final List<StreamRecord> control;
  private final List<Delivery> stream;
  private final List<String> violations = new ArrayList<>();
  private int lost;
  private int disorder;
  private int delivered;

  /**
   * @param control what should be delivered, in the order of the commits
   * @param stream what was, in the order of arrival
   */
  Oracle(Setup setup, List<StreamRecord> control, List<Delivery> stream) {
    this.setup = setup;
    this.control = control;
    this.stream = stream;
  }

  /**
   * What a stream showed.
   *
   * @param changes records that should be delivered
   * @param delivered changes that were, repeats included
   * @param lost changes that were not
   * @param disorder keys that were not in order
   * @param violations what is wrong, at most a few of each kind
   */
  record Findings(int changes, int delivered, int lost, int disorder, List<String> violations) {}

  /** A change that should be delivered, and which of its key it is. */
  private record Expected(String key, int rank) {}

  /**
   * Looks at all of it.
   *
   * @param overlapped whether records of an earlier run could arrive after those of a later one
   */
  Findings findings(boolean overlapped, Admin source) {
    List<String> changes = unpacked();
    compareWithControl(changes, overlapped);
    if (Event.readable(setup.format())) {
      compareWithSource(changes, overlapped, source);
    }
    return found();
  }

  /** The same without the tables. */
  Findings findingsOfStream(boolean overlapped) {
    compareWithControl(unpacked(), overlapped);
    return found();
  }

  private Findings found() {
    return new Findings(control.size(), delivered, lost, disorder, violations);
  }

  private List<String> unpacked() {
    List<String> changes = new ArrayList<>();
    for (Delivery delivery : stream) {
      unpack(delivery, changes);
    }
    delivered = changes.size();
    return changes;
  }

  private void violation(String text) {
    if (violations.size() < MOST) {
      violations.add(text);
    }
  }

  private void unpack(Delivery delivery, List<String> changes) {
    if (setup.packing() == Packing.KPL) {
      KinesisClientRecord aggregate =
          KinesisClientRecord.builder()
              .partitionKey(delivery.partitionKey())
              .sequenceNumber(delivery.sequenceNumber())
              .approximateArrivalTimestamp(Instant.EPOCH)
              .data(ByteBuffer.wrap(delivery.data()))
              .build();
      for (KinesisClientRecord each :
          new AggregatorUtil()
              .deaggregate(List.of(aggregate), delivery.shardFrom(), delivery.shardTo())) {
        changes.add(UTF_8.decode(each.data().duplicate()).toString());
      }
    } else if (setup.packing() == Packing.LINES) {
      changes.addAll(lines(new String(delivery.data(), UTF_8), setup.format() == Format.CSV));
    } else {
      changes.add(new String(delivery.data(), UTF_8));
    }
  }

  /**
   * The changes of a record packed as lines.
   *
   * @param csv whether a line break in quotes is part of a change
   */
  static List<String> lines(String text, boolean csv) {
    List<String> lines = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && csv) {
        quoted = !quoted;
      } else if (c == '\n' && !quoted) {
        lines.add(text.substring(start, i));
        start = i + 1;
      }
    }
    lines.add(text.substring(start));
    return lines;
  }

  private void compareWithControl(List<String> changes, boolean overlapped) {
    Map<String, List<Expected>> expected = new HashMap<>();
    Map<String, Integer> ranks = new HashMap<>();
    for (StreamRecord made : control) {
      String text = new String(made.payload(), UTF_8);
      Expected next =
          new Expected(made.partitionKey(), ranks.merge(made.partitionKey(), 1, Integer::sum) - 1);
      expected.computeIfAbsent(text, t -> new ArrayList<>()).add(next);
    }
    Map<String, Integer> counts = new HashMap<>();
    Map<String, Map<Integer, Integer>> lastArrival = new LinkedHashMap<>();
    Map<String, Integer> newest = new HashMap<>();
    Set<String> skipped = new HashSet<>();
    for (int i = 0; i < changes.size(); i++) {
      String text = changes.get(i);
      List<Expected> places = expected.get(text);
      if (places == null) {
        violation("no committed change has these bytes: " + brief(text));
        continue;
      }
      counts.merge(text, 1, Integer::sum);
      if (places.size() == 1) { // which of several equal ones it is, nobody can tell
        Expected place = places.get(0);
        lastArrival.computeIfAbsent(place.key(), k -> new HashMap<>()).put(place.rank(), i);
        int before = newest.getOrDefault(place.key(), -1);
        if (place.rank() > before + 1) {
          skipped.add(place.key());
        }
        newest.merge(place.key(), place.rank(), Math::max);
      }
    }
    expected.forEach(
        (text, places) -> {
          int missing = places.size() - counts.getOrDefault(text, 0);
          if (missing > 0) {
            lost += missing;
            violation("lost: " + brief(text));
          }
        });
    boolean unique = expected.values().stream().allMatch(places -> places.size() == 1);
    if (unique && setup.ordering() == Ordering.STRICT) {
      skipped.forEach(key -> disordered("a change of key " + key + " came before an earlier one"));
    }
    if (!overlapped) {
      lastArrival.forEach(this::checkSettled);
    }
  }

  private void disordered(String text) {
    disorder++;
    violation(text);
  }

  /** The last arrivals of a key's changes are in order: what came too early came again. */
  private void checkSettled(String key, Map<Integer, Integer> lastArrivals) {
    int before = -1;
    for (Map.Entry<Integer, Integer> arrival : new TreeMap<>(lastArrivals).entrySet()) {
      if (arrival.getValue() < before) {
        disordered(
            "change "
                + arrival.getKey()
                + " of key "
                + key
                + " did not come again after earlier ones");
        return;
      }
      before = arrival.getValue();
    }
  }

  private void compareWithSource(List<String> changes, boolean overlapped, Admin source) {
    boolean positions = Event.hasPosition(setup.format());
    boolean oneKeyOneRow = setup.partitionKey() != PartitionKey.TRANSACTION;
    if (!positions && (overlapped || !oneKeyOneRow)) {
      return; // nothing in these records tells old from new
    }
    TableCopies copies = new TableCopies(positions);
    changes.forEach(text -> copies.apply(Event.read(setup.format(), text)));
    copies.differences(source).forEach(this::violation);
  }

  private static String brief(String text) {
    return text.length() > 400 ? text.substring(0, 400) + "…" : text;
  }
}
