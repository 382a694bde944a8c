package dev.pg2kinesis.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.format.ColumnRules;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The settings for columns, together. */
class ColumnSettingsTest {

  private static Settings.Output output(String... namesAndValues) {
    Map<String, String> variables =
        new HashMap<>(
            Map.of("PGHOST", "h", "PGDATABASE", "d", "PGUSER", "u", "STREAM_NAME", "changes"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      variables.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return Settings.from(variables).output();
  }

  @Test
  void emptyIsUnset() {
    Settings.Output output =
        output("EXCLUDE_COLUMNS", "", "MASK_COLUMNS", " ", "KEY_COLUMNS", "", "MASK_SECRET_ID", "");

    assertThat(output.columns()).isEqualTo(ColumnRules.NONE);
    assertThat(output.maskSecretId()).isNull();
  }

  @Test
  void theKeyIsReadWhereAMaskNeedsIt() {
    assertThat(output("MASK_COLUMNS", "a.b.c=hmac", "MASK_SECRET_ID", "key").maskSecretId())
        .isEqualTo("key");
    assertThat(output("MASK_COLUMNS", "a.b.c=redact", "MASK_SECRET_ID", "key").maskSecretId())
        .isNull();
  }

  @Test
  void everythingWrongIsSaidAtOnce() {
    assertThatThrownBy(
            () ->
                output(
                    "EXCLUDE_COLUMNS",
                    "password",
                    "MASK_COLUMNS",
                    "a.b.c=hmac",
                    "KEY_COLUMNS",
                    "orders: customer_id",
                    "PARTITION_KEY",
                    "table"))
        .hasMessage(
            "SETTINGS_INVALID: EXCLUDE_COLUMNS is 'password': expected schema.table.column, each a"
                + " name or a pattern such as * at character 9 of 'password'; KEY_COLUMNS is set:"
                + " expected PARTITION_KEY to be primary-key; MASK_SECRET_ID is not set: expected a"
                + " secret with the key of hmac, which MASK_COLUMNS has.");
    assertThatThrownBy(() -> output("MASK_COLUMNS", "a.b.c=md5", "KEY_COLUMNS", "orders"))
        .hasMessageContaining("MASK_COLUMNS is 'a.b.c=md5': expected redact, hmac, last:N")
        .hasMessageContaining("KEY_COLUMNS is 'orders': expected ':'");
  }
}
