package dev.pg2kinesis.publish;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.PublishException.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Publishes to a Kinesis stream. The caller's thread only queues; a few threads of its own build,
 * sign and send the requests. {@link Lanes} decides what may be sent when; this class adds the
 * threads, the lock and the waiting.
 */
public final class KinesisPublisher implements Publisher {

  /** Lanes of a stream that may not be described. */
  private static final int UNKNOWN_STREAM_LANES = 16;

  /** Objects and references around a change's bytes while it waits, roughly, per change. */
  private static final int HELD_OVERHEAD = 200;

  /** How often a waiting thread looks at the deadline. */
  private static final long DEADLINE_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How many changes are queued between two looks at whether another request is full. */
  private static final int SCAN_EVERY = 64;

  /** How long closing waits for calls that are on their way. */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final KinesisStream stream;
  private final StreamDescription description;
  private final PublisherConfiguration configuration;
  private final LongSupplier remainingMillis;
  private final LongSupplier nanoTime;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final Lanes lanes;
  private final List<Thread> senders = new ArrayList<>();
  private long published;
  private int idleSenders;
  private @Nullable Thread watcher;
  private boolean callerWaits;
  private boolean closed;
  private @Nullable PublishException stop;
  private @Nullable Failure lastFailure;

  KinesisPublisher(
      KinesisStream stream,
      StreamDescription description,
      PublisherConfiguration configuration,
      Pacing pacing,
      LongSupplier remainingMillis,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.stream = stream;
    this.description = description;
    this.configuration = configuration;
    this.remainingMillis = remainingMillis;
    this.nanoTime = nanoTime;
    this.lanes =
        new Lanes(
            configuration,
            pacing,
            laneCount(),
            description.maxRecordBytes(),
            nanoTime.getAsLong(),
            random);
  }

  private int laneCount() {
    if (configuration.lanes() != PublisherConfiguration.LANES_BY_SHARDS) {
      return configuration.lanes();
    }
    int shards = description.openShards();
    return shards == 0 ? UNKNOWN_STREAM_LANES : Math.min(KeyGroup.COUNT, shards);
  }

  /**
   * Describes the stream and makes a publisher to it. The stream stays open when the publisher is
   * closed.
   *
   * @param remainingMillis the milliseconds that are left to publish in; asked often, from several
   *     threads
   * @throws PublishException if the stream takes no records
   */
  public static KinesisPublisher open(
      KinesisStream stream, PublisherConfiguration configuration, LongSupplier remainingMillis) {
    RandomGenerator random = new SplittableRandom();
    StreamDescription description =
        Description.of(stream, remainingMillis, random, LockSupport::parkNanos);
    return new KinesisPublisher(
        stream,
        description,
        configuration,
        Pacing.DEFAULT,
        remainingMillis,
        System::nanoTime,
        random);
  }

  /** What the stream was like when the publisher was opened. */
  public StreamDescription description() {
    return description;
  }

  /** The most bytes a change's payload and its partition key in UTF-8 may have together. */
  public int maxRecordBytes() {
    return description.maxRecordBytes() - Lanes.packingOverhead(configuration.packing());
  }

  @Override
  public void publish(StreamRecord record) {
    int size = checkedSize(record);
    long held = (long) size + HELD_OVERHEAD;
    lock.lock();
    try {
      check();
      while (lanes.held() > 0 && lanes.held() + held > configuration.heldBytes()) {
        awaitProgress();
      }
      lanes.add(record, size, held);
      published++;
      // A scan of the lanes for each change would cost more than queueing it.
      if (lanes.inFlight() == 0 || published % SCAN_EVERY == 0) {
        wakeSender();
      }
    } finally {
      lock.unlock();
    }
  }

  private int checkedSize(StreamRecord record) {
    String key = record.partitionKey();
    int keyCharacters = key.codePointCount(0, key.length());
    if (keyCharacters < 1 || keyCharacters > Limits.KEY_CHARACTERS) {
      throw new IllegalArgumentException(
          "expected a partition key of 1 to "
              + Limits.KEY_CHARACTERS
              + " characters, found "
              + keyCharacters);
    }
    long size = (long) record.payload().length + Utf8.length(key);
    if (size > maxRecordBytes()) {
      throw new PublishException(
          Code.RECORD_TOO_LARGE,
          "the change "
              + record.ordinal()
              + " of the transaction that ends at "
              + record.commitLsn()
              + " has "
              + size
              + " bytes with its key, the stream takes "
              + maxRecordBytes(),
          null);
    }
    return (int) size;
  }

