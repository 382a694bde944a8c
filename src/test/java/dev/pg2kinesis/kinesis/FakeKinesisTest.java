package dev.pg2kinesis.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

final class FakeKinesisTest {

  private final FakeKinesis kinesis = FakeKinesis.start();

  @AfterEach
  void stop() {
    kinesis.close();
  }

  @Test
  void aConsumerReadsThroughTheSdkWhatAProducerPut() {
    try (KinesisClient client = kinesis.client()) {
      client.createStream(r -> r.streamName("s").shardCount(3));

      PutRecordsResponse put =
          client.putRecords(r -> r.streamName("s").records(entry("a", "1"), entry("b", "ü")));

      assertThat(kinesis.lastWire()).isEqualTo(Wire.CBOR);
      assertThat(put.failedRecordCount()).isZero();
      assertThat(read(client)).containsExactlyInAnyOrder("a=1", "b=ü");
      assertThat(client.describeStreamSummary(r -> r.streamARN(FakeKinesis.ARN_PREFIX + "s")))
          .satisfies(
              summary -> {
                assertThat(summary.streamDescriptionSummary().openShardCount()).isEqualTo(3);
                assertThat(summary.streamDescriptionSummary().maxRecordSizeInKiB()).isEqualTo(1024);
              });
    }
  }

  @Test
  void theJsonProtocolIsTheSameAsTheBinaryOne() throws Exception {
    kinesis.createStream("s", 1);

    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(kinesis.endpoint())
                    .header("Content-Type", "application/x-amz-json-1.1")
                    .header("X-Amz-Target", "Kinesis_20131202.PutRecords")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            """
                            {"StreamName": "s", "Records": [{"Data": "dg==", "PartitionKey": "k"}]}
                            """))
                    .build(),
                HttpResponse.BodyHandlers.ofString());

    assertThat(kinesis.lastWire()).isEqualTo(Wire.JSON);
    assertThat(answer.body())
        .isEqualTo(
            "{\"FailedRecordCount\":0,\"Records\":[{\"SequenceNumber\":\"1\","
                + "\"ShardId\":\"shardId-000000000000\"}]}");
    try (KinesisClient client = kinesis.client()) {
      assertThat(read(client)).containsExactly("k=v");
    }
  }

  @Test
  void recordsBeforeASplitAreReadFromTheParent() {
    FakeStream stream = kinesis.createStream("s", 1);
    try (KinesisClient client = kinesis.client()) {
      client.putRecords(r -> r.streamName("s").records(entry("k", "1")));
      stream.split(0, 0);
      client.putRecords(r -> r.streamName("s").records(entry("k", "2")));
      stream.merge(0, 0);
      client.putRecords(r -> r.streamName("s").records(entry("k", "3")));

      assertThat(read(client)).containsExactly("k=1", "k=2", "k=3");
      assertThat(client.listShards(r -> r.streamName("s")).shards()).hasSize(4);
    }
  }

  @Test
  void aShardTakesItsQuotaAndNoMore() {
    FakeStream stream = new FakeStream(1, new FakeStream.Settings(0.25, 1 << 20, false), 0);
    FakeStream.Put small = new FakeStream.Put("k", null, new byte[10]);

    assertThat(accepted(stream, small, 500, 0)).isEqualTo(250);
    assertThat(accepted(stream, small, 500, TimeUnit.MILLISECONDS.toNanos(100))).isEqualTo(100);
    assertThat(accepted(stream, small, 500, TimeUnit.SECONDS.toNanos(10))).isEqualTo(250);

    FakeStream.Put large = new FakeStream.Put("k", null, new byte[(1 << 16) - 1]);
    assertThat(accepted(stream, large, 500, TimeUnit.SECONDS.toNanos(20))).isEqualTo(4);
    assertThat(stream.throttledEntries()).isEqualTo(250 + 400 + 250 + 496);
  }

  private static long accepted(FakeStream stream, FakeStream.Put put, int times, long nowNanos) {
    return stream.put(java.util.Collections.nCopies(times, put), Faults.NONE, nowNanos).stream()
        .filter(outcome -> outcome.errorCode() == null)
        .count();
  }

  @Test
  void aStreamThatIsNotThereIsNotFound() {
    try (KinesisClient client = kinesis.client()) {
      assertThatThrownBy(() -> client.putRecords(r -> r.streamName("s").records(entry("k", "v"))))
          .isInstanceOf(ResourceNotFoundException.class);
    }
  }

  private static PutRecordsRequestEntry entry(String key, String value) {
    return PutRecordsRequestEntry.builder()
        .partitionKey(key)
        .data(SdkBytes.fromUtf8String(value))
        .build();
  }

  private static List<String> read(KinesisClient client) {
    List<String> records = new ArrayList<>();
    for (Shard shard : client.listShards(r -> r.streamName("s")).shards()) {
      String iterator =
          client
              .getShardIterator(
                  r ->
                      r.streamName("s")
                          .shardId(shard.shardId())
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
      client
          .getRecords(r -> r.shardIterator(iterator))
          .records()
          .forEach(
              record -> records.add(record.partitionKey() + '=' + record.data().asUtf8String()));
    }
    return records;
  }
}
