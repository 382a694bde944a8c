package dev.pg2kinesis.slot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pg2kinesis.slot.SlotException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.ssl.DefaultJavaSSLFactory;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/**
 * One connection to PostgreSQL, with the session settings that make the output of a plugin depend
 * on the WAL alone, and server-side time-outs that end the session soon after its client is gone.
 */
final class Session implements AutoCloseable {

  /** The oldest server whose slots can be advanced through SQL. */
  private static final int OLDEST_VERSION = 110_000;

  private static final int CONNECT_TIMEOUT_SECONDS = 10;

  /**
   * How long the client waits for a server's answer beyond the server's own limit. PostgreSQL
   * documentation, "Client Connection Defaults": {@code statement_timeout} ends the statement on
   * the server; this ends the wait where the network is gone.
   */
  private static final Duration NETWORK_GRACE = Duration.ofSeconds(2);

  /** Raising the limit is itself a statement, so the limit must leave time for one. */
  private static final Duration MIN_LIMIT = Duration.ofMillis(50);

  /** A cancel request opens a separate connection, at a moment when time is short. */
  private static final int CANCEL_TIMEOUT_SECONDS = 2;

  private static final int UNLOCK_MILLIS = 1_000;

  /**
   * A transaction larger than {@code logical_decoding_work_mem} is written to files and read back,
   * which makes decoding up to three times slower. 256 MB, but at most a quarter of {@code
   * shared_buffers}, so that a small server is not overloaded, and at least the server's own
   * setting. PostgreSQL documentation, "Resource Consumption".
   */
  private static final String DECODING_MEMORY =
      """
      SELECT set_config('logical_decoding_work_mem', greatest(
          pg_size_bytes(current_setting('logical_decoding_work_mem')),
          least(pg_size_bytes('256MB'), pg_size_bytes(current_setting('shared_buffers')) / 4))
        / 1024 || 'kB', false);
      """;

  /**
   * The extension {@code unit} prints its values as these settings say; a session has them once the
   * library is loaded, or where the role or the database has them set.
   */
  private static final String UNIT =
      """
      SELECT set_config(name, value, false)
      FROM (VALUES ('unit.byte_output_iec', 'off'), ('unit.output_base_units', 'off'),
        ('unit.output_superscript', 'off'), ('unit.time_output_custom', 'on')) AS s (name, value)
      WHERE current_setting(name, true) <> value;
      """;

  private Connection connection;
  private final Database database;
  private final int version;
  private final int moneyDecimals;
  private final Duration maxDuration;
  private Duration limit;

  private Session(
      Connection connection,
      Database database,
      int version,
      int moneyDecimals,
      Duration maxDuration) {
    this.connection = connection;
    this.database = database;
    this.version = version;
    this.moneyDecimals = moneyDecimals;
    this.maxDuration = maxDuration;
    this.limit = maxDuration;
  }

  /**
   * Connects.
   *
   * @param maxDuration how long the session may last; the server ends it if it idles for longer
   * @throws SlotException if the server cannot be connected to, or is too old
   */
  static Session open(Database database, Duration maxDuration) {
    Connection connection = connect(database);
    try {
      int version = serverVersion(connection);
      checkVersion(version);
      int moneyDecimals = MoneyQuery.decimals(connection);
      prepare(connection, version, maxDuration);
      return new Session(connection, database, version, moneyDecimals, maxDuration);
    } catch (SQLException e) {
      closeAfter(connection, e);
      throw SqlFailure.of(e, "preparing the session");
    } catch (SlotException e) {
      closeAfter(connection, e);
      throw e;
    }
  }

  /**
   * Replaces the connection by a new one. What the server kept for the old one is gone, the slot's
   * lock among it.
   *
   * @throws SlotException if the server cannot be connected to
   */
  void renew() {
    Connection fresh = connect(database);
    try {
      prepare(fresh, version, maxDuration);
    } catch (SQLException e) {
      closeAfter(fresh, e);
      throw SqlFailure.of(e, "preparing the session");
    }
    close();
    connection = fresh;
    limit = maxDuration;
  }

  private static Connection connect(Database database) {
    try {
      return DriverManager.getConnection(
          "jdbc:postgresql://"
              + (database.host().contains(":") ? "[" + database.host() + "]" : database.host())
              + ":"
              + database.port()
              + "/"
              + URLEncoder.encode(database.name(), UTF_8),
          properties(database));
    } catch (SQLException e) {
      throw ConnectionFailure.of(e, database);
    }
  }

  private static void prepare(Connection connection, int version, Duration maxDuration)
      throws SQLException {
    pin(connection, version, maxDuration);
    connection.setNetworkTimeout(Runnable::run, millis(maxDuration.plus(NETWORK_GRACE)));
  }

