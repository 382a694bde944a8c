package dev.pg2kinesis.publish.kinesis;

/**
 * A stream's name, in the client's account and region, or its ARN.
 *
 * @param text the name or the ARN
 */
public record StreamAddress(String text) {

  /** Checks that it is not blank. */
  public StreamAddress {
    if (text.isBlank()) {
      throw new IllegalArgumentException("expected a stream's name or ARN, found nothing");
    }
  }

  /** Whether it is an ARN ({@code arn:<partition>:kinesis:<region>:<account>:stream/<name>}). */
  public boolean isArn() {
    return text.startsWith("arn:");
  }

  /** The name alone, for people and metrics. */
  public String name() {
    return isArn() ? text.substring(text.lastIndexOf('/') + 1) : text;
  }

  @Override
  public String toString() {
    return text;
  }
}
