package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Change.Truncate;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Row;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same WAL through all plugins gives equal transactions, but for what a plugin cannot know.
 * Each such exception is one method here and one line in decoding.md.
 */
class DecoderAgreementIT {

  private static final Set<String> SPECIAL = Set.of("NaN", "Infinity", "-Infinity");
  private static final Set<String> NUMBERS = Set.of("numeric", "real", "double precision");

  @ParameterizedTest
  @ValueSource(ints = {14, 15, 16, 17, 18})
  void testDecodingAndPgoutputAgree(int major) throws SQLException {
    PostgresServer server = PostgresServer.shared(major);
    String database = server.createDatabase();
    SlotSession session = new SlotSession(server, database);
    server.execute(database, HostileScript.before(major).toArray(String[]::new));
    server.execute(
        database,
        "CREATE PUBLICATION everything FOR ALL TABLES"
            + (major >= 18 ? " WITH (publish_generated_columns = stored)" : ""));
    String testDecoding = session.create(Plugin.TEST_DECODING);
    String pgoutput = session.create(Plugin.PGOUTPUT);
    CapturedRows.run(server, database);

    UnaryOperator<Change> known =
        major >= 18 ? UnaryOperator.identity() : DecoderAgreementIT::withoutGeneratedColumns;
    assertAgree(
        map(session.peek(testDecoding).transactions(), known).stream()
            .map(DecoderAgreementIT::withoutTruncatedParents)
            .toList(),
        session.peek(pgoutput, "everything").transactions());
    server.execute(
        database,
        "SELECT pg_drop_replication_slot('" + testDecoding + "')",
        "SELECT pg_drop_replication_slot('" + pgoutput + "')");
  }