  /** Has another sender look for work, if there is work for one, now or after a pause. */
  private void wakeSender() {
    if (!isWorkForAnother()) {
      return;
    }
    if (idleSenders > 0) {
      work.signal();
    } else if (senders.size() < KinesisStream.CONNECTIONS) {
      Thread sender = new Thread(this::sendUntilClosed, "kinesis-" + senders.size());
      sender.setDaemon(true);
      senders.add(sender);
      sender.start();
    }
  }

  private boolean isWorkForAnother() {
    long now = nanoTime.getAsLong();
    if (!sendsEagerly()) {
      return lanes.ready(now) >= Limits.REQUEST_RECORDS;
    }
    long nanos = lanes.nanosUntilReady(now);
    return nanos == 0 || (nanos < Long.MAX_VALUE && watcher == null);
  }

  /** What is ready goes at once while the caller waits for it or nothing else is on its way. */
  private boolean sendsEagerly() {
    return callerWaits || lanes.inFlight() == 0;
  }

  @Override
  public void flush() {
    lock.lock();
    try {
      check();
      while (!lanes.isIdle()) {
        awaitProgress();
      }
    } finally {
      lock.unlock();
    }
  }

  private void check() {
    if (stop != null) {
      throw stop;
    }
    if (closed) {
      throw new IllegalStateException("the publisher is closed");
    }
    if (remainingMillis.getAsLong() <= 0) {
      throw new PublishException(
          Code.DEADLINE,
          "the run's time is used up"
              + (lastFailure == null ? "" : "; the last failure was: " + lastFailure.reason()),
          null);
    }
  }

  @SuppressWarnings("WaitNotInLoop") // Its callers loop until what they wait for is there.
  private void awaitProgress() {
    callerWaits = true;
    try {
      wakeSender();
      progress.awaitNanos(DEADLINE_CHECK_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PublishException(Code.STREAM_FAILED, "publishing was interrupted", e);
    } finally {
      callerWaits = false;
    }
    check();
  }

  private void sendUntilClosed() {
    lock.lock();
    try {
      for (Request request = awaitRequest(); request != null; request = awaitRequest()) {
        wakeSender();
        send(request);
        progress.signal();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      stop =
          new PublishException(Code.STREAM_FAILED, "a sender failed: " + e.getClass().getName(), e);
      progress.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The next request, or null when nothing more is to be sent. */
  private @Nullable Request awaitRequest() throws InterruptedException {
    while (!closed && stop == null) {
      long now = nanoTime.getAsLong();
      boolean late = remainingMillis.getAsLong() <= 0;
      Request request = late ? null : lanes.next(now, sendsEagerly());
      if (request != null) {
        return request;
      }
      awaitWork(late || !sendsEagerly() ? Long.MAX_VALUE : lanes.nanosUntilReady(now));
    }
    return null;
  }

  /** One of the idle senders watches the clock for all. */
  @SuppressWarnings("WaitNotInLoop") // Its caller loops until there is work.
  private void awaitWork(long nanos) throws InterruptedException {
    idleSenders++;
    boolean watches = nanos < Long.MAX_VALUE && watcher == null;
    try {
      if (watches) {
        watcher = Thread.currentThread();
        work.awaitNanos(nanos);
      } else {
        work.await();
      }
    } finally {
      idleSenders--;
      if (watches) {
        watcher = null;
      }
    }
  }

  /** Sends without the lock and books the result with it. */
  private void send(Request request) {
    @Nullable String[] errorCodes = null;
    Failure failure = null;
    lock.unlock();
    try {
      errorCodes = stream.put(request.entries());
    } catch (SdkException e) {
      failure = Failures.ofCall(e);
    } finally {
      lock.lock();
    }
    long now = nanoTime.getAsLong();
    Failure fatal =
        errorCodes == null
            ? lanes.failed(request, Objects.requireNonNull(failure), now)
            : lanes.answered(request, errorCodes, now);
    lastFailure = failure == null ? lastFailure : failure;
    if (fatal != null && stop == null) {
      stop = fatal.toException();
      work.signalAll();
    }
  }

  @Override
  public long acknowledged() {
    lock.lock();
    try {
      return lanes.acknowledged();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Totals totals() {
    lock.lock();
    try {
      return lanes.totals();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    List<Thread> started;
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      started = List.copyOf(senders);
    } finally {
      lock.unlock();
    }
    long end = System.nanoTime() + CLOSE_NANOS;
    for (Thread sender : started) {
      sender.interrupt();
      join(sender, end);
    }
  }

  /** A call that hangs ends by its own time-out, and its sender with it. */
  private static void join(Thread sender, long end) {
    try {
      long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (millis > 0) {
        sender.join(millis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
