package dev.pg2kinesis.publish.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.Entry;
import dev.pg2kinesis.publish.Pacing;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.SendQueue;
import dev.pg2kinesis.publish.SendQueue.Urgency;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** The body says what the SDK's own marshaller says. */
final class PutRecordsBodyTest {

  private static final StreamAddress NAME = new StreamAddress("orders");
  private static final StreamAddress ARN =
      new StreamAddress("arn:aws:kinesis:us-east-1:123456789012:stream/orders");

  private final ObjectMapper cbor = new ObjectMapper(new CBORFactory());

  /** Lengths on both sides of every form of a length. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 23, 24, 255, 256, 65_535, 65_536, 1_000_000})
  void dataOfEveryLength(int length) throws Exception {
    assertSame(NAME, entries(Packing.NONE, new StreamRecord("k", bytes(length), new Lsn(1), 0)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 23, 24, 255, 256, 500})
  void everyNumberOfRecords(int count) throws Exception {
    StreamRecord[] records = new StreamRecord[count];
    Arrays.setAll(records, i -> new StreamRecord("key " + i, bytes(i), new Lsn(1), i));

    assertSame(NAME, entries(Packing.NONE, records));
  }

  @ParameterizedTest
  @CsvSource({"k, 1", "k, 23", "k, 24", "k, 256", "é, 256", "漢, 200", "😀, 256", "'\u0001', 3"})
  void keysOfEveryKind(String character, int times) throws Exception {
    String key = character.repeat(times);

    assertSame(ARN, entries(Packing.NONE, new StreamRecord(key, bytes(9), new Lsn(1), 0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"LINES", "KPL"})
  void packedRecordsWithHashKeys(Packing packing) throws Exception {
    StreamRecord[] records = new StreamRecord[2_000];
    Arrays.setAll(records, i -> new StreamRecord("key " + i % 7, bytes(90), new Lsn(1), i));

    assertSame(ARN, entries(packing, records));
  }

  private void assertSame(StreamAddress address, List<Entry> entries) throws IOException {
    PutRecordsBody body = PutRecordsBody.of(address, entries);
    byte[] bytes = body.newStream().readAllBytes();
    JsonNode ours = cbor.readTree(bytes);

    assertThat(body.size()).isEqualTo(bytes.length);
    assertThat(inPieces(body.newStream(), bytes.length)).isEqualTo(bytes);
    assertThat(ours).isEqualTo(cbor.readTree(marshalled(address, entries)));
    assertThat(ours.get("Records")).hasSize(entries.size());
  }

  /** Single bytes, nothing at all, and pieces that end anywhere. */
  private static byte[] inPieces(InputStream body, int length) throws IOException {
    Random random = new Random(length);
    byte[] read = new byte[length];
    int at = 0;
    while (at < length) {
      if (random.nextInt(4) == 0) {
        read[at++] = (byte) body.read();
      } else {
        int count = random.nextInt(Math.min(length - at, 2_000) + 1);
        assertThat(body.read(read, at, count)).isEqualTo(count);
        at += count;
      }
    }
    assertThat(body.read()).isEqualTo(-1);
    assertThat(body.read(read, 0, 1)).isEqualTo(-1);
    return read;
  }

  /** The records in one request. */
  private static List<Entry> entries(Packing packing, StreamRecord... records) {
    SendQueue queue =
        new SendQueue(
            PublisherConfiguration.defaults().withPacking(packing).withLanes(1),
            Pacing.DEFAULT,
            1,
            1 << 20,
            0,
            new SplittableRandom(1));
    for (StreamRecord record : records) {
      assertThat(queue.offer(record)).isTrue();
    }
    long oneSecond = 1_000_000_000L;
    return Objects.requireNonNull(queue.next(oneSecond, Urgency.ALL_CHANGES)).entries();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** What the SDK would send. */
  private static byte[] marshalled(StreamAddress address, List<Entry> entries) {
    PutRecordsRequest.Builder request =
        PutRecordsRequest.builder()
            .records(
                entries.stream()
                    .map(
                        entry ->
                            PutRecordsRequestEntry.builder()
                                .partitionKey(entry.partitionKey)
                                .explicitHashKey(entry.hashKey)
                                .data(SdkBytes.fromByteArray(entry.data()))
                                .build())
                    .toList());
    try (Recorder recorder = new Recorder();
        KinesisClient client =
            KinesisClient.builder()
                .httpClient(recorder)
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build()) {
      client.putRecords(
          (address.isArn() ? request.streamARN(address.text()) : request.streamName(address.text()))
              .build());
      return recorder.body;
    }
  }

  /** Keeps a request's body, and answers with an empty object. */
  private static final class Recorder implements SdkHttpClient {
    private static final byte[] EMPTY_MAP = {(byte) 0xA0};

    private byte[] body = {};

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      return new ExecutableHttpRequest() {
        @Override
        public HttpExecuteResponse call() {
          try (InputStream content = request.contentStreamProvider().orElseThrow().newStream()) {
            body = content.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return HttpExecuteResponse.builder()
              .response(
                  SdkHttpFullResponse.builder()
                      .statusCode(200)
                      .putHeader("Content-Type", "application/x-amz-cbor-1.1")
                      .build())
              .responseBody(AbortableInputStream.create(new ByteArrayInputStream(EMPTY_MAP)))
              .build();
        }

        @Override
        public void abort() {}
      };
    }

    @Override
    public void close() {}
  }
}
