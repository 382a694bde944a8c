package dev.pg2kinesis.command;

import dev.pg2kinesis.error.CodedException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that {@code status} found.
 *
 * @param severity how bad it is
 * @param code a stable name; the error's where a run would fail with it
 * @param message what it is and what mends it
 */
record Finding(Severity severity, String code, String message) {

  /** How bad a finding is. */
  enum Severity {
    /** Nothing to do now. */
    INFO,
    /** Runs go on, and something needs attention. */
    WARNING,
    /** The next run fails, or changes are missing. */
    ERROR
  }

  static Finding info(String code, String message) {
    return new Finding(Severity.INFO, code, message);
  }

  static Finding warning(String code, String message) {
    return new Finding(Severity.WARNING, code, message);
  }

  static Finding error(String code, String message) {
    return new Finding(Severity.ERROR, code, message);
  }

  /** The failure that a run would end with. */
  static Finding of(Severity severity, CodedException failure) {
    return new Finding(severity, failure.codeName(), failure.explanation());
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("severity", severity.name());
    fields.put("code", code);
    fields.put("message", message);
    return fields;
  }
}
