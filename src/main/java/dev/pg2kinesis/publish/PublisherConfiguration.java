package dev.pg2kinesis.publish;

/**
 * How to publish.
 *
 * @param ordering what the order of a key means
 * @param packing how changes become records
 * @param lanes number of lanes, at most 256; 0: one for each open shard
 * @param maxPendingBytes how many bytes of records, with keys and bookkeeping, may wait for
 *     acknowledgement before {@code publish} blocks
 */
public record PublisherConfiguration(
    Ordering ordering, Packing packing, int lanes, long maxPendingBytes) {

  /** As many lanes as the stream has shards. */
  public static final int LANES_BY_SHARDS = 0;

  /** Lanes of a stream that may not be described: enough for 16 shards to be busy at once. */
  private static final int UNKNOWN_STREAM_LANES = 16;

  /** Enough for several requests on their way and the next ones ready. */
  public static final long DEFAULT_PENDING_BYTES = 24L << 20;

  /** Checks the ranges. */
  public PublisherConfiguration {
    if (lanes < 0 || lanes > KeyGroup.COUNT) {
      throw new IllegalArgumentException(
          "expected 0 (by shards) to " + KeyGroup.COUNT + " lanes, found " + lanes);
    }
    if (maxPendingBytes < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 pending byte, found " + maxPendingBytes);
    }
  }

  /**
   * The number of lanes to a stream.
   *
   * @param openShards 0 if that is not known
   */
  int lanesTo(int openShards) {
    if (lanes != LANES_BY_SHARDS) {
      return lanes;
    }
    return openShards == 0 ? UNKNOWN_STREAM_LANES : Math.min(KeyGroup.COUNT, openShards);
  }

  /** Replay order, one change per record, a lane per shard, 24 MiB pending. */
  public static PublisherConfiguration defaults() {
    return new PublisherConfiguration(
        Ordering.REPLAY, Packing.NONE, LANES_BY_SHARDS, DEFAULT_PENDING_BYTES);
  }

  public PublisherConfiguration withOrdering(Ordering other) {
    return new PublisherConfiguration(other, packing, lanes, maxPendingBytes);
  }

  public PublisherConfiguration withPacking(Packing other) {
    return new PublisherConfiguration(ordering, other, lanes, maxPendingBytes);
  }

  public PublisherConfiguration withLanes(int other) {
    return new PublisherConfiguration(ordering, packing, other, maxPendingBytes);
  }

  public PublisherConfiguration withMaxPendingBytes(long other) {
    return new PublisherConfiguration(ordering, packing, lanes, other);
  }
}
