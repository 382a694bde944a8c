package dev.pg2kinesis.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.OutboxFormat;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings whose values are a closed set: every value, by its exact name. */
class SettingsReaderTest {

  private static Settings settings(String name, String value) {
    return settings(Map.of(name, value));
  }

  private static Settings settings(Map<String, String> more) {
    Map<String, String> variables =
        new HashMap<>(
            Map.of("PGHOST", "h", "PGDATABASE", "d", "PGUSER", "u", "STREAM_NAME", "changes"));
    variables.putAll(more);
    return Settings.from(variables);
  }

  static Stream<Arguments> enumerated() {
    return Stream.of(
        choice("FORMAT", Format.values(), Format::settingName, s -> s.output().format()),
        choice(
            "PARTITION_KEY",
            PartitionKey.values(),
            PartitionKey::settingName,
            s -> s.output().partitionKey()),
        choice("PACKING", Packing.values(), Packing::settingName, s -> s.output().packing()),
        choice("ORDERING", Ordering.values(), Ordering::settingName, s -> s.output().ordering()),
        choice("OVERSIZE", Oversize.values(), Oversize::settingName, s -> s.output().oversize()),
        choice(
            "OUTBOX_FORMAT",
            OutboxFormat.values(),
            OutboxFormat::settingName,
            s -> s.output().outbox().format()));
  }

