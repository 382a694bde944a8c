package dev.pg2kinesis.publish;

/** What the order of a partition key means while Kinesis refuses single records of a request. */
public enum Ordering {
  /**
   * A request holds as many records of a key as there are. If one fails, it and every later record
   * of its key are sent again, in order. A consumer may then see a key's versions 1, 3, 2, 3: it
   * ends with the newest if it applies what it gets, and never goes back to an older version if it
   * drops what is not newer, by {@code (commit LSN, ordinal)}, than the newest it has seen of the
   * key, though it then passes over version 2. One that must see every version in order needs
   * {@link #STRICT}.
   */
  REPLAY("replay"),
  /**
   * A key is in a request at most once and never ahead of an unacknowledged earlier record. First
   * deliveries of a key are in order and complete; what a consumer drops as not newer is only ever
   * a duplicate. A key's rate is then at most one record per round trip.
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
