package dev.pg2kinesis.publish.kinesis;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Sends requests over {@link HttpURLConnection}, each body with one write. The SDK's client for it
 * writes bodies in pieces of 4 KB, and java.net flushes each piece: a system call and a TLS record
 * for every 4 KB. Has no proxies.
 */
final class WholeBodyHttpClient implements SdkHttpClient {

  private static final int CLIENT_ERROR = 400;

  private final int connectMillis;
  private final int readMillis;

  WholeBodyHttpClient(Duration connectTimeout, Duration readTimeout) {
    this.connectMillis = Math.toIntExact(connectTimeout.toMillis());
    this.readMillis = Math.toIntExact(readTimeout.toMillis());
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new Call(request);
  }

  @Override
  public String clientName() {
    return "WholeBody";
  }

  /** Does nothing: java.net keeps the connections, for all clients of the process. */
  @Override
  public void close() {}

  private final class Call implements ExecutableHttpRequest {
    private final HttpExecuteRequest request;
    private final AtomicReference<@Nullable HttpURLConnection> open = new AtomicReference<>();

    Call(HttpExecuteRequest request) {
      this.request = request;
    }

    @Override
    public HttpExecuteResponse call() throws IOException {
      SdkHttpRequest head = request.httpRequest();
      HttpURLConnection connection = (HttpURLConnection) head.getUri().toURL().openConnection();
      open.set(connection);
      connection.setConnectTimeout(connectMillis);
      connection.setReadTimeout(readMillis);
      connection.setUseCaches(false);
      connection.setInstanceFollowRedirects(false);
      connection.setRequestMethod(head.method().name());
      head.forEachHeader(
          (name, values) -> values.forEach(value -> connection.addRequestProperty(name, value)));
      if (request.contentStreamProvider().isPresent()) {
        byte[] body = body(head, request.contentStreamProvider().get());
        connection.setDoOutput(true);
        // A body of a fixed length is never sent a second time by java.net itself.
        connection.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body);
        }
      }
      return response(connection);
    }

    private static byte[] body(SdkHttpRequest head, ContentStreamProvider provider)
        throws IOException {
      // The SDK sets the length. To read up to the end would copy the body in pieces first.
      byte[] body =
          new byte[Integer.parseInt(head.firstMatchingHeader("Content-Length").orElseThrow())];
      try (InputStream content = provider.newStream()) {
        if (content.readNBytes(body, 0, body.length) < body.length) {
          throw new EOFException("the request's body is shorter than its Content-Length");
        }
      }
      return body;
    }

    private HttpExecuteResponse response(HttpURLConnection connection) throws IOException {
      int status = connection.getResponseCode();
      InputStream content =
          status >= CLIENT_ERROR ? connection.getErrorStream() : connection.getInputStream();
      SdkHttpFullResponse.Builder head =
          SdkHttpFullResponse.builder()
              .statusCode(status)
              .statusText(connection.getResponseMessage());
      for (Map.Entry<String, List<String>> header : connection.getHeaderFields().entrySet()) {
        if (header.getKey() != null) { // the status line
          head.putHeader(header.getKey(), header.getValue());
        }
      }
      return HttpExecuteResponse.builder()
          .response(head.build())
          .responseBody(content == null ? null : AbortableInputStream.create(content, this))
          .build();
    }

    @Override
    public void abort() {
      HttpURLConnection connection = open.get();
      if (connection != null) {
        connection.disconnect();
      }
    }
  }
}
