package dev.pg2kinesis.publish.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.aws.AnsweringHttpClient;
import dev.pg2kinesis.aws.AnsweringHttpClient.Answer;
import dev.pg2kinesis.aws.AnsweringHttpClient.Call;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** A stream in memory that takes one record: the SDK does all of its work but the network. */
public final class RehearsalStream {

  private static final Duration UNUSED = Duration.ofSeconds(1);

  private static final String DESCRIPTION =
      "{\"StreamDescriptionSummary\":{\"StreamName\":\"rehearsal\",\"StreamStatus\":\"ACTIVE\","
          + "\"StreamModeDetails\":{\"StreamMode\":\"PROVISIONED\"},\"OpenShardCount\":1}}";

  private static final String ACCEPTED =
      "{\"FailedRecordCount\":0,\"Records\":[{\"SequenceNumber\":\"1\",\"ShardId\":\"shardId-0\"}]}";

  private RehearsalStream() {}

  /** Makes a client that is not the process's own. */
  public static KinesisStream at(StreamAddress address) {
    return KinesisStream.at(
        address,
        UNUSED,
        builder ->
            builder
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create("rehearsal", "rehearsal")))
                .httpClient(new AnsweringHttpClient(RehearsalStream::answer)));
  }

  private static Answer answer(Call call) {
    String json =
        switch (call.operation()) {
          case "DescribeStreamSummary" -> DESCRIPTION;
          case "PutRecords" -> ACCEPTED;
          default -> throw new IllegalArgumentException(call.operation());
        };
    return Answer.ok(call.contentType().contains("cbor") ? cbor(json) : json.getBytes(UTF_8));
  }

  /** The same message in CBOR (RFC 8949); texts have no escapes, numbers one digit. */
  static byte[] cbor(String json) {
    ByteArrayOutputStream cbor = new ByteArrayOutputStream();
    for (int i = 0; i < json.length(); i++) {
      switch (json.charAt(i)) {
        case '{' -> cbor.write(0xBF);
        case '[' -> cbor.write(0x9F);
        case '}', ']' -> cbor.write(0xFF);
        case '"' -> {
          byte[] text = json.substring(i + 1, json.indexOf('"', i + 1)).getBytes(UTF_8);
          cbor.write(0x78);
          cbor.write(text.length);
          cbor.writeBytes(text);
          i += text.length + 1;
        }
        case ':', ',' -> {}
        default -> cbor.write(json.charAt(i) - '0');
      }
    }
    return cbor.toByteArray();
  }
}
