package dev.pg2kinesis.chaos;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The way of one process to the database. It can be closed for good, as when the process dies, cut,
 * or silent: then nothing passes any more, and neither side hears when the other one ends. It knows
 * what passes.
 */
final class Doorway implements AutoCloseable {

  /** Decides over a piece of what passes, before it does. */
  interface Watch {
    /**
     * Called with each piece.
     *
     * @param bytes as Latin-1
     * @return false if the connection ends instead
     */
    boolean lets(String bytes, boolean fromServer);
  }

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
  private final Set<Socket> servers = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Watch watch;
  private volatile boolean severed;
  private final Object sound = new Object();
  private boolean silent;

  private Doorway(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
    start(this::accept);
  }

  static Doorway to(int target) {
    try {
      return new Doorway(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  void watch(@Nullable Watch newWatch) {
    watch = newWatch;
  }

  /** Ends all connections; nothing passes any more. In a silence the server does not hear of it. */
  void sever() {
    severed = true;
    cut();
  }

  /** New connections pass again. */
  void reopen() {
    severed = false;
  }

  /** Ends the connections that are open now. */
  void cut() {
    clients.forEach(Doorway::close);
    if (!isSilent()) {
      servers.forEach(Doorway::close);
    }
  }

  /** Nothing passes from now on, although all connections stay open and new ones are taken. */
  void fallSilent() {
    synchronized (sound) {
      silent = true;
    }
  }

  /** Ends the connections that were silent; what comes then passes. */
  void endSilence() {
    synchronized (sound) {
      if (!silent) {
        return;
      }
      silent = false;
      sound.notifyAll();
    }
    cut();
  }

  private boolean isSilent() {
    synchronized (sound) {
      return silent;
    }
  }

  private void awaitSound() {
    synchronized (sound) {
      while (silent) {
        try {
          sound.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  /** How many sockets are open. */
  int open() {
    return clients.size() + servers.size();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "doorway");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listener.accept();
        if (severed) {
          client.close();
          continue;
        }
        connect(client);
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException e) {
      client.close(); // the server is not there just now
      return;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    clients.add(client);
    servers.add(server);
    if (severed) {
      cut();
    }
    start(() -> pass(client, server, false));
    start(() -> pass(server, client, true));
  }

  private void pass(Socket from, Socket to, boolean fromServer) {
    try (from;
        to) {
      try {
        copy(from.getInputStream(), to.getOutputStream(), fromServer);
      } finally {
        awaitSound();
      }
    } catch (IOException e) {
      // one side is gone, and with it the other
    } finally {
      (fromServer ? servers : clients).remove(from);
      (fromServer ? clients : servers).remove(to);
    }
  }

  private void copy(InputStream in, OutputStream out, boolean fromServer) throws IOException {
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      Watch asked = watch;
      if (asked != null && !asked.lets(new String(buffer, 0, n, ISO_8859_1), fromServer)) {
        return;
      }
      if (severed) {
        return;
      }
      if (!isSilent()) {
        out.write(buffer, 0, n);
      }
    }
  }

  @Override
  public void close() {
    endSilence();
    sever();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
