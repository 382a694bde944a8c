package dev.pg2kinesis.aws;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the SDK would find in a function's environment, as system properties for a test. */
public final class AwsSettings implements AutoCloseable {

  private final Map<String, @Nullable String> before = new HashMap<>();

  public AwsSettings(URI endpoint) {
    set("aws.endpointUrl", endpoint.toString());
    set("aws.region", "us-east-1");
    credentials("test", "test");
  }

  public void credentials(String accessKeyId, String secretAccessKey) {
    set("aws.accessKeyId", accessKeyId);
    set("aws.secretAccessKey", secretAccessKey);
  }

  public void set(String name, String value) {
    String old = System.setProperty(name, value);
    before.putIfAbsent(name, old);
  }

  @Override
  public void close() {
    before.forEach(
        (name, value) -> {
          if (value == null) {
            System.clearProperty(name);
          } else {
            System.setProperty(name, value);
          }
        });
  }
}
