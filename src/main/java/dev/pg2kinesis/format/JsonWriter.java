package dev.pg2kinesis.format;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON values to payloads, one at a time. Keeps its generator for the next value: making one
 * costs about as much as writing a small change. For one thread.
 */
final class JsonWriter {

  private final JsonStyle style;
  private @Nullable Payload payloadOfGenerator;
  private @Nullable JsonGenerator generator;

  JsonWriter(JsonStyle style) {
    this.style = style;
  }

  /** Writes one JSON value to the payload. */
  void write(Payload payload, Body body) {
    try {
      JsonGenerator json = generator(payload);
      generator = null; // a generator that fails inside a value cannot be used again
      body.write(json);
      json.flush();
      generator = json;
    } catch (IOException e) {
      throw new UncheckedIOException("a payload never fails", e);
    }
  }

  private JsonGenerator generator(Payload payload) throws IOException {
    JsonGenerator kept = generator;
    if (kept != null && payload == payloadOfGenerator) {
      return kept;
    }
    payloadOfGenerator = payload;
    return style.generator(payload);
  }

  /** Writes one JSON value. */
  interface Body {
    void write(JsonGenerator json) throws IOException;
  }
}
