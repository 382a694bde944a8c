package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.LoginSource;
import dev.pg2kinesis.postgres.Authority;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PGSSLMODE against a server whose certificate is for "localhost" only. */
class TlsIT {

  @TempDir static Path directory;

  private static PostgresServer server;
  private static String database;

  @BeforeAll
  static void start() throws IOException {
    Authority right = Authority.in(directory, "right");
    Authority wrong = Authority.in(directory, "wrong");
    Files.writeString(
        directory.resolve("bundle.crt"),
        Files.readString(wrong.certificate()) + Files.readString(right.certificate()));
    Files.writeString(directory.resolve("empty.crt"), "");
    Authority.Issued issued = right.issue("localhost");
    server =
        PostgresServer.start(
            15,
            Map.of(
                "ssl", "on",
                "ssl_cert_file", issued.certificate().toString(),
                "ssl_key_file", issued.key().toString()));
    database = server.createDatabase();
    server.execute(
        database, "SELECT pg_create_logical_replication_slot('tls_slot', 'test_decoding')");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static Slot open(PostgresServer at, String host, String mode, String bundle) {
    Settings.Connection settings =
        new Settings.Connection(
            host,
            at.port(),
            at == server ? database : "postgres",
            "postgres",
            "postgres",
            mode,
            directory.resolve(bundle).toString(),
            null,
            false);
    return new DatabaseAccess(settings, LoginSource.fixed("postgres", "postgres"))
        .open(to -> PostgresSlot.open(to, "tls_slot", List.of(), 2, Duration.ofSeconds(30)));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, verify-full, right.crt",
    "localhost, verify-full, bundle.crt",
    "127.0.0.1, verify-ca,   right.crt",
    "127.0.0.1, require,     right.crt",
  })
  void accepts(String host, String mode, String bundle) {
    try (Slot slot = open(server, host, mode, bundle)) {
      assertThat(
              server.query(
                  database,
                  "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                      + " WHERE application_name = 'pg2kinesis-lambda'"))
          .isEqualTo("t");
      assertThat(slot.position().walStatus()).isEqualTo("reserved");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, verify-full, wrong.crt, PGSSLROOTCERT",
    "localhost, verify-ca,   wrong.crt, PGSSLROOTCERT",
    "127.0.0.1, verify-full, right.crt, PGHOST",
    "localhost, verify-full, empty.crt, PGSSLROOTCERT",
  })
  void refuses(String host, String mode, String bundle, String setting) {
    assertThatThrownBy(() -> open(server, host, mode, bundle).close())
        .hasMessageStartingWith("TLS_FAILED: ")
        .hasMessageContaining(setting);
  }

  @Test
  void refusesAServerWithoutTls() {
    assertThatThrownBy(
            () -> open(PostgresServer.shared(15), "localhost", "verify-full", "right.crt").close())
        .hasMessageStartingWith("TLS_FAILED: ")
        .hasMessageContaining("PGSSLMODE");
  }

  @Test
  void saysWhereTheBundleIsMissing() {
    assertThatThrownBy(() -> open(server, "localhost", "verify-full", "none.pem").close())
        .hasMessageStartingWith("SETTINGS_INVALID: ")
        .hasMessageContaining("none.pem")
        .hasMessageContaining("scripts/rds-bundle");
  }
}