  /**
   * @param version {@code server_version_num}; before 10 it had another scheme: 90624 is 9.6.24
   */
  static void checkVersion(int version) {
    if (version < OLDEST_VERSION) {
      throw new SlotException(
          Code.SERVER_UNSUPPORTED,
          "the server is PostgreSQL "
              + version / 10_000
              + (version < 100_000 ? "." + version / 100 % 100 : "")
              + ", and slots can be advanced through SQL from 11 on. Upgrade the server.",
          null);
    }
  }

  private static void closeAfter(Connection connection, Exception cause) {
    try {
      connection.close();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  static Properties properties(Database database) throws SQLException {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, database.user());
    String password = database.password();
    if (password != null) {
      PGProperty.PASSWORD.set(properties, password);
    }
    PGProperty.SSL_MODE.set(properties, database.sslMode());
    String rootCertificate = database.sslRootCertificate();
    if (Database.SYSTEM_CERTIFICATES.equals(rootCertificate)) {
      PGProperty.SSL_FACTORY.set(properties, DefaultJavaSSLFactory.class.getName());
    } else if (rootCertificate != null) {
      PGProperty.SSL_ROOT_CERT.set(properties, rootCertificate);
    }
    Database.ClientCertificate certificate = database.clientCertificate();
    if (certificate != null) {
      PGProperty.SSL_CERT.set(properties, certificate.certificate());
      PGProperty.SSL_KEY.set(properties, certificate.key());
      PGProperty.PEM_KEY_ALGORITHM.set(properties, keyAlgorithm(certificate.certificate()));
    }
    PGProperty.APPLICATION_NAME.set(properties, "pg2kinesis-lambda");
    PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
    PGProperty.LOGIN_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
    PGProperty.CANCEL_SIGNAL_TIMEOUT.set(properties, CANCEL_TIMEOUT_SECONDS);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.SOCKET_FACTORY.set(properties, KeepAliveSockets.class.getName());
    if (certificate == null
        && rootCertificate != null
        && !Database.SYSTEM_CERTIFICATES.equals(rootCertificate)
        && database.sslMode().startsWith("verify-")) {
      TrustedSockets.prepare(properties);
    }
    // Each statement runs once or twice, so named statements would only cost round trips.
    PGProperty.PREPARE_THRESHOLD.set(properties, 0);
    // Errors must not carry the rows and statements that the server quotes.
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    return properties;
  }

  /** The algorithm of the private key, which pgjdbc does not find out: that of the certificate. */
  private static String keyAlgorithm(String certificate) {
    try (InputStream file = Files.newInputStream(Path.of(certificate))) {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(file)
          .getPublicKey()
          .getAlgorithm();
    } catch (IOException | CertificateException e) {
      throw new SlotException(
          Code.TLS_FAILED, "PGSSLCERT names " + certificate + ", which is no PEM certificate.", e);
    }
  }

  private static int serverVersion(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW server_version_num")) {
      row.next();
      return row.getInt(1);
    }
  }

