package dev.pg2kinesis.publish.kinesis;

import dev.pg2kinesis.format.Routes;
import dev.pg2kinesis.publish.Entry;
import dev.pg2kinesis.publish.EntryResult;
import dev.pg2kinesis.publish.PublishException;
import dev.pg2kinesis.publish.PublishException.Code;
import dev.pg2kinesis.publish.SendQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.KinesisClientBuilder;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;

/**
 * A stream and the client that reaches it. Region, endpoint and credentials come from the SDK's
 * default chain. Expensive to make and safe for threads: keep one for the life of the process.
 */
public final class KinesisStream implements AutoCloseable {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

  private static final EntryResult UNANSWERED = new EntryResult(null, "InternalFailure");

  private final KinesisClient client;
  private final StreamAddress address;

  private KinesisStream(KinesisClient client, StreamAddress address) {
    this.client = client;
    this.address = address;
  }

  /**
   * Makes a client, which connects when it is first used.
   *
   * @throws PublishException if the SDK finds no region
   */
  public static KinesisStream at(StreamAddress address) {
    return at(address, READ_TIMEOUT, builder -> {});
  }

  /** Makes a client with a time-out and other settings of a test. */
  static KinesisStream at(
      StreamAddress address, Duration readTimeout, Consumer<KinesisClientBuilder> settings) {
    keepConnections();
    KinesisClientBuilder builder =
        KinesisClient.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_TIMEOUT)
                    .socketTimeout(readTimeout))
            // A retry inside the SDK would hide which records failed and outlive the deadline.
            .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()));
    settings.accept(builder);
    try {
      return new KinesisStream(builder.build(), address);
    } catch (SdkException e) {
      throw new PublishException(
          Code.STREAM_FAILED, "the AWS SDK is not configured: set AWS_REGION", e);
    }
  }

  /** Another stream that the same client reaches. Closing either closes the client. */
  public KinesisStream other(StreamAddress other) {
    return new KinesisStream(client, other);
  }

  /**
   * Raises java.net's limit of 5 idle connections to what the publishers of a run may use. Beyond
   * the limit, each request would pay for a TLS handshake. java.net reads the property once, when
   * it first keeps a connection, so call this before any client is used.
   */
  public static void keepConnections() {
    if (System.getProperty("http.maxConnections") == null) {
      System.setProperty(
          "http.maxConnections", Integer.toString(Routes.MAX_STREAMS * SendQueue.MAX_REQUESTS));
    }
  }

  /** Which stream it is. */
  public StreamAddress address() {
    return address;
  }

  /**
   * Describes the stream, with one call.
   *
   * @throws PublishException if the stream takes no records, or Kinesis does not describe it
   */
  public StreamDescription description() {
    try {
      return StreamProbe.checked(address, describe());
    } catch (SdkException e) {
      throw CallFailures.of(e).toException();
    }
  }

  /** One {@code DescribeStreamSummary} call. */
  StreamDescriptionSummary describe() {
    DescribeStreamSummaryRequest.Builder request = DescribeStreamSummaryRequest.builder();
    return client
        .describeStreamSummary(
            (address.isArn()
                    ? request.streamARN(address.text())
                    : request.streamName(address.text()))
                .build())
        .streamDescriptionSummary();
  }

  /**
   * One {@code PutRecords} call.
   *
   * @return what became of each entry
   */
  List<EntryResult> put(List<Entry> entries) {
    List<PutRecordsRequestEntry> records = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      records.add(
          PutRecordsRequestEntry.builder()
              .partitionKey(entry.partitionKey)
              .explicitHashKey(entry.hashKey)
              .data(SdkBytes.fromByteArrayUnsafe(entry.bytes))
              .build());
    }
    PutRecordsRequest.Builder request = PutRecordsRequest.builder().records(records);
    List<PutRecordsResultEntry> results =
        client
            .putRecords(
                (address.isArn()
                        ? request.streamARN(address.text())
                        : request.streamName(address.text()))
                    .build())
            .records();
    List<EntryResult> outcomes = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      // An answer that is too short does not acknowledge the entries it leaves out.
      outcomes.add(i < results.size() ? resultOf(results.get(i)) : UNANSWERED);
    }
    return outcomes;
  }

  private static EntryResult resultOf(PutRecordsResultEntry result) {
    return new EntryResult(
        result.errorCode() == null ? result.shardId() : null, result.errorCode());
  }

  @Override
  public void close() {
    client.close();
  }
}
