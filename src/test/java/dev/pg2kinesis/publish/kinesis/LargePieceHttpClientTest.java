package dev.pg2kinesis.publish.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

final class LargePieceHttpClientTest {

  private final HttpServer server = startServer();
  private final LargePieceHttpClient client =
      new LargePieceHttpClient(Duration.ofSeconds(3), Duration.ofSeconds(10));

  private static HttpServer startServer() {
    try {
      HttpServer started =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
      started.start();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/path?a=b");
  }

  private static SdkHttpRequest.Builder post(URI uri) {
    return SdkHttpRequest.builder().uri(uri).method(SdkHttpMethod.POST);
  }

  private static ExecutableHttpRequest prepare(
      LargePieceHttpClient client, SdkHttpRequest head, byte[] body) {
    return client.prepareRequest(
        HttpExecuteRequest.builder()
            .request(
                head.toBuilder().putHeader("Content-Length", Integer.toString(body.length)).build())
            .contentStreamProvider(() -> new ByteArrayInputStream(body))
            .build());
  }

  private void answer(int status, byte[] body) {
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("x-amzn-RequestId", "r-1");
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  @Test
  void sendsMethodPathHeadersAndBody() throws Exception {
    List<String> seen = new ArrayList<>();
    server.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestMethod() + ' ' + exchange.getRequestURI());
          seen.addAll(exchange.getRequestHeaders().get("X-Two"));
          seen.add(exchange.getRequestHeaders().getFirst("Content-Length"));
          seen.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });

    HttpExecuteResponse response =
        prepare(
                client,
                post(uri()).appendHeader("X-Two", "1").appendHeader("X-Two", "2").build(),
                "body".getBytes(UTF_8))
            .call();

    assertThat(response.httpResponse().statusCode()).isEqualTo(200);
    assertThat(seen.get(0)).isEqualTo("POST /path?a=b");
    assertThat(seen.subList(1, 3)).containsExactlyInAnyOrder("1", "2");
    assertThat(seen.subList(3, 5)).containsExactly("4", "body");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 403, 413, 500, 503})
  void readsAnswersOfEveryStatus(int status) throws Exception {
    answer(status, "answer".getBytes(UTF_8));

    HttpExecuteResponse response = prepare(client, post(uri()).build(), new byte[9_000]).call();

    assertThat(response.httpResponse().statusCode()).isEqualTo(status);
    assertThat(response.httpResponse().firstMatchingHeader("X-Amzn-RequestId")).contains("r-1");
    try (InputStream content = response.responseBody().orElseThrow()) {
      assertThat(new String(content.readAllBytes(), UTF_8)).isEqualTo("answer");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 131_071, 131_072, 300_000})
  void failsAtABodyThatIsTooShort(int length) {
    SdkHttpRequest head =
        post(uri()).putHeader("Content-Length", Integer.toString(length + 1)).build();

    assertThatThrownBy(
            () ->
                client
                    .prepareRequest(
                        HttpExecuteRequest.builder()
                            .request(head)
                            .contentStreamProvider(() -> new ByteArrayInputStream(new byte[length]))
                            .build())
                    .call())
        .isInstanceOf(EOFException.class);
  }

  @Test
  void doesNotFollowRedirects() throws Exception {
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });

    assertThat(prepare(client, post(uri()).build(), new byte[1]).call().httpResponse().statusCode())
        .isEqualTo(302);
  }

  @Test
  void getsWithoutBody() throws Exception {
    answer(200, "found".getBytes(UTF_8));

    HttpExecuteResponse response =
        client
            .prepareRequest(
                HttpExecuteRequest.builder()
                    .request(SdkHttpRequest.builder().uri(uri()).method(SdkHttpMethod.GET).build())
                    .build())
            .call();

    assertThat(response.responseBody().orElseThrow().readAllBytes()).hasSize(5);
  }

  @Test
  void reportsThatNothingListens() throws Exception {
    server.stop(0);

    assertThatThrownBy(() -> prepare(client, post(uri()).build(), new byte[1]).call())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void givesUpOnAnAnswerThatDoesNotCome() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      LargePieceHttpClient impatient =
          new LargePieceHttpClient(Duration.ofSeconds(3), Duration.ofMillis(50));
      URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort());

      assertThatThrownBy(() -> prepare(impatient, post(uri).build(), new byte[1]).call())
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void abortingEndsTheCall() throws Exception {
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    CompletableFuture<Void> over = new CompletableFuture<>();
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes(); // from here on, the client waits for an answer
          arrived.complete(null);
          over.join();
          exchange.close();
        });
    ExecutableHttpRequest call = prepare(client, post(uri()).build(), new byte[1]);
    CompletableFuture<HttpExecuteResponse> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return call.call();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    arrived.join();

    call.abort();

    try {
      assertThatThrownBy(answer::get)
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseInstanceOf(SocketException.class);
    } finally {
      over.complete(null); // the server does not stop before
    }
  }
}
