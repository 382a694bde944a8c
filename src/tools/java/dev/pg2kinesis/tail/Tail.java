package dev.pg2kinesis.tail;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.utils.BinaryUtils;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * Prints what is on a stream. Parents before children, so that after a resharding the changes of a
 * key still come in order.
 */
public final class Tail {

  /** Kinesis allows five reads of a shard a second. */
  private static final Duration BETWEEN_READS = Duration.ofMillis(500);

  private final Options options;
  private final KinesisClient client;
  private final PrintStream out;
  private final Map<String, Shard> shards = new HashMap<>();
  private final Map<String, String> iterators = new HashMap<>();
  private final Set<String> finished = new HashSet<>();
  private long printed;

  private Tail(Options options, KinesisClient client, PrintStream out) {
    this.options = options;
    this.client = client;
    this.out = out;
  }

  /** The command; see {@code scripts/tail --help}. */
  public static void main(String[] arguments) throws InterruptedException {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
    try {
      Options options = Options.parse(List.of(arguments));
      try (KinesisClient client = KinesisClient.create()) {
        new Tail(options, client, out).run();
      }
    } catch (Options.UsageException e) {
      System.err.println("tail: " + e.getMessage() + "; see scripts/tail --help");
      System.exit(2);
    } catch (SdkException e) {
      System.err.println("tail: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run() throws InterruptedException {
    list();
    boolean behind = true;
    while (printed < options.count() && (options.follow() || behind)) {
      behind = false;
      for (String shard : readable()) {
        behind |= read(shard);
      }
      if (!behind && options.follow()) {
        Thread.sleep(BETWEEN_READS.toMillis());
      }
    }
  }

  private void list() {
    String next = null;
    do {
      String token = next;
      var page =
          client.listShards(
              r -> {
                if (token == null) {
                  r.streamName(options.stream());
                } else {
                  r.nextToken(token);
                }
              });
      page.shards().forEach(shard -> shards.put(shard.shardId(), shard));
      next = page.nextToken();
    } while (next != null);
  }

  /** Shards whose parents are read to their ends, or are gone. */
  private List<String> readable() {
    List<String> readable = new ArrayList<>();
    for (Shard shard : shards.values()) {
      if (!finished.contains(shard.shardId())
          && isDone(shard.parentShardId())
          && isDone(shard.adjacentParentShardId())) {
        readable.add(shard.shardId());
      }
    }
    readable.sort(null);
    return readable;
  }

  private boolean isDone(@Nullable String parent) {
    return parent == null || finished.contains(parent) || !shards.containsKey(parent);
  }

  /** Reads once; returns whether there may be more right now. */
  private boolean read(String shard) {
    String iterator = iterators.computeIfAbsent(shard, this::firstIterator);
    GetRecordsResponse response = client.getRecords(r -> r.shardIterator(iterator));
    for (Record found : response.records()) {
      print(shard, found);
    }
    String next = response.nextShardIterator();
    if (next == null) {
      finished.add(shard);
      children(response.childShards());
      return true;
    }
    iterators.put(shard, next);
    Long behind = response.millisBehindLatest();
    return !response.records().isEmpty() || (behind != null && behind > 0);
  }

  /** What a shard was split or merged into is read from its start, or it would have a gap. */
  private void children(List<ChildShard> children) {
    if (!children.isEmpty()) {
      list();
    }
  }

  private String firstIterator(String shard) {
    Shard described = shards.get(shard);
    boolean follows =
        described != null
            && described.parentShardId() != null
            && finished.contains(described.parentShardId());
    ShardIteratorType from =
        options.fromStart() || follows ? ShardIteratorType.TRIM_HORIZON : ShardIteratorType.LATEST;
    return client
        .getShardIterator(
            r -> r.streamName(options.stream()).shardId(shard).shardIteratorType(from))
        .shardIterator();
  }

  private void print(String shard, Record found) {
    Shard described = shards.get(shard);
    if (described == null) {
      throw new IllegalStateException("shard " + shard + " is not listed");
    }
    // An aggregate with a key outside the shard's range is dropped whole, as the Kinesis Client
    // Library does.
    List<KinesisClientRecord> records =
        new AggregatorUtil()
            .deaggregate(
                List.of(KinesisClientRecord.fromRecord(found)),
                new BigInteger(described.hashKeyRange().startingHashKey()),
                new BigInteger(described.hashKeyRange().endingHashKey()));
    for (KinesisClientRecord each : records) {
      String text = new String(BinaryUtils.copyAllBytesFrom(each.data()), UTF_8);
      for (String line : text.lines().toList()) {
        if (printed < options.count()) {
          out.println(
              options.withKeys()
                  ? shard + "\t" + found.sequenceNumber() + "\t" + each.partitionKey() + "\t" + line
                  : line);
          printed++;
        }
      }
    }
  }
}
