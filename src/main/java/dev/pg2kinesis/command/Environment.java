package dev.pg2kinesis.command;

import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.MaskKeys;
import dev.pg2kinesis.aws.Parameters;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.RehearsalStream;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.DriverRehearsal;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a warm process keeps from one invocation to the next. Each part is made when it is first
 * needed; one that could not be made is tried again in the next invocation. For one thread.
 */
public final class Environment implements AutoCloseable {

  private final AwsClients aws;
  private final Kept<Settings> settings;
  private final Kept<List<KinesisStream>> streams;
  private final Kept<DatabaseAccess> database;
  private final Kept<byte[]> maskKey;
  private final SlotOpener slots;

  private Environment(
      AwsClients aws,
      Supplier<Settings> source,
      Function<StreamAddress, KinesisStream> client,
      SlotOpener slots) {
    KinesisStream.keepConnections();
    this.aws = aws;
    this.slots = slots;
    this.settings = new Kept<>(source);
    this.streams = new Kept<>(() -> streams(settings().routes().streams(), client));
    this.database = new Kept<>(() -> DatabaseAccess.of(settings().connection(), aws));
    this.maskKey =
        new Kept<>(
            () -> MaskKeys.fetch(Objects.requireNonNull(settings().output().maskSecretId()), aws));
  }

  /** How a slot is opened. */
  private interface SlotOpener {

    /** Opens the slot that the settings name, for a run that lasts that long at most. */
    Slot open(Database database, Settings settings, Duration maxDuration);
  }

  /** The environment of a Lambda function. */
  public static Environment ofProcess() {
    AwsClients aws = new AwsClients();
    return of(aws, () -> Settings.fromEnvironment(new Parameters(aws)::below));
  }

  /** An environment with other settings. */
  public static Environment with(Supplier<Settings> settings) {
    return of(new AwsClients(), settings);
  }

  private static Environment of(AwsClients aws, Supplier<Settings> settings) {
    return new Environment(aws, settings, KinesisStream::at, Environment::open);
  }

  /**
   * An environment in memory, for a rehearsal: its services answer themselves, its slot has one
   * change, and its stream takes it.
   */
  public static Environment inMemory(Supplier<Settings> settings) {
    return new Environment(
        AwsClients.inMemory(), settings, RehearsalStream::at, Environment::rehearse);
  }

  private static Slot rehearse(Database database, Settings settings, Duration maxDuration) {
    DriverRehearsal.run(database);
    return new RehearsalSlot();
  }

  private static Slot open(Database database, Settings settings, Duration maxDuration) {
    return PostgresSlot.open(
        database,
        settings.slotName(),
        settings.publications(),
        settings.wal2JsonFormat(),
        maxDuration);
  }

  public Settings settings() {
    return settings.get();
  }

  /** The streams by number, the default stream first. One client reaches all of them. */
  List<KinesisStream> streams() {
    return streams.get();
  }

  private static List<KinesisStream> streams(
      List<String> addresses, Function<StreamAddress, KinesisStream> client) {
    KinesisStream first = client.apply(new StreamAddress(addresses.get(0)));
    List<KinesisStream> all = new ArrayList<>();
    all.add(first);
    for (String address : addresses.subList(1, addresses.size())) {
      all.add(first.other(new StreamAddress(address)));
    }
    return List.copyOf(all);
  }

  DatabaseAccess database() {
    return database.get();
  }

  /** Connects to the database and opens the slot. */
  Slot openSlot(Database to, Duration maxDuration) {
    return slots.open(to, settings(), maxDuration);
  }

  /** The key of the masks, or null if none needs one. */
  byte @Nullable [] maskKey() {
    return settings().output().maskSecretId() == null ? null : maskKey.get();
  }

  AwsClients aws() {
    return aws;
  }

  /** The directory of spill files: Lambda's ephemeral storage. */
  Path temporaryDirectory() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** Ends the clients' threads and connections. Lambda ends the whole process instead. */
  @Override
  public void close() {
    List<KinesisStream> opened = streams.value;
    if (opened != null) {
      opened.get(0).close(); // they share its client
    }
    aws.close();
  }

  /** A value that is made once. */
  private static final class Kept<T> {

    private final Supplier<T> source;
    private @Nullable T value;

    Kept(Supplier<T> source) {
      this.source = source;
    }

    T get() {
      T kept = value;
      if (kept == null) {
        kept = source.get();
        value = kept;
      }
      return kept;
    }
  }
}
