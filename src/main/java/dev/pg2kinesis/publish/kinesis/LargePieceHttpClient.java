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
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Sends requests over {@link HttpURLConnection}, bodies in pieces of {@value #PIECE_BYTES} bytes.
 * The SDK's client for it writes 4 KB at a time, and java.net flushes each piece: a system call and
 * a TLS record for every 4 KB. Has no proxies.
 */
final class LargePieceHttpClient implements SdkHttpClient {

  private static final int CLIENT_ERROR = 400;

  /** Eight full TLS records. */
  private static final int PIECE_BYTES = 128 * 1024;

  private final int connectMillis;
  private final int readMillis;

  LargePieceHttpClient(Duration connectTimeout, Duration readTimeout) {
    this.connectMillis = Math.toIntExact(connectTimeout.toMillis());
    this.readMillis = Math.toIntExact(readTimeout.toMillis());
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new Call(request);
  }

  @Override
  public String clientName() {
    return "LargePiece";
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
        int length = Integer.parseInt(head.firstMatchingHeader("Content-Length").orElseThrow());
        connection.setDoOutput(true);
        // A body of a fixed length is never sent a second time by java.net itself.
        connection.setFixedLengthStreamingMode(length);
        try (InputStream content = request.contentStreamProvider().get().newStream();
            OutputStream out = connection.getOutputStream()) {
          send(content, length, out);
        }
      }
      return response(connection);
    }

    private static void send(InputStream content, int length, OutputStream out) throws IOException {
      byte[] piece = new byte[Math.min(length, PIECE_BYTES)];
      int left = length;
      while (left > 0) {
        int size = Math.min(left, piece.length);
        if (content.readNBytes(piece, 0, size) < size) {
          throw new EOFException("the request's body is shorter than its Content-Length");
        }
        out.write(piece, 0, size);
        left -= size;
      }
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