  /**
   * Plugins print values through the types' output functions, which follow the session. Some of
   * what loses changes is only a warning to the server, so warnings must come. The time-outs free
   * the slot and its lock when a client dies without a word. A vanished machine is noticed after 20
   * seconds: by keepalives while nothing is to be sent to it, and by {@code tcp_user_timeout}
   * (PostgreSQL 12 and newer) while rows are, which is also when a frozen process is noticed;
   * {@code statement_timeout} does not end a server process that waits for its client to read on. A
   * process that is frozen between statements loses its session when its run would have been over.
   */
  private static void pin(Connection connection, int version, Duration maxDuration)
      throws SQLException {
    StringBuilder sql =
        new StringBuilder(
            """
            SET search_path = '';
            SET TimeZone = 'UTC';
            SET DateStyle = 'ISO, YMD';
            SET IntervalStyle = 'postgres';
            SET bytea_output = 'hex';
            SET lc_monetary = 'C';
            SET xmlbinary = 'base64';
            SET quote_all_identifiers = off;
            SET client_min_messages = 'warning';
            SET tcp_keepalives_idle = 5;
            SET tcp_keepalives_interval = 5;
            SET tcp_keepalives_count = 3;
            SET lock_timeout = '10s';
            SET idle_in_transaction_session_timeout = '60s';
            """);
    // Shortest exact floats: any positive value since PostgreSQL 12, 3 before.
    sql.append("SET extra_float_digits = ").append(version >= 120_000 ? 1 : 3).append(";\n");
    sql.append(UNIT);
    sql.append("SET statement_timeout = ").append(millis(maxDuration)).append(";\n");
    if (version >= 120_000) {
      sql.append("SET tcp_user_timeout = 20000;\n");
    }
    if (version >= 130_000) {
      sql.append(DECODING_MEMORY);
    }
    if (version >= 140_000) {
      sql.append("SET idle_session_timeout = ").append(millis(maxDuration)).append(";\n");
      sql.append("SET client_connection_check_interval = '200ms';\n");
    }
    if (version >= 170_000) {
      sql.append("SET transaction_timeout = 0;\n");
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql.toString());
    }
  }

  private static int millis(Duration duration) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, duration.toMillis()));
  }

  /** {@code server_version_num}, for example 150019. */
  int version() {
    return version;
  }

  /** Decimals of amounts of money in the database, which the pinned session prints with two. */
  int moneyDecimals() {
    return moneyDecimals;
  }

  Database database() {
    return database;
  }

  /** Prepares a statement under the session's own limit; parameters are bound in order. */
  PreparedStatement prepare(String sql, @Nullable Object... parameters) throws SQLException {
    if (!limit.equals(maxDuration)) {
      limit(maxDuration);
    }
    return bound(sql, parameters);
  }

  private PreparedStatement bound(String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  /**
   * Asks for one truth value.
   *
   * @param patience how long to wait for the answer; the connection is closed if there is none
   */
  boolean ask(String sql, String parameter, Duration patience) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, millis(patience));
    try (PreparedStatement statement = prepare(sql, parameter)) {
      connection.setNetworkTimeout(Runnable::run, millis(patience));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        boolean answer = row.getBoolean(1);
        connection.setNetworkTimeout(Runnable::run, millis(maxDuration.plus(NETWORK_GRACE)));
        return answer;
      }
    }
  }

  /** Runs statements that return nothing, without a limit of their own. */
  void execute(String sql) throws SQLException {
    if (!limit.equals(maxDuration)) {
      limit(maxDuration);
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Ends the transaction, also one that failed, in which no other statement would run. */
  void rollback() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("ROLLBACK");
    }
  }

  /** Prepares a statement under a limit of its own. */
  PreparedStatement prepareWithin(Duration timeout, String sql, @Nullable Object... parameters)
      throws SQLException {
    limit(timeout);
    return bound(sql, parameters);
  }

  /** The first column of the first row of a query's result, as text. */
  String query(String sql, @Nullable Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** Limits statements until {@link #prepare} or {@link #execute} is called. */
  void limit(Duration wanted) throws SQLException {
    Duration timeout = wanted.compareTo(MIN_LIMIT) < 0 ? MIN_LIMIT : wanted;
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET statement_timeout = " + millis(timeout));
    }
    connection.setNetworkTimeout(Runnable::run, millis(timeout.plus(NETWORK_GRACE)));
    limit = timeout;
  }

  /**
   * Closes the session and returns the failure that caused it; a failure to close is suppressed
   * into it.
   */
  SlotException closedAfter(SlotException failure) {
    try {
      close();
    } catch (SlotException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /**
   * Whether a routine of the server has issued a warning since {@link #clearWarnings()}.
   *
   * @param routine the name of a function in PostgreSQL's source, as the protocol reports it:
   *     several warnings share a SQLSTATE, and their texts are translated
   */
  boolean warnedBy(String routine) throws SQLException {
    boolean found = false;
    for (SQLWarning warning = connection.getWarnings();
        warning != null;
        warning = warning.getNextWarning()) {
      ServerErrorMessage message =
          warning instanceof PSQLWarning ofServer ? ofServer.getServerErrorMessage() : null;
      found |= message != null && routine.equals(message.getRoutine());
    }
    return found;
  }

  /** Forgets the server's warnings. */
  void clearWarnings() throws SQLException {
    connection.clearWarnings();
  }

  /** Closes the socket; the next statement fails with {@link Code#CONNECTION_LOST}. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw SqlFailure.of(e, "aborting the connection");
    }
  }

  PGConnection postgres() throws SQLException {
    return connection.unwrap(PGConnection.class);
  }

  /** Releases the slot's lock first: the server takes a moment to notice that a session is over. */
  @Override
  public void close() {
    try {
      connection.setNetworkTimeout(Runnable::run, UNLOCK_MILLIS);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_advisory_unlock_all()");
      }
    } catch (SQLException e) {
      // The session is broken: the server releases the lock when it notices.
    }
    try {
      connection.close();
    } catch (SQLException e) {
      throw SqlFailure.of(e, "closing the connection");
    }
  }
}
