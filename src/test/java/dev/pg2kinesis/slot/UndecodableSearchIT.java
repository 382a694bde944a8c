package dev.pg2kinesis.slot;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pg2kinesis.change.Change.RowChange;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Value;
import dev.pg2kinesis.decode.Decoder;
import dev.pg2kinesis.decode.Decoders;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The one transaction among others that a server cannot decode, whatever the reason and plugin. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {11, 12, 14, 15, 18})
class UndecodableSearchIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static @Nullable PostgresServer ofThisMajor;

  @Parameter int major;

  private final PostgresServer server = requireNonNull(ofThisMajor);
  private final String slot = "undecodable_" + NAMES.incrementAndGet();

  @BeforeParameterizedClassInvocation
  static void start(int major) {
    Map<String, String> settings = new HashMap<>();
    if (major == Wal2Json.MAJOR && Wal2Json.isInstalled()) {
      settings.putAll(Wal2Json.settings());
    }
    ofThisMajor = PostgresServer.start(major, settings);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    requireNonNull(ofThisMajor).close();
  }

  static Stream<Arguments> cases() {
    return Stream.of(Undecodable.values())
        .flatMap(
            kind ->
                Stream.of("pgoutput", "test_decoding", "wal2json", "wal2json 1")
                    .map(plugin -> Arguments.of(kind, plugin)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void isFoundAmongOthersAndPassedAlone(Undecodable kind, String plugin) {
    assumeTrue(kind.isIn(major, plugin), "the plugin does not fail at it");
    boolean wal2Json = plugin.startsWith("wal2json");
    assumeTrue(!wal2Json || (major == Wal2Json.MAJOR && Wal2Json.isInstalled()), Wal2Json::missing);
    String database = kind.createDatabase(server);
    server.execute(
        database,
        "CREATE TABLE elsewhere (id int)",
        "SELECT pg_create_logical_replication_slot('"
            + slot
            + "', '"
            + plugin.split(" ", -1)[0]
            + "')");
    for (int id = 1; id <= 4; id++) {
      server.execute(database, kind.good(id), "INSERT INTO elsewhere VALUES (" + id + ")");
    }
    server.execute(
        database,
        "BEGIN; INSERT INTO elsewhere VALUES (5); "
            + String.join("; ", kind.good(5), kind.bad(6), kind.good(7), "COMMIT"));
    Lsn after = Lsn.parse(server.query(database, "SELECT pg_current_wal_insert_lsn()"));
    server.execute(database, kind.good(8), "INSERT INTO elsewhere VALUES (8)", kind.good(9));

    try (PostgresSlot opened =
        PostgresSlot.open(
            server.login(database), slot, List.of("p"), plugin.endsWith("1") ? 1 : 2, PATIENCE)) {
      Slot.Position position = opened.position();
      UndecodableException failure =
          catchThrowableOfType(UndecodableException.class, () -> ids(opened, position.flush()));
      assertThat(failure.sqlState()).isEqualTo(kind.sqlState);
      assertThat(failure).hasMessageNotContaining("secret").hasNoCause();

      UndecodableTransaction found =
          requireNonNull(opened.findUndecodable(failure, position.flush(), PATIENCE), "not found");
      assertThat(opened.position().confirmed()).isEqualTo(position.confirmed());
      assertThat(found.commit()).isLessThanOrEqualTo(after);
      assertThat(ids(opened, found.before())).containsExactly(1, 2, 3, 4);
      assertThatThrownBy(() -> ids(opened, found.commit())).isInstanceOf(failure.getClass());
      if (kind.isUnconvertible() && (major >= 12 || !plugin.equals("pgoutput"))) {
        assertThat(found.xid()).isNotNull();
      }

      opened.advance(found.commit());
      assertThat(opened.position().confirmed()).isEqualTo(found.commit());
      List<Integer> rest = kind == Undecodable.LONE_MESSAGE ? List.of(5, 7, 8, 9) : List.of(8, 9);
      assertThat(ids(opened, opened.position().flush())).isEqualTo(rest);
      assertThat(
              server.query(database, "SELECT count(*) FROM pg_replication_slots WHERE temporary"))
          .isEqualTo("0");
    }
  }

  /** The ids that were inserted into the table, in the order of a peek. */
  private static List<Integer> ids(Slot slot, Lsn upTo) {
    Decoder decoder = Decoders.of(slot.plugin(), slot.catalog());
    List<Integer> ids = new ArrayList<>();
    try (Slot.Peek peek = slot.peek(upTo, Integer.MAX_VALUE, PATIENCE)) {
      for (RawRow row = peek.next(); row != null; row = peek.next()) {
        decoder.decode(
            row,
            change -> {
              if (change instanceof RowChange insert
                  && insert.table().name().equals("t")
                  && requireNonNull(insert.after()).value("id") instanceof Value.Text id) {
                ids.add(Integer.valueOf(id.text()));
              }
            });
      }
    }
    return ids;
  }
}
