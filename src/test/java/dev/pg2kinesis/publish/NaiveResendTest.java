package dev.pg2kinesis.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.kinesis.DeliveryOrder;
import dev.pg2kinesis.kinesis.FakeStream;
import dev.pg2kinesis.kinesis.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Sending only the failed entries again, as is common, reorders the versions of a row; the checker
 * that the publisher's own tests rely on sees it.
 */
final class NaiveResendTest {

  private static final int ROWS = 200;
  private static final int VERSIONS = 50;

  @Test
  void sendingOnlyFailedEntriesAgainLeavesRowsOnOldVersions() {
    DeliveryOrder order = new DeliveryOrder();
    FakeStream stream = new FakeStream(4, FakeStream.Settings.PLAIN, 0);
    stream.observe(delivery -> Versions.deliver(Packing.NONE, delivery, order));
    Faults faults = Faults.seeded(1, 0, 0.2);
    Versions versions = new Versions();
    Random random = new Random(2);
    List<FakeStream.Put> request = new ArrayList<>();
    for (int i = 0; i < ROWS * VERSIONS; i++) {
      StreamRecord change = versions.next("row-" + random.nextInt(ROWS), 100);
      request.add(new FakeStream.Put(change.partitionKey(), null, change.payload()));
      if (request.size() == KinesisQuota.REQUEST_RECORDS) {
        sendUntilAllAccepted(stream, request, faults);
        request.clear();
      }
    }

    assertThat(stream.recordsByShard().stream().mapToLong(n -> n).sum())
        .as("nothing is lost, it is the order that breaks")
        .isEqualTo((long) ROWS * VERSIONS);
    assertThat(order.skips()).isGreaterThan(100);
    assertThat(order.unsettled(versions.sent())).hasSizeGreaterThan(10);
  }

  private static void sendUntilAllAccepted(
      FakeStream stream, List<FakeStream.Put> request, Faults faults) {
    List<FakeStream.Put> rest = List.copyOf(request);
    while (!rest.isEmpty()) {
      List<FakeStream.Outcome> outcomes = stream.put(rest, faults, 0);
      List<FakeStream.Put> failed = new ArrayList<>();
      for (int i = 0; i < outcomes.size(); i++) {
        if (outcomes.get(i).errorCode() != null) {
          failed.add(rest.get(i));
        }
      }
      rest = failed;
    }
  }
}
