package dev.pg2kinesis.command;

import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.MaskKeys;
import dev.pg2kinesis.aws.Parameters;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  private Environment(AwsClients aws, Supplier<Settings> source) {
    KinesisStream.keepConnections();
    this.aws = aws;
    this.settings = new Kept<>(source);
    this.streams = new Kept<>(() -> streams(settings().routes().streams()));
    this.database = new Kept<>(() -> DatabaseAccess.of(settings().connection(), aws));
    this.maskKey =
        new Kept<>(
            () -> MaskKeys.fetch(Objects.requireNonNull(settings().output().maskSecretId()), aws));
  }

  /** The environment of a Lambda function. */
  public static Environment ofProcess() {
    AwsClients aws = new AwsClients();
    return new Environment(aws, () -> Settings.fromEnvironment(new Parameters(aws)::below));
  }

  /** An environment with other settings. */
  public static Environment with(Supplier<Settings> settings) {
    return new Environment(new AwsClients(), settings);
  }

  public Settings settings() {
    return settings.get();
  }

  /** The streams by number, the default stream first. One client reaches all of them. */
  List<KinesisStream> streams() {
    return streams.get();
  }

  private static List<KinesisStream> streams(List<String> addresses) {
    KinesisStream first = KinesisStream.at(new StreamAddress(addresses.get(0)));
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
