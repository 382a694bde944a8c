package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing of these settings exists, so whatever reached for the network would fail. */
class RehearsalTest {

  private final Map<String, String> environment = new HashMap<>();

  RehearsalTest() {
    environment.put("PGHOST", "no-such-host.invalid");
    environment.put("PGDATABASE", "shop");
    environment.put("PGUSER", "cdc");
    environment.put("PGSSLMODE", "require");
    environment.put("STREAM_NAME", "changes");
    environment.put("DB_IAM_AUTH", "true");
    environment.put("WATERMARK_PARAMETER", "/pg2kinesis/watermark");
  }

  private String result() throws IOException {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    Rehearsal.publish(() -> Settings.from(environment), result, Duration.ofMinutes(1));
    return result.toString(UTF_8);
  }

  private void assertPublishes() throws IOException {
    assertThat(result()).contains("\"outcome\":\"CAUGHT_UP\"", "\"records\":1,");
  }

  @ParameterizedTest
  @CsvSource({
    "debezium,     none,  replay",
    "debezium,     lines, strict",
    "csv,          kpl,   replay",
    "csv-payload,  none,  replay",
    "cloudevents,  none,  replay",
    "dms,          none,  replay",
    "flat,         none,  replay",
  })
  void publishesTheChangeInEachFormat(String format, String packing, String ordering)
      throws IOException {
    environment.put("FORMAT", format);
    environment.put("PACKING", packing);
    environment.put("ORDERING", ordering);

    assertPublishes();
  }

  @Test
  void publishesItWithAPassword() throws IOException {
    environment.remove("DB_IAM_AUTH");
    environment.put("PGPASSWORD", "secret");
    environment.put("PGSSLMODE", "disable");
    environment.remove("WATERMARK_PARAMETER");

    assertPublishes();
  }

  @Test
  void publishesItWithASecret() throws IOException {
    environment.keySet().removeAll(Set.of("DB_IAM_AUTH", "PGHOST", "PGDATABASE", "PGUSER"));
    environment.put("DB_SECRET_ID", "no-such-secret");

    assertPublishes();
  }

  @Test
  void noSettingKeepsTheChangeBack() throws IOException {
    environment.put("TABLES", "other.*");
    environment.put("OPERATIONS", "delete");
    environment.put("MASK_COLUMNS", "public.users.email=hmac");
    environment.put("MASK_SECRET_ID", "no-such-secret");
    environment.put("VISIBLE", "true");
    environment.put("ROUTES", "audit.*: audit");
    environment.put("TIME_RESERVE_MS", "300000");

    assertPublishes();
  }

  /** The settings may be in Parameter Store, which is not asked. */
  @Test
  void publishesItWithoutSettings() throws IOException {
    environment.clear();

    assertPublishes();
  }

  @Test
  void printsNothingAndFailsNever() {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, UTF_8));
      System.setErr(new PrintStream(printed, true, UTF_8));
      Rehearsal.run(() -> Settings.from(environment));
      Rehearsal.run(() -> Settings.from(environment));
      environment.put("PGSSLMODE", "verify-full"); // without certificates
      environment.put("PGSSLROOTCERT", "no-such-file");
      Rehearsal.run(() -> Settings.from(environment));
      Rehearsal.run(
          () -> {
            throw new IllegalStateException("no settings");
          });
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(printed.toString(UTF_8)).isEmpty();
  }
}
