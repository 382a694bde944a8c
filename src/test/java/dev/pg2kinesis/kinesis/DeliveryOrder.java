package dev.pg2kinesis.kinesis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the versions 0, 1, 2, … of each key as they are delivered and tells what is missing or
 * out of order. Remembers a few numbers per key, however many deliveries there are.
 */
public final class DeliveryOrder {

  private final Map<String, Key> keys = new HashMap<>();
  private long deliveries;

  /** One version of a key has arrived. */
  public void delivered(String key, long version) {
    deliveries++;
    keys.computeIfAbsent(key, k -> new Key()).delivered(version);
  }

  public long deliveries() {
    return deliveries;
  }

  /** Whether all versions of a key up to this one have arrived, last of all in order. */
  public boolean isSettled(String key, long version) {
    Key seen = keys.get(key);
    return seen != null && seen.reached >= version;
  }

  /**
   * How often a version arrived while one before it had never arrived: 0 means that first
   * deliveries are in order.
   */
  public long skips() {
    return keys.values().stream().mapToLong(key -> key.skips).sum();
  }

  /**
   * Keys of which not all versions have arrived, or not last of all in order: a consumer that
   * applies all it gets does not end with the newest version, or has missed one.
   *
   * @param sent for each key how many versions were sent
   */
  public List<String> unsettled(Map<String, Long> sent) {
    List<String> unsettled = new ArrayList<>();
    sent.forEach(
        (key, versions) -> {
          Key seen = keys.getOrDefault(key, new Key());
          if (seen.reached != versions - 1 || seen.newest != versions - 1) {
            unsettled.add(
                key
                    + ": sent "
                    + versions
                    + ", in order "
                    + (seen.reached + 1)
                    + ", newest "
                    + seen.newest);
          }
        });
    return unsettled;
  }

  /**
   * Keys whose newest version has not arrived, or that have other versions than were sent. With no
   * {@link #skips()}, none means that nothing is lost and that dropping what is not newer leaves
   * exactly what was sent.
   */
  public List<String> unfinished(Map<String, Long> sent) {
    List<String> unfinished = new ArrayList<>();
    sent.forEach(
        (key, versions) -> {
          long newest = keys.getOrDefault(key, new Key()).newest;
          if (newest != versions - 1) {
            unfinished.add(key + ": sent " + versions + ", newest " + newest);
          }
        });
    keys.keySet().stream().filter(key -> !sent.containsKey(key)).forEach(unfinished::add);
    return unfinished;
  }

  private static final class Key {

    private long newest = -1;

    /** How far versions have arrived in order since the last time an older one came again. */
    private long reached = -1;

    private long skips;

    void delivered(long version) {
      if (version > newest) {
        skips += version > newest + 1 ? 1 : 0;
        newest = version;
      }
      if (version <= reached + 1) {
        reached = version;
      }
    }
  }
}
