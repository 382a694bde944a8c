package dev.pg2kinesis.format;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;

/**
 * Debezium's engine with a sink that puts records as Debezium Server's does: up to 500 in a call,
 * in order, one call at a time, and those that failed again. Prints {@code done} once all changes
 * are acknowledged, and ends with its standard input.
 */
final class DebeziumToKinesis
    implements DebeziumEngine.ChangeConsumer<ChangeEvent<String, String>> {

  private static final int ENTRIES = 500;

  /** Its metrics say very often that they cannot keep up. Held, or its level is forgotten. */
  private static final Logger METRICS = Logger.getLogger("io.debezium.metrics");

  private final KinesisClient client;
  private final String stream;
  private final long changes;
  private long acknowledged;

  private DebeziumToKinesis(KinesisClient client, String stream, long changes) {
    this.client = client;
    this.stream = stream;
    this.changes = changes;
  }

  /**
   * Arguments: the endpoint, the stream, how many changes come, and Debezium's properties as {@code
   * name=value}.
   */
  public static void main(String[] arguments) throws IOException {
    METRICS.setLevel(Level.SEVERE);
    KinesisClient client =
        KinesisClient.builder()
            .endpointOverride(URI.create(arguments[0]))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .build();
    DebeziumEngine<ChangeEvent<String, String>> engine =
        DebeziumEngine.create(Json.class)
            .using(properties(List.of(arguments).subList(3, arguments.length)))
            .using((success, message, error) -> ended(message, error))
            .notifying(new DebeziumToKinesis(client, arguments[1], Long.parseLong(arguments[2])))
            .build();
    Executors.newSingleThreadExecutor().execute(engine);
    while (System.in.read() >= 0) {
      // until the benchmark has looked at this process
    }
    Runtime.getRuntime().halt(0);
  }

  /** Those of Debezium's tutorial, and no schema in the records. */
  private static Properties properties(List<String> more) {
    Properties properties = new Properties();
    properties.setProperty("name", "bench");
    properties.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    properties.setProperty(
        "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    properties.setProperty("topic.prefix", "bench");
    properties.setProperty("plugin.name", "pgoutput");
    properties.setProperty("snapshot.mode", "no_data");
    properties.setProperty("publication.autocreate.mode", "disabled");
    properties.setProperty("converter.schemas.enable", "false");
    for (String property : more) {
      int equals = property.indexOf('=');
      properties.setProperty(property.substring(0, equals), property.substring(equals + 1));
    }
    return properties;
  }

  private static void ended(String message, Throwable error) {
    System.err.println("Debezium's engine ended: " + message);
    if (error != null) {
      error.printStackTrace();
    }
    Runtime.getRuntime().halt(1);
  }

  @Override
  public void handleBatch(
      List<ChangeEvent<String, String>> events,
      DebeziumEngine.RecordCommitter<ChangeEvent<String, String>> committer)
      throws InterruptedException {
    for (int from = 0; from < events.size(); from += ENTRIES) {
      List<ChangeEvent<String, String>> part =
          events.subList(from, Math.min(events.size(), from + ENTRIES));
      put(part.stream().map(DebeziumToKinesis::entry).toList());
      for (ChangeEvent<String, String> event : part) {
        committer.markProcessed(event);
      }
      acknowledged += part.size();
    }
    committer.markBatchFinished();
    if (acknowledged == changes) {
      System.out.println("done");
    }
  }

  private static PutRecordsRequestEntry entry(ChangeEvent<String, String> event) {
    return PutRecordsRequestEntry.builder()
        .partitionKey(event.key())
        .data(SdkBytes.fromUtf8String(event.value()))
        .build();
  }

  private void put(List<PutRecordsRequestEntry> entries) {
    List<PutRecordsRequestEntry> left = entries;
    while (!left.isEmpty()) {
      List<PutRecordsRequestEntry> sent = left;
      PutRecordsResponse response = client.putRecords(r -> r.streamName(stream).records(sent));
      List<PutRecordsRequestEntry> failed = new ArrayList<>();
      if (response.failedRecordCount() > 0) {
        for (int i = 0; i < sent.size(); i++) {
          if (response.records().get(i).errorCode() != null) {
            failed.add(sent.get(i));
          }
        }
      }
      left = failed;
    }
  }
}
