package dev.pg2kinesis.settings;

import dev.pg2kinesis.change.Operation;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.ColumnMasks;
import dev.pg2kinesis.format.ColumnPatterns;
import dev.pg2kinesis.format.ColumnRules;
import dev.pg2kinesis.format.DmsOptions;
import dev.pg2kinesis.format.Format;
import dev.pg2kinesis.format.Outbox;
import dev.pg2kinesis.format.OutboxFormat;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.PartitionColumns;
import dev.pg2kinesis.format.PartitionKey;
import dev.pg2kinesis.format.Routes;
import dev.pg2kinesis.format.TablePatterns;
import dev.pg2kinesis.publish.Ordering;
import dev.pg2kinesis.publish.Packing;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.slot.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The function's settings, checked. Their names, meanings and defaults are in the README.
 *
 * @param connection how to reach the database, and as whom
 * @param slotName {@code SLOT_NAME}
 * @param publications {@code PUBLICATION_NAMES}
 * @param wal2JsonFormat {@code WAL2JSON_FORMAT_VERSION}: 1 or 2
 * @param routes {@code ROUTES}; the default stream is {@code STREAM_NAME} or {@code STREAM_ARN}
 * @param output how changes become records
 * @param limits the bounds of a run
 * @param watermarkParameter {@code WATERMARK_PARAMETER}
 */
