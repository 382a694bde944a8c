package dev.pg2kinesis.command;

import dev.pg2kinesis.error.CodedException;
import java.util.Map;

/**
 * Something that {@code status} found.
 *
 * @param severity how bad it is
 * @param code a stable name; if a run would fail of it, the error's
 * @param message what it is and how to fix it
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

  /** The failure that a run would end with. */
  static Finding of(Severity severity, CodedException failure) {
    return new Finding(severity, failure.codeName(), failure.explanation());
  }

  Map<String, Object> fields() {
    return new Fields()
        .put("severity", severity.name())
        .put("code", code)
        .put("message", message)
        .map();
  }
}
