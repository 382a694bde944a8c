package dev.pg2kinesis.kinesis;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream in memory: shards with quotas, splits and merges, and what was put, in order. The clock
 * is an argument. One lock; what is observed is observed in the order of arrival.
 */
public final class FakeStream {

  static final String THROTTLED = "ProvisionedThroughputExceededException";

  private static final BigInteger HASH_KEYS = BigInteger.ONE.shiftLeft(128);

  private final Settings settings;
  private final MessageDigest md5 = newMd5();
  private final List<FakeShard> shards = new ArrayList<>();
  private final TreeMap<BigInteger, FakeShard> open = new TreeMap<>();
  private Consumer<Delivery> observer = delivery -> {};
  private String status = "ACTIVE";
  private long sequence;
  private long throttledEntries;

  public FakeStream(int shardCount, Settings settings, long nowNanos) {
    this.settings = settings;
    BigInteger count = BigInteger.valueOf(shardCount);
    for (int i = 0; i < shardCount; i++) {
      BigInteger from = HASH_KEYS.multiply(BigInteger.valueOf(i)).divide(count);
      BigInteger to = HASH_KEYS.multiply(BigInteger.valueOf(i + 1)).divide(count);
      openShard(from, to.subtract(BigInteger.ONE), List.of(), nowNanos);
    }
  }

  /**
   * How a stream behaves.
   *
   * @param storedSeconds the seconds' quota that an idle shard stores; 0 for no quotas
   * @param maxRecordBytes the largest record, partition key included; whole KiB
   * @param keeps whether records are kept to be read; otherwise they are only observed
   */
  public record Settings(double storedSeconds, int maxRecordBytes, boolean keeps) {

    /** No quotas, records of up to 1 MiB, kept. */
    public static final Settings PLAIN = new Settings(0, 1 << 20, true);
  }

  /** An entry of a request. */
  public record Put(String partitionKey, @Nullable String explicitHashKey, byte[] data) {

    int size() {
      return data.length + partitionKey.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /** What became of an entry: its place, or why it has none. */
  public record Outcome(String shardId, String sequenceNumber, @Nullable String errorCode) {}

  /** Called with each record that is taken, in order. */
  public synchronized void observe(Consumer<Delivery> newObserver) {
    observer = newObserver;
  }

  /** Puts the entries of a request, each for itself, as the service does. */
  public synchronized List<Outcome> put(List<Put> entries, Faults faults, long nowNanos) {
    List<Outcome> outcomes = new ArrayList<>(entries.size());
    for (Put entry : entries) {
      outcomes.add(put(entry, faults, nowNanos));
    }
    return outcomes;
  }

  private Outcome put(Put entry, Faults faults, long nowNanos) {
    FakeShard shard = Objects.requireNonNull(open.floorEntry(hashKey(entry))).getValue();
    String error = faults.nextEntry();
    if (error == null && shard.quota != null && !shard.quota.take(entry.size(), nowNanos)) {
      error = THROTTLED;
    }
    if (error != null) {
      throttledEntries++;
      return new Outcome(shard.id(), "", error);
    }
    Delivery delivery =
        new Delivery(
            shard.id(),
            shard.from,
            shard.to,
            Long.toString(++sequence),
            entry.partitionKey(),
            entry.data(),
            System.currentTimeMillis());
    shard.put++;
    if (settings.keeps()) {
      shard.deliveries.add(delivery);
    }
    observer.accept(delivery);
    return new Outcome(delivery.shardId(), delivery.sequenceNumber(), null);
  }

  private BigInteger hashKey(Put entry) {
    return entry.explicitHashKey() == null
        ? new BigInteger(1, md5.digest(entry.partitionKey().getBytes(StandardCharsets.UTF_8)))
        : new BigInteger(entry.explicitHashKey());
  }

  private static MessageDigest newMd5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Halves the open shard with the n-th lowest hash keys, counted from 0. */
  public synchronized void split(int n, long nowNanos) {
    FakeShard shard = openShards().get(n);
    if (shard.from.equals(shard.to)) {
      throw new IllegalArgumentException("a shard with a single hash key cannot be split");
    }
    BigInteger middle = shard.from.add(shard.to).shiftRight(1);
    close(shard);
    openShard(shard.from, middle, List.of(shard), nowNanos);
    openShard(middle.add(BigInteger.ONE), shard.to, List.of(shard), nowNanos);
  }

  /** Merges the open shard with the n-th lowest hash keys with the next one. */
  public synchronized void merge(int n, long nowNanos) {
    FakeShard low = openShards().get(n);
    FakeShard high = openShards().get(n + 1);
    close(low);
    close(high);
    openShard(low.from, high.to, List.of(low, high), nowNanos);
  }

  private void openShard(BigInteger from, BigInteger to, List<FakeShard> parents, long nowNanos) {
    ShardQuota quota =
        settings.storedSeconds() == 0 ? null : new ShardQuota(settings.storedSeconds(), nowNanos);
    FakeShard shard = new FakeShard(shards.size(), from, to, parents, quota);
    shards.add(shard);
    open.put(from, shard);
  }

  private void close(FakeShard shard) {
    shard.open = false;
    open.remove(shard.from);
  }

  /** How many shards take records. */
  public synchronized int openShardCount() {
    return open.size();
  }

  /** {@code ACTIVE}, unless set otherwise. */
  public synchronized String status() {
    return status;
  }

  public synchronized void setStatus(String newStatus) {
    status = newStatus;
  }

  /** How many entries were refused so far, for the quota or by a fault. */
  public synchronized long throttledEntries() {
    return throttledEntries;
  }

  /** How many records each open shard has taken, by hash key. */
  public synchronized List<Long> recordsByShard() {
    return openShards().stream().map(shard -> shard.put).toList();
  }

  Settings settings() {
    return settings;
  }

  synchronized List<FakeShard> openShards() {
    return new ArrayList<>(open.values());
  }

  synchronized List<FakeShard> shards() {
    return new ArrayList<>(shards);
  }

  synchronized List<Delivery> read(FakeShard shard, int from, int limit) {
    int to = Math.min(shard.deliveries.size(), from + limit);
    return from >= to ? List.of() : new ArrayList<>(shard.deliveries.subList(from, to));
  }

  synchronized Map<String, FakeShard> shardsById() {
    Map<String, FakeShard> byId = new TreeMap<>();
    shards.forEach(shard -> byId.put(shard.id(), shard));
    return byId;
  }
}
