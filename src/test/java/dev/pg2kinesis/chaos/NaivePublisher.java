package dev.pg2kinesis.chaos;

import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.Publisher;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/** Sends the refused entries of a request again, and only those, as is common. */
final class NaivePublisher implements Publisher {

  private static final int REQUEST = 500;

  private final KinesisClient client;
  private final String stream;
  private final List<PutRecordsRequestEntry> waiting = new ArrayList<>();
  private long acknowledged;

  NaivePublisher(KinesisClient client, String stream) {
    this.client = client;
    this.stream = stream;
  }

  @Override
  public void publish(StreamRecord streamRecord) {
    waiting.add(
        PutRecordsRequestEntry.builder()
            .partitionKey(streamRecord.partitionKey())
            .data(SdkBytes.fromByteArray(streamRecord.payload()))
            .build());
    if (waiting.size() == REQUEST) {
      flush();
    }
  }

  @Override
  public void flush() {
    while (!waiting.isEmpty()) {
      List<PutRecordsResultEntry> results =
          client.putRecords(r -> r.streamName(stream).records(waiting)).records();
      List<PutRecordsRequestEntry> refused = new ArrayList<>();
      for (int i = 0; i < results.size(); i++) {
        if (results.get(i).errorCode() != null) {
          refused.add(waiting.get(i));
        }
      }
      acknowledged += waiting.size() - refused.size();
      waiting.clear();
      waiting.addAll(refused);
    }
  }

  @Override
  public long acknowledged() {
    return acknowledged;
  }

  @Override
  public Totals totals() {
    return new Totals(acknowledged, 0, 0);
  }

  @Override
  public void close() {
    client.close();
  }
}
