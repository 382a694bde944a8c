package dev.pg2kinesis.publish;

import static dev.pg2kinesis.publish.SendQueue.Urgency.ALL_CHANGES;
import static dev.pg2kinesis.publish.SendQueue.Urgency.FULL_REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.DeliveryOrder;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@link SendQueue} against a {@link FakeStream} in virtual time: several calls on their way at
 * once, faults, quotas and resharding, all from one seed and therefore the same in every run.
 */
final class Simulation {

  private static final String THROTTLED = "ProvisionedThroughputExceededException";
  private static final long GIVE_UP = TimeUnit.HOURS.toNanos(10);

  final DeliveryOrder order = new DeliveryOrder();
  final Versions versions = new Versions();

  private final Random random;
  private final Ordering ordering;
  private final boolean landsLate;
  private final Faults faults;
  private final FakeStream stream;
  private final SendQueue queue;
  private final int connections;
  private final int records;
  private final boolean reshards;
  private final List<StreamRecord> published = new ArrayList<>();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>((a, b) -> Long.compare(a.atNanos(), b.atNanos()));
  private long checked;
  private long now;
  private int inFlight;
  private @Nullable Failure stop;

  /** Something that happens at a time. */
  private record Event(long atNanos, Runnable what) {}

  Simulation(long seed, Ordering ordering, Packing packing, boolean landsLate) {
    this.random = new Random(seed);
    this.ordering = ordering;
    this.landsLate = landsLate;
    this.records = 1 + random.nextInt(1_000);
    this.connections = 1 + random.nextInt(8);
    this.reshards = random.nextBoolean();
    this.faults = faults();
    double[] stored = {0, 0.25, 1};
    this.stream =
        new FakeStream(
            1 + random.nextInt(8),
            new FakeStream.Settings(stored[random.nextInt(3)], 1 << 20, false),
            now);
    stream.observe(delivery -> Versions.deliver(packing, delivery, order));
    this.queue =
        new SendQueue(
            PublisherConfiguration.defaults()
                .withOrdering(ordering)
                .withPacking(packing)
                .withLanes(1 + random.nextInt(64)),
            Pacing.DEFAULT,
            0,
            1 << 20,
            now,
            new Random(seed + 1));
  }

  private Faults faults() {
    List<CallFault> calls =
        new ArrayList<>(
            List.of(
                CallFault.refuse(400, THROTTLED),
                CallFault.refuse(500, "InternalFailure"),
                CallFault.hangUp(),
                CallFault.putAndHangUp(),
                CallFault.putButAnswer(500, "InternalFailure")));
    if (landsLate) {
      calls.add(CallFault.landLate());
    }
    return Faults.seeded(
        random.nextLong(),
        random.nextInt(3) * 0.1,
        random.nextInt(4) * 0.1,
        calls.toArray(new CallFault[0]));
  }

  /** Publishes everything; afterwards {@link #order} holds what was delivered. */
  void run() {
    int keys = 1 + random.nextInt(100);
    while (!(versions.count() == records && queue.isIdle()) && stop == null) {
      assertThat(now).as("virtual time").isLessThan(GIVE_UP);
      publish(keys);
      for (Request request = next(); request != null; request = next()) {
        send(request);
      }
      step();
    }
    events.forEach(event -> event.what().run());
  }

  private void publish(int keys) {
    int some = Math.min(records - (int) versions.count(), random.nextInt(60));
    for (int i = 0; i < some; i++) {
      // Half of the changes meet a tenth of the keys.
      int key = random.nextBoolean() ? random.nextInt(keys) : random.nextInt(1 + keys / 10);
      int bytes = random.nextInt(50) == 0 ? 60_000 : random.nextInt(500);
      StreamRecord record = versions.next("key-" + key, bytes);
      published.add(record);
      assertThat(queue.offer(record)).isTrue();
    }
  }

  private @Nullable Request next() {
    return inFlight < connections
        ? queue.next(now, random.nextInt(4) > 0 ? ALL_CHANGES : FULL_REQUEST)
        : null;
  }

  private void send(Request request) {
    if (ordering == Ordering.STRICT) {
      Set<String> keys = new HashSet<>();
      assertThat(request.entries()).allMatch(entry -> keys.add(entry.partitionKey));
    }
    assertThat(request.entries()).hasSizeBetween(1, KinesisQuota.REQUEST_RECORDS);
    inFlight++;
    CallFault fault = faults.nextCall();
    switch (fault.lands()) {
      case NEVER -> after(30, () -> fail(request, fault));
      case LATE -> {
        after(30, () -> fail(request, fault));
        after(5_000, () -> put(request, Faults.NONE));
      }
      case AT_ONCE ->
          after(
              15,
              () -> {
                List<EntryResult> results = put(request, faults);
                after(15, () -> answer(request, fault, results));
              });
    }
    maybeReshard();
  }

  private List<EntryResult> put(Request request, Faults entryFaults) {
    List<FakeStream.Put> puts = new ArrayList<>();
    for (Entry entry : request.entries()) {
      puts.add(new FakeStream.Put(entry.partitionKey, entry.hashKey, entry.data()));
    }
    return stream.put(puts, entryFaults, now).stream()
        .map(o -> new EntryResult(o.errorCode() == null ? o.shardId() : null, o.errorCode()))
        .toList();
  }

  private void answer(Request request, CallFault fault, List<EntryResult> results) {
    if (fault.status() != 200) {
      fail(request, fault);
      return;
    }
    inFlight--;
    stop = queue.answered(request, results, now);
    checkAcknowledged();
  }

  private void fail(Request request, CallFault fault) {
    inFlight--;
    int attempts = fault.code().equals(THROTTLED) ? Failure.UNLIMITED : 1_000;
    stop =
        queue.callFailed(
            request,
            new Failure(attempts, PublishException.Code.STREAM_UNREACHABLE, fault.code()),
            now);
  }

  /** What counts as acknowledged is there, and nothing older of its key came after it. */
  private void checkAcknowledged() {
    for (; checked < queue.acknowledged(); checked++) {
      byte[] payload = published.get((int) checked).payload();
      assertThat(landsLate || order.isSettled(Versions.keyOf(payload), Versions.versionOf(payload)))
          .as("change %d, which is acknowledged, is there", checked)
          .isTrue();
    }
  }

  private void maybeReshard() {
    if (!reshards || random.nextInt(10) > 0) {
      return;
    }
    if (stream.openShardCount() > 1 && random.nextBoolean()) {
      stream.merge(random.nextInt(stream.openShardCount() - 1), now);
    } else {
      stream.split(random.nextInt(stream.openShardCount()), now);
    }
  }

  private void after(int millis, Runnable what) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(millis));
    events.add(new Event(now + nanos, what));
  }

  /** Turns the clock to the next event or to when a pausing lane is ready. */
  private void step() {
    Event event = events.peek();
    long ready = queue.nanosUntilReady(now, ALL_CHANGES);
    long pause = ready == Long.MAX_VALUE ? Long.MAX_VALUE : now + Math.max(1, ready);
    if (event == null || (inFlight < connections && pause < event.atNanos())) {
      now = pause == Long.MAX_VALUE ? now + 1 : pause;
      return;
    }
    now = Math.max(now, event.atNanos());
    events.remove(event);
    event.what().run();
  }
}
