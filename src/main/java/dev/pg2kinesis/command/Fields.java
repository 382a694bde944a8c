package dev.pg2kinesis.command;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds a result's fields, in order. A field whose value is null is left out. */
final class Fields {

  private final Map<String, Object> fields = new LinkedHashMap<>();

  /** A number, a truth value, a text, or lists and maps of them. */
  Fields put(String name, @Nullable Object value) {
    if (value != null) {
      fields.put(name, value);
    }
    return this;
  }

  /** A value as its text. */
  Fields text(String name, @Nullable Object value) {
    return put(name, value == null ? null : value.toString());
  }

  Fields putAll(Fields others) {
    fields.putAll(others.fields);
    return this;
  }

  Map<String, Object> map() {
    return fields;
  }
}