  private static <T> Arguments choice(
      String name, T[] values, Function<T, String> settingName, Function<Settings, T> read) {
    return Arguments.of(name, List.of(values), settingName, read);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("enumerated")
  void aChoiceReadsEachOfItsNamesAndNoOther(
      String name,
      List<Object> values,
      Function<Object, String> settingName,
      Function<Settings, Object> read) {
    for (Object value : values) {
      assertThat(read.apply(settings(name, " " + settingName.apply(value) + " "))).isEqualTo(value);
    }
    assertThatThrownBy(() -> settings(name, "other"))
        .hasMessage(
            "SETTINGS_INVALID: "
                + name
                + " is 'other': expected one of "
                + String.join(", ", values.stream().map(settingName).toList())
                + ".");
  }

  @Test
  void operationsAreAListOfNames() {
    assertThat(settings("OPERATIONS", "").output().filter().operations())
        .containsExactly(Operation.values());
    assertThat(
            settings("OPERATIONS", "insert, update,delete,truncate,message")
                .output()
                .filter()
                .operations())
        .containsExactly(Operation.values());
    assertThat(settings("OPERATIONS", "delete,insert").output().filter().operations())
        .containsExactly(Operation.INSERT, Operation.DELETE);
    assertThatThrownBy(() -> settings("OPERATIONS", "insert,upsert"))
        .hasMessageContaining(
            "OPERATIONS is 'insert,upsert': expected a list of insert, update, delete, truncate,"
                + " message, found 'upsert'");
    assertThatThrownBy(() -> settings("OPERATIONS", "insert,")).hasMessageContaining("found ''");
  }

  @Test
  void anOutboxIsPatternsForTablesAndMessages() {
    assertThat(settings("OUTBOX", "public.outbox").output().outbox().format())
        .isEqualTo(OutboxFormat.PAYLOAD);
    assertThatThrownBy(() -> settings("OUTBOX", "a.b.c"))
        .hasMessageContaining("OUTBOX is 'a.b.c': expected at most schema.table");
    assertThatThrownBy(() -> settings("OUTBOX", "public.outbox, message:"))
        .hasMessageContaining("expected a pattern for prefixes after message:");
  }

  /** A payload is published as it was written, and may hold line breaks. */
  @Test
  void linesCannotHoldPayloads() {
    Map<String, String> variables = new HashMap<>();
    variables.put("PACKING", "lines");
    settings("PACKING", "lines");
    variables.put("OUTBOX", "public.outbox");
    assertThatThrownBy(() -> settings(variables))
        .hasMessageContaining("PACKING=lines")
        .hasMessageContaining("OUTBOX_FORMAT=event");
    variables.put("OUTBOX_FORMAT", "event");
    assertThat(settings(variables).output().outbox().format()).isEqualTo(OutboxFormat.EVENT);
  }

  @Test
  void routesAreRulesBesideTheDefaultStream() {
    assertThat(settings("ROUTES", "").routes().streams()).containsExactly("changes");
    assertThat(settings("ROUTES", "").routes().rules()).isEmpty();
    assertThat(settings("ROUTES", "public.a*: audit; b: changes").routes().streams())
        .containsExactly("changes", "audit");
    assertThat(settings("ROUTES", "public.a*: audit").stream()).isEqualTo("changes");
  }

  @Test
  void everyWrongRouteIsReportedWithTheOtherProblems() {
    assertThatThrownBy(
            () ->
                Settings.from(
                    Map.of(
                        "PGHOST", "h",
                        "PGDATABASE", "d",
                        "STREAM_NAME", "no/name",
                        "ROUTES", "public.a; b: s?; c: fine",
                        "FORMAT", "other")))
        .hasMessageStartingWith("SETTINGS_INVALID: ")
        .hasMessageContaining("PGUSER is not set")
        .hasMessageContaining("STREAM_NAME is 'no/name'")
        .hasMessageContaining("ROUTES is 'public.a; b: s?; c: fine': rule 1: ")
        .hasMessageContaining("rule 2: ")
        .hasMessageNotContainingAny("rule 3")
        .hasMessageContaining("FORMAT is 'other'");
  }

  @Test
  void aWrongModeOfTlsOrAuthenticationNamesTheOthers() {
    assertThatThrownBy(() -> settings("PGSSLMODE", "on"))
        .hasMessageContaining("PGSSLMODE is 'on': expected one of verify-full, verify-ca, require");
    assertThatThrownBy(() -> settings("DB_IAM_AUTH", "yes"))
        .hasMessageContaining("DB_IAM_AUTH is 'yes': expected one of false, true");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h",
        "shop.abc123.eu-west-1.rds.amazonaws.com",
        "db_1",
        "10.0.0.1",
        "::1",
        "fe80::1%eth0",
        "2001:db8::10.0.0.1"
      })
  void hostIsANameOrAnAddress(String host) {
    assertThat(settings("PGHOST", host).connection().host()).isEqualTo(host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[::1]",
        "h:5432",
        "10.0.0.1:5432",
        "a,b",
        "a b",
        " h",
        "h ",
        "postgres://h/db",
        "jdbc:postgresql://h",
        "h/db",
        "/var/run/postgresql",
        "user@h",
        "h?sslmode=disable"
      })
  void whatElseAHostCouldBeIsSaidAtOnce(String host) {
    assertThatThrownBy(() -> settings("PGHOST", host))
        .hasMessageStartingWith("SETTINGS_INVALID: ")
        .hasMessageContaining("PGHOST")
        .hasMessageContaining("one host name or address, without port, brackets or blanks");
  }

  @Test
  void aReserveThatTakesAllOfTheInvocationIsRefused() {
    Settings.Limits limits = settings("TIME_RESERVE_MS", "60000").limits();

    limits.requireTime(60_001);
    assertThatThrownBy(() -> limits.requireTime(60_000))
        .hasMessage(
            "SETTINGS_INVALID: TIME_RESERVE_MS is 60000, and the invocation has only 60000 ms:"
                + " lower it, or raise the function's time-out.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PGSSLCERT", "PGSSLKEY"})
  void aClientCertificateIsTwoFiles(String name) {
    assertThatThrownBy(() -> settings(name, "/var/task/client.pem"))
        .hasMessage(
            "SETTINGS_INVALID: PGSSLCERT and PGSSLKEY need each other: a certificate and its"
                + " private key.");
  }
}
