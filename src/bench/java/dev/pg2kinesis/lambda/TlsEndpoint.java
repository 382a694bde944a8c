package dev.pg2kinesis.lambda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import javax.net.ssl.SSLContext;

/** TLS before an endpoint that has none: decrypts what comes and passes it on. */
final class TlsEndpoint implements AutoCloseable {

  private final ServerSocket listener;
  private final int target;

  private TlsEndpoint(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
    start(this::accept);
  }

  /** Starts on a free loopback port, as {@code localhost}. */
  static TlsEndpoint before(URI endpoint, SSLContext certificate) throws IOException {
    return new TlsEndpoint(
        certificate
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
        endpoint.getPort());
  }

  URI endpoint() {
    return URI.create("https://localhost:" + listener.getLocalPort());
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "tls-endpoint");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        start(() -> pass(client, server));
        start(() -> pass(server, client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one of the two is gone
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
