package dev.pg2kinesis.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Answers the SDK's requests itself, from memory. Nothing is connected to. */
public final class AnsweringHttpClient implements SdkHttpClient {

  private static final int OK = 200;

  private final Function<Call, Answer> answers;

  public AnsweringHttpClient(Function<Call, Answer> answers) {
    this.answers = answers;
  }

  /**
   * What is asked.
   *
   * @param operation the last part of the header X-Amz-Target
   * @param contentType of the request, and so of its answer
   */
  public record Call(String operation, String contentType) {}

  /** What is answered. */
  public record Answer(int status, byte[] body) {

    /** A success. */
    public static Answer ok(byte[] body) {
      return new Answer(OK, body);
    }

    static Answer json(int status, String body) {
      return new Answer(status, body.getBytes(UTF_8));
    }
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        read(request);
        SdkHttpRequest http = request.httpRequest();
        String target = http.firstMatchingHeader("X-Amz-Target").orElse("");
        String contentType = http.firstMatchingHeader("Content-Type").orElse("");
        return response(
            answers.apply(new Call(target.substring(target.indexOf('.') + 1), contentType)),
            contentType);
      }

      @Override
      public void abort() {
        // nothing is in progress
      }
    };
  }

  /** A request is made while it is read. */
  private static void read(HttpExecuteRequest request) throws IOException {
    ContentStreamProvider content = request.contentStreamProvider().orElse(null);
    if (content != null) {
      try (InputStream in = content.newStream()) {
        in.readAllBytes();
      }
    }
  }

  private static HttpExecuteResponse response(Answer answer, String contentType) {
    return HttpExecuteResponse.builder()
        .response(
            SdkHttpFullResponse.builder()
                .statusCode(answer.status())
                .putHeader("Content-Type", contentType)
                .putHeader("Content-Length", Integer.toString(answer.body().length))
                .putHeader("x-amzn-RequestId", "rehearsal")
                .build())
        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(answer.body())))
        .build();
  }

  @Override
  public void close() {
    // nothing is open
  }
}
