package dev.pg2kinesis.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.opentest4j.TestAbortedException;

/**
 * A moto server on a free loopback port: Secrets Manager, Parameter Store and IAM, its rules
 * included. Installed from PyPI into {@code target/venv/moto} when first used.
 */
public final class Moto implements AutoCloseable {

  private static final String[] PACKAGES = {
    "moto[ssm,secretsmanager]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"
  };
  private static final Duration START = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final URI endpoint;

  private Moto(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /**
   * Starts a server with nothing in it.
   *
   * @throws TestAbortedException with the reason, where moto cannot be installed
   */
  public static Moto start() {
    try {
      Path log = Files.createTempFile("moto", ".log");
      int port = freePort();
      Process process =
          new ProcessBuilder(
                  environment() + "/bin/moto_server", "-H", "127.0.0.1", "-p", String.valueOf(port))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Moto moto = new Moto(process, URI.create("http://127.0.0.1:" + port));
      moto.awaitReady(log);
      return moto;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String environment() throws IOException {
    String[] command = new String[PACKAGES.length + 2];
    command[0] = ".ci/venv";
    command[1] = "moto";
    System.arraycopy(PACKAGES, 0, command, 2, PACKAGES.length);
    Path errors = Files.createTempFile("venv", ".log");
    Process venv = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String folder = new String(venv.getInputStream().readAllBytes(), UTF_8).strip();
    try {
      if (venv.waitFor() != 0) {
        throw new TestAbortedException(
            "needs Python and PyPI for moto: " + Files.readString(errors).strip());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return folder;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady(Path log) throws IOException {
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      try {
        if (send("/moto-api/data.json", "", "GET", "").statusCode() == 200) {
          // It loads a service at its first call, which can take longer than the SDK waits.
          send("/", "ssm", "AmazonSSM.GetParameter", "{\"Name\":\"/none\"}");
          return;
        }
      } catch (UncheckedIOException e) {
        Thread.onSpinWait();
      }
    }
    close();
    throw new IllegalStateException("moto did not start: " + Files.readString(log));
  }

  public URI endpoint() {
    return endpoint;
  }

  /** Calls an operation that takes JSON, as an administrator, while {@link #openToAll()}. */
  public String call(String service, String target, String json) {
    HttpResponse<String> response = send("/", service, target, json);
    if (response.statusCode() != 200) {
      throw new IllegalStateException(target + ": " + response.body());
    }
    return response.body();
  }

  /** A new IAM user with an inline policy; returns its access key id and secret, in this order. */
  String[] user(String name, String policy) {
    iam("Action=CreateUser&UserName=" + name);
    iam(
        "Action=PutUserPolicy&PolicyName=p&UserName="
            + name
            + "&PolicyDocument="
            + java.net.URLEncoder.encode(policy, UTF_8));
    String keys = iam("Action=CreateAccessKey&UserName=" + name);
    return new String[] {between(keys, "AccessKeyId"), between(keys, "SecretAccessKey")};
  }

  private String iam(String form) {
    HttpResponse<String> response = send("/", "iam", "", form + "&Version=2010-05-08");
    if (response.statusCode() != 200) {
      throw new IllegalStateException(response.body());
    }
    return response.body();
  }

  private static String between(String xml, String tag) {
    int start = xml.indexOf("<" + tag + ">") + tag.length() + 2;
    return xml.substring(start, xml.indexOf("</" + tag + ">"));
  }

  /** From now on every call needs a known signature and the right to make it. */
  void enforceRights() {
    send("/moto-api/reset-auth", "", "", "0");
  }

  /** From now on anybody may do anything, as at the start. */
  void openToAll() {
    send("/moto-api/reset-auth", "", "", "inf");
  }

  private HttpResponse<String> send(String path, String service, String target, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve(path));
    if ("GET".equals(target)) {
      request.GET();
    } else {
      request.POST(BodyPublishers.ofString(body));
    }
    if (!service.isEmpty()) {
      // moto finds the service by the scope of the signature, and does not check it while open.
      request.header(
          "Authorization",
          "AWS4-HMAC-SHA256 Credential=admin/20260101/us-east-1/"
              + service
              + "/aws4_request, SignedHeaders=host, Signature=0");
      request.header(
          "Content-Type",
          "iam".equals(service)
              ? "application/x-www-form-urlencoded"
              : "application/x-amz-json-1.1");
    }
    if (!target.isEmpty() && !"GET".equals(target)) {
      request.header("X-Amz-Target", target);
    }
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
