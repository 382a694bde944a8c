package dev.pg2kinesis.format;

import java.util.Collections;
import java.util.List;

/**
 * The streams of a run.
 *
 * @param routes which stream a change goes to
 * @param maxRecordBytes for each stream, by number, the most bytes that it takes in a record,
 *     partition key included
 */
public record Destinations(Routes routes, List<Integer> maxRecordBytes) {

  /** Checks that there is one limit for each stream. */
  public Destinations {
    maxRecordBytes = List.copyOf(maxRecordBytes);
    if (maxRecordBytes.size() != routes.streams().size()) {
      throw new IllegalArgumentException(
          maxRecordBytes.size() + " limits for " + routes.streams().size() + " streams");
    }
  }

  /** One stream, for all changes. */
  public static Destinations one(int maxRecordBytes) {
    return new Destinations(Routes.all(""), List.of(maxRecordBytes));
  }

  /** A stream for people: its name only if there are several. */
  String described(int stream) {
    return routes.streams().size() == 1
        ? "the stream"
        : "the stream " + routes.streams().get(stream);
  }

  int largestRecordBytes() {
    return Collections.max(maxRecordBytes);
  }
}
