package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.LoginSource;
import dev.pg2kinesis.postgres.Authority;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PGSSLMODE against a server whose certificate is for "localhost" only. */
class TlsIT {

  @TempDir static Path directory;

  private static Authority right;
  private static PostgresServer server;
  private static String database;

  @BeforeAll
  static void start() throws IOException {
    right = Authority.in(directory, "right");
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
                "listen_addresses", "127.0.0.1, ::1",
                "ssl_cert_file", issued.certificate().toString(),
                "ssl_key_file", issued.key().toString(),
                "ssl_ca_file", right.certificate().toString()));
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
    return open(at, host, "postgres", mode, bundle);
  }

  private static Slot open(String host, String role, String mode, String bundle) {
    return open(server, host, role, mode, bundle);
  }

  private static Slot open(
      PostgresServer at, String host, String role, String mode, String bundle) {
    return open(at, host, role, mode, bundle, null);
  }

  private static Slot open(
      PostgresServer at,
      String host,
      String role,
      String mode,
      String bundle,
      Database.@Nullable ClientCertificate clientCertificate) {
    Settings.Connection settings =
        new Settings.Connection(
            host,
            at.port(),
            at == server ? database : "postgres",
            "postgres",
            "postgres",
            mode,
            bundle.equals("system") ? bundle : directory.resolve(bundle).toString(),
            clientCertificate,
            null,
            false);
    return new DatabaseAccess(
            settings, LoginSource.fixed(role, role.equals("scram") ? "secret" : "postgres"))
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

  /** SCRAM-SHA-256-PLUS, which binds the password to the server's certificate. */
  @Test
  void acceptsAPasswordThatIsBoundToTheChannel() {
    server.execute(
        "postgres", "CREATE ROLE scram LOGIN REPLICATION PASSWORD 'secret'"); // SCRAM by default
    server.requirePassword("scram");
    Slot slot = open("localhost", "scram", "verify-full", "right.crt");
    slot.close();
  }

  @Test
  void aRoleIsKnownByItsCertificate() {
    server.execute("postgres", "CREATE ROLE certified LOGIN REPLICATION");
    String rules = server.query("postgres", "SHOW hba_file");
    server.shell(
        "{ echo 'hostssl all certified all cert'; cat '%1$s'; } >'%1$s.new' && mv '%1$s.new' '%1$s'"
            .formatted(rules));
    server.query("postgres", "SELECT pg_reload_conf()");
    PostgresServer.await(
        () ->
            server
                .query(
                    "postgres", "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'cert'")
                .equals("1"));
    assertThatThrownBy(() -> open("localhost", "certified", "require", "right.crt").close())
        .hasMessageStartingWith("CONNECTION_FAILED: the server does not let role certified in")
        .hasMessageContaining("PGSSLCERT and PGSSLKEY");

    Authority.Issued own = Authority.in(directory, "right2").issue("certified");
    assertThatThrownBy(() -> certified(own).close())
        .as("a certificate of another authority")
        .hasMessageMatching("(?s)(TLS_FAILED|CONNECTION_FAILED): .*");
    certified(right.issue("certified")).close();
    assertThatThrownBy(
            () -> certified(new Authority.Issued(own.certificate(), directory.resolve("no.key"))))
        .hasMessage(
            "SETTINGS_INVALID: PGSSLKEY names "
                + directory.resolve("no.key")
                + ", which cannot be read.");
  }

  private static Slot certified(Authority.Issued issued) {
    return open(
        server,
        "localhost",
        "certified",
        "verify-full",
        "right.crt",
        new Database.ClientCertificate(issued.certificate().toString(), issued.key().toString()));
  }

  /** The authorities that Java trusts do not have the one of this test, until it says so. */
  @Test
  void theSystemsCertificatesAreThoseOfJava() throws IOException {
    assertThatThrownBy(() -> open("localhost", "postgres", "verify-full", "system").close())
        .hasMessageStartingWith("TLS_FAILED: ")
        .hasMessageContaining("unable to find valid certification path");
    assertThatThrownBy(() -> open("localhost", "postgres", "verify-ca", "system").close())
        .hasMessageStartingWith("SETTINGS_INVALID: ")
        .hasMessageContaining("verify-full");
    WarmProcess process =
        new WarmProcess(right.trustOptions().toArray(String[]::new))
            .with("PGPORT", Integer.toString(server.port()))
            .with("PGDATABASE", database)
            .with("PGSSLMODE", "verify-full")
            .with("PGSSLROOTCERT", "system")
            .with("SLOT_NAME", "tls_slot");
    assertThat(process.createSlotAt("localhost")).singleElement().asString().contains("EXISTS");
  }

  @Test
  void connectsByIpVersion6() throws IOException {
    Assumptions.assumeTrue(
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .anyMatch(address -> address instanceof Inet6Address && address.isLoopbackAddress()),
        "no ::1");
    try (Slot slot = open(server, "::1", "verify-ca", "right.crt")) {
      assertThat(slot.position().walStatus()).isEqualTo("reserved");
    }
  }

  /** Nothing listens at the first address; Java would remember it for 30 s. */
  @Test
  void aWarmProcessSeesThatTheHostHasAnotherAddress() throws IOException {
    Path hosts = directory.resolve("hosts");
    WarmProcess process =
        new WarmProcess("-Djdk.net.hosts.file=" + hosts)
            .with("PGPORT", Integer.toString(server.port()))
            .with("PGDATABASE", database)
            .with("PGSSLMODE", "require")
            .with("SLOT_NAME", "tls_slot");
    List<String> answers = process.createSlotAt("127.0.0.2", "127.0.0.1");
    assertThat(answers).hasSize(2);
    assertThat(answers.get(0)).startsWith("CONNECTION_FAILED: ");
    assertThat(answers.get(1)).contains("EXISTS");
  }

  @Test
  void saysWhereTheBundleIsMissing() {
    assertThatThrownBy(() -> open(server, "localhost", "verify-full", "none.pem").close())
        .hasMessageStartingWith("SETTINGS_INVALID: ")
        .hasMessageContaining("none.pem")
        .hasMessageContaining("scripts/rds-bundle");
  }
}
