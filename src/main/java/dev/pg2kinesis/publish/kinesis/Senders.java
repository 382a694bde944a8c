package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.Failure;
import dev.pg2kinesis.publish.Failures;
import dev.pg2kinesis.publish.Lanes;
import dev.pg2kinesis.publish.Limits;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublishException.Code;
import dev.pg2kinesis.publish.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * The threads that build, sign and send requests, started as they are needed, and the one lock
 * around {@link Lanes}. The methods that are not private are the caller's, one thread's.
 */
final class Senders implements AutoCloseable {

  /** How often a waiting caller looks at the deadline. */
  private static final long DEADLINE_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How many changes are queued between two looks at whether another request is full. */
  private static final int SCAN_EVERY = 64;

  /** How long closing waits for calls that are on their way. */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final KinesisStream stream;
  private final Lanes lanes;
  private final long heldBytes;
  private final LongSupplier remainingMillis;
  private final LongSupplier nanoTime;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final List<Thread> threads = new ArrayList<>();
  private long added;
  private int idle;
  private @Nullable Thread watcher;
  private boolean callerWaits;
  private boolean closed;
  private @Nullable PublishException stop;
  private @Nullable Failure lastFailure;

  /**
   * @param heldBytes how much may wait for acknowledgement
   * @param remainingMillis the time that is left
   * @param nanoTime the clock that pauses are measured by
   */
  Senders(
      KinesisStream stream,
      Lanes lanes,
      long heldBytes,
      LongSupplier remainingMillis,
      LongSupplier nanoTime) {
    this.stream = stream;
    this.lanes = lanes;
    this.heldBytes = heldBytes;
    this.remainingMillis = remainingMillis;
    this.nanoTime = nanoTime;
  }

  /** Queues a change as soon as there is room for it. */
  void add(StreamRecord change, int size, long held) {
    lock.lock();
    try {
      check();
      while (lanes.held() > 0 && lanes.held() + held > heldBytes) {
        awaitProgress();
      }
      lanes.add(change, size, held);
      added++;
      // A scan of the lanes for each change would cost more than queueing it.
      if (lanes.inFlight() == 0 || added % SCAN_EVERY == 0) {
        wakeSender();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all that was queued is acknowledged. */
  void flush() {
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

  /** Looks at the lanes while no sender changes them. */
  <T> T look(Supplier<T> at) {
    lock.lock();
    try {
      return at.get();
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
      work.signalAll();
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
    idle++;
    boolean watches = nanos < Long.MAX_VALUE && watcher == null;
    try {
      if (watches) {
        watcher = Thread.currentThread();
        work.awaitNanos(nanos);
      } else {
        work.await();
      }
    } finally {
      idle--;
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

  /** Has another sender look for work, if there is work for one, now or after a pause. */
  private void wakeSender() {
    if (!isWorkForAnother()) {
      return;
    }
    if (idle > 0) {
      work.signal();
    } else if (threads.size() < KinesisStream.CONNECTIONS) {
      Thread sender = new Thread(this::sendUntilClosed, "kinesis-" + threads.size());
      sender.setDaemon(true);
      threads.add(sender);
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
  public void close() {
    List<Thread> started;
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      started = List.copyOf(threads);
    } finally {
      lock.unlock();
    }
    started.forEach(Thread::interrupt);
    long end = System.nanoTime() + CLOSE_NANOS;
    for (Thread sender : started) {
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
