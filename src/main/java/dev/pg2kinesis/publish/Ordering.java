package dev.pg2kinesis.publish;

/** How the order of a partition key holds while Kinesis refuses single records of a request. */
public enum Ordering {
  /**
   * A request holds as many records of a key as there are. If one fails, it and every later record
   * of its key are sent again, in order. A consumer may then see a key's versions 1, 3, 2, 3. If it
   * applies all of them, it ends with the newest. If it drops every version that is not newer, by
   * {@code (commit LSN, ordinal)}, than the newest it has seen of the key, it never goes back to an
   * older version, but never sees version 2. A consumer that must see every version in order needs
   * {@link #STRICT}.
   */
  REPLAY("replay"),
  /**
   * A record is sent only after the earlier records of its key are acknowledged. The first
   * deliveries of a key are in order and complete; a consumer that drops what is not newer drops
   * only duplicates. The rate of one key is at most one record per round trip.
   */
  STRICT("strict");

  private final String settingName;

  Ordering(String settingName) {
    this.settingName = settingName;
  }

  /** The name in the setting {@code ORDERING}. */
  public String settingName() {
    return settingName;
  }
}
