package dev.pg2kinesis.settings;

import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.Login;
import dev.pg2kinesis.aws.LoginSource;
import dev.pg2kinesis.aws.SecretLogins;
import dev.pg2kinesis.aws.TokenLogins;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.SlotException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens database sessions. Host, database and user come from the settings or, if unset there, from
 * the secret. The password comes from the settings, a secret or an IAM token. Kept from run to run,
 * so that a secret is fetched once, and again only after a rotation.
 */
public final class DatabaseAccess {

  private static final int DEFAULT_PORT = 5432;

  private final Settings.Connection settings;
  private final LoginSource logins;

  public DatabaseAccess(Settings.Connection settings, LoginSource logins) {
    this.settings = settings;
    this.logins = logins;
  }

  /** Access in the way that the settings choose. */
  public static DatabaseAccess of(Settings.Connection settings, AwsClients clients) {
    return new DatabaseAccess(settings, logins(settings, clients));
  }

  private static LoginSource logins(Settings.Connection settings, AwsClients clients) {
    String secret = settings.secretId();
    if (secret != null) {
      return new SecretLogins(secret, clients);
    }
    String user = set(settings.user(), "PGUSER");
    if (settings.iamAuthentication()) {
      return new TokenLogins(
          new TokenLogins.Endpoint(set(settings.host(), "PGHOST"), port(settings.port()), user),
          clients,
          Clock.systemUTC());
    }
    return LoginSource.fixed(user, settings.password());
  }

  private static String set(@Nullable String value, String variable) {
    if (value == null) {
      throw new InvalidSettingsException(List.of(variable + " is not set"));
    }
    return value;
  }

  private static int port(@Nullable Integer port) {
    return port == null ? DEFAULT_PORT : port;
  }

  /**
   * Connects. If the password is rejected, as after a rotation, fetches the credentials again and
   * connects once more.
   *
   * @throws SlotException if the connection fails
   */
  public <T> T open(Function<Database, T> connect) {
    Login login = logins.current();
    checkCertificates();
    checkClientCertificate();
    try {
      return connect.apply(database(login));
    } catch (SlotException e) {
      if (e.code() != SlotException.Code.PASSWORD_REJECTED) {
        throw e;
      }
      Login renewed = logins.renewed();
      if (renewed.equals(login)) {
        throw e;
      }
      return connect.apply(database(renewed));
    }
  }

  private Database database(Login login) {
    List<String> missing = new ArrayList<>();
    String host = first(settings.host(), login.host(), "PGHOST", "host", missing);
    if (settings.host() == null && login.host() != null && !Settings.isHost(host)) {
      missing.add("the secret's host is not a host: expected " + Settings.EXPECTED_HOST);
    }
    String name = first(settings.database(), login.database(), "PGDATABASE", "dbname", missing);
    if (!missing.isEmpty()) {
      throw new InvalidSettingsException(missing);
    }
    return new Database(
        host,
        port(settings.port() != null ? settings.port() : login.port()),
        name,
        login.user(),
        login.password(),
        settings.sslMode(),
        settings.sslRootCertificate(),
        settings.clientCertificate());
  }

  private static String first(
      @Nullable String set,
      @Nullable String inSecret,
      String variable,
      String field,
      List<String> missing) {
    if (set != null) {
      return set;
    }
    if (inSecret != null) {
      return inSecret;
    }
    missing.add(variable + " is not set, and the secret has no " + field);
    return "";
  }

  /** As libpq: anybody can have a certificate of a public authority, for a name of their own. */
  private void checkSystemCertificates() {
    if (!settings.sslMode().equals("verify-full")) {
      throw new InvalidSettingsException(
          List.of(
              "PGSSLROOTCERT is system, which needs PGSSLMODE verify-full and not "
                  + settings.sslMode()));
    }
  }

  /** pgjdbc would offer no certificate if a file is missing. */
  private void checkClientCertificate() {
    Database.ClientCertificate client = settings.clientCertificate();
    if (client == null) {
      return;
    }
    List<String> problems = new ArrayList<>();
    if (Database.SYSTEM_CERTIFICATES.equals(settings.sslRootCertificate())) {
      problems.add(
          "PGSSLROOTCERT is system, which takes no PGSSLCERT: name a file of certificates");
    }
    unreadable("PGSSLCERT", client.certificate(), problems);
    unreadable("PGSSLKEY", client.key(), problems);
    if (!problems.isEmpty()) {
      throw new InvalidSettingsException(problems);
    }
  }

  private static void unreadable(String variable, String file, List<String> problems) {
    if (!Files.isReadable(Path.of(file))) {
      problems.add(variable + " names " + file + ", which cannot be read");
    }
  }

  /** Says how to get the certificates; pgjdbc only says that a file is missing. */
  private void checkCertificates() {
    String file = settings.sslRootCertificate();
    if (Database.SYSTEM_CERTIFICATES.equals(file)) {
      checkSystemCertificates();
      return;
    }
    if (!settings.sslMode().startsWith("verify-")) {
      return;
    }
    Path path =
        file != null
            ? Path.of(file)
            : Path.of(System.getProperty("user.home"), ".postgresql", "root.crt");
    if (!Files.isReadable(path)) {
      throw new InvalidSettingsException(
          List.of(
              "PGSSLMODE is "
                  + settings.sslMode()
                  + ", and "
                  + (file != null ? "PGSSLROOTCERT names " : "without PGSSLROOTCERT it needs ")
                  + path
                  + ", which cannot be read: scripts/rds-bundle puts the certificates of RDS into"
                  + " the package, where they are /var/task/global-bundle.pem"));
    }
  }
}
