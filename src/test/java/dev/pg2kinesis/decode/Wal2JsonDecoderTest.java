package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both format versions: each change is given in the one and in the other. */
class Wal2JsonDecoderTest {

  private static final Lsn LSN = Lsn.parse("FFFFFFFF/B374D848");
  private static final String TIME = "\"timestamp\":\"2026-01-31 12:34:56.789+00\"";

  private static final List<Column> ABC =
      List.of(new Column("a", "integer"), new Column("b", "text"), new Column("c", "text"));

  private static final Catalog CATALOG =
      new Catalog(
          Map.of(
              new TableName("public", "t"),
              KnownTable.withKey("a").columns(ABC).build(),
              new TableName("public", "text_key"),
              KnownTable.withKey("a")
                  .columns(
                      List.of(
                          new Column("a", "text"),
                          new Column("b", "text"),
                          new Column("c", "text")))
                  .build(),
              new TableName("public", "whole"),
              KnownTable.withoutKey().full().columns(ABC).build(),
              new TableName("public", "virtual"),
              KnownTable.withKey("a").columns(ABC).virtual("v").build()),
          Map.of());

  static List<Block> changes() {
    return Block.read("wal2json.txt");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void readsVersion2(Block block) {
    String row = block.row('2');

    assertThat(text(decode(new Wal2JsonDecoder(CATALOG), row))).isEqualTo(block.all('<'));
    Decoder decoder = new Wal2JsonDecoder(CATALOG);
    decode(decoder, row);
    assertThat(text(decode(decoder, row)))
        .as("again, what is known by now")
        .isEqualTo(block.all('<'));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void readsVersion1(Block block) {
    String change = block.row('1');
    String row = "{" + TIME + ",\"change\":[" + change + "," + change + "]}";

    assertThat(text(decode(new Wal2JsonV1Decoder(CATALOG), row)))
        .containsExactly(block.one('<'), block.one('<'));
  }

  static List<Block> types() {
    return Block.read("wal2json-types.txt");
  }

  @ParameterizedTest
  @MethodSource("types")
  void takesModifiersOffTypes(Block block) {
    String printed = block.one('>');
    String change = "INSERT public.new [] - -> {a[" + block.one('<') + "]=NULL}";

    assertThat(
            text(
                decode(
                    new Wal2JsonDecoder(CATALOG),
                    "{\"action\":\"I\","
                        + TIME
                        + ",\"schema\":\"public\",\"table\":\"new\","
                        + "\"columns\":[{\"name\":\"a\",\"type\":"
                        + printed
                        + ",\"value\":null}],\"pk\":[]}")))
        .containsExactly(change);
    assertThat(
            text(
                decode(
                    new Wal2JsonV1Decoder(CATALOG),
                    "{"
                        + TIME
                        + ",\"change\":[{\"kind\":\"insert\",\"schema\":\"public\","
                        + "\"table\":\"new\",\"columnnames\":[\"a\"],\"columntypes\":["
                        + printed
                        + "],\"columnvalues\":[null]}]}")))
        .containsExactly(change);
  }

  static List<Block> others() {
    return Block.read("wal2json-others.txt");
  }

  @ParameterizedTest
  @MethodSource("others")
  void readsWhatIsNotARow(Block block) {
    int version = version(block);
    String row = row(block);
    Commit commit = commits(version).commitOf(row(row));

    assertThat(text(decode(decoder(version), row))).isEqualTo(block.all('<'));
    assertThat(commit == null ? "-" : commit.xid() + " " + commit.lsn() + " " + commit.time())
        .isEqualTo(block.has('=') ? block.one('=') : "-");
  }

  private static int version(Block block) {
    return block.has('1') ? 1 : 2;
  }

  private static String row(Block block) {
    return block.row(block.has('1') ? '1' : '2');
  }

  static List<Block> malformed() {
    return Block.read("wal2json-malformed.txt");
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refuses(Block block) {
    assertThatThrownBy(() -> decode(decoder(version(block)), row(block)))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("wal2json row at " + LSN)
        .hasMessageContaining("expected " + block.one('!'))
        .hasMessageContaining(" at byte " + block.one('@') + ".");
  }

  @ParameterizedTest
  @MethodSource("malformedCommits")
  void refusesAnEndThatCannotBeRead(int version, String row) {
    assertThatThrownBy(() -> commits(version).commitOf(row(json(row))))
        .isInstanceOf(DecodeException.class);
  }

  static Stream<Arguments> malformedCommits() {
    return Stream.of(
        arguments(2, "{'action':'C'}"),
        arguments(2, "{'action':'C','timestamp':null}"),
        arguments(2, "{'actio'  'C','timestamp':'2026-01-31 12:34:56+00'}"),
        arguments(2, "{'action':'C','timestamp':'2026-01-31 12:34:56+00'} "),
        arguments(2, "{'action':'M','timestamp':null,'transactional':no}"),
        arguments(1, ""),
        arguments(1, "{'timestamp':'2026-01-31 12:34:56+00'}"),
        arguments(1, "{'timestamp':'yesterday','change':[]}"));
  }

  private static Decoder decoder(int version) {
    return Decoders.of(plugin(version), CATALOG);
  }

  private static CommitReader commits(int version) {
    return Decoders.commitReader(plugin(version));
  }

  private static Plugin plugin(int version) {
    return version == 1 ? Plugin.WAL2JSON_V1 : Plugin.WAL2JSON;
  }

  /** JSON with its quotes written as apostrophes. */
  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static List<Change> decode(Decoder decoder, String row) {
    List<Change> changes = new ArrayList<>();
    decoder.decode(row(row), changes::add);
    assertThat(changes).allSatisfy(change -> assertThat(change.lsn()).isEqualTo(LSN));
    return changes;
  }

  private static RawRow row(String text) {
    return new RawRow(LSN, 7, text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> text(List<Change> changes) {
    return changes.stream().map(ChangeText::of).toList();
  }
}
