package dev.pg2kinesis.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;

final class KinesisLocalIT {

  @Test
  void servesStreamsToTheSdkUntilItIsClosed() {
    KinesisLocal kinesis = KinesisLocal.start();
    try (kinesis) {
      kinesis.createStream("orders", 2);

      assertThat(kinesis.client().listShards(r -> r.streamName("orders")).shards()).hasSize(2);
      assertThat(
              kinesis
                  .client()
                  .putRecord(
                      r ->
                          r.streamName("orders")
                              .partitionKey("k")
                              .data(SdkBytes.fromUtf8String("v")))
                  .sequenceNumber())
          .isNotEmpty();
    }
    assertThat(kinesis.isAlive()).isFalse();
  }
}