  @Test
  void testDecodingAndBothVersionsOfWal2JsonAgree() throws SQLException {
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings())) {
      String database = server.createDatabase();
      SlotSession session = new SlotSession(server, database);
      server.execute(database, HostileScript.before(Wal2Json.MAJOR).toArray(String[]::new));
      String testDecoding = session.create(Plugin.TEST_DECODING);
      String wal2json = session.create(Plugin.WAL2JSON);
      CapturedRows.run(server, database);

      List<Transaction> expected =
          map(session.peek(testDecoding).transactions(), DecoderAgreementIT::asWal2JsonKnowsIt);
      SlotSession.Peeked version2 = session.peek(wal2json);
      assertAgree(expected, version2.transactions());
      assertAgree(
          expected.stream()
              .map(DecoderAgreementIT::asVersion1KnowsIt)
              .filter(DecoderAgreementIT::isNotEmpty)
              .toList(),
          session.peekVersion1(wal2json, version2.catalog()).transactions());
    }
  }

  /** wal2json leaves out updates and deletes of tables without a replica identity. */
  @Test
  void onlyTestDecodingShowsWhatHappensToRowsWithoutAnIdentity() {
    assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server = PostgresServer.start(Wal2Json.MAJOR, Wal2Json.settings())) {
      String database = server.createDatabase();
      SlotSession session = new SlotSession(server, database);
      server.execute(database, "CREATE TABLE public.keyless (a integer)");
      String testDecoding = session.create(Plugin.TEST_DECODING);
      String wal2json = session.create(Plugin.WAL2JSON);
      server.execute(
          database,
          "INSERT INTO public.keyless VALUES (1)",
          "UPDATE public.keyless SET a = 2",
          "DELETE FROM public.keyless");

      assertThat(changes(session.peek(testDecoding)))
          .containsExactly(
              "INSERT public.keyless [] - -> {a[integer]=«1»}",
              "UPDATE public.keyless [] - -> {a[integer]=«2»}",
              "DELETE public.keyless [] {} -> -");
      assertThat(changes(session.peek(wal2json)))
          .containsExactly("INSERT public.keyless [] - -> {a[integer]=«1»}");
    }
  }

  private static List<String> changes(SlotSession.Peeked peeked) {
    return peeked.transactions().stream()
        .flatMap(transaction -> transaction.changes().stream())
        .map(ChangeText::of)
        .toList();
  }

  private static void assertAgree(List<Transaction> expected, List<Transaction> actual) {
    // Lines first, one by one: they say what differs.
    List<String> expectedLines = lines(expected);
    List<String> actualLines = lines(actual);
    for (int i = 0; i < Math.min(expectedLines.size(), actualLines.size()); i++) {
      assertThat(actualLines.get(i)).isEqualTo(expectedLines.get(i));
    }
    assertThat(actual).isEqualTo(expected);
    assertThat(expected).hasSizeGreaterThan(15);
  }

  private static List<String> lines(List<Transaction> transactions) {
    List<String> lines = new ArrayList<>();
    for (Transaction transaction : transactions) {
      for (Change change : transaction.changes()) {
        lines.add(change.lsn() + " " + ChangeText.of(change));
      }
      lines.add(transaction.commit().toString());
    }
    return lines;
  }

  private static List<Transaction> map(
      List<Transaction> transactions, UnaryOperator<Change> operator) {
    return transactions.stream()
        .map(
            transaction ->
                new Transaction(
                    transaction.commit(), transaction.changes().stream().map(operator).toList()))
        .toList();
  }

  /** pgoutput sends generated columns only from PostgreSQL 18 on, if the publication says so. */
  private static Change withoutGeneratedColumns(Change change) {
    return mapRows(
        change,
        row ->
            select(
                row,
                IntStream.range(0, row.columns().size())
                    .filter(i -> !row.columns().get(i).name().startsWith("gen_"))
                    .toArray()));
  }

  /** pgoutput names the partitions that a TRUNCATE of their parent empties, and not the parent. */
  private static Transaction withoutTruncatedParents(Transaction transaction) {
    return new Transaction(
        transaction.commit(),
        transaction.changes().stream()
            .filter(
                change ->
                    !(change instanceof Truncate truncate
                        && truncate.table().name().equals("parts")))
            .toList());
  }

  private static Row select(Row row, int[] indices) {
    return new Row(
        IntStream.of(indices).mapToObj(row.columns()::get).toList(),
        IntStream.of(indices).mapToObj(row.values()::get).toList());
  }

  /** wal2json prints special numbers as null, and no flags of a TRUNCATE. */
  private static Change asWal2JsonKnowsIt(Change change) {
    if (change instanceof Truncate truncate) {
      return new Truncate(truncate.lsn(), truncate.table(), false, false);
    }
    return mapRows(
        change,
        row ->
            new Row(
                row.columns(),
                IntStream.range(0, row.columns().size())
                    .mapToObj(
                        i ->
                            NUMBERS.contains(row.columns().get(i).type().name())
                                    && row.values().get(i) instanceof Value.Text text
                                    && SPECIAL.contains(text.text())
                                ? Value.NULL
                                : row.values().get(i))
                    .toList()));
  }

  /** Format version 1 has no LSNs of changes and no TRUNCATE. */
  private static Transaction asVersion1KnowsIt(Transaction transaction) {
    Commit commit = transaction.commit();
    return new Transaction(
        commit,
        transaction.changes().stream()
            .filter(change -> !(change instanceof Truncate))
            .map(
                change ->
                    change instanceof RowChange row
                        ? new RowChange(
                            commit.lsn(),
                            row.operation(),
                            row.table(),
                            row.key(),
                            row.before(),
                            row.after())
                        : new Change.Message(
                            commit.lsn(),
                            ((Change.Message) change).transactional(),
                            ((Change.Message) change).prefix(),
                            ((Change.Message) change).content()))
            .map(Change.class::cast)
            .toList());
  }

  private static boolean isNotEmpty(Transaction transaction) {
    return !transaction.changes().isEmpty();
  }

  private static Change mapRows(Change change, UnaryOperator<Row> operator) {
    if (!(change instanceof RowChange row)) {
      return change;
    }
    return new RowChange(
        row.lsn(),
        row.operation(),
        row.table(),
        row.key(),
        orNull(row.before(), operator),
        orNull(row.after(), operator));
  }

  private static @Nullable Row orNull(@Nullable Row row, UnaryOperator<Row> operator) {
    return row == null ? null : operator.apply(row);
  }
}
