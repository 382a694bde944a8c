package dev.pg2kinesis.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.command.Command.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CommandReaderTest {

  private static Command read(String event) {
    return CommandReader.read(event.getBytes(UTF_8));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nothing at all               | {}                                             | POLL",
        "bare poll                    | {\"action\":\"poll\"}                           | POLL",
        "bare drain                   | {\"action\":\"drain\"}                          | DRAIN",
        "rule, empty detail           | {\"detail-type\":\"Scheduled Event\",\"detail\":{}} | POLL",
        "rule, action in detail       | {\"source\":\"x\",\"detail\":{\"action\":\"drain\"}} | DRAIN",
        "Scheduler, detail is a string| {\"id\":\"1\",\"detail\":\"{}\"}               | POLL",
        "Scheduler, empty string      | {\"id\":\"1\",\"detail\":\"\"}                 | POLL",
        "Scheduler, action in string  | {\"detail\":\"{\\\"action\\\":\\\"status\\\"}\"}  | STATUS",
        "detail is null               | {\"detail-type\":\"x\",\"detail\":null}        | POLL",
        "envelope and top-level action| {\"id\":\"1\",\"detail\":{},\"action\":\"peek\"} | PEEK",
      })
  void findsTheAction(String name, String event, Action action) {
    assertThat(read(event).action()).isEqualTo(action);
  }

  @Test
  void readsTheFieldsOfAnAction() {
    assertThat(read("{\"action\":\"peek\",\"limit\":3}")).isEqualTo(new Command.Peek(3));
    assertThat(read("{\"action\":\"peek\"}"))
        .isEqualTo(new Command.Peek(Command.Peek.DEFAULT_LIMIT));
    Lsn lsn = Lsn.parse("16/B374D848");
    assertThat(read("{\"action\":\"poll\",\"acceptGap\":\"16/B374D848\"}"))
        .isEqualTo(new Command.Poll(Optional.of(lsn)));
    assertThat(read("{\"action\":\"drain\",\"acceptGap\":\"16/B374D848\"}"))
        .isEqualTo(new Command.Drain(Optional.of(lsn)));
    assertThat(read("{}")).isEqualTo(new Command.Poll(Optional.empty()));
    assertThat(read("{\"action\":\"status\"}")).isEqualTo(new Command.Status());
    assertThat(read("{\"action\":\"skip\",\"to\":\"16/B374D848\"}"))
        .isEqualTo(new Command.Skip(lsn));
    assertThat(read("{\"action\":\"drop-slot\",\"confirm\":\"s\"}"))
        .isEqualTo(new Command.DropSlot("s"));
    assertThat(read("{\"action\":\"drop-slot\"}")).isEqualTo(new Command.DropSlot(""));
    assertThat(read("{\"action\":\"create-slot\",\"plugin\":\"pgoutput\",\"failover\":true}"))
        .isEqualTo(new Command.CreateSlot(Optional.of("pgoutput"), Optional.of(true)));
    assertThat(read("{\"action\":\"create-slot\"}"))
        .isEqualTo(new Command.CreateSlot(Optional.empty(), Optional.empty()));
  }

  @Test
  void aSkipMustNameItsTransaction() {
    assertThatThrownBy(() -> read("{\"action\":\"skip\"}"))
        .isInstanceOf(CommandRefusedException.class)
        .hasMessageStartingWith("SKIP_REFUSED: ")
        .hasMessageContaining("{\"action\":\"skip\",\"to\":\"<lsn>\"}")
        .hasMessageContaining("Nothing was skipped");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not JSON              | {                                           | not JSON",
        "a list                | []                                          | expected a JSON object",
        "unknown action        | {\"action\":\"pol\"}                        | the actions are [create-slot, drain, drop-slot, peek, poll, skip, snapshot, status]",
        "action not a string   | {\"action\":1}                              | unknown action",
        "unknown field         | {\"action\":\"poll\",\"stream\":\"s\"}      | unknown field 'stream' for action poll, which takes acceptGap",
        "field of another      | {\"action\":\"status\",\"limit\":1}         | unknown field 'limit' for action status, which takes none",
        "unknown in detail     | {\"detail\":{\"slot\":\"s\"}}               | unknown field 'slot'",
        "both places           | {\"action\":\"poll\",\"detail\":{\"action\":\"drain\"}} | use one of the two",
        "detail is a number    | {\"detail\":1}                              | detail must be an object",
        "detail is not JSON    | {\"detail\":\"{\"}                          | not JSON",
        "limit too large       | {\"action\":\"peek\",\"limit\":100000}      | limit must be a number from 1 to 1000",
        "limit a string        | {\"action\":\"peek\",\"limit\":\"1\"}       | limit must be a number",
        "LSN malformed         | {\"action\":\"skip\",\"to\":\"12\"}         | to: expected a WAL position",
        "plugin not a string   | {\"action\":\"create-slot\",\"plugin\":1}   | plugin must be a string",
        "failover a string     | {\"action\":\"create-slot\",\"failover\":\"yes\"} | failover must be true or false",
        "names the action      | {\"action\":\"explode\"}                    | unknown action 'explode'",
        "names another type    | {\"action\":{\"a\":[1]}}                    | unknown action '{\"a\":[1]}'",
        "names the limit       | {\"action\":\"peek\",\"limit\":100000}      | found '100000'",
        "names the flag        | {\"action\":\"create-slot\",\"failover\":\"yes\"} | found 'yes'",
        "names the string      | {\"action\":\"create-slot\",\"plugin\":1}   | found '1'",
        "names the tables      | {\"action\":\"snapshot\",\"tables\":[1]}    | found '[1]'",
        "names the detail      | {\"detail\":1}                              | found '1'",
        "more after the event  | {\"action\":\"poll\"} x                     | not JSON",
        "two events            | {\"action\":\"poll\"}{\"action\":\"drain\"}  | not JSON",
        "more after the detail | {\"detail\":\"{\\\"action\\\":\\\"poll\\\"} x\"} | not JSON",
        "two in the detail     | {\"detail\":\"{} {}\"}                      | not JSON",
      })
  void refusesWithAReason(String name, String event, String reason) {
    assertThatThrownBy(() -> read(event))
        .isInstanceOf(CommandRefusedException.class)
        .hasMessageStartingWith("EVENT_INVALID: ")
        .hasMessageContaining(reason);
  }

  static Stream<Arguments> hostile() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    return Stream.of(
        hostile("nothing", "", "expected a JSON object"),
        hostile("blanks", " \n\t", "expected a JSON object"),
        hostile("null", "null", "expected a JSON object"),
        hostile("a string", "\"poll\"", "expected a JSON object"),
        hostile("a number", "1e400", "expected a JSON object"),
        hostile("no number", "NaN", "not JSON"),
        hostile("a field that is no number", "{\"action\":\"peek\",\"limit\":NaN}", "not JSON"),
        hostile("a comment", "{} // poll", "not JSON"),
        hostile("a zero byte", "{\"action\":\"poll\0\"}", "not JSON"),
        hostile("half a surrogate", "{\"action\":\"poll\\ud800\"}", "unknown action 'poll?'"),
        hostile("an escaped zero", "{\"action\":\"poll\\u0000\"}", "unknown action 'poll?'"),
        hostile(
            "letters that look alike", "{\"action\":\"p\u043ell\"}", "unknown action 'p\u043ell'"),
        hostile("right to left", "{\"action\":\"\u202ellop\"}", "unknown action '?llop'"),
        hostile("another case", "{\"action\":\"POLL\"}", "unknown action 'POLL'"),
        hostile("no action", "{\"action\":null}", "unknown action 'null'"),
        hostile("two actions", "{\"action\":\"poll\",\"action\":\"drop-slot\"}", "each field once"),
        hostile(
            "two confirmations",
            "{\"action\":\"drop-slot\",\"confirm\":\"a\",\"confirm\":\"b\"}",
            "each field once"),
        hostile(
            "two details", "{\"detail\":{},\"detail\":{\"action\":\"drain\"}}", "each field once"),
        hostile(
            "two actions in the detail",
            "{\"detail\":\"{\\\"action\\\":\\\"poll\\\",\\\"action\\\":\\\"skip\\\"}\"}",
            "each field once"),
        hostile("deep", deep, "nested too deeply"),
        hostile("deep inside", "{\"action\":\"peek\",\"limit\":" + deep + "}", "nested too deeply"),
        hostile("deep detail", "{\"detail\":" + deep + "}", "nested too deeply"),
        hostile("deep detail in text", "{\"detail\":\"" + deep + "\"}", "nested too deeply"),
        hostile("a string in a string", "{\"detail\":\"\\\"{}\\\"\"}", "detail must be an object"),
        hostile("long", "{\"action\":\"" + "x".repeat(5_000_000) + "\"}", "unknown action 'xxx"),
        hostile(
            "a long number",
            "{\"action\":\"peek\",\"limit\":" + "9".repeat(100_000) + "}",
            "too long"),
        hostile("a fraction", "{\"action\":\"peek\",\"limit\":1.5}", "limit must be a number"),
        hostile(
            "more than an int",
            "{\"action\":\"peek\",\"limit\":4294967297}",
            "limit must be a number"),
        hostile("below", "{\"action\":\"peek\",\"limit\":-1}", "limit must be a number"),
        hostile(
            "a list for a limit", "{\"action\":\"peek\",\"limit\":[1]}", "limit must be a number"),
        hostile(
            "a list for a flag", "{\"action\":\"create-slot\",\"failover\":[]}", "true or false"),
        hostile(
            "a list for a text",
            "{\"action\":\"drop-slot\",\"confirm\":[\"slot\"]}",
            "confirm must be a string"),
        hostile(
            "an object for tables",
            "{\"action\":\"snapshot\",\"tables\":{\"0\":\"t\"}}",
            "tables must be an array of strings"),
        hostile(
            "an LSN with a line", "{\"action\":\"skip\",\"to\":\"0/1\\nERROR\"}", "to: expected"),
        hostile("an LSN too large", "{\"action\":\"skip\",\"to\":\"123456789/0\"}", "to: expected"),
        hostile("an LSN below zero", "{\"action\":\"skip\",\"to\":\"-1/0\"}", "to: expected"),
        hostile(
            "digits of another script",
            "{\"action\":\"skip\",\"to\":\"0/\u0661\"}",
            "to: expected"),
        hostile(
            "a pattern too long",
            "{\"action\":\"snapshot\",\"tables\":[\"" + "*a".repeat(1_000_000) + "\"]}",
            "tables: a pattern has 2000000 characters"),
        hostile(
            "a pattern with a line",
            "{\"action\":\"snapshot\",\"tables\":[\"a b\\nERROR\"]}",
            "tables: expected"),
        hostile(
            "patterns without end",
            "{\"action\":\"snapshot\",\"tables\":[\"a\"" + ",\"a\"".repeat(100_000) + "]}",
            "tables: 100001 patterns"),
        hostile(
            "the prototype", "{\"__proto__\":{\"action\":\"drain\"}}", "unknown field '__proto__'"),
        hostile("a field without a name", "{\"\":1}", "unknown field ''"),
        hostile("a place to read from", "{\"PGHOST\":\"evil\"}", "unknown field 'PGHOST'"),
        hostile("SQL", "{\"slot\":\"'; DROP TABLE t; --\"}", "unknown field 'slot'"));
  }

  private static Arguments hostile(String name, String event, String reason) {
    return Arguments.of(Named.of(name, event), reason);
  }

  /** An answer in one line, however the event is made, and as short as an answer to a person. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void refusesWhatIsMadeToHarm(String event, String reason) {
    assertThatThrownBy(() -> read(event))
        .isInstanceOf(CommandRefusedException.class)
        .hasMessageStartingWith("EVENT_INVALID: ")
        .hasMessageContaining(reason)
        .hasNoCause()
        .message()
        .hasSizeLessThan(400)
        .doesNotContainPattern("[\\p{Cntrl}\\u2028\\u202e\\ud800-\\udfff]");
  }

  /** What an event holds may be long, and may hold what a log must not. */
  @Test
  void namesNoMoreThanSixtyPrintableCharacters() {
    String refused = "a\\n\\u0007\\u2028" + "b".repeat(100);

    for (String event :
        List.of(
            "{\"action\":\"" + refused + "\"}",
            "{\"action\":\"poll\",\"" + refused + "\":1}",
            "{\"action\":\"poll\",\"acceptGap\":{\"" + refused + "\":1}}",
            "{\"" + refused + "\":1,\"detail\":{\"action\":\"poll\"}}")) {
      assertThatThrownBy(() -> read(event))
          .hasMessageStartingWith("EVENT_INVALID: ")
          .message()
          .doesNotContain("b".repeat(60))
          .doesNotContainPattern("[\\p{Cntrl}\\u2028]")
          .contains("bbb…");
    }
  }

  private static List<Path> events() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("events"))) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("events")
  void everyEventFileIsACommand(Path file) throws IOException {
    assertThat(CommandReader.read(Files.readAllBytes(file)).action()).isNotNull();
  }
}
