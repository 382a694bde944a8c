package dev.pg2kinesis.chaos;

import dev.pg2kinesis.kinesis.FakeKinesis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/** What histories share, one after the other: servers, fakes of AWS, and threads. */
final class World implements AutoCloseable {

  final Servers servers = new Servers();
  final FakeKinesis kinesis = FakeKinesis.start();
  final AwsStores stores = AwsStores.start();
  final ExecutorService threads = Executors.newCachedThreadPool();
  final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
  final Path temporary;
  private final String temporaryBefore = System.getProperty("java.io.tmpdir");

  World() {
    try {
      temporary = Files.createTempDirectory("chaos");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // The SDK looks at system properties before the environment.
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    System.setProperty("aws.endpointUrlKinesis", kinesis.endpoint().toString());
    System.setProperty("aws.endpointUrlSsm", stores.endpoint().toString());
    System.setProperty("aws.endpointUrlSecretsManager", stores.endpoint().toString());
  }

  @Override
  public void close() {
    System.setProperty("java.io.tmpdir", temporaryBefore);
    System.clearProperty("aws.endpointUrlSsm");
    System.clearProperty("aws.endpointUrlSecretsManager");
    threads.shutdownNow();
    clock.shutdownNow();
    kinesis.close();
    stores.close();
    servers.close();
    try (Stream<Path> files = Files.walk(temporary)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
