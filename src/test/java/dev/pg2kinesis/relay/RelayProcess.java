package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run in a process of its own, for a test to freeze or to kill. Prints {@code reading} when it
 * has the first row of its peek, waits there for a line, and at last prints how it ended and how
 * many records it published.
 */
final class RelayProcess implements AutoCloseable {

  private static final Duration LIFE = Duration.ofMinutes(5);

  private final Process process;
  private final BufferedReader lines;

  private RelayProcess(Process process) {
    this.process = process;
    this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  static RelayProcess start(PostgresServer server, String database, String slot) {
    try {
      return new RelayProcess(
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "-cp",
                  System.getProperty("java.class.path"),
                  RelayProcess.class.getName(),
                  Integer.toString(server.port()),
                  database,
                  slot)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line it prints, waiting for it; null when it is gone. */
  @Nullable String line() {
    try {
      return lines.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void goOn() {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] arguments) {
    Database database = PostgresServer.login(Integer.parseInt(arguments[0]), arguments[1]);
    InstantPublisher publisher = new InstantPublisher();
    String end;
    try (Slot slot = PostgresSlot.open(database, arguments[2], List.of("p"), 2, LIFE)) {
      end = RelayBuilder.over(new WaitingSlot(slot), publisher).poll().outcome().name();
    } catch (SlotException e) {
      end = e.code().name();
    }
    System.out.println(end + " " + publisher.totals().records());
  }

  /** Its peek waits after the first row. */
  private static final class WaitingSlot extends ForwardingSlot {

    WaitingSlot(Slot slot) {
      super(slot);
    }

    @Override
    public Peek peek(Lsn upTo, long rows, Duration timeout) {
      System.out.println("peeking");
      return new WaitingPeek(super.peek(upTo, rows, timeout));
    }
  }

  private static final class WaitingPeek extends ForwardingPeek {

    private boolean waited;

    WaitingPeek(Slot.Peek peek) {
      super(peek);
    }

    @Override
    public @Nullable RawRow next() {
      RawRow row = super.next();
      if (!waited) {
        waited = true;
        System.out.println("reading");
        try {
          System.in.read();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return row;
    }
  }
}
