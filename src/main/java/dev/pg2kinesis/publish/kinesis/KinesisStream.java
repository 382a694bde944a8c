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
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
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

  /** Whether the SDK sends CBOR, as it does by default. */
  private final boolean cbor;

  private KinesisStream(KinesisClient client, StreamAddress address, boolean cbor) {
    this.client = client;
    this.address = address;
    this.cbor = cbor;
  }

  /**
   * Makes a client, which connects when it is first used.
   *
   * @throws PublishException if the SDK finds no region
   * @throws IllegalStateException if {@code AWS_CBOR_ENABLED} is neither true nor false
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
            .httpClient(httpClient(readTimeout))
            // A retry inside the SDK would hide which records failed and outlive the deadline.
            .overrideConfiguration(
                o ->
                    o.retryStrategy(DefaultRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(new PutRecordsBodyInterceptor()));
    settings.accept(builder);
    try {
      return new KinesisStream(
          builder.build(), address, SdkSystemSetting.CBOR_ENABLED.getBooleanValueOrThrow());
    } catch (SdkException e) {
      throw new PublishException(
          Code.STREAM_FAILED, "the AWS SDK is not configured: set AWS_REGION", e);
    }
  }

  /** A proxy is left to the SDK's own client, which finds it in the environment. */
  private static SdkHttpClient httpClient(Duration readTimeout) {
    boolean proxy =
        Stream.of("http", "https")
            .anyMatch(s -> ProxyConfiguration.builder().scheme(s).build().host() != null);
    return proxy
        ? UrlConnectionHttpClient.builder()
            .connectionTimeout(CONNECT_TIMEOUT)
            .socketTimeout(readTimeout)
            .build()
        : new LargePieceHttpClient(CONNECT_TIMEOUT, readTimeout);
  }

  /** Another stream that the same client reaches. Closing either closes the client. */
  public KinesisStream other(StreamAddress other) {
    return new KinesisStream(client, other, cbor);
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
    List<PutRecordsResultEntry> results = client.putRecords(request(entries)).records();
    List<EntryResult> outcomes = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      // An answer that is too short does not acknowledge the entries it leaves out.
      outcomes.add(i < results.size() ? resultOf(results.get(i)) : UNANSWERED);
    }
    return outcomes;
  }

  /** In CBOR, the body is not the SDK's. */
  private PutRecordsRequest request(List<Entry> entries) {
    PutRecordsRequest.Builder request = PutRecordsRequest.builder();
    if (address.isArn()) {
      request.streamARN(address.text());
    } else {
      request.streamName(address.text());
    }
    if (!cbor) {
      return request.records(entries.stream().map(KinesisStream::recordOf).toList()).build();
    }
    return request
        .records(List.of())
        .overrideConfiguration(
            o ->
                o.putExecutionAttribute(
                    PutRecordsBodyInterceptor.BODY, PutRecordsBody.of(address, entries)))
        .build();
  }

  private static PutRecordsRequestEntry recordOf(Entry entry) {
    return PutRecordsRequestEntry.builder()
        .partitionKey(entry.partitionKey)
        .explicitHashKey(entry.hashKey)
        .data(SdkBytes.fromByteArrayUnsafe(entry.data()))
        .build();
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