public record Settings(
    Connection connection,
    String slotName,
    List<String> publications,
    int wal2JsonFormat,
    Routes routes,
    Output output,
    Limits limits,
    @Nullable String watermarkParameter) {

  /** The default stream: {@code STREAM_NAME} or {@code STREAM_ARN}. */
  public String stream() {
    return routes.streams().get(0);
  }

  /** A name, or an IPv4 or IPv6 address; never a URL, a list or a socket's directory. */
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9._-]+|(?=(?:[^:]*:){2})[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?");

  /** What {@link #isHost} takes, for messages. */
  static final String EXPECTED_HOST =
      "one host name or address, without port, brackets or blanks; the port is PGPORT";

  private static final String CONFIG_PATH = "CONFIG_PATH";

  /** libpq's, the default first. */
  private static final List<String> SSL_MODES =
      List.of("verify-full", "verify-ca", "require", "prefer", "allow", "disable");

  /** Every variable that is read. */
  public static final Set<String> NAMES =
      Set.of(
          "PGHOST",
          "PGPORT",
          "PGDATABASE",
          "PGUSER",
          "PGPASSWORD",
          "PGSSLMODE",
          "PGSSLROOTCERT",
          "PGSSLCERT",
          "PGSSLKEY",
          "DB_SECRET_ID",
          "DB_IAM_AUTH",
          "SLOT_NAME",
          "PUBLICATION_NAMES",
          "WAL2JSON_FORMAT_VERSION",
          "STREAM_NAME",
          "STREAM_ARN",
          "ROUTES",
          "FORMAT",
          "PARTITION_KEY",
          "PACKING",
          "ORDERING",
          "TABLES",
          "EXCLUDE_TABLES",
          "OPERATIONS",
          "OVERSIZE",
          "EXCLUDE_COLUMNS",
          "MASK_COLUMNS",
          "MASK_SECRET_ID",
          "KEY_COLUMNS",
          "DMS_INCLUDE",
          "OUTBOX",
          "OUTBOX_FORMAT",
          "TRANSACTION_EVENTS",
          "VISIBLE",
          "WINDOW_ROWS",
          "WINDOW_WAL_MB",
          "TIME_RESERVE_MS",
          "SPILL_THRESHOLD_MB",
          "LANES",
          "WATERMARK_PARAMETER",
          CONFIG_PATH);

  /**
   * The database. A host, database or user that is null must come from the secret; a port that is
   * null may.
   *
   * @param sslMode one of libpq's
   * @param sslRootCertificate a file of PEM certificates
   * @param clientCertificate {@code PGSSLCERT} and {@code PGSSLKEY}
   * @param secretId {@code DB_SECRET_ID}
   * @param iamAuthentication {@code DB_IAM_AUTH}
   */
  public record Connection(
      @Nullable String host,
      @Nullable Integer port,
      @Nullable String database,
      @Nullable String user,
      @Nullable String password,
      String sslMode,
      @Nullable String sslRootCertificate,
      Database.@Nullable ClientCertificate clientCertificate,
      @Nullable String secretId,
      boolean iamAuthentication) {

    /** Leaves the password out. */
    @Override
    public String toString() {
      return user + "@" + host + ":" + port + "/" + database;
    }
  }

  /**
   * How changes become records.
   *
   * @param maskSecretId {@code MASK_SECRET_ID}; set if one of the masks needs a key
   */
  public record Output(
      Format format,
      DmsOptions dms,
      PartitionKey partitionKey,
      Packing packing,
      Ordering ordering,
      ChangeFilter filter,
      ColumnRules columns,
      @Nullable String maskSecretId,
      Oversize oversize,
      Outbox outbox,
      boolean transactionEvents,
      boolean visible) {}

  /** Bounds; bytes and milliseconds. */
  public record Limits(
      long windowRows,
      long windowWalBytes,
      long timeReserveMillis,
      long spillThresholdBytes,
      int lanes) {

    /**
     * Checks that a run has time to read before the reserve begins. Without this, every run would
     * end at once, publish nothing and look healthy.
     *
     * @param millis milliseconds that the invocation has
     * @throws dev.pg2kinesis.error.CodedException {@code SETTINGS_INVALID} if the reserve is not
     *     less
     */
    public void requireTime(long millis) {
      if (millis <= timeReserveMillis) {
        throw new InvalidSettingsException(
            List.of(
                "TIME_RESERVE_MS is "
                    + timeReserveMillis
                    + ", and the invocation has only "
                    + millis
                    + " ms: lower it, or raise the function's time-out"));
      }
    }
  }

  /**
   * The settings of this process. Nothing else reads the environment.
   *
   * @param parametersBelow what Parameter Store holds below a path, by name
   */
  public static Settings fromEnvironment(Function<String, Map<String, String>> parametersBelow) {
    return from(System.getenv(), parametersBelow);
  }

  /**
   * Reads settings from the environment and, where {@code CONFIG_PATH} names one, from below a path
   * of Parameter Store. The environment wins.
   *
   * @throws InvalidSettingsException naming every variable that is missing or wrong
   */
  public static Settings from(
      Map<String, String> environment, Function<String, Map<String, String>> parametersBelow) {
    String path = environment.getOrDefault(CONFIG_PATH, "").strip();
    if (path.isEmpty()) {
      return from(environment);
    }
    Map<String, String> all = new HashMap<>(parametersBelow.apply(path));
    List<String> unknown = new ArrayList<>(new TreeSet<>(all.keySet()));
    unknown.removeIf(name -> NAMES.contains(name) && !name.equals(CONFIG_PATH));
    environment.forEach(
        (name, value) -> {
          if (!value.isBlank()) {
            all.put(name, value);
          }
        });
    SettingsReader reader = new SettingsReader(all);
    unknown.forEach(name -> reader.problem(path + "/" + name + " is not a setting's name"));
    return from(reader);
  }

  /**
   * Reads settings; an empty value counts as unset.
   *
   * @throws InvalidSettingsException naming every variable that is missing or wrong
   */
  public static Settings from(Map<String, String> variables) {
    return from(new SettingsReader(variables));
  }

  private static Settings from(SettingsReader reader) {
    Settings settings =
        new Settings(
            connection(reader),
            reader.matching(
                "SLOT_NAME", "pg2kinesis", "[a-z0-9_]{1,63}", "lower-case letters, digits and _"),
            reader.list("PUBLICATION_NAMES"),
            (int) reader.number("WAL2JSON_FORMAT_VERSION", 2, 1, 2),
            routes(reader),
            output(reader),
            limits(reader),
            reader.optional("WATERMARK_PARAMETER"));
    reader.throwIfInvalid();
    return settings;
  }

  private static Connection connection(SettingsReader reader) {
    boolean iam =
        reader.choice("DB_IAM_AUTH", false, List.of(false, true), value -> value.toString());
    String secret = reader.optional("DB_SECRET_ID");
    String password = reader.optional("PGPASSWORD");
    if ((iam ? 1 : 0) + (secret != null ? 1 : 0) + (password != null ? 1 : 0) > 1) {
      reader.problem("set only one of PGPASSWORD, DB_SECRET_ID and DB_IAM_AUTH");
    }
    return new Connection(
        host(secret, reader),
        reader.text("PGPORT").isEmpty() ? null : (int) reader.number("PGPORT", 0, 1, 65535),
        unlessIn(secret, reader, "PGDATABASE", "the database that the slot belongs to"),
        unlessIn(secret, reader, "PGUSER", "a role with the REPLICATION privilege"),
        password,
        reader.choice("PGSSLMODE", SSL_MODES.get(0), SSL_MODES, mode -> mode),
        reader.optional("PGSSLROOTCERT"),
        clientCertificate(reader),
        secret,
        iam);
  }

  private static Database.@Nullable ClientCertificate clientCertificate(SettingsReader reader) {
    String certificate = reader.optional("PGSSLCERT");
    String key = reader.optional("PGSSLKEY");
    if (certificate != null && key != null) {
      return new Database.ClientCertificate(certificate, key);
    }
    if (certificate != null || key != null) {
      reader.problem("PGSSLCERT and PGSSLKEY need each other: a certificate and its private key");
    }
    return null;
  }

  static boolean isHost(String text) {
    return HOST.matcher(text).matches();
  }

  private static @Nullable String host(@Nullable String secret, SettingsReader reader) {
    String host = unlessIn(secret, reader, "PGHOST", "the database's host name");
    if (host != null && !isHost(host)) {
      // A URL may hold a password, so the value is not repeated.
      reader.problem("PGHOST is not a host: expected " + EXPECTED_HOST);
    }
    return host;
  }

  /** A variable that is required, unless there is a secret, which may hold the value. */
  private static @Nullable String unlessIn(
      @Nullable String secret, SettingsReader reader, String name, String meaning) {
    return secret == null ? reader.required(name, meaning) : reader.optional(name);
  }

  private static Routes routes(SettingsReader reader) {
    String stream = stream(reader);
    return reader.parsed("ROUTES", Routes.all(stream), rules -> Routes.parse(rules, stream));
  }

  private static String stream(SettingsReader reader) {
    Optional<String> name = reader.text("STREAM_NAME");
    Optional<String> arn = reader.text("STREAM_ARN");
    if (name.isPresent() == arn.isPresent()) {
      reader.problem("set one of STREAM_NAME and STREAM_ARN to the stream to publish to");
      return "";
    }
    if (arn.isPresent()) {
      return reader.matching(
          "STREAM_ARN",
          "",
          Routes.STREAM_ARN,
          "an ARN such as arn:aws:kinesis:eu-west-1:123456789012:stream/changes");
    }
    return reader.matching(
        "STREAM_NAME", "", Routes.STREAM_NAME, "letters, digits, '_', '.' and '-'");
  }

  private static Output output(SettingsReader reader) {
    PartitionKey partitionKey =
        reader.choice(
            "PARTITION_KEY",
            PartitionKey.PRIMARY_KEY,
            List.of(PartitionKey.values()),
            PartitionKey::settingName);
    Packing packing =
        reader.choice("PACKING", Packing.NONE, List.of(Packing.values()), Packing::settingName);
    Outbox outbox = outbox(reader);
    if (packing == Packing.LINES
        && outbox.format() == OutboxFormat.PAYLOAD
        && reader.text("OUTBOX").isPresent()) {
      reader.problem(
          "PACKING=lines tells changes apart by line breaks, and a payload of the outbox may hold"
              + " some: set OUTBOX_FORMAT=event, whose records have none, or another PACKING");
    }
    ColumnRules columns = columns(reader, partitionKey);
    return new Output(
        reader.choice("FORMAT", Format.DEBEZIUM, List.of(Format.values()), Format::settingName),
        new DmsOptions(
            partitionKey,
            columns.partition(),
            reader.choices(
                "DMS_INCLUDE",
                Set.of(),
                List.of(DmsOptions.Inclusion.values()),
                DmsOptions.Inclusion::settingName)),
        partitionKey,
        packing,
        reader.choice(
            "ORDERING", Ordering.REPLAY, List.of(Ordering.values()), Ordering::settingName),
        new ChangeFilter(
            reader.parsed("TABLES", ChangeFilter.ALL.tables(), TablePatterns::parse),
            reader.parsed("EXCLUDE_TABLES", TablePatterns.NONE, TablePatterns::parse),
            reader.choices(
                "OPERATIONS",
                Set.of(Operation.values()),
                List.of(Operation.values()),
                operation -> operation.name().toLowerCase(Locale.ROOT))),
        columns,
        columns.masks().needKey() ? maskSecret(reader) : null,
        reader.choice("OVERSIZE", Oversize.FAIL, List.of(Oversize.values()), Oversize::settingName),
        outbox,
        reader.choice("TRANSACTION_EVENTS", false, List.of(false, true), value -> value.toString()),
        reader.choice("VISIBLE", false, List.of(false, true), value -> value.toString()));
  }

  private static Outbox outbox(SettingsReader reader) {
    return reader
        .parsed("OUTBOX", Outbox.NONE, Outbox::parse)
        .in(
            reader.choice(
                "OUTBOX_FORMAT",
                OutboxFormat.PAYLOAD,
                List.of(OutboxFormat.values()),
                OutboxFormat::settingName));
  }

  private static ColumnRules columns(SettingsReader reader, PartitionKey partitionKey) {
    ColumnRules columns =
        new ColumnRules(
            reader.parsed("EXCLUDE_COLUMNS", ColumnPatterns.NONE, ColumnPatterns::parse),
            reader.parsed("MASK_COLUMNS", ColumnMasks.NONE, ColumnMasks::parse),
            reader.parsed("KEY_COLUMNS", PartitionColumns.NONE, PartitionColumns::parse));
    if (reader.optional("KEY_COLUMNS") != null && partitionKey != PartitionKey.PRIMARY_KEY) {
      reader.problem("KEY_COLUMNS is set: expected PARTITION_KEY to be primary-key");
    }
    return columns;
  }

  private static @Nullable String maskSecret(SettingsReader reader) {
    return reader.required(
        "MASK_SECRET_ID", "a secret with the key of hmac, which MASK_COLUMNS has");
  }

  private static Limits limits(SettingsReader reader) {
    return new Limits(
        reader.number("WINDOW_ROWS", 400_000, 1, 10_000_000),
        reader.number("WINDOW_WAL_MB", 256, 1, 65_536) << 20,
        reader.number("TIME_RESERVE_MS", 5_000, 100, 300_000),
        reader.number("SPILL_THRESHOLD_MB", 64, 1, 8_192) << 20,
        (int) reader.number("LANES", PublisherConfiguration.LANES_BY_SHARDS, 0, 256));
  }
}
