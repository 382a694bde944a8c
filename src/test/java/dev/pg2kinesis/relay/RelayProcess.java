package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.kinesis.KinesisPublisher;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run in a separate process, for a test to freeze or to kill. It prints at last how it ended and
 * how many records were acknowledged.
 */
final class RelayProcess implements AutoCloseable {

  private static final Duration LIFE = Duration.ofMinutes(5);

  private final Process process;
  private final BufferedReader lines;

  private RelayProcess(Process process) {
    this.process = process;
    this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  /**
   * Starts a run that prints {@code reading} when it has the first row of its peek, and waits there
   * for a line. It publishes to nowhere.
   */
  static RelayProcess start(PostgresServer server, String database, String slot) {
    return start(RelayProcess.class, List.of(Integer.toString(server.port()), database, slot));
  }

  /** Starts a run that publishes, one record after the other. */
  static RelayProcess publishing(
      PostgresServer server, String database, String slot, URI kinesis, String stream) {
    return start(
        RelayProcess.class,
        List.of(Integer.toString(server.port()), database, slot, kinesis.toString(), stream));
  }

  /** Starts the main method of a class. */
  static RelayProcess start(Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(arguments);
    try {
      return new RelayProcess(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
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
    String end;
    try (Slot slot = PostgresSlot.open(database, arguments[2], List.of("p"), 2, LIFE)) {
      end = arguments.length == 3 ? waiting(slot) : publishing(slot, arguments[3], arguments[4]);
    }
    System.out.println(end);
  }

  private static String waiting(Slot slot) {
    Publisher publisher = new InstantPublisher();
    return end(RelayBuilder.over(new WaitingSlot(slot), publisher), publisher);
  }

  private static String publishing(Slot slot, String kinesis, String stream) {
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    System.setProperty("aws.endpointUrlKinesis", kinesis);
    LockFence fence = new LockFence(slot, Deadline.of(LIFE::toMillis), InstantSource.system());
    try (KinesisStream to = KinesisStream.at(new StreamAddress(stream));
        Publisher publisher =
            KinesisPublisher.open(
                to, PublisherConfiguration.defaults().withOrdering(Ordering.STRICT), fence)) {
      return end(RelayBuilder.over(slot, publisher).fence(fence), publisher);
    }
  }

  private static String end(RelayBuilder relay, Publisher publisher) {
    String end;
    try {
      end = relay.poll().outcome().name();
    } catch (SlotException e) {
      end = e.code().name();
    }
    return end + " " + publisher.totals().records();
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
