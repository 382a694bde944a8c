package dev.pg2kinesis.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.command.RunClock;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.snapshot.SnapshotRun;
import dev.pg2kinesis.snapshot.SnapshotState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a process that loads the table {@code public.t} and waits for a line at one point of
 * its second chunk, for a test to kill it there. Its stream and its state are files, which outlive
 * it.
 */
final class SnapshotProcess {

  private static final Duration LIFE = Duration.ofMinutes(5);

  /** Where a process can be stopped. */
  enum Point {
    NOWHERE,
    /** The rows are read; none is published. */
    READ,
    /** Some rows of the chunk are on the stream. */
    PUBLISHED,
    /** All are, and the state is not kept. */
    ACKNOWLEDGED,
    /** The state is kept. */
    KEPT
  }

  private final Path directory;
  private final Point point;
  private int chunks;
  private int publishedOfChunk;

  private SnapshotProcess(Path directory, Point point) {
    this.directory = directory;
    this.point = point;
  }

  /** Starts one; it prints the point once it is there, and at last how it ended. */
  static RelayProcess start(
      PostgresServer server, String database, String slot, Path directory, Point point) {
    return RelayProcess.start(
        SnapshotProcess.class,
        List.of(
            Integer.toString(server.port()), database, slot, directory.toString(), point.name()));
  }

  static Path stream(Path directory) {
    return directory.resolve("stream");
  }

  private static Path state(Path directory) {
    return directory.resolve("state");
  }

  public static void main(String[] arguments) throws IOException {
    String end;
    try (Slot slot =
        PostgresSlot.open(
            PostgresServer.login(Integer.parseInt(arguments[0]), arguments[1]),
            arguments[2],
            List.of("p"),
            2,
            LIFE)) {
      end = new SnapshotProcess(Path.of(arguments[3]), Point.valueOf(arguments[4])).load(slot);
    } catch (SlotException e) {
      end = e.code().name();
    }
    System.out.println(end);
  }

  private String load(Slot slot) throws IOException {
    RecordMaker records = AllChanges.in(Format.DEBEZIUM);
    SnapshotRun snapshot =
        new SnapshotRun(
            slot.tables(), kept(), records, this::keep, new RunClock(LIFE::toMillis), 2 << 20);
    return RelayBuilder.over(slot, new FilePublisher())
        .records(records)
        .snapshot(new Watched(snapshot))
        .poll()
        .outcome()
        .name();
  }

  private SnapshotState kept() throws IOException {
    return Files.exists(state(directory))
        ? SnapshotState.parse(Files.readString(state(directory)))
        : SnapshotState.begin(
            Instant.parse("2026-01-01T00:00:00Z"),
            List.of(SnapshotState.Table.waiting(new TableName("public", "t"), 0)));
  }

  /** As Parameter Store does: whole or not at all. */
  private void keep(SnapshotState state) {
    boolean ofChunk = chunks > 0 && publishedOfChunk > 0;
    if (ofChunk) {
      at(Point.ACKNOWLEDGED);
    }
    try {
      Path next = directory.resolve("next");
      Files.writeString(next, state.json());
      Files.move(next, state(directory), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (ofChunk) {
      at(Point.KEPT);
    }
  }

  private void at(Point here) {
    if (here != point || chunks != 2) {
      return;
    }
    System.out.println(here);
    try {
      System.in.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Watched extends ForwardingSnapshot {
    Watched(SnapshotRun snapshot) {
      super(snapshot);
    }

    @Override
    public @Nullable Lsn read() {
      publishedOfChunk = 0;
      Lsn end = super.read();
      chunks++;
      at(Point.READ);
      return end;
    }
  }

  /** Appends each record as a line. */
  private final class FilePublisher implements Publisher {
    private long records;

    @Override
    public void publish(StreamRecord record) {
      String line =
          record.partitionKey()
              + "\t"
              + record.commitLsn().value()
              + "\t"
              + record.ordinal()
              + "\t"
              + new String(record.payload(), UTF_8)
              + "\n";
      try {
        Files.writeString(
            stream(directory), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      records++;
      if (++publishedOfChunk == 100) {
        at(Point.PUBLISHED);
      }
    }

    @Override
    public void flush() {}

    @Override
    public long acknowledged() {
      return records;
    }

    @Override
    public Totals totals() {
      return new Totals(records, 0, 0);
    }

    @Override
    public void close() {}
  }
}
