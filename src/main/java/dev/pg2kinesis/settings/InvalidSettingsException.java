package dev.pg2kinesis.settings;

import dev.pg2kinesis.error.CodedException;
import java.util.List;

/** Settings that cannot be used; the message lists everything that is wrong. */
final class InvalidSettingsException extends CodedException {

  private static final long serialVersionUID = 1L;

  InvalidSettingsException(List<String> problems) {
    super("SETTINGS_INVALID", String.join("; ", problems) + ".", null);
  }
}
