package dev.pg2kinesis.endtoend;

import java.util.List;

/**
 * Where candidates run.
 *
 * @param backlog the server
 * @param endpoint the stream
 * @param trustOptions of a JVM that trusts the certificates of both
 */
record Place(Backlog backlog, Endpoint endpoint, List<String> trustOptions) {

  /** The clock and the counters of a measurement that begins. */
  Meter meter() {
    endpoint.taken();
    return new Meter(this, System.nanoTime(), backlog.cpuSeconds());
  }

  /** A measurement that has begun. */
  record Meter(Place place, long began, double serverBefore) {

    /** What it came to, for a process that may have done something before. */
    Sample end(double cpuSeconds, double peakMegabytes) {
      double seconds = (System.nanoTime() - began) / 1e9;
      return new Sample(
          seconds,
          cpuSeconds,
          place.backlog.cpuSeconds() - serverBefore,
          peakMegabytes,
          place.endpoint.taken());
    }
  }
}
