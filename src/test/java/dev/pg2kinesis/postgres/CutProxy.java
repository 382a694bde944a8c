package dev.pg2kinesis.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * The network between a client and a server, which a test can cut: connections are closed, or fall
 * silent without a word.
 */
public final class CutProxy implements AutoCloseable {

  private final ServerSocket listener;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile long bytesUntilCut = Long.MAX_VALUE;
  private volatile boolean silently;

  private CutProxy(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
    start(this::accept);
  }

  /** Starts on a free loopback port. */
  public static CutProxy to(int target) {
    try {
      return new CutProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Cuts once the server has sent so many more bytes. */
  public void cutAfter(long bytes, boolean withoutAWord) {
    silently = withoutAWord;
    bytesUntilCut = bytes;
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "cut-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        start(() -> pass(client, server, false));
        start(() -> pass(server, client, true));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void pass(Socket from, Socket to, boolean counts) {
    byte[] buffer = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (isCut(counts ? n : 0)) {
          if (silently) {
            end.await();
          }
          return;
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // one side is gone, and with it the other
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isCut(long bytes) {
    bytesUntilCut -= bytes;
    return bytesUntilCut <= 0;
  }

  @Override
  public void close() {
    end.countDown();
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
