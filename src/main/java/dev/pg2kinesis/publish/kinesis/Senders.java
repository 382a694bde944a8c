package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.EntryResult;
import dev.pg2kinesis.publish.Failure;
import dev.pg2kinesis.publish.Fence;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublishException.Code;
import dev.pg2kinesis.publish.Request;
import dev.pg2kinesis.publish.SendQueue;
import dev.pg2kinesis.publish.SendQueue.Urgency;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * The threads that build, sign and send requests, started as they are needed, and the one lock
 * around the {@link SendQueue}. One thread, the caller, uses the methods that are not private.
 */
final class Senders implements AutoCloseable {

  /** How often a waiting caller checks the deadline. */
  private static final long DEADLINE_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /**
   * Changes that are queued together: to take the lock and to scan the lanes for each would cost
   * more than to queue it.
   */
  private static final int HANDED_CHANGES = 64;

  /** Their bytes, as a share of what may wait in the queue. */
  private static final int HANDED_SHARE = 256;

  /** How long closing waits for calls that are on their way. */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final KinesisStream stream;
  private final SendQueue queue;
  private final Fence fence;
  private final LongSupplier nanoTime;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final List<Thread> threads = new ArrayList<>();

  /** Changes that are not queued yet; the caller's alone. */
  private final Queue<StreamRecord> handed = new ArrayDeque<>(HANDED_CHANGES);

  private final long maxHandedBytes;
  private long handedBytes;
  private int idle;
  private @Nullable Thread watcher;
  private long watchedUntil;
  private boolean callerWaits;
  private volatile boolean closed;
  private long closeUntil;
  private volatile @Nullable PublishException failure;
  private @Nullable Failure lastFailure;

  /**
   * @param maxPendingBytes the bytes that may wait in the queue
   * @param fence whether requests may still be started
   * @param nanoTime the clock that pauses are measured by
   */
  Senders(
      KinesisStream stream,
      SendQueue queue,
      long maxPendingBytes,
      Fence fence,
      LongSupplier nanoTime) {
    this.stream = stream;
    this.queue = queue;
    this.maxHandedBytes = maxPendingBytes / HANDED_SHARE;
    this.fence = fence;
    this.nanoTime = nanoTime;
  }

  /**
   * Takes a change. A small one is queued with those that follow, or by one of the methods below.
   */
  void add(StreamRecord change) {
    throwIfStopped();
    boolean large = change.size() > maxHandedBytes;
    if (large || handed.size() == HANDED_CHANGES || handedBytes > maxHandedBytes) {
      queueOnceThereIsRoom(this::queueHanded);
    }
    if (large) {
      queueOnceThereIsRoom(() -> queue.offer(change));
    } else {
      handed.add(change);
      handedBytes += change.size();
    }
  }

  private void queueOnceThereIsRoom(BooleanSupplier queued) {
    lock.lock();
    try {
      failIfStopped();
      while (!queued.getAsBoolean()) {
        awaitProgress();
      }
      wakeSender();
    } finally {
      lock.unlock();
    }
  }

  /** Queues as much as there is room for, and returns whether that was all. */
  private boolean queueHanded() {
    while (!handed.isEmpty()) {
      if (!queue.offer(handed.element())) {
        return false;
      }
      handed.remove();
    }
    handedBytes = 0;
    return true;
  }

  /** Waits until every change that was taken is acknowledged. */
  void flush() {
    lock.lock();
    try {
      failIfStopped();
      while (!queueHanded() || !queue.isIdle()) {
        awaitProgress();
      }
    } finally {
      callerWaits = false;
      lock.unlock();
    }
  }

  /**
   * Lets every change go, finished or not, until {@link #flush} ends, which follows. Those that
   * there is no room for wait for it.
   */
  void urge() {
    lock.lock();
    try {
      queueHanded();
      callerWaits = true;
      wakeSender();
    } finally {
      lock.unlock();
    }
  }

  /**
   * How many changes are acknowledged with no gap. Queues those that were taken, as far as there is
   * room: nothing that is asked about waits for more changes.
   */
  long acknowledged() {
    lock.lock();
    try {
      if (queueHanded()) {
        wakeSender();
      }
      return queue.acknowledged();
    } finally {
      lock.unlock();
    }
  }

  /** Why sending has stopped; null while it goes on. */
  @Nullable PublishException failure() {
    return failure;
  }

