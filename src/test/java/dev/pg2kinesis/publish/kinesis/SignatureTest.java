package dev.pg2kinesis.publish.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublisherConfiguration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/**
 * The signature is that of the body which is sent. Computed here as AWS does ("Create a signed AWS
 * API request", IAM User Guide), since the fakes check none.
 */
final class SignatureTest {

  private static final String SECRET = "a secret access key";
  private static final Pattern AUTHORIZATION =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=key/(?<scope>(?<date>\\d+)/(?<region>[^/]+)/kinesis/"
              + "aws4_request), SignedHeaders=(?<headers>[^,]+), Signature=(?<signature>\\p{XDigit}+)");

  @ParameterizedTest
  @EnumSource(Packing.class)
  void signsTheBodyThatIsSent(Packing packing) throws Exception {
    Map<String, Boolean> valid = new ConcurrentHashMap<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext("/", exchange -> answer(exchange, valid));
    server.start();
    try (KinesisStream stream = stream(server);
        KinesisPublisher publisher =
            KinesisPublisher.open(
                stream, PublisherConfiguration.defaults().withPacking(packing), () -> 60_000)) {
      publisher.publish(new StreamRecord("key é", "payload".getBytes(UTF_8), new Lsn(1), 0));
      publisher.flush();
    } finally {
      server.stop(0);
    }

    assertThat(valid)
        .containsOnly(Map.entry("DescribeStreamSummary", true), Map.entry("PutRecords", true));
  }

  private static KinesisStream stream(HttpServer server) {
    return KinesisStream.at(
        new StreamAddress("s"),
        Duration.ofSeconds(10),
        builder ->
            builder
                .endpointOverride(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("key", SECRET))));
  }

  private static void answer(HttpExchange exchange, Map<String, Boolean> valid) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    String operation = target.substring(target.indexOf('.') + 1);
    valid.put(operation, isSigned(exchange, body));
    byte[] answer = answer(operation);
    exchange.getResponseHeaders().add("Content-Type", "application/x-amz-cbor-1.1");
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  /** In CBOR: a stream with one shard, and one record accepted. */
  private static byte[] answer(String operation) {
    return RehearsalStream.cbor(
        operation.equals("PutRecords")
            ? "{\"FailedRecordCount\":0,\"Records\":[{\"SequenceNumber\":\"1\",\"ShardId\":\"s-0\"}]}"
            : "{\"StreamDescriptionSummary\":{\"StreamStatus\":\"ACTIVE\",\"OpenShardCount\":1}}");
  }

  private static boolean isSigned(HttpExchange exchange, byte[] body) {
    Headers headers = exchange.getRequestHeaders();
    Matcher authorization = AUTHORIZATION.matcher(headers.getFirst("Authorization"));
    assertThat(authorization.matches()).isTrue();
    String signed = authorization.group("headers");
    String canonical =
        Stream.of(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                "",
                Stream.of(signed.split(";"))
                    .map(name -> name + ':' + headers.getFirst(name).strip() + '\n')
                    .collect(Collectors.joining()),
                signed,
                hex(sha256(body)))
            .collect(Collectors.joining("\n"));
    String toSign =
        String.join(
            "\n",
            "AWS4-HMAC-SHA256",
            headers.getFirst("X-Amz-Date"),
            authorization.group("scope"),
            hex(sha256(canonical.getBytes(UTF_8))));
    byte[] key = ("AWS4" + SECRET).getBytes(UTF_8);
    for (String part :
        new String[] {
          authorization.group("date"), authorization.group("region"), "kinesis", "aws4_request"
        }) {
      key = hmac(key, part);
    }
    return hex(hmac(key, toSign)).equals(authorization.group("signature").toLowerCase(Locale.ROOT));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
