package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes each record to its stream, and counts what all streams together have acknowledged: the
 * longest prefix of the records over all streams. Each stream has its own queue, lanes, quotas and
 * retries. Two bounds tie the streams together: the bytes that wait for each are limited, and no
 * stream is more than {@value #RUN_AHEAD} records ahead of another. So a stream that takes nothing
 * holds the others back, and memory stays bounded.
 */
public final class RoutedPublisher implements Publisher {

  /** The records that may be taken after the first one that is not acknowledged. A power of two. */
  static final int RUN_AHEAD = 1 << 16;

  /** After this many records, look whether a stream has stopped. */
  private static final int CHECK_EVERY = 64;

  private final List<Stream> streams;
  private final int[] route;
  private final long pendingBytes;

  /** For each record after the prefix, in a ring, the index of its stream. */
  private final byte[] order = new byte[RUN_AHEAD];

  private long taken;
  private long prefix;

  /** A stream, and how far the others have got with it. */
  private static final class Stream {
    private final String name;
    private final StreamPublisher publisher;

    /** How many of its records are in the prefix. */
    private long passed;

    private @Nullable PublishException failure;
    private @Nullable PublishException named;

    Stream(String name, StreamPublisher publisher) {
      this.name = name;
      this.publisher = publisher;
    }

    /** The failure with the stream's name; one failure is one exception, however often thrown. */
    PublishException named(PublishException e) {
      PublishException known = named;
      if (known == null || failure != e) {
        failure = e;
        known = e.at(name);
        named = known;
      }
      return known;
    }
  }

  /**
   * @param publishers the publisher of each stream, by the stream's name or ARN
   * @param route for each number that a record can name, the index of its stream in {@code
   *     publishers}
   * @param pendingBytes the bytes that may wait for each stream; a larger record is taken when
   *     nothing else waits
   */
  public RoutedPublisher(
      Map<String, ? extends StreamPublisher> publishers, List<Integer> route, long pendingBytes) {
    List<Stream> all = new ArrayList<>();
    publishers.forEach((name, publisher) -> all.add(new Stream(name, publisher)));
    this.streams = List.copyOf(all);
    this.route = route.stream().mapToInt(Integer::intValue).toArray();
    this.pendingBytes = pendingBytes;
  }

  @Override
  public void publish(StreamRecord record) {
    if (taken % CHECK_EVERY == 0) {
      failIfStopped();
    }
    if (taken - prefix == RUN_AHEAD && acknowledged() == taken - RUN_AHEAD) {
      Stream slowest = streams.get(order[slot(prefix)]);
      in(slowest, StreamPublisher::flush);
      acknowledged();
    }
    if (record.size() > pendingBytes) {
      flush();
    }
    int to = route[record.stream()];
    in(streams.get(to), publisher -> publisher.publish(record));
    order[slot(taken++)] = (byte) to;
  }

  private static int slot(long index) {
    return (int) (index & RUN_AHEAD - 1);
  }

  /** What one stream does not take is not worth sending past it: it would be sent again. */
  private void failIfStopped() {
    for (Stream stream : streams) {
      PublishException failure = stream.publisher.failure();
      if (failure != null) {
        throw stream.named(failure);
      }
    }
  }

  private static void in(Stream stream, Consumer<StreamPublisher> action) {
    try {
      action.accept(stream.publisher);
    } catch (PublishException e) {
      throw stream.named(e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>If one stream fails, the others are still waited for: what they acknowledge of the records
   * before the first one that failed lets the slot advance.
   */
  @Override
  public void flush() {
    streams.forEach(stream -> stream.publisher.urge());
    PublishException first = null;
    for (Stream stream : streams) {
      try {
        in(stream, StreamPublisher::flush);
      } catch (PublishException e) {
        first = first == null || saysMore(e, first) ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static boolean saysMore(PublishException one, PublishException other) {
    return other.code() == PublishException.Code.DEADLINE
        && one.code() != PublishException.Code.DEADLINE;
  }

  @Override
  public long acknowledged() {
    long[] acknowledged = new long[streams.size()];
    for (int i = 0; i < acknowledged.length; i++) {
      acknowledged[i] = streams.get(i).publisher.acknowledged();
    }
    while (prefix < taken) {
      int next = order[slot(prefix)];
      Stream stream = streams.get(next);
      if (stream.passed == acknowledged[next]) {
        break;
      }
      stream.passed++;
      prefix++;
    }
    return prefix;
  }

  @Override
  public Totals totals() {
    long records = 0;
    long bytes = 0;
    long retried = 0;
    Map<String, Totals> each = new LinkedHashMap<>();
    for (Stream stream : streams) {
      Totals totals = stream.publisher.totals();
      records += totals.records();
      bytes += totals.bytes();
      retried += totals.retriedRecords();
      each.put(stream.name, totals);
    }
    return new Totals(records, bytes, retried, each);
  }

  @Override
  public void close() {
    streams.forEach(stream -> stream.publisher.stop());
    streams.forEach(stream -> stream.publisher.close());
  }
}
