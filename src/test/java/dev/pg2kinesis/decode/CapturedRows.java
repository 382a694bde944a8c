package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Rows that PostgreSQL 15 and the plugins printed for {@link HostileScript}: a file for each plugin
 * in the test resources, a line for each row with its LSN, its xid and its bytes in base64. The
 * longest are left out.
 */
final class CapturedRows {

  private static final Path DIRECTORY = Path.of("src/test/resources/dev/pg2kinesis/decode");
  private static final int LONGEST = 8_000;

  private CapturedRows() {}

  static List<RawRow> of(Plugin plugin) {
    try {
      return Files.readAllLines(DIRECTORY.resolve(fileName(plugin)), StandardCharsets.US_ASCII)
          .stream()
          .map(line -> line.split(" ", -1))
          .map(
              parts ->
                  new RawRow(
                      Lsn.parse(parts[0]),
                      Long.parseLong(parts[1]),
                      Base64.getDecoder().decode(parts[2])))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String fileName(Plugin plugin) {
    return plugin.name().toLowerCase(Locale.ROOT) + ".rows";
  }

  /**
   * Captures the rows again: {@code ./mvnw test-compile exec:java -Dexec.classpathScope=test
   * -Dexec.mainClass=dev.pg2kinesis.decode.CapturedRows}.
   */
  public static void main(String[] args) throws SQLException, IOException {
    if (!Wal2Json.isInstalled()) {
      throw new IllegalStateException(Wal2Json.missing());
    }
    try (PostgresServer server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings())) {
      String database = server.createDatabase();
      SlotSession session = new SlotSession(server, database);
      server.execute(database, HostileScript.before(server.major()).toArray(String[]::new));
      server.execute(database, "CREATE PUBLICATION everything FOR ALL TABLES");
      String testDecoding = session.create(Plugin.TEST_DECODING);
      String pgoutput = session.create(Plugin.PGOUTPUT);
      String wal2json = session.create(Plugin.WAL2JSON);
      run(server, database);
      write(session.peek(testDecoding));
      write(session.peek(pgoutput, "everything"));
      write(session.peek(wal2json));
      write(session.peekVersion1(wal2json, Catalog.EMPTY));
    }
  }

  static void run(PostgresServer server, String database) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (List<String> transaction : HostileScript.transactions(server.major())) {
        for (String sql : transaction) {
          statement.execute(sql);
        }
        connection.commit();
      }
    }
  }

  private static void write(SlotSession.Peeked peeked) throws IOException {
    Files.createDirectories(DIRECTORY);
    Files.writeString(
        DIRECTORY.resolve(fileName(peeked.plugin())),
        peeked.rows().stream()
            .filter(row -> row.bytes().length <= LONGEST)
            .map(
                row ->
                    row.lsn()
                        + " "
                        + row.xid()
                        + " "
                        + Base64.getEncoder().encodeToString(row.bytes())
                        + "\n")
            .collect(Collectors.joining()),
        StandardCharsets.US_ASCII);
  }
}