  /** Reads from the queue while no sender changes it. */
  <T extends @Nullable Object> T look(Supplier<T> reader) {
    lock.lock();
    try {
      return reader.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Fails if publishing must stop. The fence is asked under the lock on purpose, although that can
   * take seconds: no sender can take a request while the question is open.
   */
  private void failIfStopped() {
    throwIfStopped();
    fence.renew();
    if (fence.remainingMillis() <= 0) {
      throw new PublishException(
          Code.DEADLINE,
          "the run's time is used up"
              + (lastFailure == null ? "" : "; the last failure was: " + lastFailure.reason()),
          null);
    }
  }

  /** Needs no lock. */
  private void throwIfStopped() {
    PublishException stop = failure;
    if (stop != null) {
      throw stop;
    }
    if (closed) {
      throw new IllegalStateException("the publisher is closed");
    }
  }

  @SuppressWarnings("WaitNotInLoop") // The callers loop.
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
    failIfStopped();
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
      failure =
          new PublishException(Code.STREAM_FAILED, "a sender failed: " + e.getClass().getName(), e);
      work.signalAll();
      progress.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The next request, or null once publishing has stopped. */
  private @Nullable Request awaitRequest() throws InterruptedException {
    while (!closed && failure == null) {
      long now = nanoTime.getAsLong();
      boolean late = fence.remainingMillis() <= 0;
      Request request = late ? null : queue.next(now, urgency());
      if (request != null) {
        return request;
      }
      awaitWork(now, late ? Long.MAX_VALUE : queue.nanosUntilReady(now, urgency()));
    }
    return null;
  }

  /**
   * Waits for work. One of the idle senders, the watcher, waits no longer than until the next pause
   * ends; if that is earlier than the watcher knows, another sender takes its place.
   */
  @SuppressWarnings("WaitNotInLoop") // The caller loops.
  private void awaitWork(long now, long nanos) throws InterruptedException {
    idle++;
    try {
      if (isEarlierThanWatched(now, nanos)) {
        watcher = Thread.currentThread();
        watchedUntil = now + nanos;
        work.awaitNanos(nanos);
      } else {
        work.await();
      }
    } finally {
      idle--;
      if (watcher == Thread.currentThread()) {
        watcher = null;
      }
    }
  }

  private boolean isEarlierThanWatched(long now, long nanos) {
    return nanos < Long.MAX_VALUE && (watcher == null || now + nanos - watchedUntil < 0);
  }

  /** Sends without the lock and books the answer with it. */
  private void send(Request request) {
    List<EntryResult> results = null;
    Failure failed = null;
    lock.unlock();
    try {
      results = stream.put(request.entries());
    } catch (SdkException e) {
      failed = CallFailures.of(e);
    } finally {
      lock.lock();
    }
    long now = nanoTime.getAsLong();
    Failure fatal =
        results == null
            ? queue.callFailed(request, Objects.requireNonNull(failed), now)
            : queue.answered(request, results, now);
    lastFailure = failed == null ? lastFailure : failed;
    if (fatal != null && failure == null) {
      failure = fatal.toException();
      work.signalAll();
    }
  }

  /** Wakes or starts another sender if there is work for one, now or after a pause. */
  private void wakeSender() {
    if (!isWorkForAnother()) {
      return;
    }
    if (idle > 0) {
      work.signal();
    } else if (threads.size() < SendQueue.MAX_REQUESTS) {
      Thread sender = new Thread(this::sendUntilClosed, "kinesis-" + threads.size());
      sender.setDaemon(true);
      threads.add(sender);
      sender.start();
    }
  }

  private boolean isWorkForAnother() {
    long now = nanoTime.getAsLong();
    long nanos = queue.nanosUntilReady(now, urgency());
    return nanos == 0 || isEarlierThanWatched(now, nanos);
  }

  /** While the caller makes more changes, requests and packed records have time to fill. */
  private Urgency urgency() {
    if (callerWaits) {
      return Urgency.ALL_CHANGES;
    }
    return queue.inFlight() == 0 ? Urgency.FINISHED_RECORDS : Urgency.FULL_REQUEST;
  }

  /** Tells the senders to end, and does not wait for them. */
  void stop() {
    List<Thread> started;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      closeUntil = System.nanoTime() + CLOSE_NANOS;
      work.signalAll();
      started = List.copyOf(threads);
    } finally {
      lock.unlock();
    }
    started.forEach(Thread::interrupt);
  }

  @Override
  public void close() {
    stop();
    for (Thread sender : look(() -> List.copyOf(threads))) {
      join(sender, closeUntil);
    }
  }

  /** A call that hangs ends with its own time-out, and the sender ends with it. */
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
