package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.TEST_DECODING;
import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.formatted;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.message;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.truncate;
import static dev.pg2kinesis.format.Given.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DmsFormatterTest {

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void records(String id, Change change, String operation, String images) {
    assertThat(formatted(Format.DMS.formatter(Given.EVERYTHING), change))
        .isEqualTo(record(images, operation, "schema-table"));
  }

  private static String record(String images, String operation, String partitionKeyType) {
    return "{"
        + images
        + ",\"metadata\":{\"timestamp\":\"2018-05-04T17:31:44.123456Z\",\"record-type\":\"data\","
        + "\"operation\":\""
        + operation
        + "\",\"partition-key-type\":\""
        + partitionKeyType
        + "\",\"schema-name\":\"public\",\"table-name\":\"t\",\"transaction-id\":766,"
        + "\"transaction-record-id\":1,\"commit-timestamp\":\"2018-05-04T17:31:44.123456Z\","
        + "\"stream-position\":\"00000000/019C3D60.1.00000000/019C3CB0\"}}";
  }

  static Stream<Arguments> records() {
    return Stream.of(
        Arguments.of(
            "insert",
            insert(
                "public.t", "id", row(cell("id", "integer", "1"), cell("v", "text", Value.NULL))),
            "insert",
            "\"data\":{\"id\":1,\"v\":null}"),
        Arguments.of(
            "update that keeps the key; unchanged TOAST is left out",
            update(
                "public.t",
                "id",
                null,
                row(cell("id", "integer", "1"), cell("v", "text", Value.UNCHANGED))),
            "update",
            "\"data\":{\"id\":1},\"before-image\":{}"),
        Arguments.of(
            "update of the key is one record",
            update(
                "public.t", "id", row(cell("id", "integer", "1")), row(cell("id", "integer", "2"))),
            "update",
            "\"data\":{\"id\":2},\"before-image\":{\"id\":1}"),
        Arguments.of(
            "update under REPLICA IDENTITY FULL",
            update(
                "public.t",
                "id",
                row(cell("id", "integer", "1"), cell("v", "text", "x")),
                row(cell("id", "integer", "1"), cell("v", "text", Value.UNCHANGED))),
            "update",
            "\"data\":{\"id\":1,\"v\":\"x\"},\"before-image\":{\"id\":1,\"v\":\"x\"}"),
        Arguments.of(
            "delete",
            delete("public.t", "id", row(cell("id", "integer", "1"))),
            "delete",
            "\"data\":{\"id\":1}"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          bigint                      | 9223372036854775807           | 9223372036854775807
          numeric                     | 12345678901234567890.10       | 12345678901234567890.10
          numeric                     | NaN                           | "NaN"
          double precision            | 1e+100                        | 1e+100
          boolean                     | t                             | "true"
          boolean                     | f                             | "false"
          bytea                       | \\x00ff                        | "0x00ff"
          date                        | 2024-02-29                    | "2024-02-29"
          time without time zone      | 12:30:00.5                    | "12:30:00.5"
          timestamp without time zone | 2024-02-29 12:30:00           | "2024-02-29T12:30:00Z"
          timestamp with time zone    | 2024-02-29 12:30:00.5+00      | "2024-02-29T12:30:00.5Z"
          timestamp with time zone    | 0044-03-15 12:30:00+00 BC     | "-0043-03-15T12:30:00Z"
          timestamp with time zone    | infinity                      | "infinity"
          jsonb                       | {"a": 1}                      | "{\\"a\\": 1}"
          integer[]                   | {1,2}                         | "{1,2}"
          uuid                        | 1-2                           | "1-2"
          """)
  void values(String type, String text, String expected) {
    assertThat(
            formatted(
                Format.DMS.formatter(TEST_DECODING),
                insert("public.t", "", row(cell("v", type, text)))))
        .startsWith("{\"data\":{\"v\":" + expected + "},\"metadata\":");
  }

  @Test
  void byDefaultNullsAndOldRowsAreLeftOut() {
    assertThat(
            formatted(
                Format.DMS.formatter(TEST_DECODING),
                update(
                    "public.t",
                    "id",
                    row(cell("id", "integer", "0")),
                    row(cell("id", "integer", "1"), cell("v", "text", Value.NULL)))))
        .isEqualTo(record("\"data\":{\"id\":1}", "update", "primary-key"));
    assertThat(formatted(Format.DMS.formatter(TEST_DECODING), truncate("public.t"))).isEmpty();
    assertThat(formatted(Format.DMS.formatter(TEST_DECODING), message("p", "c"))).isEmpty();
  }

  /** Rows that are loaded are in no transaction. */
  @Test
  void rowsThatWereReadAreLoads() {
    Payload payload = new Payload(1000);
    Format.DMS
        .formatter(TEST_DECODING)
        .format(
            CommittedChange.read(
                Given.COMMIT, insert("public.t", "id", row(cell("id", "integer", "7")))),
            payload);
    assertThat(new String(payload.toByteArray(), StandardCharsets.UTF_8))
        .contains("\"operation\":\"load\"")
        .doesNotContain("transaction-id", "stream-position");
  }
}
